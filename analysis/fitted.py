"""What `python -m analysis.validation --write` fitted: constants, and widths of intervals."""

from analysis.constants import Constants

CONSTANTS = Constants(
    matmul_share=0.894,
    matmul_traffic=0.637,
    elementwise_passes=1.81,
    eager_passes=1.6,
    attention_share=0.748,
    older_attention=0.602,
    score_passes=1.19,
    issue_seconds=1.23e-05,
    kernels_per_expert=6.56,
    link_share=0.669,
    network_share=0.595,
    exchange_share=0.787,
    data_overlap=0.761,
    tensor_overlap=0.598,
    conversion=0.97,
    routing_passes=1.05,
    power_exponent=0.52,
    ring_loss=0.18,
    optimizer_passes=1.06,
    straggling=0.0226,
    loss_exponent=0.0431,
)

#: Half width of the 80% interval of each group of runs, and of memory, as a logarithm.
HALF_WIDTHS = {
    "dense": 0.15,
    "experts": 0.373,
    "assumed plan": 0.217,
    "whole run": 0.547,
    "memory": 0.281,
}
