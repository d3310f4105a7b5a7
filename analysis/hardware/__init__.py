"""Chips: their peaks and links, the servers they stand in, and the number formats that they compute in."""
