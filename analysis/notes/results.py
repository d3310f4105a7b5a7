"""The results of a note, each with the formula that gives it: what the note prints, and what its workbook computes anew.

A line names its formula and what goes into it: assumptions, rates, or lines before it. So the same list is evaluated in
Python and printed as the cells of a spreadsheet.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from analysis.economics import market, whole_run
from analysis.economics.market import CostError
from analysis.hardware import accelerators
from analysis.hardware.accelerators import AcceleratorError
from analysis.scenarios import sizing
from analysis.scenarios.estimate import whole
from analysis.scenarios.scenario import ASSUMPTIONS, Scenario
from analysis.validation.reached import Reached
from analysis.validation.reached import serving as serving_reached
from analysis.validation.reached import training as training_reached

PARTS = ("training", "inference")
#: What else goes into the lines, of the scenario's chip and its site; NaN where `data/` does not have it.
RATES = ("dollars_per_chip_hour", "chip_watts", "server_share", "power_usage_effectiveness")


#: Assumptions that set the peak and the rates.
_CHIP = ("accelerator", "precision")


@dataclass(frozen=True)
class Line:
    """A result: the `formula` that gives it and, by argument, the assumption, rate or earlier line that goes in.

    `rounded` results are the smallest whole number that is enough. `quantity` says in which unit people read it.
    """

    name: str
    quantity: str
    formula: Callable
    arguments: Mapping[str, str]
    rounded: bool = False

    @property
    def part(self) -> str:
        """The part of the estimate that the line belongs to: "training" or "inference"."""
        return self.name.partition("_")[0]


def count(number):
    """The count itself, before it is rounded up."""
    return number


def dollars_per_million_tokens(dollars, tokens):
    """Dollars per million tokens, where `dollars` pay for `tokens`."""
    return dollars / tokens * 10**6


def daily_chip_hours(chips):
    """Hours that `chips` work in a day."""
    return whole_run.chip_hours(whole_run.DAY, chips)


_MACHINE = {"peak": "peak", "utilization": "utilization"}
_SITE = {name: name for name in ("chip_watts", "server_share", "power_usage_effectiveness")}
_RENT = {"dollars_per_chip_hour": "dollars_per_chip_hour"}


def _counts(part: str, flop: str, seconds: str) -> tuple[Line, ...]:
    exact, chips = f"{part}_accelerators_exact", f"{part}_accelerators"
    return (
        Line(exact, "count", sizing.accelerators_needed, {"flop": flop, "seconds": seconds} | _MACHINE),
        Line(chips, "count", count, {"number": exact}, rounded=True),
        Line(
            f"{part}_servers",
            "count",
            sizing.servers_needed,
            {"accelerators": chips, "accelerators_per_server": "accelerators_per_server"},
            rounded=True,
        ),
    )


def _costs(part: str, hours: Line) -> tuple[Line, ...]:
    return (
        hours,
        Line(f"{part}_energy", "energy", whole_run.energy_joules, {"chip_hours": hours.name} | _SITE),
        Line(f"{part}_rent", "dollars", whole_run.rental_cost, {"chip_hours": hours.name} | _RENT),
    )


LINES: tuple[Line, ...] = (
    Line("training_flop", "flop", sizing.training_flop, {"parameters": "parameters", "tokens": "training_tokens"}),
    Line("training_rate", "rate", sizing.flop_per_second, {"flop": "training_flop", "seconds": "training_time"}),
    *_counts("training", "training_flop", "training_time"),
    *_costs(
        "training",
        # Before rounding, so that the hours do not hang on the time in which the run has to end.
        Line(
            "training_chip_hours",
            "hours",
            whole_run.chip_hours,
            {"wall_clock_seconds": "training_time", "chips": "training_accelerators_exact"},
        ),
    ),
    Line(
        "inference_tokens",
        "tokens",
        sizing.tokens_per_day,
        {name: name for name in ("visits_per_day", "questions_per_visit", "characters_per_question", "tokens_per_character")},
    ),
    Line("inference_flop", "flop", sizing.inference_flop, {"parameters": "parameters", "tokens": "inference_tokens"}),
    Line("inference_rate", "rate", sizing.flop_per_second, {"flop": "inference_flop", "seconds": "serving_time"}),
    *_counts("inference", "inference_flop", "serving_time"),
    *_costs("inference", Line("inference_chip_hours", "hours", daily_chip_hours, {"chips": "inference_accelerators"})),
    Line(
        "inference_token_price",
        "price",
        dollars_per_million_tokens,
        {"dollars": "inference_rent", "tokens": "inference_tokens"},
    ),
)


def assumptions(parts: Sequence[str]) -> list[str]:
    """Return the assumptions that go into the lines of these parts of the work, in the order of the scenario's fields."""
    used = {name for line in LINES if line.part in parts for name in line.arguments.values()} - {line.name for line in LINES}
    return [name for name in ASSUMPTIONS if name in used or name in _CHIP]


def rates(accelerator: str) -> dict[str, float]:
    """Return the RATES of an accelerator; NaN for what `data/` does not have, all of them for a chip that it lacks."""
    try:
        known = market.rates(accelerator)
    except (AcceleratorError, CostError):
        return dict.fromkeys(RATES, math.nan)
    return {name: float(getattr(known, name)) for name in RATES}


def inputs(scenario: Scenario) -> dict[str, float]:
    """Return the numbers that go into the lines, by name: the scenario's assumptions, and the rates of its chip."""
    numbers = {name: getattr(scenario, name) for name, about in ASSUMPTIONS.items()
               if about.unit is not None and getattr(scenario, name) is not None}  # fmt: skip
    return numbers | {"peak": scenario.peak_flop_per_second} | rates(scenario.accelerator)


def evaluate(given: Mapping[str, float]) -> dict[str, float]:
    """Return every line's value, by name; NaN where something that goes in is."""
    values = dict(given)
    for line in LINES:
        value = line.formula(**{argument: values[name] for argument, name in line.arguments.items()})
        values[line.name] = whole(value) if line.rounded and not math.isnan(value) else value
    return {line.name: values[line.name] for line in LINES}


def reached(scenario: Scenario) -> dict[str, Reached]:
    """Return what published runs like those of `scenario` reached of their peak, by part."""
    return {"training": training_reached(scenario.precision), "inference": serving_reached()}


@dataclass(frozen=True)
class Results:
    """The lines of one scenario by name, and the same `low` and `high`, at what published runs reached of the peak."""

    values: Mapping[str, float]
    low: Mapping[str, float]
    high: Mapping[str, float]


def results(scenario: Scenario) -> Results:
    """Return the lines of `scenario`, and between what they lie if it works as well as published runs did."""
    values, published = inputs(scenario), reached(scenario)
    ends = []
    for end in ("high", "low"):  # the higher the utilization, the fewer the accelerators
        parts = [evaluate(values | {"utilization": getattr(published[part], end)}) for part in PARTS]
        ends.append({line.name: parts[PARTS.index(line.part)][line.name] for line in LINES})
    return Results(evaluate(values), *ends)


def is_known(accelerator: str) -> bool:
    """Say whether `data/accelerators.csv` has the accelerator, so that its memory and links are known too."""
    return accelerator in accelerators.table().index
