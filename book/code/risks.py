from analysis.figures import risks
from analysis.scenarios.scenario import DECK

chart = risks.demand(DECK)  # tokens a day that companies publish, beside the scenario's
chart
