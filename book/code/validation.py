from analysis.figures import validation
from analysis.validation import held_out, training_validation

rows = held_out.read()  # each published run, predicted without its own source
print(training_validation.by_source(rows[rows["usable"] == "yes"]).round(3).tail())
chart = validation.predicted_against_reported(rows, held_out.later(rows))
chart
