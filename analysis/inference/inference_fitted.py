"""What `python -m analysis.validation.inference_validation --write` fitted: constants, and how far they err."""

from analysis.evidence.offsets import Scales
from analysis.inference.inference_constants import InferenceConstants

CONSTANTS = InferenceConstants(
    memory_share=0.882,
    cache_share=0.757,
    matmul_share=0.849,
    attention_share=0.623,
    latent_share=0.296,
    expert_share=0.514,
    widening_share=0.953,
    padded_rows=27.6,
    chain_seconds=1.01e-08,
    vllm_kernel=3.21e-06,
    sglang_kernel=3.36e-06,
    tensorrt_llm_kernel=2.82e-06,
    pytorch_kernel=5.39e-06,
    link_share=0.551,
    exchange_share=0.846,
    start_seconds=1.51e-05,
    host_seconds=0.000875,
    request_seconds=1.66e-05,
    issue_seconds=1.69e-05,
    older_host_seconds=0.00547,
    arrival_seconds=0.0323,
    balancing_steps=33.0,
    burst=0.0966,
)

#: Half width of the 80% interval of each group of rows of a new source, as a logarithm.
HALF_WIDTHS = {
    "bare prefill": 0.115,
    "bare step": 0.114,
    "prefill": 0.436,
    "decode step": 0.2,
    "first token": 0.891,
    "output token": 0.439,
    "server speed": 0.444,
}
#: Standard deviations of offsets and of noise, by the family of groups.
SCALES = {
    "bare": Scales(
        {"maker": 0.08, "source": 0.0589, "engine": 0.0589, "stack": 0.0253}, {"bare prefill": 0.0234, "bare step": 0.0174}
    ),  # fmt: skip
    "prefill": Scales({"maker": 0.0717, "source": 0.0684, "engine": 0.0684, "stack": 0.273}, {"prefill": 0.178}),  # fmt: skip
    "decode step": Scales(
        {"maker": 0.0765, "source": 0.0634, "engine": 0.056, "stack": 0.074}, {"decode step": 0.109}
    ),  # fmt: skip
    "first token": Scales(
        {"maker": 0.0905, "source": 0.107, "engine": 0.244, "stack": 0.571}, {"first token": 0.295}
    ),  # fmt: skip
    "output token": Scales(
        {"maker": 0.116, "source": 0.0948, "engine": 0.18, "stack": 0.254}, {"output token": 0.106, "server speed": 0.119}
    ),  # fmt: skip
}
