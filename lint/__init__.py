"""What a change of text, data or notebooks may break, looked at in one process: `python -m lint`."""
