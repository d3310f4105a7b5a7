"""Risks of the estimate: stresses, joint draws, and what would have to be true."""
