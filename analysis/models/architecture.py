"""Architectures: the shape of a network, exactly enough to count its parameters and its work.

An architecture is what stands at its ends (embedding, positions, head) and a list of layers, each with a mixer and a
feed-forward part of its own. `load("Llama-3.1-8B")` finds one by its name in `library`, or reads a `config.json`;
`Uniform(...)` describes one whose layers are all alike. Widths count numbers, lengths count tokens.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

import pandas as pd

from analysis import facts
from analysis.models import uniform as uniform_layers
from analysis.models.attention import Attention
from analysis.models.feed_forward import Dense, Experts
from analysis.models.latent_attention import LatentAttention
from analysis.models.layers import Layer, Stack
from analysis.models.operation import Norm
from analysis.models.shape import ArchitectureError, is_whole
from analysis.models.sparse_attention import CompressedAttention
from analysis.suggest import nearest

if TYPE_CHECKING:
    from analysis.models.quantisation import Quantisation

__all__ = ["Architecture", "ArchitectureError", "Uniform", "from_row", "is_whole", "load", "names", "row", "table", "uniform"]

KINDS = ("decoder", "encoder", "encoder-decoder")
ATTENTIONS = (Attention, LatentAttention, CompressedAttention)


@dataclass(frozen=True)
class Architecture:
    """A network as ends and a list of layers. Raises ArchitectureError when made.

    `layers`: in order, each as (layer, how many of it follow one another); of an encoder-decoder the decoder's, with
    `encoder_layers` besides. `embedding_dim`: the width of the token embedding, where it is not `d_model` and a matrix
    leads from the one to the other. `per_layer_embedding`: rows and width of a second table, whose numbers go to layers.
    `extra_matrices` (name, inputs, outputs) and `extras` (name, number): what else a token passes before the layers.
    `mtp_layers`: layers that predict further tokens, with `mtp_extra` parameters that join them; they are no part of
    `layers`. `tower_parameters`: what reads pictures and sound, by name. `quantisation`: how its file
    stores the weights. `unsupported`: what is known and not counted. `assumed`: what a file left out.
    """

    name: str
    d_model: int
    vocab_size: int
    layers: tuple[tuple[Layer, int], ...]
    kind: str = "decoder"
    encoder_layers: tuple[tuple[Layer, int], ...] = ()
    norm: Norm = Norm()
    positions: str = "none"
    learned_positions: int = 0
    relative_buckets: int = 0
    token_types: int = 0
    embedding_dim: int = 0
    embedding_projection_bias: bool = False
    embedding_norm: bool = False
    per_layer_embedding: tuple[int, int] | None = None
    extra_matrices: tuple[tuple[str, int, int], ...] = ()
    final_norm: bool = True
    tied_embeddings: bool = True
    unembedding: bool = True
    unembedding_bias: bool = False
    pooler: bool = False
    extras: tuple[tuple[str, int], ...] = ()
    mtp_layers: tuple[tuple[Layer, int], ...] = ()
    mtp_extra: int = 0
    tower_parameters: tuple[tuple[str, int], ...] = ()
    context_length: int = 0
    quantisation: "Quantisation | None" = field(default=None, compare=False)
    unsupported: tuple[str, ...] = field(default=(), compare=False)
    assumed: tuple[str, ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        for name in ("d_model", "vocab_size"):
            if not is_whole(getattr(self, name)) or getattr(self, name) < 1:
                raise ArchitectureError(f"{self.name}: {name} = {getattr(self, name)!r} is not a whole number of at least 1")
        if self.kind not in KINDS:
            raise ArchitectureError(f"{self.name}: kind = {self.kind!r} is not one of {', '.join(KINDS)}")
        if not self.layers:
            raise ArchitectureError(f"{self.name}: has no layers")

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        # Asked for at every look into a cache; the list of layers is long.
        return hash((self.name, self.d_model, self.vocab_size, self.layers, self.encoder_layers))

    @cached_property
    def stack(self) -> Stack:
        """The layers by equal parts."""
        return Stack(self.layers)

    @cached_property
    def encoder_stack(self) -> Stack:
        """The encoder's layers by equal parts."""
        return Stack(self.encoder_layers, "encoder ")

    @cached_property
    def n_layers(self) -> int:
        return _count(self.layers)

    @cached_property
    def n_encoder_layers(self) -> int:
        return _count(self.encoder_layers)

    @property
    def causal(self) -> bool:
        """Whether a token of the output sees only those before it."""
        return self.kind != "encoder"

    def mixers(self, *kinds: type) -> Iterable[tuple[Any, int]]:
        """Return the mixers of `kinds` (default: all), each with the number of its layers."""
        return self._blocks("mixer", kinds)

    def feed_forwards(self, *kinds: type) -> Iterable[tuple[Any, int]]:
        """Return the feed-forward parts of `kinds` (default: all), each with the number of its layers."""
        return self._blocks("feed_forward", kinds)

    def with_layers(self, n_layers: int) -> "Architecture":
        """Return the same architecture with its first `n_layers` layers, or with more of its last one."""
        kept, left = [], n_layers
        for layer, repeats in self.layers:
            if left > 0:
                kept.append((layer, min(repeats, left)))
                left -= repeats
        if left > 0:
            kept[-1] = (kept[-1][0], kept[-1][1] + left)
        return replace(self, layers=tuple(kept))

    def with_blocks(
        self, mixer: Callable[[Any], Any] = lambda block: block, feed_forward: Callable[[Any], Any] = lambda block: block
    ) -> "Architecture":
        """Return the same architecture with each layer's mixers, cross-attention included, and feed-forward part changed."""

        def changed(layer: Layer) -> Layer:
            cross = layer.cross_attention and mixer(layer.cross_attention)
            return replace(layer, mixer=mixer(layer.mixer), cross_attention=cross, feed_forward=feed_forward(layer.feed_forward))

        def change(layers: tuple[tuple[Layer, int], ...]) -> tuple[tuple[Layer, int], ...]:
            return tuple((changed(layer), repeats) for layer, repeats in layers)

        return replace(self, layers=change(self.layers), encoder_layers=change(self.encoder_layers))

    def _blocks(self, which: str, kinds: tuple[type, ...]) -> list[tuple[Any, int]]:
        counts: dict[Any, int] = {}
        for layer, repeats in self.layers:
            whole = getattr(layer, which)
            # Asked for kinds, mixers that stand side by side in a layer are each looked at.
            for block in getattr(whole, "mixers", (whole,)) if kinds else (whole,):
                if block is not None and (not kinds or isinstance(block, kinds)):
                    counts[block] = counts.get(block, 0) + repeats
        return list(counts.items())

    # What the whole is called by: of the attention, MLP and experts that most layers have.

    @cached_property
    def main_attention(self) -> Any:
        """The attention of most layers, None without any; a full one wins over one with a window."""
        ranked = sorted(self.mixers(*ATTENTIONS), key=lambda pair: (pair[0].window > 0, -pair[1]))
        return ranked[0][0] if ranked else None

    @cached_property
    def main_dense(self) -> Dense | None:
        main: Dense | None = _most(self.feed_forwards(Dense))
        return main

    @cached_property
    def main_experts(self) -> Experts | None:
        main: Experts | None = _most(self.feed_forwards(Experts))
        return main

    @property
    def has_latent_attention(self) -> bool:
        return isinstance(self.main_attention, LatentAttention)

    @property
    def attention(self) -> str:
        """Attention's kind: mha, gqa, mqa, mla, or none."""
        if self.main_attention is None:
            return "none"
        if self.has_latent_attention:
            return "mla"
        if self.n_kv_heads == self.n_heads:
            return "mha"
        return "mqa" if self.n_kv_heads == 1 else "gqa"

    @property
    def n_heads(self) -> int:
        return _of(self.main_attention, "heads")

    @property
    def n_kv_heads(self) -> int:
        return _of(self.main_attention, "kv_heads")

    @property
    def d_head(self) -> int:
        return _of(self.main_attention, "key_dim")

    @property
    def query_key_dim(self) -> int:
        """Width of one head's query and key."""
        return _of(self.main_attention, "key_dim")

    @property
    def value_dim(self) -> int:
        """Width of one head's value."""
        return _of(self.main_attention, "value_dim")

    @property
    def q_lora_rank(self) -> int:
        return _of(self.main_attention, "query_rank")

    @property
    def kv_lora_rank(self) -> int:
        return _of(self.main_attention, "kv_rank")

    @property
    def qk_nope_dim(self) -> int:
        return _of(self.main_attention, "nope_dim")

    @property
    def qk_rope_dim(self) -> int:
        return _of(self.main_attention, "rope_dim")

    @cached_property
    def n_windowed_layers(self) -> int:
        """Layers that see `sliding_window` positions only."""
        return sum(count for mixer, count in self.mixers(*ATTENTIONS) if mixer.window)

    @cached_property
    def sliding_window(self) -> int:
        return max((mixer.window for mixer, _ in self.mixers(*ATTENTIONS)), default=0)

    @cached_property
    def n_expert_layers(self) -> int:
        """Layers whose feed-forward part is a mixture of experts."""
        return sum(count for _, count in self.feed_forwards(Experts))

    @property
    def n_dense_layers(self) -> int:
        """Layers with a dense feed-forward part beside those with experts; 0 where none has experts."""
        return sum(count for _, count in self.feed_forwards(Dense)) if self.main_experts else 0

    @property
    def d_ff(self) -> int:
        return _of(self.main_dense, "d_ff")

    @property
    def gated_mlp(self) -> bool:
        return bool(_of(self.main_dense or self.main_experts, "gated"))

    @property
    def n_experts(self) -> int:
        return _of(self.main_experts, "n_experts")

    @property
    def experts_per_token(self) -> int:
        return _of(self.main_experts, "per_token")

    @property
    def d_ff_expert(self) -> int:
        return _of(self.main_experts, "d_ff")

    @property
    def n_shared_experts(self) -> int:
        """Shared experts, counted in widths of a routed one."""
        experts = self.main_experts
        return experts.shared_d_ff // experts.d_ff if experts else 0

    @property
    def expert_groups(self) -> int:
        return _of(self.main_experts, "groups")

    @property
    def groups_per_token(self) -> int:
        return _of(self.main_experts, "groups_per_token")


Uniform = uniform_layers.Uniform


@cache
def table() -> pd.DataFrame:
    """Return `data/architectures.csv`, one row a model, by name."""
    return facts.read("architectures").set_index("model")


def names() -> list[str]:
    """Return the models of `data/architectures.csv` whose layers its columns can say."""
    return [str(name) for name, reason in table()["unsupported"].items() if pd.isna(reason)]


@cache
def row(name: str) -> Uniform:
    """Return the model `name` as its row of `data/architectures.csv` describes it. Raises ArchitectureError without one."""
    if name not in table().index:
        raise ArchitectureError(f"model {name!r} is not in data/architectures.csv{nearest(name, table().index)}")
    cells = table().loc[name]
    if pd.notna(cells["unsupported"]):
        raise ArchitectureError(f"{name}: data/architectures.csv can't describe it: {cells['unsupported']}")
    return uniform_layers.from_row({"model": name, **cells.to_dict()})


def load(model: str) -> Architecture:
    """Return the architecture of `model`, a name or the path of a `config.json`; see `library.load`. Raises ArchitectureError."""
    from analysis.models import library  # which reads configurations into architectures

    return library.load(model)


def from_row(cells: Any) -> Architecture:
    """Return the architecture that a row in the format of `data/architectures.csv` describes; see `uniform.from_row`."""
    return built(uniform_layers.from_row(cells))


def uniform(name: str, **sizes: Any) -> Architecture:
    """Return an architecture of equal layers, its sizes the columns of `data/architectures.csv`; see `Uniform`."""
    return built(Uniform(name, **sizes))


@cache
def built(shape: Uniform) -> Architecture:
    """Return the architecture whose layers are as `shape` says."""
    return Architecture(**uniform_layers.parts(shape))


def _count(layers: tuple[tuple[Layer, int], ...]) -> int:
    return sum(repeats for _, repeats in layers)


def _most(blocks: Iterable[tuple[Any, int]]) -> Any:
    return max(blocks, key=lambda pair: pair[1], default=(None, 0))[0]


def _of(block: Any, name: str) -> int:
    """A field of a block, 0 where there is none."""
    size: int = getattr(block, name, 0) if block is not None else 0
    return size
