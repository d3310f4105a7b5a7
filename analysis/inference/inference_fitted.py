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
    "prefill": 0.437,
    "decode step": 0.203,
    "first token": 0.895,
    "output token": 0.452,
    "server speed": 0.457,
}
#: Standard deviations of offsets and of noise, by the family of groups.
SCALES = {
    "bare": Scales(
        {"maker": 0.08, "source": 0.0589, "engine": 0.0589, "stack": 0.0253}, {"bare prefill": 0.0234, "bare step": 0.0174}
    ),  # fmt: skip
    "prefill": Scales({"maker": 0.0705, "source": 0.0673, "engine": 0.0746, "stack": 0.273}, {"prefill": 0.178}),  # fmt: skip
    "decode step": Scales(
        {"maker": 0.071, "source": 0.062, "engine": 0.0618, "stack": 0.0747}, {"decode step": 0.109}
    ),  # fmt: skip
    "first token": Scales(
        {"maker": 0.0915, "source": 0.122, "engine": 0.188, "stack": 0.592}, {"first token": 0.295}
    ),  # fmt: skip
    "output token": Scales(
        {"maker": 0.104, "source": 0.0844, "engine": 0.208, "stack": 0.25}, {"output token": 0.106, "server speed": 0.119}
    ),  # fmt: skip
}
