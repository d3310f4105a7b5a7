"""Parameters of models as arrays, many cases at once.

The same quantities as analysis/models/ledger.py gives for one architecture exactly, here without the small terms
(norms, biases, positions).
"""

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from analysis.arrays import PerCase
from analysis.steps.shape import Shape


class Shaped(Protocol):
    """What has a model: steps of training, or deployments."""

    @property
    def shape(self) -> Shape: ...


@dataclass(frozen=True)
class Parameters:
    """Parameters of the model: of layers without routed experts, of those, of embeddings, and of the output product."""

    dense: PerCase
    experts: PerCase
    embeddings: PerCase
    output: PerCase
    active: PerCase  # that a token passes in the layers


def parameters(steps: Shaped) -> Parameters:
    """Return the parameters of each model, all in its matrices."""
    if not steps.shape.more:
        return _of_kind(steps.shape)
    first, *others = map(_of_kind, steps.shape.kinds)
    added = {name: sum((getattr(kind, name) for kind in others), getattr(first, name)) for name in ("dense", "experts", "active")}
    return replace(first, **added)


def _of_kind(shape: Shape) -> Parameters:
    """Return the parameters of the layers of one kind, with those of the ends."""
    usual = shape.d_model * (shape.n_heads + 2 * shape.n_kv_heads) * shape.query_key_dim
    latent = shape.d_model * (shape.q_lora_rank + shape.kv_lora_rank + shape.qk_rope_dim)
    latent = latent + shape.q_lora_rank * shape.n_heads * shape.query_key_dim
    latent = latent + shape.kv_lora_rank * shape.n_heads * (shape.qk_nope_dim + shape.value_dim)
    attention = np.where(shape.latent == 1, latent, usual) + shape.n_heads * shape.value_dim * shape.d_model
    attention = np.where(shape.mixer_parameters > 0, shape.mixer_parameters, attention)
    matrices = 1 + shape.mlp_inputs
    expert = matrices * shape.expert_dim * shape.d_ff_expert
    always = shape.n_shared_experts * matrices * shape.d_model * shape.d_ff_expert + shape.d_model * shape.n_experts
    always = always + np.where(shape.expert_dim != shape.d_model, 2 * shape.d_model * shape.expert_dim, 0.0)
    dense = shape.n_mixer_layers * attention + shape.n_dense_layers * matrices * shape.d_model * shape.d_ff
    dense = dense + shape.n_expert_layers * always + shape.n_layers * shape.beside_parameters
    output = shape.d_model * shape.vocab_size
    return Parameters(
        dense=dense,
        experts=shape.n_expert_layers * shape.n_experts * expert,
        embeddings=output * (2 - shape.tied_embeddings) + shape.table_parameters,
        output=output,
        active=dense + shape.n_expert_layers * shape.experts_per_token * expert,
    )
