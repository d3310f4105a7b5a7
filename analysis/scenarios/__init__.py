"""Scenarios: the assumptions, the sizing formulas, and what many scenarios say side by side."""
