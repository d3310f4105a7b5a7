"""One function, also a page: what the package's arithmetic does, written down as it runs, as JavaScript."""
