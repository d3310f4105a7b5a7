"""The report's machinery: notebooks run and published, digests and pages."""
