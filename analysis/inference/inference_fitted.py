"""What `python -m analysis.validation.inference_validation --write` fitted: constants, and how far they err."""

from analysis.evidence.offsets import Scales
from analysis.inference.inference_constants import InferenceConstants

CONSTANTS = InferenceConstants(
    memory_share=0.883,
    cache_share=0.761,
    matmul_share=0.845,
    attention_share=0.591,
    latent_share=0.29,
    expert_share=0.461,
    widening_share=0.952,
    padded_rows=24.3,
    chain_seconds=1.01e-08,
    vllm_kernel=3.2e-06,
    sglang_kernel=3.25e-06,
    tensorrt_llm_kernel=2.78e-06,
    pytorch_kernel=5.4e-06,
    link_share=0.54,
    exchange_share=0.851,
    start_seconds=1.58e-05,
    host_seconds=0.000867,
    request_seconds=1.77e-05,
    issue_seconds=1.47e-05,
    older_host_seconds=0.00545,
    arrival_seconds=0.0276,
    balancing_steps=38.5,
    burst=0.0872,
    sglang_burst=0.126,
    tensorrt_llm_steps=8.93,
    sglang_steps=7.8,
)

#: Half width of the 80% interval of each group of rows of a new source, as a logarithm.
HALF_WIDTHS = {
    "bare prefill": 0.117,
    "bare step": 0.114,
    "prefill": 0.439,
    "decode step": 0.2,
    "first token": 0.789,
    "output token": 0.463,
    "server speed": 0.463,
}
#: Standard deviations of offsets and of noise, by the family of groups.
SCALES = {
    "bare": Scales(
        {"maker": 0.08, "source": 0.0589, "engine": 0.0589, "stack": 0.0254},
        {"bare prefill": 0.0265, "bare step": 0.0175},
    ),
    "prefill": Scales(
        {"maker": 0.0717, "source": 0.071, "engine": 0.071, "stack": 0.275},
        {"prefill": 0.177},
    ),
    "decode step": Scales(
        {"maker": 0.0738, "source": 0.0627, "engine": 0.0552, "stack": 0.075},
        {"decode step": 0.108},
    ),
    "first token": Scales(
        {"maker": 0.08, "source": 0.0654, "engine": 0.0676, "stack": 0.537},
        {"first token": 0.287},
    ),
    "output token": Scales(
        {"maker": 0.08, "source": 0.0926, "engine": 0.201, "stack": 0.266},
        {"output token": 0.103, "server speed": 0.104},
    ),
    "other makers": Scales(
        {"maker": 0.152, "source": 0.0719, "engine": 0.0891, "stack": 0.237},
        {"first token": 0.574, "output token": 0.235, "server speed": 0.123},
    ),
}
