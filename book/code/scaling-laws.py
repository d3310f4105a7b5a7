from analysis.figures import scaling
from analysis.scenarios import sizing
from analysis.scenarios.scenario import DECK

print(f"{sizing.training_flop(DECK.parameters, DECK.training_tokens):.3g} FLOP")
chart = scaling.loss_by_size(DECK)
chart
