"""What `python -m analysis.validation.training_validation --write` fitted: constants, and widths of intervals."""

from analysis.training.constants import Constants

CONSTANTS = Constants(
    matmul_share=0.901,
    matmul_traffic=0.635,
    elementwise_passes=1.77,
    eager_passes=1.61,
    attention_share=0.754,
    older_attention=0.6,
    score_passes=1.2,
    issue_seconds=1.23e-05,
    kernels_per_expert=6.78,
    link_share=0.668,
    network_share=0.599,
    exchange_share=0.604,
    data_overlap=0.739,
    tensor_overlap=0.602,
    conversion=0.936,
    routing_passes=1.07,
    power_exponent=0.523,
    ring_loss=0.18,
    optimizer_passes=1.06,
    straggling=0.0235,
    loss_exponent=0.0432,
)

#: Half width of the 80% interval of each group of runs, and of memory, as a logarithm.
HALF_WIDTHS = {
    "dense": 0.15,
    "experts": 0.162,
    "assumed plan": 0.217,
    "whole run": 0.414,
    "memory": 0.281,
}
