"""Sizing turned round: numbers of accelerators, the best plan for each, and the days and dollars that a run takes.

For each number of accelerators, the plan is what is predicted to be fastest among what fits into memory. More
accelerators take fewer days and, since less of their time is used, cost more: the choice between them is a Pareto set.
"""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from analysis.arrays import PerCase
from analysis.economics import whole_run
from analysis.evidence import runs
from analysis.training import assumptions, step_time
from analysis.training.constants import Constants
from analysis.training.fitted import CONSTANTS, HALF_WIDTHS
from analysis.uncertainty import intervals

#: Numbers of accelerators that are tried: whole servers of eight, by steps of about a half.
CHIPS = tuple(8 * factor * 2**power for power in range(13) for factor in (1, 1.5) if factor * 2**power % 1 == 0)

#: Fields of a plan that are shown with it.
_SHOWN = ("tensor", "pipeline", "data", "expert", "micro_batch", "zero")


class PlannerError(ValueError):
    """A model that no number of accelerators tried can hold; the message says what would."""


def sizes(
    model: str,
    chip: str,
    tokens: float,
    *,
    precision: str | None = None,
    sequence: float | None = None,
    global_batch: float | None = None,
    chips: Iterable[float] = CHIPS,
    dollars_per_chip_hour: float = np.nan,
    price_spread: tuple[float, float] = (0.0, 0.0),
    constants: Constants = CONSTANTS,
) -> pd.DataFrame:
    """Return one row a number of accelerators that can hold the model: its best plan, days, chip-hours and dollars.

    `low_days` and `high_days` bound an 80% interval, and so for dollars (with `price_spread`, as in
    analysis/economics/market.py), utilization and memory. `model` is one of data/architectures.csv, `chip` of
    data/accelerators.csv, `tokens` what it is trained on. Raises RunsError for an unknown one, PlannerError if no
    number of accelerators that is tried can hold the model. `global_batch` counts sequences; without it, a batch is
    assumed that grows with the accelerators. Numbers that no batch can be shared out over are left out.
    """
    questions, refused = [], None
    for count in chips:
        try:
            questions.append(assumptions.question(runs.run(
                kind="whole_run", metric="chip_hours", model=model, chip=chip, n_chips=count, precision=precision,
                seq_len=sequence, global_batch=global_batch, tokens=tokens, date="2025",
            )))  # fmt: skip
        except runs.RunsError as exc:
            refused = exc
    if not questions:
        raise refused or PlannerError("no number of chips was given to try")
    steps, _ = assumptions.decide(questions, constants)
    prediction = step_time.predict(steps, constants, assumed=True)
    speed = steps.tokens / prediction.seconds
    seconds = whole_run.wall_clock_seconds(tokens, speed, whole_run.goodput(steps.chips, constants.loss_exponent))
    run = HALF_WIDTHS["whole run"]
    low, high = intervals.around(seconds, run)
    cheap, dear = (intervals.combined(run, spread) for spread in price_spread)
    hours = whole_run.chip_hours(seconds, steps.chips)
    dollars = whole_run.rental_cost(hours, dollars_per_chip_hour)
    plan = steps.plan
    table = pd.DataFrame({
        "chips": steps.chips.astype(int),
        "days": seconds / whole_run.DAY,
        "low_days": low / whole_run.DAY,
        "high_days": high / whole_run.DAY,
        "chip_hours": hours,
        "dollars": dollars,
        "low_dollars": dollars * np.exp(-cheap),
        "high_dollars": dollars * np.exp(dear),
        **_with_ends("model_flops_utilization", prediction.model_flops_utilization,
                     prediction.model_flops_utilization_interval),
        **_with_ends("memory_gb", prediction.memory_bytes / 1e9, np.divide(prediction.memory_interval, 1e9)),
        **{name: getattr(plan, name).astype(int) for name in _SHOWN},
    })[prediction.fits]  # fmt: skip
    if table.empty:
        raise PlannerError(
            f"{model} does not fit on {min(steps.chips):g} to {max(steps.chips):g} of {chip}, whose memory is "
            f"{steps.machine.memory_bytes[0] / 1e9:.0f} GB; valid: more chips, or ones with more memory"
        )
    return table.reset_index(drop=True)


def _with_ends(name: str, values: PerCase, ends: PerCase) -> dict[str, PerCase]:
    """Return a column and those of the ends of its interval, by name."""
    low, high = ends
    return {name: values, f"low_{name}": low, f"high_{name}": high}


def pareto(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of `sizes` that no other is both faster and cheaper than, by days."""
    ordered = table.sort_values(["days", "dollars"]).reset_index(drop=True)
    cheapest_so_far = ordered["dollars"].cummin()
    better: PerCase = ordered["dollars"] < cheapest_so_far.shift(fill_value=np.inf)
    return ordered[better].reset_index(drop=True)
