from analysis.figures import parallelism
from analysis.training.plans import PlanSettings

settings = PlanSettings()  # GPT-3 on 1,024 chips; change the model, the chip, the batch
chart = parallelism.by_split(settings)
chart
