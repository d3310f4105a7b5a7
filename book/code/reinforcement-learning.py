from analysis.figures import rl
from analysis.plan import scenario_rl
from analysis.scenarios.scenario import DECK

scenario, _ = scenario_rl.learnable(DECK)  # or reading.load("mine.yml"), with fields that begin with rl_
chart = rl.split(scenario)
chart
