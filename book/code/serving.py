from analysis.deck import deck_serving
from analysis.figures import serving
from analysis.scenarios.scenario import DECK

print(deck_serving.steps(DECK)[["step", "accelerators"]])
chart = serving.waterfall(DECK)
chart
