"""The estimate: a scenario put through the sizing formulas, and rounded up to whole accelerators and servers."""

import math
from dataclasses import asdict, dataclass
from typing import Any

from analysis import numerals
from analysis.scenarios import sizing
from analysis.scenarios.scenario import Scenario

#: A quotient that is whole but for the rounding of floats must not cost one accelerator more.
FLOAT_NOISE = 1e-12
#: The results of an estimate as people name and write them.
RESULTS = {
    "training.flop": ("FLOP to train", numerals.plain),
    "training.flop_per_second": ("FLOP/s needed", numerals.plain),
    "training.accelerators_exact": ("Accelerators, exact", numerals.exact),
    "training.accelerators": ("Accelerators", numerals.whole),
    "training.servers": ("Servers", numerals.whole),
    "inference.tokens_per_day": ("Tokens a day", numerals.plain),
    "inference.flop_per_day": ("FLOP a day", numerals.plain),
    "inference.flop_per_second": ("FLOP/s needed", numerals.plain),
    "inference.accelerators_exact": ("Accelerators, exact", numerals.exact),
    "inference.accelerators": ("Accelerators", numerals.whole),
    "inference.servers": ("Servers", numerals.whole),
}


@dataclass(frozen=True)
class Training:
    """What it takes to train the model in time: FLOP, FLOP/s, accelerators, servers."""

    flop: float
    flop_per_second: float
    accelerators_exact: float
    accelerators: int
    servers: int


@dataclass(frozen=True)
class Inference:
    """What it takes to serve a day's tokens: tokens, FLOP, FLOP/s, accelerators, servers."""

    tokens_per_day: float
    flop_per_day: float
    flop_per_second: float
    accelerators_exact: float
    accelerators: int
    servers: int


@dataclass(frozen=True)
class Estimate:
    """The results of one scenario."""

    training: Training
    inference: Inference

    def as_dict(self) -> dict[str, dict[str, Any]]:
        """Return the results as nested plain values, in the order of the fields."""
        return asdict(self)

    def flat(self) -> dict[str, float]:
        """Return the results by dotted name, such as `training.accelerators`."""
        return {f"{part}.{name}": value for part, values in self.as_dict().items() for name, value in values.items()}


def whole(exact: Any) -> Any:
    """Return the smallest whole number that is at least `exact`, but for the rounding of floats; of an array, an array."""
    if isinstance(exact, (int, float)):
        nearest = round(exact)
        return nearest if abs(exact - nearest) <= FLOAT_NOISE * exact else math.ceil(exact)
    import numpy as np  # which one estimate does not need, and would wait for

    nearest = np.rint(exact)
    return np.where(np.abs(exact - nearest) <= FLOAT_NOISE * exact, nearest, np.ceil(exact))


def estimate(scenario: Scenario) -> Estimate:
    """Return the estimate under `scenario`; fields that are arrays of one length give arrays of results."""
    return Estimate(training=_training(scenario), inference=_inference(scenario, scenario.parameters))


def estimate_with_deck_slip(scenario: Scenario) -> Inference:
    """Return the inference estimate with the training tokens where the parameters belong, as the deck computed it."""
    return _inference(scenario, scenario.training_tokens)


def _training(scenario: Scenario) -> Training:
    flop = sizing.training_flop(scenario.parameters, scenario.training_tokens)
    exact, accelerators, servers = _counts(scenario, flop, scenario.training_time)
    return Training(flop, sizing.flop_per_second(flop, scenario.training_time), exact, accelerators, servers)


def _inference(scenario: Scenario, parameters: float) -> Inference:
    tokens = sizing.tokens_per_day(
        scenario.visits_per_day,
        scenario.questions_per_visit,
        scenario.characters_per_question,
        scenario.tokens_per_character,
    )
    flop = sizing.inference_flop(parameters, tokens)
    exact, accelerators, servers = _counts(scenario, flop, scenario.serving_time)
    return Inference(tokens, flop, sizing.flop_per_second(flop, scenario.serving_time), exact, accelerators, servers)


def _counts(scenario: Scenario, flop: float, seconds: float) -> tuple[float, int, int]:
    """Return accelerators before rounding, whole accelerators, and whole servers."""
    exact = sizing.accelerators_needed(flop, seconds, scenario.peak_flop_per_second, scenario.utilization)
    accelerators = whole(exact)
    return exact, accelerators, whole(sizing.servers_needed(accelerators, scenario.accelerators_per_server))
