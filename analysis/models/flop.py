"""FLOP of a training step in each convention that published runs use, and the way from one to another.

Conventions differ in whether attention counts, whole or only what the causal mask leaves, and in whether the work of
recomputing activations counts. So a utilization says little without its convention. Batches count sequences.
"""

from collections.abc import Callable

from analysis.arrays import PerCase
from analysis.models import ledger
from analysis.models.architecture import Architecture
from analysis.models.parallelism import RECOMPUTATION
from analysis.suggest import nearest

#: FLOP of training a parameter and token, as analysis/scenarios/sizing.py derives them.
SIX = 6.0


class ConventionError(ValueError):
    """A convention that is not known, or that an architecture does not fit."""


def six_nd(architecture: Architecture, batch: PerCase, sequence: PerCase) -> PerCase:
    """6 N D: six FLOP a parameter that a token passes, and none for attention (Kaplan et al. 2020)."""
    return SIX * ledger.active_parameters(architecture) * batch * sequence


def six_nd_non_embedding(architecture: Architecture, batch: PerCase, sequence: PerCase) -> PerCase:
    """6 N D with N without embeddings, positions and unembedding, Kaplan et al.'s own N."""
    active = ledger.active_parameters(architecture) - ledger.vocabulary_parameters(architecture)
    return SIX * active * batch * sequence


def palm(architecture: Architecture, batch: PerCase, sequence: PerCase) -> PerCase:
    """(6 N + 12 L H Q T) D: 6 N D, and attention over the whole sequence (Chowdhery et al. 2022, appendix B)."""
    attention = 12.0 * architecture.n_layers * architecture.n_heads * architecture.query_key_dim * sequence
    return six_nd(architecture, batch, sequence) + attention * batch * sequence


def full_attention(architecture: Architecture, batch: PerCase, sequence: PerCase) -> PerCase:
    """FLOP of the matrix products, forward and backward, with attention over the whole sequence."""
    return sum(ledger.product_flop(ledger.ledger(architecture, batch, sequence)))


def causal(architecture: Architecture, batch: PerCase, sequence: PerCase) -> PerCase:
    """FLOP of the matrix products, forward and backward, with attention only where the causal mask leaves it."""
    return sum(ledger.product_flop(ledger.ledger(architecture, batch, sequence, causal=True)))


def recomputed(architecture: Architecture, batch: PerCase, sequence: PerCase, recomputation: str) -> PerCase:
    """Forward FLOP done a second time: none, the core of attention (selective), or all layers (full)."""
    if recomputation not in RECOMPUTATION:
        hint = nearest(recomputation, RECOMPUTATION)
        raise ConventionError(f"recomputation {recomputation!r} is not one of {', '.join(RECOMPUTATION)}{hint}")
    rows = ledger.ledger(architecture, batch, sequence)
    again = {
        "none": [],
        "selective": [row for row in rows if row.kind == "attention"],
        "full": [row for row in rows if row.layer not in ledger.ENDS],
    }
    return ledger.product_flop(again[recomputation])[0]


def hardware(architecture: Architecture, batch: PerCase, sequence: PerCase, recomputation: str) -> PerCase:
    """Megatron's hardware FLOP: whole attention, and the forward work that `recomputation` repeats.

    For a GPT of width h, with full recomputation, this is 96 B s l h^2 (1 + s/6h + V/16lh) (Narayanan et al. 2021).
    """
    return full_attention(architecture, batch, sequence) + recomputed(architecture, batch, sequence, recomputation)


#: FLOP of a step by convention: each takes an architecture, a batch and a sequence length.
CONVENTIONS: dict[str, Callable[[Architecture, PerCase, PerCase], PerCase]] = {
    "6nd": six_nd,
    "6nd_non_embedding": six_nd_non_embedding,
    "palm_full_attention": palm,
    "megatron_full_attention": full_attention,
    "megatron_hfu_full_attention": lambda arch, batch, sequence: hardware(arch, batch, sequence, "full"),
    "megatron_hfu_selective": lambda arch, batch, sequence: hardware(arch, batch, sequence, "selective"),
    "causal": causal,
}


def step_flop(convention: str, architecture: Architecture, batch: PerCase, sequence: PerCase) -> PerCase:
    """Return the FLOP of one step in `convention`. Raises ConventionError for an unknown one."""
    if convention not in CONVENTIONS:
        raise ConventionError(
            f"FLOP convention {convention!r} is not known{nearest(convention, CONVENTIONS)}; known: {', '.join(CONVENTIONS)}"
        )
    return CONVENTIONS[convention](architecture, batch, sequence)


def convert(utilization: PerCase, architecture: Architecture, sequence: PerCase, given: str, wanted: str) -> PerCase:
    """Return a utilization that was published in the convention `given` as it is in the convention `wanted`."""
    ratio = step_flop(wanted, architecture, 1, sequence) / step_flop(given, architecture, 1, sequence)
    return utilization * ratio
