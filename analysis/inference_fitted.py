"""What `python -m analysis.inference_validation --write` fitted: constants, and widths of intervals."""

from analysis.inference_constants import InferenceConstants

CONSTANTS = InferenceConstants()

#: Half width of the 80% interval of each group of rows, as a logarithm.
HALF_WIDTHS = {}
