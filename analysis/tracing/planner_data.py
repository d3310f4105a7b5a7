"""What the page's planner has to know beside the engine: models, chips and their prices, and the learnt offsets."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import fields
from typing import Any

import numpy as np

from analysis.economics import market
from analysis.evidence.offsets import NOISE, NOTHING
from analysis.hardware import machine
from analysis.hardware.accelerators import AcceleratorError
from analysis.hardware.machine import Machine
from analysis.models import configuration, ledger, library
from analysis.models.architecture import Architecture
from analysis.models.shape import ArchitectureError
from analysis.plan import training_plan, training_search
from analysis.plan.chip import Chip
from analysis.steps import software
from analysis.steps.shape import shape_case
from analysis.steps.software import Behaviour
from analysis.tracing import engine
from analysis.training import assumptions, offset, step_time, traits
from analysis.training.fitted import HALF_WIDTHS, NEW_STACK, SCALES, STRETCH

#: Model types whose config.json the page reads itself.
READ = ("llama", "mistral", "qwen2", "qwen3", "olmo2", "mixtral", "qwen3_moe", "deepseek_v2", "deepseek_v3")
#: Formats of matrix products that can be chosen, beside the chip's usual 16-bit one.
FORMATS = ("fp8", "mxfp8", "nvfp4", "mxfp4")


def described(models: Iterable[str] | None = None, chips: Iterable[str] | None = None) -> dict[str, Any]:
    """Return all of it, as JSON takes it; of `models` and `chips` those named, by default all that can be planned with."""
    return {
        "models": _known(library.names() if models is None else models, lambda name: model(library.load(name))),
        "chips": _known(machine.chips() if chips is None else chips, chip),
        "fields": {"shape": engine.SHAPE, "machine": _names(Machine), "behaviour": _names(Behaviour)},
        "defaults": {kind: configuration.defaults()[kind] for kind in READ},
        "offsets": offsets(),
        "rules": rules(),
    }


def rules() -> dict[str, Any]:
    """Return the constants of the search, under the names that analysis/plan and analysis/training give them."""
    return {
        "sequence": training_plan.SEQUENCE,
        "batchTokens": assumptions.BATCH_TOKENS,
        "mostBatchTokens": assumptions.MOST_BATCH_TOKENS,
        "tokensAChip": training_search.TOKENS_A_CHIP,
        "mostChips": training_search.MOST_CHIPS,
        "coarse": training_search.COARSE,
        "fine": training_search.FINE,
        "microBatches": assumptions.MICRO_BATCHES,
        "mostVirtual": assumptions.MOST_VIRTUAL,
        "memoryWidth": HALF_WIDTHS["memory"],
        "unmeasured": step_time.UNMEASURED,
    }


def _known(names: Iterable[str], describe: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    """Return what `describe` says of each name, without those that it refuses: what a plan hangs on is not known of them."""
    result = {}
    for name in names:
        try:
            result[name] = describe(name)
        except (ArchitectureError, AcceleratorError):
            continue
    return result


def model(architecture: Architecture) -> dict[str, Any]:
    """Return what plans ask of a decoder, and the numbers of each kind of its layers, in the order of `engine.SHAPE`.

    Raises ArchitectureError for one that is no decoder, or has layers that no time model knows.
    """
    if architecture.kind != "decoder":
        raise ArchitectureError(f"{architecture.name} is an {architecture.kind}; valid: a decoder")
    return {
        "layers": architecture.n_layers,
        "heads": architecture.n_heads,
        "kvHeads": architecture.n_kv_heads,
        "experts": architecture.n_experts,
        "longest": architecture.learned_positions or 0,
        "parameters": ledger.parameters(architecture),
        "active": ledger.active_parameters(architecture),
        "kinds": [[_short(kind[name]) for name in engine.SHAPE] for kind in shape_case(architecture)],
    }


def chip(name: str) -> dict[str, Any]:
    """Return a chip's machine in each format, software, family and prices.

    Raises AcceleratorError for one without a published 16-bit peak, memory or bandwidth.
    """
    usual = Chip(name).precision
    cases = {usual: machine.case(name, usual)}
    for precision in FORMATS:
        with suppress(AcceleratorError):  # a format that the chip lacks
            cases[precision] = machine.case(name, precision)
    is_tpu, is_hopper = bool(cases[usual]["is_tpu"]), bool(cases[usual]["is_hopper"])
    engine_ = software.software_of(None, training_search.YEAR, tpu=is_tpu)
    vendor, generation = traits.chip_family(name)
    rates = market.rates(name)
    return {
        "machine": {precision: [_short(case[field]) for field in _names(Machine)] for precision, case in cases.items()},
        "behaviour": [software.behaviour(engine_, hopper=is_hopper)[field] for field in _names(Behaviour)],
        "software": [engine_.micro_batch_rule == "whole", engine_.full_recomputation, engine_.interleaves],
        "family": [vendor, generation],
        "rent": _price(rates.dollars_per_chip_hour, rates.rental_spread),
        "owned": _price(rates.owned_hour, rates.owned_spread),
        "site": [rates.chip_watts, rates.server_share, rates.power_usage_effectiveness],
    }


def offsets() -> dict[str, Any]:
    """Return what published runs say of offsets: the level of each trait in each cell (-1 for none), errors and weights."""
    seen = offset.evidence()
    told: dict[str, Any] = {"error": seen.error.tolist(), "weight": seen.weight.tolist(), "traits": []}
    for name in (*traits.TRAITS, NOISE):
        levels = sorted(set(seen.traits[name]) - {NOTHING})
        places = {level: place for place, level in enumerate(levels)} | {NOTHING: -1}
        size = None if name == NOISE else SCALES.effects[name]
        told["traits"].append({"size": size, "levels": levels, "cells": [places[level] for level in seen.traits[name]]})
    return told | {"newStack": NEW_STACK, "noise": dict(SCALES.noise), "stretch": STRETCH}


def _names(kind: type) -> list[str]:
    return [field.name for field in fields(kind)]


def _price(dollars: float, spread: tuple[float, float]) -> list[float] | None:
    return [float(dollars), *map(float, spread)] if np.isfinite(dollars) else None


def _short(value: float) -> float | int:
    """Return a whole number as one, which is shorter."""
    return int(value) if float(value).is_integer() else float(value)
