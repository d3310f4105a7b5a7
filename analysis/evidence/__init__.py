"""Published runs as they are written, how far predictions lie from them, and the fit of constants to them."""
