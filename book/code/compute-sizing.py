from analysis.figures import inference
from analysis.scenarios import sizing
from analysis.scenarios.scenario import DECK

tokens = DECK.visits_per_day * DECK.questions_per_visit * DECK.characters_per_question * DECK.tokens_per_character
flop = sizing.inference_flop(DECK.parameters, tokens)
chips = sizing.accelerators_needed(flop, DECK.serving_time, DECK.peak_flop_per_second, DECK.utilization)
print(f"{tokens:.3g} tokens a day, {chips:,.0f} accelerators")
chart = inference.slip(DECK, 706_315)  # beside the number that the deck prints
chart
