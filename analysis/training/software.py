"""What the software of a training run does: which operations it fuses, what it overlaps, what it leaves to a default.

A published run names its engine and date, seldom more. The table below says what each engine is taken to do; the rules
are those of its documentation or of the paper named, none is chosen by a run's result.
"""

import re
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from analysis.arrays import Arrays

#: Runs published before wrote attention's scores to memory; FlashAttention (Dao et al. 2022) appeared in May 2022.
FUSED_ATTENTION_SINCE = "2023"
#: ZeRO-sharded optimizers, 'distributed' ones among them, are the usual default since.
SHARDED_OPTIMIZER_SINCE = "2023"
#: FlashAttention-3 and cuDNN's kernels use what Hopper added (Shah et al. 2024).
HOPPER_ATTENTION_SINCE = "2024"

#: Megatron-LM of 2022 sends in backward while it computes the gradients of weights (Korthikanti et al. 2022); what was
#: derived from it has that since.
BACKWARD_OVERLAP_SINCE = "2023"


@dataclass(frozen=True)
class Software:
    """What one engine does.

    `removes_dead_code`: recomputes no product whose result is not needed, such as the last of a layer.
    `attention_generations_behind`: kernels of attention older than FlashAttention-2, by generations.
    `hopper_attention`: has kernels written for Hopper. `recomputed_matmuls`: share of a layer's matrix products that
    'selective' recomputation repeats, beside elementwise work. `micro_batch_rule`: what an unstated micro-batch is:
    'fastest' that fits, 'whole' (no accumulation), or 'stages' (one micro-batch a pipeline stage).
    `full_recomputation`: recomputes all where nothing is said. `dispatch_bytes`: of a number sent to an expert.
    """

    eager: bool = False
    fused_attention: bool = True
    attention_generations_behind: int = 0
    hopper_attention: bool = True
    overlaps_tensor_parallel: bool = False
    overlaps_tensor_parallel_backward: bool = False
    overlaps_gradients: bool = True
    overlaps_expert_exchange: bool = False
    dispatch_bytes: float = 2.0
    interleaves: bool = True
    removes_dead_code: bool = False
    recomputed_matmuls: float = 0.0
    micro_batch_rule: str = "fastest"
    full_recomputation: bool = False


MODERN = Software()
MEGATRON_2021 = Software(fused_attention=False, overlaps_gradients=False)
MEGATRON_2022 = replace(MEGATRON_2021, overlaps_tensor_parallel_backward=True)
XLA = Software(removes_dead_code=True, micro_batch_rule="whole", full_recomputation=True)
#: PyTorch's checkpoints stop recomputing at the last number that is needed (torch.utils.checkpoint), its attention
#: kernel is FlashAttention-2.
PYTORCH = Software(hopper_attention=False, removes_dead_code=True)

#: By the name of the engine, first match first.
ENGINES: tuple[tuple[str, Software], ...] = (
    (r"MaxText|JAX|T5X|XLA", XLA),
    #: DualPipe pairs one micro-batch's exchange with another's arithmetic, and tokens leave for their experts in FP8
    #: (DeepSeek-AI 2024, sections 3.2.1 and 3.3.3).
    (r"HAI-LLM", Software(overlaps_expert_exchange=True, dispatch_bytes=1.0)),
    (r"Megatron-DeepSpeed", replace(MEGATRON_2021, eager=True, interleaves=False)),
    (r"Megatron-LM \(202[01]", MEGATRON_2021),
    (r"Megatron-LM \(2022", MEGATRON_2022),
    (
        r"Megatron-Core|Megatron-Bridge|NeMo",
        Software(overlaps_tensor_parallel=True, overlaps_tensor_parallel_backward=True),
    ),
    (r"Megatron-LM", MODERN),
    (r"llm-foundry", replace(PYTORCH, eager=True, attention_generations_behind=1)),
    (r"nanoGPT", replace(PYTORCH, attention_generations_behind=1)),
    (r"torchtitan", replace(PYTORCH, recomputed_matmuls=0.5, micro_batch_rule="stages")),
    (r"PyTorch", PYTORCH),
)


@dataclass(frozen=True)
class Behaviour(Arrays):
    """Software, one case an element: 1 for yes and 0 for no, or a number."""

    eager: Any
    fused_attention: Any
    attention_generations_behind: Any
    overlaps_tensor_parallel: Any
    overlaps_tensor_parallel_backward: Any
    overlaps_gradients: Any
    overlaps_expert_exchange: Any
    dispatch_bytes: Any
    removes_dead_code: Any
    recomputed_matmuls: Any


def of(engine: Any, date: Any, note: Any, *, tpu: bool) -> Software:
    """Return what the software of a run is taken to do, from its engine, its date and what its note says of options."""
    engine = "" if pd.isna(engine) else str(engine)
    found = next((software for pattern, software in ENGINES if re.search(pattern, engine)), None)
    if found is None:
        found = XLA if tpu else _by_date(date)
    if "Megatron" in engine and pd.notna(date) and str(date) >= BACKWARD_OVERLAP_SINCE:
        found = replace(found, overlaps_tensor_parallel_backward=True)
    note = "" if pd.isna(note) else str(note)
    if re.search(r"\beager\b", note):
        found = replace(found, eager=True)
    if "expert exchange overlapped" in note:
        found = replace(found, overlaps_expert_exchange=True)
    if re.search(r"\basync tp\b", note, re.IGNORECASE):
        found = replace(found, overlaps_tensor_parallel=True, overlaps_tensor_parallel_backward=True)
    return found


def behaviour(software: Software, *, hopper: bool) -> dict[str, float]:
    """Return `software` on an accelerator, field by field of Behaviour."""
    behind = software.attention_generations_behind + (hopper and not software.hopper_attention)
    return {
        "eager": float(software.eager),
        "fused_attention": float(software.fused_attention),
        "attention_generations_behind": float(behind),
        "overlaps_tensor_parallel": float(software.overlaps_tensor_parallel),
        "overlaps_tensor_parallel_backward": float(software.overlaps_tensor_parallel_backward),
        "overlaps_gradients": float(software.overlaps_gradients),
        "overlaps_expert_exchange": float(software.overlaps_expert_exchange),
        "dispatch_bytes": software.dispatch_bytes,
        "removes_dead_code": float(software.removes_dead_code),
        "recomputed_matmuls": float(software.recomputed_matmuls),
    }


def shards_optimizer(date: Any) -> bool:
    """Say whether a run that does not say is taken to shard its optimizer's states."""
    return pd.isna(date) or str(date) >= SHARDED_OPTIMIZER_SINCE


def _by_date(date: Any) -> Software:
    if pd.notna(date) and str(date) < FUSED_ATTENTION_SINCE:
        return MEGATRON_2021
    return replace(MODERN, hopper_attention=pd.isna(date) or str(date) >= HOPPER_ATTENTION_SINCE)
