from analysis import Chip, Model, plan_training
from analysis.figures import training_run
from analysis.scenarios.scenario import DECK

run = plan_training(Model.load("GPT-3 175B"), Chip.load("A100 SXM4 80GB"), tokens=300e9, days=30)
print(run.sentence)
chart = training_run.days_by_chips(DECK, 1558)
chart
