from analysis.figures import sensitivity as figures
from analysis.training import training_case
from analysis.uncertainty import sensitivity

days, factors = training_case.days(training_case.TrainingCase()), training_case.factors()
spread = sensitivity.tornado(days, factors)  # one input at a time, from its low to its high end
print(spread)
chart = figures.tornado(spread, "a run")
chart
