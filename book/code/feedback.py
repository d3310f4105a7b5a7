from analysis.feedback import sweep
from analysis.figures import feedback

runs = sweep.runs()  # measured once, by training/feedback.py
print(runs.groupby(["way", "strength"])["reward"].last())
chart = feedback.reward_by_divergence()
chart
