from analysis.figures import token_cost
from analysis.plan.cost_case import CostCase

case = CostCase()  # change the model, the rent, the target
chart = token_cost.by_chip(case)
chart
