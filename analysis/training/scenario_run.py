"""A scenario's training run, predicted: days, chips, energy and cost on each number of chips.

The model is GPT-3 175B at its own context and batch (Brown et al. 2020). What it is trained on, in how many days, and
on which accelerator, is the scenario's.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

import pandas as pd

from analysis.economics import market, whole_run
from analysis.evidence import runs
from analysis.hardware import accelerators, formats, machine
from analysis.models import architecture, ledger
from analysis.scenarios import sizing
from analysis.scenarios.scenario import DECK, Scenario
from analysis.training import planner
from analysis.training.constants import Constants
from analysis.training.fitted import CONSTANTS

MODEL = "GPT-3 175B"
#: Tokens of a sequence, as GPT-3 was trained.
SEQUENCE = 2048
#: Sequences of a step: 3.2 million tokens (Brown et al. 2020, table 2.1), as near as sequences come that divide well.
GLOBAL_BATCH = 1536
#: Numbers of chips that are tried: whole servers that such a batch can be shared out over.
CHIPS = tuple(int(8 * factor * 2**power) for power in range(12) for factor in (1, 1.125, 1.5) if factor * 2**power % 1 == 0)


@dataclass(frozen=True)
class Machine:
    """An accelerator and the number format that it trains in, by the engine's names."""

    chip: str
    number_format: str

    @property
    def title(self) -> str:
        """The machine as people write it."""
        return f"{self.chip} in {machine.PRECISIONS[self.number_format][0]}"

    @property
    def peak(self) -> float:
        """Dense peak, in FLOP/s."""
        return machine.case(self.chip, self.number_format)["peak"]


#: The machine of most runs of the deck's time, and what came after it.
A100 = Machine("A100 SXM4 80GB", "bf16")
LATER = tuple(Machine(chip, "bf16") for chip in ("H100 SXM5", "H200 SXM", "B200 SXM (HGX/DGX)"))


def machine_of(scenario: Scenario) -> Machine:
    """Return the scenario's machine if training on it can be predicted, else the deck's."""
    number_format = formats.named(scenario.precision)
    try:
        if number_format in machine.PRECISIONS:
            sizes(Machine(scenario.accelerator, number_format), 1e12)
            return Machine(scenario.accelerator, number_format)
    except (accelerators.AcceleratorError, runs.RunsError, planner.PlannerError):
        pass
    return Machine(DECK.accelerator, formats.named(DECK.precision))


def machines(scenario: Scenario) -> list[Machine]:
    """Return the machines to compare, the scenario's first."""
    return list(dict.fromkeys((machine_of(scenario), A100, *LATER)))


@cache
def _sizes(platform: Machine, tokens: float, constants: Constants) -> pd.DataFrame:
    rates = market.rates(platform.chip)
    table = planner.sizes(
        MODEL, platform.chip, tokens, precision=platform.number_format, sequence=SEQUENCE, global_batch=GLOBAL_BATCH,
        chips=CHIPS, dollars_per_chip_hour=rates.dollars_per_chip_hour, constants=constants,
    )  # fmt: skip
    hours = table["chip_hours"]
    joules = whole_run.energy_joules(hours, rates.chip_watts, rates.server_share, rates.power_usage_effectiveness)
    seconds = table["days"] * whole_run.DAY
    return table.assign(
        machine=platform.title,
        megawatt_hours=joules / 3.6e9,
        owning_dollars=hours * rates.owned_hour,
        goodput=whole_run.goodput(table["chips"], constants.loss_exponent),
        tokens_per_second=tokens / seconds,
        sustained=sustained(tokens, table["chips"], seconds, platform.peak),
    )


def sizes(platform: Machine, tokens: float, constants: Constants = CONSTANTS) -> pd.DataFrame:
    """Return one row a number of chips: the fastest plan on them, and the days, energy and dollars that the training takes.

    Further columns: `machine`, `megawatt_hours`, `owning_dollars`, `goodput`, `tokens_per_second` (of the whole run),
    and `sustained`: utilization by 6 N D over the whole run, which is what the deck's formula divides by.
    """
    return _sizes(platform, tokens, constants).copy()


def sustained(tokens: Any, chips: Any, seconds: Any, peak: Any) -> Any:
    """Return 6 N D of the model over what `chips` of `peak` FLOP/s could do in `seconds`."""
    parameters = ledger.active_parameters(architecture.load(MODEL))
    return sizing.training_flop(parameters, tokens) / (chips * seconds * peak)


def with_at_most(table: pd.DataFrame, chips: float) -> pd.Series | None:
    """Return the row of `sizes` with the most chips up to `chips`, None if even the fewest are more."""
    fewer = table[table["chips"] <= chips]
    return None if fewer.empty else fewer.iloc[-1]


@dataclass(frozen=True)
class Needed:
    """Chips that are done in time: as predicted, and at both ends of the 80% interval; None if no number tried is."""

    predicted: pd.Series | None
    fewest: int | None
    most: int | None


def needed(table: pd.DataFrame, seconds: float) -> Needed:
    """Return the fewest chips of `sizes` that are done within `seconds`."""
    days = seconds / whole_run.DAY
    in_time = {name: table[table[name] <= days] for name in ("days", "low_days", "high_days")}
    first = {name: None if rows.empty else int(rows["chips"].min()) for name, rows in in_time.items()}
    row = None if in_time["days"].empty else in_time["days"].loc[in_time["days"]["chips"].idxmin()]
    return Needed(row, first["low_days"], first["high_days"])


def done_in_time(table: pd.DataFrame, seconds: float) -> tuple[pd.Series, bool]:
    """Return the row of `sizes` with the fewest chips that are done within `seconds`, and True; if none is, the fastest."""
    row = needed(table, seconds).predicted
    return (table.loc[table["days"].idxmin()], False) if row is None else (row, True)


def enough(scenario: Scenario, chips: float) -> pd.DataFrame:
    """Return, machine by machine, what `chips` of it take, and whether that is within the scenario's time.

    Columns: `machine`, `chips` that a plan can use, `required` utilization by 6 N D, `sustained` with `low` and `high`,
    `days` with `low_days` and `high_days`, and `verdict`.
    """
    rows = []
    for platform in machines(scenario):
        row = with_at_most(sizes(platform, scenario.training_tokens), chips)
        if row is None:
            continue
        required = sustained(scenario.training_tokens, row["chips"], scenario.training_time, platform.peak)
        limit = scenario.training_time / whole_run.DAY
        verdict = "yes" if row["high_days"] <= limit else "no" if row["low_days"] > limit else "open"
        rows.append({
            "machine": platform.title, "chips": row["chips"], "required": required, "sustained": row["sustained"],
            "low": row["sustained"] * row["days"] / row["high_days"],
            "high": row["sustained"] * row["days"] / row["low_days"],
            "days": row["days"], "low_days": row["low_days"], "high_days": row["high_days"],
            "verdict": verdict if verdict != "open" else "likely" if row["days"] <= limit else "unlikely",
        })  # fmt: skip
    return pd.DataFrame(rows)


def without_goodput(row: pd.Series) -> float:
    """Return the days that a row of `sizes` would take if no time were lost."""
    return float(row["days"] * row["goodput"])
