"""Inference predicted: deployments, the time of a pass, and what a chip yields."""
