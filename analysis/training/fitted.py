"""What `python -m analysis.validation.training_validation --write` fitted: constants, offsets, widths."""

from analysis.evidence.offsets import Scales
from analysis.training.constants import Constants

CONSTANTS = Constants(
    matmul_share=0.9,
    matmul_traffic=0.637,
    elementwise_passes=2.59,
    eager_passes=1.48,
    attention_share=0.726,
    older_attention=0.596,
    score_passes=1.14,
    issue_seconds=1.28e-05,
    kernels_per_expert=6.58,
    link_share=0.812,
    network_share=0.699,
    exchange_share=0.689,
    data_overlap=0.606,
    tensor_overlap=0.627,
    conversion=1.03,
    routing_passes=1.04,
    biased_passes=7.21,
    power_exponent=0.535,
    ring_loss=0.182,
    optimizer_passes=1.04,
    straggling=0.025,
    loss_exponent=0.0535,
)

#: Deviations of offsets by trait, and of rows by their kind, as logarithms.
SCALES = Scales(
    effects={
        "source": 0.0363,
        "other vendors": 0.104,
        "vendor": 0.0701,
        "engine": 0.0819,
        "engine and year": 0.0783,
        "chips and format": 0.0769,
        "model": 0.0356,
        "experts": 0.0632,
        "whole run": 0.0642,
        "whole run with experts": 0.0672,
    },
    noise={
        "dense, 16 bits": 0.0635,
        "dense, 8 and 4 bits": 0.0455,
        "experts": 0.149,
        "whole run": 0.228,
    },
)

#: Deviation of what is left of the offset of a stack that nobody published.
NEW_STACK = 0.084

#: Deviations that hold 80% of runs of sources not seen, by their kind.
STRETCH = {
    "dense, 16 bits": 1.14,
    "dense, 8 and 4 bits": 1.06,
    "experts": 1.32,
    "whole run": 1.24,
}

#: Half width of the 80% interval of each group of runs whose software is not said, and of memory, as a logarithm.
HALF_WIDTHS = {
    "dense": 0.16,
    "experts": 0.327,
    "assumed plan": 0.387,
    "whole run": 0.339,
    "memory": 0.281,
}
