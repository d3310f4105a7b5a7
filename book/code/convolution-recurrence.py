from analysis.figures import recurrence
from analysis.networks import reach

settings = reach.Reach(length=64, sequences=100)
shares = reach.by_distance(settings)  # how often each network names a symbol seen so long ago
print(shares.tail())
chart = recurrence.by_distance(shares)
chart
