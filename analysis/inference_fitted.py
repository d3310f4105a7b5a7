"""What `python -m analysis.inference_validation --write` fitted: constants, and widths of intervals."""

from analysis.inference_constants import InferenceConstants

CONSTANTS = InferenceConstants(
    memory_share=0.881,
    cache_share=0.887,
    matmul_share=0.886,
    sharpness=1.41,
    attention_share=0.666,
    latent_share=0.363,
    expert_share=0.813,
    widening_share=0.475,
    vllm_kernel=3.1e-06,
    sglang_kernel=5.02e-06,
    tensorrt_llm_kernel=2.22e-06,
    pytorch_kernel=4.99e-06,
    elementwise_passes=0.936,
    link_share=0.402,
    start_seconds=1.5e-05,
    host_seconds=0.000803,
    request_seconds=1.38e-05,
    issue_seconds=9.98e-06,
    vllm_arrival=0.0117,
    sglang_arrival=0.0686,
    tensorrt_llm_arrival=0.0559,
    burst=0.0887,
)

#: Half width of the 80% interval of each group of rows, as a logarithm.
HALF_WIDTHS = {
    "prefill": 1.03,
    "first token": 0.75,
    "output token, dense": 0.359,
    "output token, experts": 0.479,
}
