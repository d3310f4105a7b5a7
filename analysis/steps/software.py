"""What the software of a training run does: which operations it fuses, what it overlaps, what it leaves to a default.

A published run names its engine and date, seldom more. The table below says what each engine is taken to do; the rules
are those of its documentation or of the paper named, none is chosen by a run's result.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from analysis.arrays import Arrays, PerCase

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
    hides_expert_exchange: bool = False
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

#: By the family of the engine, as data/runs.csv names it.
FAMILIES: Mapping[str, Software] = {
    "XLA": XLA,
    #: DualPipe pairs one micro-batch's exchange with another's arithmetic, and tokens leave for their experts in FP8
    #: (DeepSeek-AI 2024, sections 3.2.1 and 3.3.3).
    "HAI-LLM": Software(overlaps_expert_exchange=True, hides_expert_exchange=True, dispatch_bytes=1.0),
    "Megatron-DeepSpeed": replace(MEGATRON_2021, eager=True, interleaves=False),
    "Megatron-LM 2021": MEGATRON_2021,
    "Megatron-LM 2022": MEGATRON_2022,
    "Megatron-Core": Software(overlaps_tensor_parallel=True, overlaps_tensor_parallel_backward=True),
    "Megatron-LM": MODERN,
    "llm-foundry": replace(PYTORCH, eager=True, attention_generations_behind=1),
    "nanoGPT": replace(PYTORCH, attention_generations_behind=1),
    "torchtitan": replace(PYTORCH, recomputed_matmuls=0.5, micro_batch_rule="stages"),
    "PyTorch": PYTORCH,
}


@dataclass(frozen=True)
class Behaviour(Arrays):
    """Software, one case an element: 1 for yes and 0 for no, or a number."""

    eager: PerCase
    fused_attention: PerCase
    attention_generations_behind: PerCase
    overlaps_tensor_parallel: PerCase
    overlaps_tensor_parallel_backward: PerCase
    overlaps_gradients: PerCase
    overlaps_expert_exchange: PerCase
    hides_expert_exchange: PerCase
    dispatch_bytes: PerCase
    removes_dead_code: PerCase
    recomputed_matmuls: PerCase


def software_of(
    family: str | None,
    date: str | None,
    *,
    tpu: bool,
    execution: str | None = None,
    tp_overlap: str | None = None,
    ep_overlap: str | None = None,
) -> Software:
    """Return what the software of a run is taken to do: as its engine's family and its date have it, and as the run
    says of its options. The arguments are columns of data/runs.csv, None for what is not known."""
    does = FAMILIES.get(family or "") or (XLA if tpu else _by_date(date))
    if (family or "").startswith("Megatron") and date is not None and date >= BACKWARD_OVERLAP_SINCE:
        does = replace(does, overlaps_tensor_parallel_backward=True)
    if execution is not None:
        does = replace(does, eager=execution == "eager")
    if ep_overlap is not None:
        does = replace(does, overlaps_expert_exchange=ep_overlap == "yes")
    if tp_overlap is not None:
        overlaps = tp_overlap == "yes"
        does = replace(does, overlaps_tensor_parallel=overlaps, overlaps_tensor_parallel_backward=overlaps)
    return does


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
        "hides_expert_exchange": float(software.hides_expert_exchange),
        "dispatch_bytes": software.dispatch_bytes,
        "removes_dead_code": float(software.removes_dead_code),
        "recomputed_matmuls": float(software.recomputed_matmuls),
    }


def shards_optimizer(date: str | None) -> bool:
    """Say whether a run that does not say is taken to shard its optimizer's states."""
    return date is None or date >= SHARDED_OPTIMIZER_SINCE


def _by_date(date: str | None) -> Software:
    if date is not None and date < FUSED_ATTENTION_SINCE:
        return MEGATRON_2021
    return replace(MODERN, hopper_attention=date is None or date >= HOPPER_ATTENTION_SINCE)
