"""What the page's planner has to know beside the engine: models, chips and their prices, and the learnt offsets."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import fields
from statistics import NormalDist
from typing import Any

import numpy as np
import pandas as pd

from analysis.economics import market
from analysis.evidence.offsets import NOISE, NOTHING
from analysis.hardware import machine
from analysis.hardware.accelerators import AcceleratorError
from analysis.hardware.machine import Machine
from analysis.inference import deployments, inference_calibration, inference_offsets
from analysis.inference.inference_fitted import HALF_WIDTHS as WIDTHS_OF_INFERENCE
from analysis.models import configuration, ledger, library, memory
from analysis.models.architecture import Architecture
from analysis.models.parallelism import Parallelism
from analysis.models.shape import ArchitectureError
from analysis.plan import training_plan, training_search
from analysis.plan.chip import Chip
from analysis.plan.opening import MOST_KINDS
from analysis.scenarios.alternatives import REQUESTS_PER_USER
from analysis.scenarios.estimate import FLOAT_NOISE
from analysis.serving import capacity, loads, replica_plans, serving_queue, serving_ranges, ways
from analysis.steps import software
from analysis.steps.shape import shape_case
from analysis.steps.software import Behaviour
from analysis.tracing import engine
from analysis.training import assumptions, offset, step_time, traits
from analysis.training.fitted import HALF_WIDTHS, NEW_STACK, SCALES, STRETCH
from analysis.uncertainty import intervals

#: Model types whose config.json the page reads itself.
READ = ("llama", "mistral", "qwen2", "qwen3", "olmo2", "mixtral", "qwen3_moe", "deepseek_v2", "deepseek_v3")
#: Formats of matrix products that can be chosen, beside the chip's usual 16-bit one.
FORMATS = ("fp8", "mxfp8", "nvfp4", "mxfp4")
#: Formats of weights that answer, beside the 16-bit one; and the engine that is assumed.
SERVED, ENGINE = ("fp8", "int8", "nvfp4", "mxfp4", "int4"), "vLLM"


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
        "server": replica_plans.SERVER,
        "servedYear": deployments.CURRENT_YEAR,
        "beside": loads.BESIDE,
        "alone": loads.ALONE,
        "asked": ways.ASKED,
        "tried": ways.TRIED,
        "fluidBatches": loads.BATCHES,
        "chunkOfOne": capacity.CHUNK_TOKENS,
        "noise": FLOAT_NOISE,
        "requestsPerUser": REQUESTS_PER_USER,
        "spread": serving_ranges.VARIATION,
        "unmeasuredServing": max(WIDTHS_OF_INFERENCE.values()),
        "queue": queue(),
    }


def queue() -> dict[str, Any]:
    """Return the constants of a replica's queue (analysis/serving/serving_queue.py), at the targets' usual percentile."""
    percentile = capacity.Targets(1.0, 1.0).percentile
    return {
        "normal": serving_queue.normal_quantiles().tolist(),
        "golden": serving_queue.even_ends().tolist(),
        "percentile": percentile,
        "quantile": NormalDist().inv_cdf(percentile),
        "states": serving_queue.STATES,
        "batches": serving_queue.BATCHES,
        "shares": serving_queue.CHUNK_SHARES.tolist(),
        "averaged": serving_queue.AVERAGED,
        "bisections": serving_queue.BISECTIONS,
        "rounds": serving_queue.ROUNDS,
        "cell": capacity.CELL,
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
    kinds = shape_case(architecture)
    if len(kinds) > MOST_KINDS:
        raise ArchitectureError(f"{architecture.name} has {len(kinds)} kinds of layers; the page's engine takes {MOST_KINDS}")
    return {
        "layers": architecture.n_layers,
        "heads": architecture.n_heads,
        "kvHeads": architecture.n_kv_heads,
        "experts": architecture.n_experts,
        "longest": architecture.learned_positions or 0,
        "parameters": ledger.parameters(architecture),
        "active": ledger.active_parameters(architecture),
        "context": _finite(deployments.context_length(architecture)),
        "ends": [architecture.vocab_size, architecture.d_model, int(architecture.tied_embeddings)],
        "held": held(architecture),
        "kinds": [[_short(kind[name]) for name in engine.SHAPE] for kind in kinds],
    }


def held(architecture: Architecture) -> dict[str, Any]:
    """Return the parameters of each kind of layer and of the ends, by how chips share them: see `memory.Held`.

    A kind has two numbers more for each attention in it: its heads of keys, and the parameters that another copy of these has.
    `runs` are the kinds in order of the layers with their repeats; `tied` is what a tied head takes on a stage of its own.
    """
    layers = architecture.n_layers
    apart = Parallelism(pipeline=layers + 2)  # each layer on a stage of its own, and both ends
    kinds: list[list[int]] = []
    runs: list[list[int]] = []
    index = 0
    for _, repeats in architecture.layers:
        alone = memory.held(architecture, apart, index + 1)
        kind = [*_three(alone), *memory.copied_keys(architecture, index)]
        if kind not in kinds:
            kinds.append(kind)
        runs.append([kinds.index(kind), repeats])
        index += repeats
    head = architecture.vocab_size * architecture.d_model
    return {
        "first": _three(memory.held(architecture, apart, 0)),
        "last": _three(memory.held(architecture, apart, layers + 1)),
        "tied": head if architecture.tied_embeddings and architecture.unembedding else 0,
        "kinds": kinds, "runs": runs,
    }  # fmt: skip


def _three(parameters: memory.Held) -> list[int]:
    return [parameters.split, parameters.experts, parameters.copied]


def served(name: str) -> dict[str, Any]:
    """Return the formats in which a chip can hold weights: in which it multiplies them, their bytes, and how they are kept."""
    result = {}
    for precision in (deployments.usual_16bit(name), *SERVED):
        with suppress(AcceleratorError):  # a format that the chip lacks
            compute = deployments.usual_compute(name, precision)
            machine.case(name, compute)
            result[precision] = {
                "compute": compute, "bytes": deployments.WEIGHT_BYTES[precision],
                "widened": precision in deployments.WEIGHT_ONLY, "experts": precision in deployments.EXPERTS_ONLY,
            }  # fmt: skip
    return result


def slower(name: str) -> list[float]:
    """Return how many times as long as by constants alone a chip's steps of answers are expected to take, and the half width
    of that as a logarithm, for an engine whose source nobody knows."""
    row = {"chip": name, "engine": ENGINE, "engine_family": ENGINE, "group": "output token"}
    error, deviation = inference_calibration.expected(inference_offsets.read(), pd.DataFrame([row]))
    return [float(np.exp(-error[0])), float(intervals.of_deviation(deviation)[0])]


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
        "serving": served(name),
        "sizes": replica_plans.sizes(name),
        "slower": slower(name),
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


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None


def _short(value: float) -> float | int:
    """Return a whole number as one, which is shorter."""
    return int(value) if float(value).is_integer() else float(value)
