"""What rows of runs say of software in free text, as the fields that have columns of their own.

Files of runs were written before `engine_family`, `execution`, `tp_overlap`, `ep_overlap`, `mtp_depth`, `slices` and
`peak_memory_bytes` had columns, or `arrivals`, `draft_tokens` and `acceptance`. Where a file lacks one of these, `read`
takes it from the row's `engine` or `note`.
"""

import re
from collections.abc import Mapping
from typing import Any

import pandas as pd

#: Families of engines by how rows write them, first match first: engines of training, and of inference.
TRAINING_ENGINES = (
    (r"MaxText|JAX|T5X|XLA", "XLA"),
    (r"Paddle", "PaddlePaddle"),
    (r"ModelLink|MindSpeed|MindSpore", "MindSpeed"),
    (r"AutoModel", "PyTorch"),
    (r"HAI-LLM", "HAI-LLM"),
    (r"Megatron-DeepSpeed", "Megatron-DeepSpeed"),
    (r"Megatron-LM \(202[01]", "Megatron-LM 2021"),
    (r"Megatron-LM \(2022", "Megatron-LM 2022"),
    (r"Megatron-Core|Megatron-Bridge|NeMo", "Megatron-Core"),
    (r"Megatron-LM", "Megatron-LM"),
    (r"llm-foundry", "llm-foundry"),
    (r"nanoGPT", "nanoGPT"),
    (r"torchtitan", "torchtitan"),
    (r"PyTorch", "PyTorch"),
    (r"Megatron", "Megatron"),
)
INFERENCE_ENGINES = (
    (r"(?i)tensorrt|trt", "TensorRT-LLM"),
    (r"(?i)vllm", "vLLM"),
    (r"(?i)sglang", "SGLang"),
    (r"(?i)pytorch", "PyTorch"),
)
_PEAK = re.compile(r"\bpeak (?:memory )?([\d.]+) (GiB|GB)\b")
#: How requests come, as notes of servers say it, first match first: all at once and in one batch of a fixed size; all at
#: once, queued by the server; each as another ends, those of the beginning not counted.
ARRIVALS = (
    (r"(?i)\bstatic (?:batch|concurrency)|whole request batch|max_num_seqs = prompts", "static"),
    (r"(?i)\bat once\b|request rate inf|\boffline\b", "burst"),
    (r"(?i)\bclosed loop\b|\bsteady\b", "steady"),
)
_DRAFTS = re.compile(r"(?i)\b(?:eagle-?3?|mtp|nextn|medusa|lookahead|speculative|draft(?:s|ed)? (?:model|tokens?))\b")
_DRAFT_TOKENS = re.compile(r"(?i)\b(\d{1,2}) draft(?:ed)? tokens?\b|\bmtp[- =]?(\d)\b|num_speculative_tokens\W{1,3}(\d{1,2})\b")
_ACCEPTANCE = re.compile(r"(?i)\baccept\w*(?: \w+)? (?:rate |of |is |about )*(?:(\d{1,3}(?:\.\d+)?) ?%|(0\.\d+))")
#: Tokens drafted a step where it is only said that some are.
USUAL_DRAFTS = 3.0
_BYTES = {"GiB": 2.0**30, "GB": 1e9}


def read(row: Mapping[str, Any]) -> dict[str, str | float | None]:
    """Return the fields named above as the `engine` and the `note` of a row say them, None where they do not."""
    note = _text(row.get("note"))
    slices, peak = re.search(r"\b([1-9]\d{0,5}) slice", note), _PEAK.search(note)
    return {
        "engine_family": engine_family(_text(row.get("engine")), training=_text(row.get("kind")) in ("train", "whole_run")),
        "execution": "eager" if re.search(r"\beager\b", note) else None,
        "tp_overlap": "yes" if re.search(r"(?i)\basync tp\b", note) else None,
        "ep_overlap": "yes" if "expert exchange overlapped" in note else None,
        "mtp_depth": 1.0 if re.search(r"with MTP|w/ MTP|MTP on", note) else None,
        "slices": float(slices[1]) if slices else None,
        "peak_memory_bytes": round(float(peak[1]) * _BYTES[peak[2]]) if peak else None,
        **(_served(row, note) if _text(row.get("kind")) in ("serve", "decode") else {}),
    }


def _served(row: Mapping[str, Any], note: str) -> dict[str, str | float | None]:
    """Return what is said of how requests come and of drafts; the source's name says that it drafts, too."""
    named = " ".join((note, _text(row.get("engine")), _text(row.get("source"))))
    drafts, accepted = _DRAFT_TOKENS.search(named), _ACCEPTANCE.search(named)
    number = next((float(group) for group in (drafts.groups() if drafts else ()) if group), USUAL_DRAFTS)
    share = None
    if accepted:
        share = float(accepted[1]) / 100 if accepted[1] else float(accepted[2])
    does = bool(drafts or _DRAFTS.search(named))
    return {
        "arrivals": next((name for pattern, name in ARRIVALS if re.search(pattern, note)), None),
        "draft_tokens": number if does else None,
        "acceptance": share if does else None,
    }


def engine_family(written: str | None, *, training: bool) -> str | None:
    """Return the family of an engine that is written in one way or another; None for one that is not known."""
    engines = TRAINING_ENGINES if training else INFERENCE_ENGINES
    return next((name for pattern, name in engines if re.search(pattern, written or "")), None)


def _text(cell: Any) -> str:
    return "" if cell is None or pd.isna(cell) else str(cell).strip()
