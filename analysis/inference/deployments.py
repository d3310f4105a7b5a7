"""Deployments: one architecture on accelerators that answer requests, checked when described, and as arrays.

`deploy("Llama-3.1-70B", "H100 SXM5", 8, weight_precision="fp8", tensor=8)` describes one. What can't be is refused with
the field, what was given and what is valid. `cases(...)` makes arrays of several, for analysis/inference/pass_time.py.
"""

import functools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from analysis import facts
from analysis.arrays import Arrays, PerCase
from analysis.hardware import accelerators, machine
from analysis.hardware.machine import Machine
from analysis.inference import cache_room
from analysis.models import architecture, memory
from analysis.models.architecture import Architecture
from analysis.models.parallelism import Parallelism, ParallelismError
from analysis.steps import cache
from analysis.steps.shape import Shape, shape_case
from analysis.steps.step import Plan
from analysis.suggest import nearest

#: Bytes of one weight, with the scales of its block: 32 numbers share a byte in the MX formats (Rouhani et al. 2023),
#: 16 in NVFP4; weights of integers are taken to have a 16-bit scale for each 32.
WEIGHT_BYTES = {
    "fp32": 4.0, "bf16": 2.0, "fp16": 2.0, "fp8": 1.0, "mxfp8": 1 + 1 / 32, "int8": 1 + 1 / 16,
    "nvfp4": 0.5 + 1 / 16, "mxfp4": 0.5 + 1 / 32, "int4": 0.5 + 1 / 16,
}  # fmt: skip
#: Bytes of one number of the key-value cache.
CACHE_BYTES = {"fp32": 4.0, "bf16": 2.0, "fp16": 2.0, "fp8": 1.0, "int8": 1.0, "nvfp4": 0.5 + 1 / 16}
#: Formats of weights that are widened to 16 bits before they are multiplied.
WEIGHT_ONLY = ("int8", "int4")
#: Formats in which only the experts of a mixture are kept; its other weights stay in 16 bits (OpenAI 2025, Kimi 2025).
EXPERTS_ONLY = ("nvfp4", "mxfp4", "int4")
#: Engines that are told apart by their host's pace.
ENGINES = ("TensorRT-LLM", "vLLM", "SGLang", "PyTorch")
#: Share of the memory, in units of 1e9 bytes, that weights and cache fill at most, as where a deployment is tuned for its
#: load. Data sheets count HBM in 2^30 bytes, so this leaves 7% of it for activations and the runtime. What engines leave
#: to the cache by default is in analysis/inference/cache_room.py.
USABLE_MEMORY = 1.0
#: Year of the software that deployments have where nothing else is said.
CURRENT_YEAR = 2026.0


class DeploymentError(ValueError):
    """A deployment, or what is asked of it, that can't be; the message names the field, its value and what is valid."""


#: Whole tokens, or a mean.
_Tokens = TypeVar("_Tokens", int, float)


@dataclass(frozen=True)
class Deployment:
    """One architecture on `chips` accelerators that share requests out; `deploy` makes and checks it.

    `tensor` x `pipeline` x `data` = `chips`. Each of the `data` groups attends to its own share of the requests;
    experts lie on all of them, `expert` groups holding different ones, some twice where the groups do not divide them
    (redundant experts). `weight_precision` is that of the weights of
    layers (of experts alone where `dense_precision` says that the others differ), `compute_precision` that of matrix
    products, `cache_precision` that of keys and values. `draft_tokens` are proposed a step by speculative decoding,
    each accepted with probability `acceptance`. `software_year` is the year of the engine's software.
    """

    architecture: Architecture
    chip: str
    chips: int
    weight_precision: str
    dense_precision: str
    compute_precision: str
    cache_precision: str
    tensor: int
    pipeline: int
    data: int
    expert: int
    engine: str
    draft_tokens: int
    acceptance: float
    software_year: float = CURRENT_YEAR

    @property
    def plan(self) -> Parallelism:
        """The plan, as analysis/models/parallelism.py describes it."""
        return _plan(self.tensor, self.pipeline, self.data, self.expert)


@dataclass(frozen=True)
class Cases(Arrays):
    """Deployments as arrays, one a case: bytes of weights on the fullest accelerator, of one weight and of a cached number,
    whether weights are integers that are widened before they are multiplied, and 1 for the engine that it has."""

    shape: Shape
    machine: Machine
    plan: Plan
    weights_on_one: PerCase
    weight_bytes: PerCase
    dense_bytes: PerCase
    cache_bytes: PerCase
    widened: PerCase
    context_length: PerCase
    draft_tokens: PerCase
    acceptance: PerCase
    software_year: PerCase
    tensorrt_llm: PerCase
    vllm: PerCase
    sglang: PerCase
    pytorch: PerCase

    @property
    def chips(self) -> PerCase:
        """Accelerators of each deployment."""
        return self.plan.tensor * self.plan.pipeline * self.plan.data

    def request_bytes(self, context: PerCase) -> PerCase:
        """Bytes of a request of `context` tokens on one accelerator that holds a part of its cache."""
        return cache.request_bytes_on_one(self.shape, self.plan, context, self.cache_bytes)


def deploy(
    model: Architecture | str,
    chip: str,
    chips: int | None = None,
    *,
    weight_precision: str = "bf16",
    dense_precision: str | None = None,
    compute_precision: str | None = None,
    cache_precision: str | None = None,
    tensor: int = 1,
    pipeline: int = 1,
    data: int = 1,
    expert: int = 1,
    engine: str = "vLLM",
    draft_tokens: int = 0,
    acceptance: float = 0.0,
    software_year: float = CURRENT_YEAR,
    padded_heads: bool = False,
) -> Deployment:
    """Return a deployment that can be. `chips` defaults to what the plan takes, the formats to what is usual.

    With `padded_heads`, `tensor` need not divide the heads: engines add heads of zeros until it does.

    Raises DeploymentError for weights that do not fit, a format that the chip lacks or an unknown name;
    ArchitectureError, AcceleratorError and ParallelismError for what those modules refuse.
    """
    arch = model if isinstance(model, Architecture) else architecture.load(model)
    _known("weight_precision", weight_precision, WEIGHT_BYTES)
    compute = compute_precision or usual_compute(chip, weight_precision)
    _known("compute_precision", compute, machine.PRECISIONS)
    machine.case(chip, compute)
    if dense_precision is None:
        wide = arch.n_experts and weight_precision in EXPERTS_ONLY
        dense_precision = usual_16bit(chip) if wide else weight_precision
    _known("dense_precision", dense_precision, WEIGHT_BYTES)
    cache_precision = cache_precision or usual_16bit(chip)
    _known("cache_precision", cache_precision, CACHE_BYTES)
    _known("engine", engine, ENGINES)
    if not 0 <= acceptance <= 1:
        raise DeploymentError(f"acceptance = {acceptance!r} is not a probability; valid: 0 to 1")
    if draft_tokens < 0 or draft_tokens % 1:
        raise DeploymentError(f"draft_tokens = {draft_tokens!r} is not a whole number of at least 0")
    if arch.kind != "decoder":
        raise DeploymentError(f"{arch.name} is an {arch.kind}; valid: a decoder, which generates tokens one by one")
    plan = _plan(tensor, pipeline, data, expert)
    plan.check_architecture(arch, redundant_experts=True, padded_heads=padded_heads)
    if chips is not None:
        plan.check_chips(chips)
    result = Deployment(
        arch, chip, plan.chips, weight_precision, dense_precision, compute, cache_precision, tensor, pipeline, data,
        expert, engine, int(draft_tokens), float(acceptance), software_year,
    )  # fmt: skip
    _check_weights(result)
    return result


def usual_16bit(chip: str) -> str:
    """Return bf16, or fp16 on a chip without it. Raises AcceleratorError for an unknown chip."""
    if not accelerators.is_known(chip) and chip not in machine.chips():
        hint = nearest(chip, machine.chips())
        raise accelerators.AcceleratorError(f"chip {chip!r} is not in data/accelerators.csv{hint}")
    has = precisions(chip)
    return "bf16" if "BF16" in has or "FP16" not in has else "fp16"


def usual_compute(chip: str, weight_precision: str) -> str:
    """Return the format in which weights of `weight_precision` are usually multiplied on `chip`.

    Integers are widened to 16 bits. Weights in MXFP4 meet 8-bit activations where a chip multiplies such pairs, which
    are those with 4-bit units, and are widened elsewhere.
    """
    wide = usual_16bit(chip)
    if weight_precision in WEIGHT_ONLY:
        return wide
    if weight_precision == "mxfp4":
        has = accelerators.precisions(chip) if accelerators.is_known(chip) else []
        return "mxfp8" if "FP4" in has and "FP8" in has else wide
    return weight_precision


def possible_compute(chip: str, weight_precision: str) -> str:
    """Return `usual_compute`, but 16 bits on a chip that has no units for fewer: weights are then widened."""
    usual = usual_compute(chip, weight_precision)
    format_, element_bytes, _ = machine.PRECISIONS.get(usual, ("", 2.0, False))
    return usual_16bit(chip) if element_bytes < 2 and format_ not in precisions(chip) else usual


def precisions(chip: str) -> list[str]:
    """Return the formats that a chip multiplies, or that of which it is a variant."""
    base = machine.systems()["base_chip"].get(chip)
    return accelerators.precisions(chip if pd.isna(base) else base)


def expert_slots(n_experts: PerCase, groups: PerCase) -> PerCase:
    """Experts that lie on `groups` together, redundant ones too: each group holds as many. Plain arithmetic of arrays."""
    return np.ceil(n_experts / groups) * groups


def context_length(arch: Architecture) -> float:
    """Return the tokens that the model can attend to, infinite where no limit is known."""
    if arch.learned_positions:
        return float(arch.learned_positions)
    assumed = any(field.startswith("max_position_embeddings") for field in arch.assumed)  # a class's default, so no limit
    known = 0 if assumed else arch.context_length
    return float(_context_lengths().get(arch.name, known or np.inf))


@functools.cache
def _context_lengths() -> dict[str, float]:
    lengths: dict[str, float] = facts.read("context_lengths").set_index("model")["context_length"].to_dict()
    return lengths


def cases(deployments: Deployment | Iterable[Deployment]) -> Cases:
    """Return deployments as arrays, one element each."""
    return _alone(deployments) if isinstance(deployments, Deployment) else _stacked(map(_case, deployments))


@functools.cache
def _alone(deployment: Deployment) -> Cases:
    return _stacked([_case(deployment)])


def _stacked(described: Iterable[dict[str, Any]]) -> Cases:
    described = list(described)
    nested: dict[str, type[Arrays]] = {"shape": Shape, "machine": Machine, "plan": Plan}
    stacked: dict[str, Any] = {
        name: nested[name].stack([case[name] for case in described]) if name in nested
        else np.array([case[name] for case in described], dtype=float)
        for name in described[0]
    }  # fmt: skip
    return Cases(**stacked)


@functools.cache
def _case(deployment: Deployment) -> dict[str, Any]:
    around = machine.case(deployment.chip, deployment.compute_precision)
    plan = {
        "tensor": deployment.tensor, "pipeline": deployment.pipeline, "virtual_pipeline": 1, "data": deployment.data,
        "context": 1, "expert": deployment.expert, "zero": 0, "recomputation": 0, "recomputed_layers": 0, "sequence_parallel": 0,
        "micro_batch": 1,
    }  # fmt: skip
    return {
        "shape": shape_case(deployment.architecture),
        "machine": around,
        "plan": plan,
        "weights_on_one": weight_bytes_on_one(deployment),
        "weight_bytes": WEIGHT_BYTES[deployment.weight_precision],
        "dense_bytes": WEIGHT_BYTES[deployment.dense_precision],
        "cache_bytes": CACHE_BYTES[deployment.cache_precision],
        "widened": deployment.weight_precision in WEIGHT_ONLY,
        "context_length": context_length(deployment.architecture),
        "draft_tokens": deployment.draft_tokens,
        "acceptance": deployment.acceptance,
        "software_year": deployment.software_year,
        "tensorrt_llm": deployment.engine == "TensorRT-LLM",
        "vllm": deployment.engine == "vLLM",
        "sglang": deployment.engine == "SGLang",
        "pytorch": deployment.engine == "PyTorch",
    }


def _plan(tensor: int, pipeline: int, data: int, expert: int) -> Parallelism:
    spread = tensor * data
    if expert < 1 or spread % expert:
        raise ParallelismError(f"expert = {expert} does not divide the {spread} accelerators of one stage (tensor x data)")
    return Parallelism(tensor, pipeline, data, expert=expert, expert_tensor=spread // expert)


@functools.cache
def weight_bytes_on_one(deployment: Deployment) -> float:
    """Return the bytes of weights on one accelerator of the fullest pipeline stage.

    Embeddings and the product with the vocabulary stay in 16 bits.
    """
    plan, arch = deployment.plan, deployment.architecture
    copies = expert_slots(arch.n_experts, deployment.expert) / max(arch.n_experts, 1)
    most = 0.0
    for stage in {0, plan.pipeline - 1}:
        held = memory.held(arch, plan, stage)
        ends = (arch.vocab_size * arch.d_model / deployment.tensor) * (
            (stage == 0) + (stage == plan.pipeline - 1 and not (arch.tied_embeddings and plan.pipeline == 1))
        )
        dense = max(held.dense_on_one(plan) - ends, 0.0)
        size = dense * WEIGHT_BYTES[deployment.dense_precision] + 2 * ends
        most = max(most, size + copies * held.experts_on_one(plan) * WEIGHT_BYTES[deployment.weight_precision])
    return most


def largest_batch(what: Deployment | Cases, context: PerCase, *, tuned: bool = False) -> PerCase:
    """Return how many requests of `context` tokens each fit at once beside the weights; 0 if not one.

    The engine leaves to the cache what its defaults do, or, where it is `tuned`, all that is usable. Raises
    DeploymentError for a context longer than the model of one deployment has.
    """
    if isinstance(what, Deployment):
        check_context(what, context)
        most = largest_batch(cases(what), context, tuned=tuned)
        return most if np.ndim(context) else most.item()
    free = USABLE_MEMORY * what.machine.memory_bytes - what.weights_on_one if tuned else cache_room.room(what)
    return what.plan.data * np.floor(np.maximum(free, 0.0) / what.request_bytes(context))


def check_context(deployment: Deployment, context: PerCase) -> None:
    """Raise DeploymentError if `context` is longer than the model's, or below 1."""
    longest = context_length(deployment.architecture)
    if np.any(np.asarray(context) > longest):
        raise DeploymentError(
            f"context = {np.max(context):,.0f} is longer than {deployment.architecture.name} can attend to; "
            f"valid: at most {longest:,.0f} tokens, prompt and answer together"
        )
    if np.any(np.asarray(context) < 1):
        raise DeploymentError(f"context = {np.min(context):g} is not valid; valid: at least 1 token")


def check_answer(tokens: _Tokens) -> _Tokens:
    """Return the `tokens` of an answer. Raises DeploymentError if there is nothing to decode."""
    if tokens < 1:
        raise DeploymentError(f"an answer of {tokens:g} tokens leaves nothing to decode; valid: at least 1")
    return tokens


def check_batch(deployment: Deployment, batch: PerCase, context: PerCase, *, tuned: bool = False) -> None:
    """Raise DeploymentError if `batch` requests of `context` tokens each do not fit, saying how many would."""
    most = largest_batch(deployment, context, tuned=tuned)
    if np.any(np.asarray(batch) < 1):
        raise DeploymentError(f"batch = {np.min(batch):g} is not valid; valid: 1 to {np.min(most):,.0f} requests")
    if np.any(batch > most):
        have = machine.case(deployment.chip, deployment.compute_precision)["memory_bytes"] / 1e9
        raise DeploymentError(
            f"batch = {np.max(batch):,.0f} requests of {np.max(context):,.0f} tokens do not fit into {deployment.chips} x "
            f"{deployment.chip} of {have:.0f} GB beside the weights of {deployment.architecture.name}; "
            f"{np.min(most):,.0f} would"
        )


def _check_weights(deployment: Deployment) -> None:
    have = machine.case(deployment.chip, deployment.compute_precision)["memory_bytes"]
    need = weight_bytes_on_one(deployment)
    if need > USABLE_MEMORY * have:
        times = need / (USABLE_MEMORY * have)
        raise DeploymentError(
            f"the weights of {deployment.architecture.name} in {deployment.weight_precision} do not fit: "
            f"{need / 1e9:.0f} GB on each {deployment.chip}, which has {have / 1e9:.0f} GB; "
            f"valid: tensor x pipeline at least {times:.1f} times as large, or a smaller format"
        )


def _known(field: str, value: str, allowed: Iterable[str]) -> None:
    if value not in allowed:
        hint = nearest(str(value), allowed) or ";"
        raise DeploymentError(f"{field} = {value!r} is not known{hint} valid: {', '.join(allowed)}")
