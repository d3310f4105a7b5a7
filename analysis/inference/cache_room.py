"""Memory that an engine leaves to the cache of keys and values on one accelerator.

Engines keep a share of the memory for themselves, and room for the activations of the largest pass that they may make.
Whoever tunes a deployment for a load he knows can give it nearly all; these are the engines' defaults.
"""

from typing import TYPE_CHECKING

import numpy as np

from analysis.arrays import PerCase

if TYPE_CHECKING:
    from analysis.inference.deployments import Cases

#: Tokens of prompts that an engine passes at once at most; longer prompts are passed in chunks.
CHUNK_TOKENS = 8192.0
#: Before vLLM's second engine (January 2025) prompts were passed whole unless one asked otherwise, so that room was kept
#: for a pass over all that the model can attend to, or this many tokens.
CHUNKED_SINCE, LONGEST_PASS = 2025.0, 131_072.0
#: Shares of the data sheet's memory, in units of 1e9 bytes, that weights, activations and cache fill together. vLLM's is
#: 0.9 of 2^30 bytes, less what its graphs and communication took on four H100 with Qwen3-235B, whose log says 178,880
#: cached tokens; SGLang's keeps its activations outside, and had 367,404 there.
VLLM_SHARE, SGLANG_SHARE = 0.86, 0.93
#: TensorRT-LLM's cache takes this share of what weights and activations leave of the whole memory (its option
#: free_gpu_memory_fraction), which data sheets count in 2^30 bytes, a hundredth of it being the driver's.
TENSORRT_LLM_SHARE, WHOLE_MEMORY = 0.9, 0.99 * 2**30 / 1e9


def room(cases: "Cases") -> PerCase:
    """Return the bytes for the cache on one accelerator, as the engine's defaults leave them; 0 where there are none."""
    memory, weights, activations = cases.machine.memory_bytes, cases.weights_on_one, activation_bytes(cases)
    left = np.select(
        [cases.vllm == 1, cases.sglang == 1, cases.tensorrt_llm == 1],
        [
            VLLM_SHARE * memory - weights - activations,
            SGLANG_SHARE * memory - weights,
            TENSORRT_LLM_SHARE * (WHOLE_MEMORY * memory - weights - activations),
        ],
        memory - weights,
    )
    return np.maximum(left, 0.0)


def activation_bytes(cases: "Cases") -> PerCase:
    """Return the bytes of activations of the largest pass: two widths of the model and the MLP's, in 16 bits a token."""
    whole = (cases.vllm == 1) & (cases.software_year < CHUNKED_SINCE)
    tokens = np.where(whole, np.minimum(cases.context_length, LONGEST_PASS), CHUNK_TOKENS)
    widest: PerCase = 0.0
    for kind in cases.shape.kinds:
        inner = np.maximum(kind.d_ff, kind.experts_per_token * kind.d_ff_expert)
        widest = np.maximum(widest, 2 * kind.d_model + 2 * inner / cases.plan.tensor)
    return 2 * tokens * widest
