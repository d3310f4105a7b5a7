"""What an engine needs to serve in a way: a line to paste for vLLM, SGLang and TensorRT-LLM. None was run here.

Names of options are those of the engines' documentation (vLLM: Engine Arguments, NixlConnector Usage Guide; SGLang: Server
Arguments, Speculative Decoding; TensorRT-LLM: trtllm-serve and its YAML of options). SGLang and TensorRT-LLM count all chips of a
stage as tensor parallel, and attend in as many groups as they are told.
"""

import json
import shlex
from typing import Any

from analysis.serving.drafts import Drafts
from analysis.serving.ways import Pool, Way

ENGINES = ("vLLM", "SGLang", "TensorRT-LLM")
#: Share of the memory that engines are told to fill; SGLang's leaves room for activations beside it.
MEMORY_SHARE = {"vLLM": 0.9, "SGLang": 0.88, "TensorRT-LLM": 0.9}
NOT_RUN = "not run here"
#: A server's chips, beyond which a replica spans several.
_SERVER = 8


def launches(way: Way, model: str, engine: str) -> list[str]:
    """Return one command for each pool of `way` that serves `model`, a name of Hugging Face or a path; marked as not run.

    Raises ValueError for an engine that is not one of `ENGINES`.
    """
    if engine not in ENGINES:
        raise ValueError(f"engine {engine!r} is not one of {', '.join(ENGINES)}")
    write = {"vLLM": _vllm, "SGLang": _sglang, "TensorRT-LLM": _tensorrt_llm}[engine]
    return [f"{write(pool, model, way.drafts if pool.role != 'reads' else None)}  # {NOT_RUN}" for pool in way.pools]


def _options(pairs: dict[str, Any]) -> str:
    """Return options as text: a flag alone where its value is True, none where it is None or False."""
    written = ((name, "" if value is True else f" {shlex.quote(str(value))}") for name, value in pairs.items()
               if value is not None and value is not False)  # fmt: skip
    return " ".join(f"{name}{value}" for name, value in written)


def _more(size: int) -> int | None:
    return size if size > 1 else None


def _vllm(pool: Pool, model: str, drafts: Drafts | None) -> str:
    deployment = pool.deployment
    several = deployment.data * deployment.tensor > _SERVER
    role = {"reads": "kv_producer", "writes": "kv_consumer"}.get(pool.role)
    method = None if drafts is None else {"MTP": "mtp", "EAGLE-3": "eagle3"}[drafts.method]
    speculative = {"method": method, "num_speculative_tokens": drafts.tokens if drafts else 0}
    if method == "eagle3":
        speculative["model"] = "DRAFT_HEAD"
    return "vllm serve " + shlex.quote(model) + " " + _options({
        "--tensor-parallel-size": deployment.tensor,
        "--pipeline-parallel-size": _more(deployment.pipeline),
        "--data-parallel-size": _more(deployment.data),
        "--data-parallel-size-local": max(_SERVER // deployment.tensor, 1) if several and deployment.data > 1 else None,
        "--enable-expert-parallel": deployment.expert > 1,
        "--quantization": "fp8" if deployment.weight_precision == "fp8" else None,
        "--kv-cache-dtype": "fp8" if deployment.cache_precision == "fp8" else None,
        "--gpu-memory-utilization": MEMORY_SHARE["vLLM"],
        "--max-num-batched-tokens": pool.chunk_tokens,
        "--enable-prefix-caching": True,
        "--speculative-config": json.dumps(speculative) if method else None,
        "--kv-transfer-config": json.dumps({"kv_connector": "NixlConnector", "kv_role": role}) if role else None,
    })  # fmt: skip


def _sglang(pool: Pool, model: str, drafts: Drafts | None) -> str:
    deployment = pool.deployment
    stage = deployment.tensor * deployment.data
    return "python -m sglang.launch_server --model-path " + shlex.quote(model) + " " + _options({
        "--tp-size": stage,
        "--pp-size": _more(deployment.pipeline),
        "--dp-size": _more(deployment.data),
        "--enable-dp-attention": deployment.data > 1,
        "--ep-size": _more(deployment.expert),
        "--nnodes": _more(-(-deployment.chips // _SERVER)),
        "--quantization": "fp8" if deployment.weight_precision == "fp8" else None,
        "--kv-cache-dtype": "fp8_e4m3" if deployment.cache_precision == "fp8" else None,
        "--mem-fraction-static": MEMORY_SHARE["SGLang"],
        "--chunked-prefill-size": pool.chunk_tokens,
        "--speculative-algorithm": {"MTP": "EAGLE", "EAGLE-3": "EAGLE3"}[drafts.method] if drafts else None,
        "--speculative-draft-model-path": "DRAFT_HEAD" if drafts and drafts.method == "EAGLE-3" else None,
        "--speculative-num-steps": drafts.tokens if drafts else None,
        "--speculative-eagle-topk": 1 if drafts else None,
        "--speculative-num-draft-tokens": drafts.tokens + 1 if drafts else None,
        "--disaggregation-mode": {"reads": "prefill", "writes": "decode"}.get(pool.role),
    })  # fmt: skip


def _tensorrt_llm(pool: Pool, model: str, drafts: Drafts | None) -> str:
    """Its attention is either shared by all chips of a stage or each chip's own; drafts and formats stand in a file."""
    deployment = pool.deployment
    if deployment.data > 1 and deployment.tensor > 1:
        return f"echo 'TensorRT-LLM has no groups of {deployment.tensor} chips that attend together'"
    more: dict[str, Any] = {"enable_attention_dp": True} if deployment.data > 1 else {}
    if deployment.cache_precision == "fp8":
        more["kv_cache_config"] = {"dtype": "fp8"}
    if drafts is not None and drafts.method == "MTP":
        more["speculative_config"] = {"decoding_type": "MTP", "num_nextn_predict_layers": drafts.tokens}
    elif drafts is not None:
        more["speculative_config"] = {
            "decoding_type": "Eagle", "max_draft_len": drafts.tokens, "speculative_model_dir": "DRAFT_HEAD",
        }  # fmt: skip
    if pool.role != "both":
        more["cache_transceiver_config"] = {"backend": "UCX"}
    written = "trtllm-serve " + shlex.quote(model) + " " + _options({
        "--tp_size": deployment.tensor * deployment.data,
        "--pp_size": _more(deployment.pipeline),
        "--ep_size": _more(deployment.expert),
        "--max_num_tokens": pool.chunk_tokens,
        "--kv_cache_free_gpu_memory_fraction": MEMORY_SHARE["TensorRT-LLM"],
        "--config": "more.yml" if more else None,
    })  # fmt: skip
    # JSON is YAML.
    return f"echo {shlex.quote(json.dumps(more))} > more.yml && {written}" if more else written
