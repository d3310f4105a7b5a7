"""The constants of the training model: few, named, each with what it was fitted on and what it was expected to be.

The values are what `python -m analysis.validation.training_validation --write` puts into analysis/training/fitted.py:
a fit to the usable training rows of data/runs.csv and data/h100_runs.csv, with one offset a source.
`EXPECTED` is where the fit starts, and what it is held near: what a data sheet, a paper or a single measurement says
before any training run is looked at. `SPREAD` is how far a constant may be expected to lie from that, as the
standard deviation of its logarithm (of its log-odds for those in `SHARES`).
"""

from dataclasses import dataclass, fields


@dataclass(frozen=True)
class Constants:
    """Constants of the model. Shares and factors have no unit; times are in seconds."""

    #: Share of a chip's best matrix product that large ones reach in training. All rows; H100 SXM measured: 0.95.
    matmul_share: float = 0.92
    #: Share of the memory traffic of a matrix product that its arithmetic does not hide. Rows of small matrices.
    matmul_traffic: float = 0.5
    #: Passes over memory of elementwise work, over those counted in analysis/training/roofline.py. Rows of fused kernels.
    elementwise_passes: float = 1.4
    #: The same for eager software, over fused. MosaicML, torchtitan's eager rows, DeepSpeed.
    eager_passes: float = 1.6
    #: Share of the best matrix product that a fused attention kernel of its chip's generation reaches. Long sequences.
    attention_share: float = 0.6
    #: The same for a kernel one generation older. MosaicML, torchtitan.
    older_attention: float = 0.6
    #: Passes of unfused attention over its scores, over those counted. Megatron-LM 2021 and 2022, vTrain.
    score_passes: float = 1.0
    #: Seconds in which the host issues one eager kernel. vTrain's small models, mixture-of-experts rows.
    issue_seconds: float = 10e-6
    #: Kernels that each local expert adds to a forward pass. Mixture-of-experts rows.
    kernels_per_expert: float = 6.0
    #: Share of the links' bandwidth that collectives reach. Tensor-parallel rows.
    link_share: float = 0.7
    #: The same for the network beyond. Rows over many servers.
    network_share: float = 0.6
    #: The same for the exchange between experts. Mixture-of-experts rows over many servers.
    exchange_share: float = 0.7
    #: Seconds that a collective needs to start, a doubling of its group. Assumed.
    start_seconds: float = 20e-6
    #: Share of sharding and gradient communication that computation hides at best. Rows with ZeRO.
    data_overlap: float = 0.8
    #: Share of tensor-parallel communication that software hides which overlaps it. Megatron-Core, async TP.
    tensor_overlap: float = 0.6
    #: Cost of converting to 8 or 4 bits, over the memory traffic counted. FP8 rows.
    conversion: float = 1.0
    #: Passes over routed tokens, over those counted. Mixture-of-experts rows.
    routing_passes: float = 1.0
    #: Passes of experts with biases and a clamped gate, which grouped kernels do not fuse, over fused ones. GPT-OSS.
    biased_passes: float = 4.0
    #: How the rate of matrix products follows the power limit: rate ~ power to this. torchtitan's 500 W, GB300.
    power_exponent: float = 0.5
    #: Slow-down of ring attention at many ranks. torchtitan's long sequences, Llama 3 at 131,072 tokens.
    ring_loss: float = 0.25
    #: Memory traffic of the optimizer, over that counted. Rows of few tokens a step.
    optimizer_passes: float = 1.0
    #: Spread of chips' speeds: a step waits for the slowest of n. Rows that differ in chips alone.
    straggling: float = 0.02
    #: Share of a whole run lost, as an exponent of the chips (analysis/economics/whole_run.py). Whole runs, after all others.
    loss_exponent: float = 0.04
    #: Sharpness of the maximum of host time and device time. Assumed.
    sharpness: float = 4.0
    #: Whether a mechanism counts: 1, or 0 to take it out and see what it is worth (analysis/validation/ablation.py).
    counts_attention: float = 1.0
    counts_recomputation: float = 1.0
    counts_vocabulary: float = 1.0
    counts_bubble: float = 1.0


EXPECTED = Constants()

#: Constants that the fit of steps does not touch.
SWITCHES = ("counts_attention", "counts_recomputation", "counts_vocabulary", "counts_bubble")
ASSUMED = ("start_seconds", "sharpness", "loss_exponent", *SWITCHES)

#: Constants that are shares which may come near 1, so that their log-odds are fitted.
SHARES = ("data_overlap", "tensor_overlap")

SPREAD = {
    "matmul_share": 0.06,
    "matmul_traffic": 0.4,
    "elementwise_passes": 0.4,
    "eager_passes": 0.25,
    "attention_share": 0.2,
    "older_attention": 0.15,
    "score_passes": 0.5,
    "issue_seconds": 0.35,
    "kernels_per_expert": 0.5,
    "link_share": 0.25,
    "network_share": 0.3,
    "exchange_share": 0.3,
    "data_overlap": 0.7,
    "tensor_overlap": 0.7,
    "conversion": 0.5,
    "routing_passes": 0.5,
    "biased_passes": 0.4,
    "power_exponent": 0.3,
    "ring_loss": 0.5,
    "optimizer_passes": 0.4,
    "straggling": 0.5,
}

#: Constants that are fitted, in order.
FITTED = tuple(field.name for field in fields(Constants) if field.name not in ASSUMED)
