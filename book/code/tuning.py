from analysis import Chip, Model, plan_tuning
from analysis.figures import tuning

model, chip = Model.load("Llama-3.1-8B"), Chip.load("H100 SXM5")
methods = ("full", "lora", "qlora")
plans = {method: plan_tuning(model, chip, tokens=50e6, method=method) for method in methods}
chart = tuning.memory(plans)
chart
