"""Seconds of a step in the metric that a run is published in, and back: speeds, rates of FLOP, utilizations."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from analysis.arrays import PerCase
from analysis.economics import whole_run
from analysis.steps import parameters
from analysis.steps.step import Steps
from analysis.training import footprint


def counted_flop(steps: Steps, conventions: Sequence[PerCase]) -> PerCase:
    """Return FLOP of one step as each run's convention counts them.

    Attention counts whole in PaLM's and Megatron's conventions, and Megatron's hardware FLOP repeat the forward pass of
    all layers. The rows of runs.csv in PaLM's convention count the matrix products, so no input embedding. Where the
    convention is not said, attention is causal.
    """
    named = np.array([convention or "" for convention in conventions], dtype=object)
    return np.select(
        [named == "palm_full_attention", named == "megatron_hfu_full_attention"],
        [footprint.model_flop(steps, causal=False), footprint.hardware_flop(steps, causal=False, all_layers=True)],
        footprint.model_flop(steps, causal=True),
    )


def is_benchmark(steps: Steps, tokens: PerCase) -> PerCase:
    """Say of whole runs of `tokens` whether they are benchmarks, which lose no time."""
    model = parameters.parameters(steps)
    return whole_run.is_benchmark(np.asarray(tokens, dtype=float), model.active + model.output)


def from_seconds(
    seconds: PerCase, steps: Steps, metrics: Sequence[str], conventions: Sequence[Any], tokens: PerCase, loss_exponent: float
) -> PerCase:
    """Return `seconds` of a step in each run's metric and unit; `tokens` are those of the whole run, for chip-hours."""
    names, chips = np.array(metrics, dtype=object), steps.chips
    flop_per_chip = counted_flop(steps, conventions) / (seconds * chips)
    hardware = np.where(
        np.array([convention == "megatron_hfu_full_attention" for convention in conventions]),
        flop_per_chip,
        footprint.hardware_flop(steps, causal=True) / (seconds * chips),
    )
    speed = steps.tokens / seconds
    tokens = np.asarray(tokens, dtype=float)
    goodput = np.where(is_benchmark(steps, tokens), 1.0, whole_run.goodput(chips, loss_exponent))
    wall_clock = whole_run.wall_clock_seconds(tokens, speed, goodput)
    return np.select(
        [names == name for name in ("step_seconds", "tokens_per_second", "tokens_per_second_per_chip",
                                    "achieved_flops_per_chip", "mfu", "hfu", "chip_hours")],
        [seconds, speed, speed / chips, flop_per_chip, flop_per_chip / steps.machine.peak,
         hardware / steps.machine.peak, whole_run.chip_hours(wall_clock, chips)],
        np.nan,
    )  # fmt: skip
