from analysis.figures import one_by_one as figures
from analysis.networks import one_by_one

answers = one_by_one.answers()  # each model's probabilities after 0, 1, 2, ... examples
right = answers[answers["right"]]
print(right.pivot(index="examples", columns="size", values="probability").round(3))
chart = figures.added(answers, start=one_by_one.SHOWN_BY)
chart
