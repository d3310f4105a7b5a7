"""What `python -m analysis.validation.inference_validation --write` fitted: constants, and widths of intervals."""

from analysis.inference.inference_constants import InferenceConstants

CONSTANTS = InferenceConstants(
    memory_share=0.875,
    cache_share=0.829,
    matmul_share=0.88,
    attention_share=0.666,
    latent_share=0.366,
    expert_share=0.351,
    widening_share=0.587,
    vllm_kernel=3.18e-06,
    sglang_kernel=3.3e-06,
    tensorrt_llm_kernel=2.77e-06,
    pytorch_kernel=5.31e-06,
    link_share=0.594,
    start_seconds=1.51e-05,
    host_seconds=0.000906,
    request_seconds=1.83e-05,
    issue_seconds=1.72e-05,
    vllm_arrival=0.0194,
    sglang_arrival=0.142,
    tensorrt_llm_arrival=0.0488,
    balancing_steps=34.5,
    burst=0.105,
)

#: Half width of the 80% interval of each group of rows, as a logarithm.
HALF_WIDTHS = {
    "prefill": 0.669,
    "first token": 0.784,
    "output token": 0.361,
}
