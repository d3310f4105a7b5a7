from analysis.figures import boundary as figures
from analysis.networks import boundary

seen = boundary.learned(rows=22, columns=34)  # the network after each of some updates
for state in seen:
    print(f"{state.updates:4} updates: loss {state.loss:.3f}, {state.right} points right")
chart = figures.learning_seen(seen)
chart
