from analysis.figures import chain
from analysis.scenarios.scenario import DECK

chart = chain.schematic(DECK)
chart
