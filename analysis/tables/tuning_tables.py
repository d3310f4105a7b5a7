"""Tables of fine-tuning: what each method takes, and published runs beside what is predicted of them."""

import numpy as np
import pandas as pd

from analysis import numerals
from analysis.figures.tuning import METHODS
from analysis.plan import of_scenario
from analysis.plan.tuning_plan import TuningPlan
from analysis.scenarios.scenario import Scenario
from analysis.tuning import adapters, published
from analysis.tuning.method import Tuning


def methods(plans: dict[str, TuningPlan]) -> pd.DataFrame:
    """Return what each method takes on the fewest chips that hold it."""
    return pd.DataFrame([
        {
            "Method": METHODS[method],
            "Trained": numerals.words(plan.trained_parameters),
            "Chips": numerals.whole(plan.chips),
            "Memory of a chip, GB": numerals.significant(plan.memory_bytes.expected / 1e9),
            "Hours": plan.hours.written(numerals.significant),
            "Dollars": "no price is known" if plan.cost.dollars is None else plan.cost.dollars.written(_two_digits),
            "Plan": plan.plan,
        }
        for method, plan in plans.items()
    ])  # fmt: skip


def by_source() -> pd.DataFrame:
    """Return, by source and method, how many published runs there are and their median and worst errors."""
    rows = []
    for (source, method), runs in published.predicted().groupby(["source", "method"], sort=True):
        row = {"Source": source, "Method": METHODS[str(method)], "Runs": numerals.whole(len(runs))}
        for what, column in (("Memory", "memory_error"), ("Speed", "speed_error")):
            errors = runs[column].dropna()
            row[f"{what}, median"] = "–" if errors.empty else _signed(errors.median())
            row[f"{what}, worst"] = "–" if errors.empty else _signed(errors.loc[errors.abs().idxmax()])
        rows.append(row)
    return pd.DataFrame(rows)


def runs() -> pd.DataFrame:
    """Return every published run of fine-tuning that can be predicted, with both errors."""
    return pd.DataFrame([
        {
            "Source": row.source,
            "Model": row.model,
            "Chips": f"{row.n_chips:.0f} × {row.chip}",
            "Method": METHODS[row.method] + (f", rank {row.rank:.0f}" if np.isfinite(row.rank) else ""),
            "Sequence × micro-batch": f"{row.seq_len:,.0f} × {row.micro_batch:.0f}",
            "Memory, GB": _beside(row.peak_memory_bytes / 1e9, row.predicted_bytes / 1e9),
            "Error": _error(row.memory_error),
            "Tokens a second and chip": _beside(row.tokens_per_second_per_chip, row.predicted_speed),
            "Error of it": _error(row.speed_error),
        }
        for row in published.predicted().itertuples()
    ])  # fmt: skip


def instead(scenario: Scenario, reason: str) -> str:
    """Return a sentence on what stands in place of a scenario that can't be tuned, for the `reason`; "" if it can."""
    if not reason:
        return ""
    return f"The scenario's model can't be tuned on its chip: {reason}. This page takes {_named(scenario)} instead."


def _named(scenario: Scenario) -> str:
    return f"{of_scenario.model(scenario).name} on {scenario.accelerator}"


def adapters_share(plan: TuningPlan, rank: int) -> str:
    """Return the parameters of adapters of `rank` on all matrices, as a share of the model's."""
    return numerals.percent(adapters.parameters(plan.model.architecture, rank, "all") / plan.model.parameters)


def full_bytes() -> str:
    """Return the bytes that full tuning keeps of each parameter: weight, gradient, and what the optimizer has."""
    full = Tuning("full")
    return numerals.significant(full.trained_bytes + full.gradient_bytes + full.optimizer_bytes)


def quantised_bits() -> str:
    """Return the bits of a frozen weight under QLoRA, its scales included."""
    return numerals.significant(8 * Tuning("qlora").frozen_bytes)


def count() -> str:
    """Return how many published runs can be predicted."""
    return numerals.whole(len(published.predicted()))


def worst(error: str) -> str:
    """Return the largest of `error`, with its sign, and the run that has it."""
    rows = published.predicted().dropna(subset=[error])
    row = rows.loc[rows[error].abs().idxmax()]
    return f"{_signed(row[error])} ({row['model']} on {row['n_chips']:.0f} × {row['chip']}, {row['source']})"


def median(error: str) -> str:
    """Return the median size of `error`, `memory_error` or `speed_error`, of all published runs that have it."""
    return numerals.percent(float(np.expm1(published.predicted()[error].abs().median())))


def _beside(measured: float, predicted: float) -> str:
    return "–" if not np.isfinite(measured) else f"{numerals.significant(measured)}; {numerals.significant(predicted)}"


def _error(logarithm: float) -> str:
    return "–" if not np.isfinite(logarithm) else _signed(logarithm)


def _signed(logarithm: float) -> str:
    """Return an error, predicted over measured less 1."""
    return f"{np.expm1(logarithm):+.0%}".replace("-", "−")


def _two_digits(value: float) -> str:
    return numerals.significant(value, 2)
