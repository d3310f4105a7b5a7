"""The sizing formulas, as plain arithmetic.

Each function works on whatever its arguments are: floats, NumPy arrays, pandas columns, Altair parameters (a Vega
expression: the slider in the page) or SymPy symbols (the equation in the chapter). So none of them calls `float`,
branches on a value, or rounds. Rounding up to whole accelerators happens in `analysis.scenarios.estimate`.

Units are SI base units: FLOP, FLOP/s, seconds. FLOP is an amount, FLOP/s a rate.
"""

from analysis.arrays import PerCase

#: Each trained weight costs a multiply and an add in the forward pass, and twice that in the backward pass,
#: once for the gradient of the weight and once for that of its input (Kaplan et al. 2020, section 2.1).
TRAINING_FLOP_PER_PARAMETER_AND_TOKEN = 6
INFERENCE_FLOP_PER_PARAMETER_AND_TOKEN = 2


def training_flop(parameters: PerCase, tokens: PerCase) -> PerCase:
    """FLOP to train a dense model of `parameters` on `tokens`: 6 N D."""
    return TRAINING_FLOP_PER_PARAMETER_AND_TOKEN * parameters * tokens


def inference_flop(parameters: PerCase, tokens: PerCase) -> PerCase:
    """FLOP to pass `tokens` once through a dense model of `parameters`: 2 N D."""
    return INFERENCE_FLOP_PER_PARAMETER_AND_TOKEN * parameters * tokens


def tokens_per_day(
    visits_per_day: PerCase, questions_per_visit: PerCase, characters_per_question: PerCase, tokens_per_character: PerCase
) -> PerCase:
    """Tokens that a day's visits read and write, question and answer together."""
    return visits_per_day * questions_per_visit * characters_per_question * tokens_per_character


def flop_per_second(flop: PerCase, seconds: PerCase) -> PerCase:
    """FLOP/s that does `flop` FLOP in `seconds`."""
    return flop / seconds


def effective_flop_per_second(peak: PerCase, utilization: PerCase) -> PerCase:
    """FLOP/s that one accelerator of `peak` FLOP/s delivers at `utilization` (0 to 1)."""
    return peak * utilization


def accelerators_needed(flop: PerCase, seconds: PerCase, peak: PerCase, utilization: PerCase) -> PerCase:
    """Accelerators, not yet whole, that do `flop` FLOP in `seconds` at `utilization` of `peak` FLOP/s each."""
    return flop_per_second(flop, seconds) / effective_flop_per_second(peak, utilization)


def training_accelerators(
    parameters: PerCase, training_tokens: PerCase, training_time: PerCase, peak: PerCase, utilization: PerCase
) -> PerCase:
    """Accelerators, not yet whole, that train the model within `training_time`: the deck's formula for training."""
    return accelerators_needed(training_flop(parameters, training_tokens), training_time, peak, utilization)


def inference_accelerators(
    parameters: PerCase,
    visits_per_day: PerCase,
    questions_per_visit: PerCase,
    characters_per_question: PerCase,
    tokens_per_character: PerCase,
    serving_time: PerCase,
    peak: PerCase,
    utilization: PerCase,
) -> PerCase:
    """Accelerators, not yet whole, that serve a day's visits within `serving_time`: the deck's formula for inference."""
    tokens = tokens_per_day(visits_per_day, questions_per_visit, characters_per_question, tokens_per_character)
    return accelerators_needed(inference_flop(parameters, tokens), serving_time, peak, utilization)


def servers_needed(accelerators: PerCase, accelerators_per_server: PerCase) -> PerCase:
    """Servers, not yet whole, that hold `accelerators`."""
    return accelerators / accelerators_per_server


def layer_matmul_flop_per_token(width: PerCase) -> PerCase:
    """Forward FLOP a token in the weight matrices of one GPT layer: query, key, value, output, and an MLP of 4 `width`."""
    return 2 * (4 * width * width + 2 * width * 4 * width)


def layer_attention_flop_per_token(width: PerCase, context: PerCase) -> PerCase:
    """Forward FLOP a token that no weight causes: scores against `context` positions, and the weighted sum of values."""
    return 2 * (context * width + context * width)


def vocabulary_flop_per_token(width: PerCase, vocabulary: PerCase) -> PerCase:
    """Forward FLOP a token to score every token of the `vocabulary`."""
    return 2 * width * vocabulary
