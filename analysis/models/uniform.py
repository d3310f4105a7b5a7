"""A transformer whose layers are all alike, but for a window or experts: the columns of `data/architectures.csv`.

`parts(Uniform(...))` lists its layers. What can't exist is refused when it is made.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import pandas as pd

from analysis.models.attention import Attention
from analysis.models.feed_forward import Dense, Experts
from analysis.models.latent_attention import LatentAttention
from analysis.models.layers import Layer, runs
from analysis.models.operation import Norm
from analysis.models.shape import ArchitectureError, is_whole
from analysis.suggest import nearest

#: What each text field may hold.
ALLOWED = {
    "kind": ("decoder", "encoder", "encoder-decoder"),
    "attention": ("mha", "gqa", "mqa", "mla"),
    "norm": ("layernorm", "rmsnorm"),
    "positions": ("learned", "sinusoidal", "rotary", "alibi", "relative-bias", "relative-projection", "none"),
    "qk_norm": ("", "head", "width"),
    "dense_layers": ("first", "alternating"),
    "window": ("sliding", "chunked"),
}
#: The parts that may have a bias vector. `router` is also the correction term of loss-free load balancing.
BIASES = ("qkv", "output", "mlp", "norm", "router", "unembedding")

_POSITIVE = ("n_layers", "d_model", "n_heads", "n_kv_heads", "d_head", "vocab_size")
_LATENT = ("kv_lora_rank", "qk_nope_dim", "qk_rope_dim", "v_dim")


@dataclass(frozen=True)
class Uniform:
    """The shape of a transformer of one kind of layer. Zero means that it has no such part. Raises ArchitectureError when made.

    `n_layers` counts the decoder's layers, or an encoder's; an encoder-decoder has `n_encoder_layers` besides.
    `n_kv_heads` and `d_head` default to `n_heads` and `d_model / n_heads`. `norms_per_layer` leaves out the norm of
    cross-attention. Layers see `sliding_window` positions, but for `n_full_attention_layers` of them.
    """

    name: str
    n_layers: int
    d_model: int
    n_heads: int
    vocab_size: int
    d_ff: int = 0
    kind: str = "decoder"
    n_encoder_layers: int = 0
    n_kv_heads: int = None  # type: ignore[assignment]  # set when made
    d_head: int = None  # type: ignore[assignment]  # set when made
    attention: str = "mha"
    q_lora_rank: int = 0
    kv_lora_rank: int = 0
    qk_nope_dim: int = 0
    qk_rope_dim: int = 0
    v_dim: int = 0
    qk_norm: str = ""  # the norm of queries and keys: none, one of a head's width, or one of all heads' width
    attention_sinks: bool = False
    sliding_window: int = 0
    window: str = "sliding"
    n_full_attention_layers: int = 0
    gated_mlp: bool = False
    n_experts: int = 0
    experts_per_token: int = 0
    n_shared_experts: int = 0
    expert_groups: int = 0  # a token's experts lie in `groups_per_token` of these groups; 0 where any will do
    groups_per_token: int = 0
    d_ff_expert: int = 0
    n_dense_layers: int = 0
    dense_layers: str = "first"
    positions: str = "none"
    learned_positions: int = 0
    relative_buckets: int = 0
    token_types: int = 0
    norm: str = "layernorm"
    norms_per_layer: int = 2
    embedding_norm: bool = False
    final_norm: bool = True
    biases: frozenset[str] = frozenset()
    tied_embeddings: bool = True
    unembedding: bool = True
    pooler: bool = False

    def __post_init__(self) -> None:
        if self.n_kv_heads is None:
            object.__setattr__(self, "n_kv_heads", 1 if self.attention == "mqa" else self.n_heads)
        if self.d_head is None:
            object.__setattr__(self, "d_head", self._head_width())
        object.__setattr__(self, "biases", frozenset(self.biases))
        self._check_fields()
        self._check_attention()
        self._check_mlp()
        self._check_positions()

    @property
    def has_latent_attention(self) -> bool:
        return self.attention == "mla"

    @property
    def query_key_dim(self) -> int:
        """Width of one head's query and key."""
        return self.qk_nope_dim + self.qk_rope_dim if self.has_latent_attention else self.d_head

    @property
    def value_dim(self) -> int:
        """Width of one head's value."""
        return self.v_dim if self.has_latent_attention else self.d_head

    @property
    def n_expert_layers(self) -> int:
        """Layers whose MLP is a mixture of experts."""
        return self.n_layers - self.n_dense_layers if self.n_experts else 0

    @property
    def n_windowed_layers(self) -> int:
        """Layers that see `sliding_window` positions only."""
        return self.n_layers - self.n_full_attention_layers if self.sliding_window else 0

    def _head_width(self) -> int:
        for name in ("d_model", "n_heads"):
            if not (is_whole(getattr(self, name)) and getattr(self, name) >= 1):
                self._refuse(name, "is not a whole number of at least 1")
        if self.d_model % self.n_heads:
            near = _divisors_near(self.d_model, self.n_heads)
            self._refuse("n_heads", f"does not divide d_model = {self.d_model}; give d_head, or heads such as {near}")
        return self.d_model // self.n_heads

    def _check_fields(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if field.type is int and not (is_whole(value) and value >= 0):
                self._refuse(field.name, "is not a whole number of at least 0")
        for name in _POSITIVE:
            if getattr(self, name) < 1:
                self._refuse(name, "has to be at least 1")
        for name, allowed in ALLOWED.items():
            if getattr(self, name) not in allowed:
                shown = ", ".join(repr(choice) for choice in allowed)
                self._refuse(name, f"is not one of {shown}{nearest(getattr(self, name), allowed)}")
        for part in self.biases:
            if part not in BIASES:
                self._refuse("biases", f"names {part!r}, which is not one of {', '.join(BIASES)}{nearest(part, BIASES)}")
        if (self.kind == "encoder-decoder") != (self.n_encoder_layers > 0):
            self._refuse("n_encoder_layers", f"does not fit kind = {self.kind!r}: only an encoder-decoder has both")

    def _check_attention(self) -> None:
        if self.n_heads % self.n_kv_heads:
            near = _divisors_near(self.n_heads, self.n_kv_heads)
            self._refuse("n_kv_heads", f"does not divide n_heads = {self.n_heads}; valid are divisors such as {near}")
        if self.attention == "mha" and self.n_kv_heads != self.n_heads:
            self._refuse("n_kv_heads", f"differs from n_heads = {self.n_heads}, so attention is 'gqa', not 'mha'")
        if self.attention == "mqa" and self.n_kv_heads != 1:
            self._refuse("n_kv_heads", "has to be 1 for attention = 'mqa'; with more it is 'gqa'")
        for name in _LATENT:
            if self.has_latent_attention != (getattr(self, name) > 0):
                self._refuse(
                    name,
                    f"does not fit attention = {self.attention!r}: latent attention needs it above 0, the others have 0",
                )
        if self.q_lora_rank and not self.has_latent_attention:
            self._refuse("q_lora_rank", f"does not fit attention = {self.attention!r}; only 'mla' has one")
        if self.n_full_attention_layers > self.n_layers:
            self._refuse("n_full_attention_layers", f"is more than n_layers = {self.n_layers}")

    def _check_mlp(self) -> None:
        if self.experts_per_token > self.n_experts:
            self._refuse("experts_per_token", f"is more than n_experts = {self.n_experts}; valid: 1 to {self.n_experts}")
        if self.n_experts and not self.experts_per_token:
            self._refuse("experts_per_token", f"has to be 1 to {self.n_experts}, since n_experts = {self.n_experts}")
        if self.groups_per_token > self.expert_groups or bool(self.groups_per_token) != bool(self.expert_groups):
            self._refuse("groups_per_token", f"has to be 1 to expert_groups = {self.expert_groups}, or both 0")
        if self.expert_groups and self.n_experts % self.expert_groups:
            self._refuse("expert_groups", f"does not divide n_experts = {self.n_experts}")
        if bool(self.n_experts) != bool(self.d_ff_expert):
            self._refuse("d_ff_expert", f"does not fit n_experts = {self.n_experts}: give both or neither")
        if self.n_shared_experts and not self.n_experts:
            self._refuse("n_shared_experts", "does not fit n_experts = 0")
        if self.n_dense_layers > self.n_layers:
            self._refuse("n_dense_layers", f"is more than n_layers = {self.n_layers}")
        if self.n_dense_layers and not self.n_experts:
            self._refuse("n_dense_layers", "does not fit n_experts = 0: without experts all layers are dense")
        if self.n_expert_layers < self.n_layers and not self.d_ff:
            self._refuse("d_ff", "has to be at least 1, since some layers have a dense MLP")

    def _check_positions(self) -> None:
        if (self.positions == "learned") != (self.learned_positions > 0):
            self._refuse(
                "learned_positions",
                f"does not fit positions = {self.positions!r}: learned ones need a count above 0, the others have 0",
            )
        if (self.positions == "relative-bias") != (self.relative_buckets > 0):
            self._refuse(
                "relative_buckets",
                f"does not fit positions = {self.positions!r}: a relative bias needs a count above 0, the others have 0",
            )

    def _refuse(self, field: str, why: str) -> None:
        raise ArchitectureError(f"{self.name}: {field} = {getattr(self, field)!r} {why}")


def from_row(row: Mapping[str, Any]) -> Uniform:
    """Return the shape that a row in the format of `data/architectures.csv` describes.

    An empty cell leaves the field at its default. Raises ArchitectureError.
    """
    name = str(row.get("model", "?"))
    values: dict[str, Any] = {"name": name}
    for field in fields(Uniform):
        cell = row.get(field.name)
        if field.name == "name" or cell is None or pd.isna(cell) or cell == "":
            continue
        values[field.name] = _value(name, field.name, field.type, cell)
    missing = [field for field in ("n_layers", "d_model", "n_heads", "vocab_size") if field not in values]
    if missing:
        raise ArchitectureError(f"{name}: {', '.join(missing)} missing")
    return Uniform(**values)


def parts(shape: Uniform) -> dict[str, Any]:
    """Return the fields of the architecture that `shape` describes, its layers listed.

    Rows don't say which layers see the whole context: the first ones here, so that fewer layers keep them.
    """
    layers = [_layer(shape, index) for index in range(shape.n_layers)]
    encoder = Layer(_attention(shape, 0), _dense(shape) if shape.n_encoder_layers else None, *_norms(shape))
    return {
        "name": shape.name,
        "d_model": shape.d_model,
        "vocab_size": shape.vocab_size,
        "layers": runs(layers),
        "kind": shape.kind,
        "encoder_layers": ((encoder, shape.n_encoder_layers),) if shape.n_encoder_layers else (),
        "norm": Norm(shape.norm, bias="norm" in shape.biases),
        "positions": shape.positions,
        "learned_positions": shape.learned_positions,
        "relative_buckets": shape.relative_buckets,
        "token_types": shape.token_types,
        "embedding_norm": shape.embedding_norm,
        "final_norm": shape.final_norm,
        "tied_embeddings": shape.tied_embeddings,
        "unembedding": shape.unembedding,
        "unembedding_bias": "unembedding" in shape.biases,
        "pooler": shape.pooler,
    }


def has_experts(shape: Uniform, layer: int) -> bool:
    """Say whether layer number `layer` is a mixture of experts."""
    if not shape.n_experts:
        return False
    if shape.dense_layers == "first":
        return layer >= shape.n_dense_layers
    return layer % 2 == 1 or layer // 2 >= shape.n_dense_layers


def _layer(shape: Uniform, index: int) -> Layer:
    window = shape.sliding_window if index >= shape.n_full_attention_layers else 0
    feed_forward = _experts(shape) if has_experts(shape, index) else _dense(shape)
    cross = _attention(shape, 0, crossing=True) if shape.kind == "encoder-decoder" else None
    return Layer(_attention(shape, window), feed_forward, *_norms(shape), cross_attention=cross)


def _norms(shape: Uniform) -> tuple[int, int]:
    return (shape.norms_per_layer + 1) // 2, shape.norms_per_layer // 2


def _attention(shape: Uniform, window: int, *, crossing: bool = False) -> Attention | LatentAttention:
    biases = {"query", "key", "value"} if "qkv" in shape.biases else set()
    if "output" in shape.biases:
        biases |= {"output"}
    if shape.has_latent_attention:
        return LatentAttention(
            shape.n_heads, shape.kv_lora_rank, shape.qk_nope_dim, shape.qk_rope_dim, shape.v_dim, shape.q_lora_rank,
            bias="qkv" in shape.biases, output_bias="output" in shape.biases, window=window,
        )  # fmt: skip
    return Attention(
        shape.n_heads, shape.n_kv_heads, shape.d_head, window=window, chunked=shape.window == "chunked",
        biases=frozenset(biases), qk_norm="" if crossing else shape.qk_norm,
        sinks=shape.attention_sinks and not crossing,
        rotary=(shape.qk_rope_dim or shape.d_head) if shape.positions == "rotary" and not crossing else 0,
        relative_projection=shape.positions == "relative-projection" and not crossing,
    )  # fmt: skip


def _dense(shape: Uniform) -> Dense:
    return Dense(shape.d_ff, shape.gated_mlp, "mlp" in shape.biases)


def _experts(shape: Uniform) -> Experts:
    return Experts(
        shape.n_experts, shape.experts_per_token, shape.d_ff_expert, shape.gated_mlp, "mlp" in shape.biases,
        shared_d_ff=shape.n_shared_experts * shape.d_ff_expert, shared_gated=shape.gated_mlp,
        shared_bias="mlp" in shape.biases, router_bias="router" in shape.biases,
        groups=shape.expert_groups, groups_per_token=shape.groups_per_token,
    )  # fmt: skip


def _value(name: str, field: str, kind: Any, cell: Any) -> Any:
    if field == "biases":
        return frozenset(str(cell).split())
    if kind is str:
        return str(cell)
    try:
        number = float(cell)
    except (TypeError, ValueError):
        number = math.nan
    if kind is bool and number not in (0, 1):
        raise ArchitectureError(f"{name}: {field} = {cell!r} is not 0 or 1")
    if not is_whole(number):
        raise ArchitectureError(f"{name}: {field} = {cell!r} is not a whole number")
    return bool(number) if kind is bool else int(number)


def _divisors_near(number: int, wanted: int) -> str:
    """Return the divisors of `number` around `wanted`, for a message."""
    divisors = [d for d in range(1, number + 1) if number % d == 0]
    below = [d for d in divisors if d < wanted][-2:]
    above = [d for d in divisors if d > wanted][:2]
    return ", ".join(str(d) for d in below + above)
