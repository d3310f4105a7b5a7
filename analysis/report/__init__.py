"""The report's machinery: notebooks run and published, digests, pages, and the what-if panel."""
