"""The constants of the inference model: few, named, each with what it was fitted on and what it was expected to be.

The values in analysis/inference/inference_fitted.py are what
`python -m analysis.validation.inference_validation --write` fits to the usable prefill, decode and serve rows of
data/runs.csv and data/h100_runs.csv. `EXPECTED` is where the fit starts and what it is held near; `SPREAD` is how
far a constant may be expected to lie from that, as the standard deviation of its logarithm.
"""

from dataclasses import dataclass, fields


@dataclass(frozen=True)
class InferenceConstants:
    """Constants of the model. Shares and factors have no unit; times are in seconds."""

    #: Share of the data sheet's memory bandwidth at which weights are read. One H100 measured: copying reaches 0.9.
    memory_share: float = 0.88
    #: The same for the cache in decoding, which is read in pieces. H100 at long contexts.
    cache_share: float = 0.8
    #: Share of a chip's best matrix product that large ones reach in prefill. H100's prefill rows.
    matmul_share: float = 0.9
    #: Share of the best matrix product that attention reaches in prefill.
    attention_share: float = 0.6
    #: The same in decoding with latent attention, where many heads meet one latent. DeepSeek-V3 and its kin.
    latent_share: float = 0.4
    #: Share of the rate of other products that grouped products of experts reach. Prefill of mixtures.
    expert_share: float = 0.6
    #: Share of arithmetic and bandwidth where experts' weights are integers, widened on the way. Kimi in INT4.
    widening_share: float = 0.6
    #: Rows of zeros that each expert's product has on average, since its rows are passed in tiles. Mixtures at small batches.
    padded_rows: float = 32.0
    #: Seconds in which PyTorch's kernel passes one cached position of a layer where several queries share a key: so few
    #: heads leave most of the device idle. H100's rows at batch 1.
    chain_seconds: float = 1e-8
    #: Seconds that one operation of a layer takes beyond its work, by engine: how far it fuses kernels.
    vllm_kernel: float = 2.5e-6
    sglang_kernel: float = 2.5e-6
    tensorrt_llm_kernel: float = 2e-6
    pytorch_kernel: float = 5e-6
    #: Share of the links' bandwidth that collectives reach. Tensor-parallel rows.
    link_share: float = 0.6
    #: Share of the network's bandwidth that the exchange between experts reaches. DeepEP reports 43 to 47 of 50 GB/s.
    exchange_share: float = 0.85
    #: Seconds that an all-reduce within a server needs to start. Tensor-parallel rows at small batches.
    start_seconds: float = 10e-6
    #: Seconds a step of scheduling and sampling.
    host_seconds: float = 1e-3
    #: Seconds a step for each request in it, in engines written in Python: scheduling, sampling, streaming.
    request_seconds: float = 1e-5
    #: Seconds in which the host issues one kernel of a pass with prompts, which no graph holds.
    issue_seconds: float = 20e-6
    #: The same in engines written in Python before they scheduled while the device works (2025): seconds a step more.
    older_host_seconds: float = 5e-3
    #: Seconds from a request's arrival to its prefill, and from its first token to the client.
    arrival_seconds: float = 3e-2
    #: Steps for which TensorRT-LLM holds a prompt back where attention is data-parallel, so that the groups pass theirs
    #: together (its options batching_wait_iters and timeout_iters).
    balancing_steps: float = 50.0
    #: Share of all requests in flight whose prefill a request waits for on average. Benchmarks send ten requests for
    #: each in flight, the first ones all at once, which makes a tenth of them wait for half of the others.
    burst: float = 0.05
    #: The same of SGLang, which passes prompts before it goes on with answers, so that requests that begin together end
    #: together and stay in step.
    sglang_burst: float = 0.1
    #: Steps for which TensorRT-LLM and SGLang leave a prompt waiting where they are tuned for throughput. InferenceMAX's
    #: scripts have SGLang look for new requests every 10 or 30 steps, so that one waits for half as many.
    tensorrt_llm_steps: float = 8.0
    sglang_steps: float = 8.0
    #: How far arithmetic and memory traffic of one operation overlap: 1 not at all, infinity wholly. Assumed, as in
    #: training.
    sharpness: float = 4.0


EXPECTED = InferenceConstants()

SPREAD = {
    "memory_share": 0.03,
    "cache_share": 0.15,
    "matmul_share": 0.05,
    "attention_share": 0.3,
    "latent_share": 0.4,
    "expert_share": 0.4,
    "widening_share": 0.3,
    "padded_rows": 0.5,
    "chain_seconds": 0.3,
    "vllm_kernel": 0.5,
    "sglang_kernel": 0.5,
    "tensorrt_llm_kernel": 0.5,
    "pytorch_kernel": 0.3,
    "link_share": 0.3,
    "exchange_share": 0.15,
    "start_seconds": 0.5,
    "host_seconds": 0.5,
    "request_seconds": 0.7,
    "issue_seconds": 0.5,
    "older_host_seconds": 0.5,
    "arrival_seconds": 0.7,
    "balancing_steps": 0.5,
    "burst": 0.3,
    "sglang_burst": 0.3,
    "tensorrt_llm_steps": 0.7,
    "sglang_steps": 0.7,
}

#: Constants that the fit does not touch.
ASSUMED = ("sharpness",)
#: Constants that are fitted, in order.
FITTED = tuple(field.name for field in fields(InferenceConstants) if field.name not in ASSUMED)

#: A model without losses of its own: bandwidth as on the data sheet, the rate of a chip's best matrix product, wholly
#: overlapped, and nothing else that takes time. No bound: the peak is above the best product, and the exchange between
#: experts beyond the fast links is as in training. `pass_time.prefill_bound` is one.
IDEAL = InferenceConstants(**{name: 1.0 if name.endswith("_share") else 1e-12 for name in FITTED}, sharpness=50.0)
