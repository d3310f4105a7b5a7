from analysis.figures import depth as figures
from analysis.networks import depth

settings = depth.Depths(width=8, deepest=3, epochs=2, seeds=2)  # the chapter trains longer, from more seeds
accuracy = depth.odd_by_depth(settings)
print(accuracy.tail())
chart = figures.by_depth(accuracy)
chart
