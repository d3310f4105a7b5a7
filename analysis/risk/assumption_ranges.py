"""How far each assumption of a scenario may plausibly lie from what it says: ends from published data, where there are any."""

from functools import cache

import pandas as pd

from analysis import facts
from analysis.economics import market, whole_run
from analysis.economics.coefficients import Coefficient
from analysis.hardware import accelerators
from analysis.models import architecture, ledger
from analysis.models.architecture import ArchitectureError
from analysis.scenarios import sizing
from analysis.scenarios.scenario import ASSUMPTIONS, Scenario
from analysis.serving import demand
from analysis.validation import utilization

#: Whole runs of models of at least so many parameters say what training takes.
_LARGE = 1e10
_TAIL = 0.1
_SIXTEEN_BITS = ("BF16", "FP16")


@cache
def whole_runs() -> pd.DataFrame:
    """Return published training runs of large models: `parameters` that a token passes, `training_tokens`, `days`.

    Benchmarks, which train on a few tokens only, are none.
    """
    rows = facts.read("runs")
    rows = rows[(rows["kind"] == "whole_run") & (rows["metric"] == "chip_hours")]
    frame = pd.DataFrame(
        {
            "model": rows["model"],
            "date": rows["date"],
            "parameters": rows["model"].map(_active_parameters),
            "training_tokens": rows["tokens"],
            "days": rows["value"] / rows["n_chips"] / demand.HOURS,
        }
    )
    benchmark = whole_run.is_benchmark(frame["training_tokens"], frame["parameters"])
    return frame[(frame["parameters"] >= _LARGE) & ~benchmark].reset_index(drop=True)


@cache
def served_utilization() -> float:
    """Return the share of its dense FP8 peak that DeepSeek's fleet got on its published day, by 2 N D.

    Over all chips and hours; prompts known from the cache count as served, as the deck would count them.
    """
    tokens = sum(demand.published_parts("DeepSeek").values())
    flop = sizing.inference_flop(_active_parameters("DeepSeek-V3"), tokens)
    chips = market.facility("DeepSeek V3/R1 inference fleet, average") * market.SERVER_CHIPS
    return flop / (chips * demand.DAY_SECONDS * accelerators.peak_flop_per_second("H800 SXM5", "FP8"))


def load(scenario: Scenario) -> dict[str, Coefficient]:
    """Return the range of each assumption that accelerators depend on, the scenario's value expected.

    A range widens to hold the scenario's value. The chip is a choice and stays; its peak may be that of its format or
    that of 16 bits.
    """
    runs, runs_said = whole_runs(), f"data/runs.csv: {len(whole_runs())} whole runs of large models; 10th and 90th percentile"
    ratios = demand.tokenizer_ratios()
    ratios = ratios[ratios["text"] == "Chinese characters"].set_index("tokenizer")["tokens_per_character"]
    lengths = demand.request_lengths("conversation")
    searches = demand.published("searches")["per_day"]
    messages = demand.published("messages")["per_day"].max()
    context = market.facility("DeepSeek average context of a decode step")
    by_name = {
        "parameters": (*_ends(runs["parameters"]), runs_said, "yes"),
        "training_tokens": (*_ends(runs["training_tokens"]), runs_said, "yes"),
        "training_time": (*(demand.DAY_SECONDS * days for days in _ends(runs["days"])), runs_said, "yes"),
        "peak": (*_peaks(scenario), "data/accelerators.csv: the scenario's format, and 16 bits", "yes"),
        "utilization": (
            served_utilization(),
            utilization.published()["common"].quantile(1 - _TAIL),
            "low: DeepSeek's fleet (data/facility.csv); high: data/mfu.csv, 90th percentile of training",
            "partly",
        ),
        "visits_per_day": (
            messages / scenario.questions_per_visit,
            searches.max(),
            "data/demand.csv: the most messages a day, as questions; the most searches a day",
            "partly",
        ),
        "questions_per_visit": (1.0, 8.0, "assumption", "no"),
        "characters_per_question": (
            lengths["p10_tokens"].sum() / scenario.tokens_per_character,
            context / scenario.tokens_per_character,
            "low: data/request_lengths.csv, 10th percentile; high: context at DeepSeek (data/facility.csv)",
            "partly",
        ),
        "tokens_per_character": (
            ratios.min(), ratios.max(), "data/tokenizer_ratios.csv: Chinese characters, the fewest and the most", "yes"
        ),
        "serving_time": (
            demand.DAY_SECONDS / demand.peak_to_mean(demand.measured_profile()),
            demand.DAY_SECONDS,
            "data/load_profile.csv: built for the busiest hour; a flat day",
            "partly",
        ),
    }  # fmt: skip
    ranges = {}
    for name, (low, high, source, verified) in by_name.items():
        value = scenario.peak_flop_per_second if name == "peak" else getattr(scenario, name)
        about = ASSUMPTIONS[name]
        ranges[name] = Coefficient(
            name, about.help, min(low, value), value, max(high, value), about.unit or "ratio", source, verified
        )
    return ranges


def _active_parameters(model: str) -> float:
    """Return the active parameters as publishers count them, of a dense model all; NaN where the shape is not known."""
    try:
        shape = architecture.load(model)
        return float(ledger.multiplied_parameters(shape) if shape.n_experts else ledger.parameters(shape))
    except ArchitectureError:
        return float("nan")


def _ends(values: pd.Series) -> tuple[float, float]:
    return float(values.quantile(_TAIL)), float(values.quantile(1 - _TAIL))


def _peaks(scenario: Scenario) -> tuple[float, float]:
    peak = scenario.peak_flop_per_second
    if not accelerators.is_known(scenario.accelerator) or scenario.peak is not None:
        return peak, peak
    formats = [name for name in _SIXTEEN_BITS if name in accelerators.precisions(scenario.accelerator)]
    known = [peak, *(accelerators.peak_flop_per_second(scenario.accelerator, name) for name in formats)]
    return min(known), max(known)
