import numpy as np

from analysis.figures import inference_validation
from analysis.validation import held_out_inference

rows = held_out_inference.read()  # each published time, predicted without its own unit
print(f"{len(rows):,} times, half within {np.expm1(rows['log_error'].abs().median()):.0%}")
chart = inference_validation.predicted_against_published(rows)
chart
