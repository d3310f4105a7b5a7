"""Training predicted: a step and what it is spent on, plans, whole runs, their cost, and how sure all that is."""
