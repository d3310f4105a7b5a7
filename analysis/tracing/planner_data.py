"""What the page's planner has to know beside the engine: models, chips and their prices, and the learnt offsets."""

from dataclasses import fields
from typing import Any

import numpy as np

from analysis.economics import market
from analysis.evidence.offsets import NOISE, NOTHING
from analysis.hardware import accelerators, formats, machine
from analysis.hardware.accelerators import AcceleratorError
from analysis.hardware.machine import Machine
from analysis.models import ledger, library
from analysis.models.architecture import Architecture
from analysis.models.shape import ArchitectureError
from analysis.plan import training_plan, training_search
from analysis.steps import software
from analysis.steps.shape import shape_case
from analysis.steps.software import Behaviour
from analysis.tracing import engine
from analysis.training import assumptions, offset, step_time, traits
from analysis.training.fitted import HALF_WIDTHS, NEW_STACK, SCALES, STRETCH

#: Formats of matrix products that can be chosen, beside the chip's usual 16-bit one.
FORMATS = ("fp8", "mxfp8", "nvfp4", "mxfp4")


def described() -> dict[str, Any]:
    """Return all of it, as JSON takes it."""
    return {
        "models": models(),
        "chips": chips(),
        "fields": {"shape": engine.SHAPE, "machine": _names(Machine), "behaviour": _names(Behaviour)},
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
        "usableMemory": step_time.USABLE_MEMORY,
        "memoryWidth": HALF_WIDTHS["memory"],
        "unmeasured": step_time.UNMEASURED,
    }


def models() -> dict[str, Any]:
    """Return every decoder of the library that times are modelled for, by name: see `model`."""
    result = {}
    for name in library.names():
        try:
            architecture = library.load(name)
            if architecture.kind == "decoder":
                result[name] = model(architecture)
        except ArchitectureError:  # its shape is not known, or its layers are
            continue
    return result


def model(architecture: Architecture) -> dict[str, Any]:
    """Return what plans ask of a model, and the numbers of each kind of its layers, in the order of `engine.SHAPE`."""
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


def chips() -> dict[str, Any]:
    """Return every chip with a usual 16-bit format: its machine in each format, software, family and prices."""
    result = {}
    for name in machine.chips():
        try:
            result[name] = chip(name)
        except AcceleratorError:  # no 16-bit peak, memory or bandwidth is published
            continue
    return result


def chip(name: str) -> dict[str, Any]:
    """Return one chip. Raises AcceleratorError for one that can't be planned with."""
    base = machine.systems()["base_chip"].get(name)
    has = accelerators.precisions(name if base != base or base is None else base)
    usual = "bf16" if "BF16" in has or "FP16" not in has else "fp16"
    cases = {usual: machine.case(name, usual)}
    for precision in FORMATS:
        if formats.SHEET[precision] in has:
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
