"""The planner: what a model, a work and chips take, in chips, time, power and money, with intervals.

It is the only way in which a page, a command or a note gets such a number. Start from `plan_training` and `plan_serving`.
"""
