"""Scenarios: the assumptions, the sizing formulas, and one scenario held against another."""
