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


def trains(steps: Steps, kinds: Sequence[str], tokens: PerCase) -> PerCase:
    """Say of runs of `tokens` whether they train a model that is meant to be used, whole: such runs lose time, which steps
    and benchmarks do not."""
    model = parameters.parameters(steps)
    whole = np.array(kinds, dtype=object) == "whole_run"
    return whole & ~whole_run.is_benchmark(np.asarray(tokens, dtype=float), model.active + model.output)


def by_the_clock(seconds: PerCase, steps: Steps, trains: PerCase, loss_exponent: float) -> PerCase:
    """Return `seconds` of each step with the time that whole runs lose, which `trains` says of each."""
    return np.where(trains, seconds / whole_run.goodput(steps.chips, loss_exponent), seconds)


def from_seconds(seconds: PerCase, steps: Steps, metrics: Sequence[str], conventions: Sequence[Any], tokens: PerCase) -> PerCase:
    """Return `seconds` of a step in each run's metric and unit.

    `tokens` are those of the whole run, for chip-hours, of which `seconds` are by the clock.
    """
    names, chips = np.array(metrics, dtype=object), steps.chips
    flop_per_chip = counted_flop(steps, conventions) / (seconds * chips)
    hardware = np.where(
        np.array([convention == "megatron_hfu_full_attention" for convention in conventions]),
        flop_per_chip,
        footprint.hardware_flop(steps, causal=True) / (seconds * chips),
    )
    speed = steps.tokens / seconds
    hours = whole_run.chip_hours(np.asarray(tokens, dtype=float) / speed, chips)
    return np.select(
        [names == name for name in ("step_seconds", "tokens_per_second", "tokens_per_second_per_chip",
                                    "achieved_flops_per_chip", "mfu", "hfu", "chip_hours")],
        [seconds, speed, speed / chips, flop_per_chip, flop_per_chip / steps.machine.peak,
         hardware / steps.machine.peak, hours],
        np.nan,
    )  # fmt: skip
