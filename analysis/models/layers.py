"""A layer: a mixer that passes information between positions, and a feed-forward part that works on each alone.

Mixers and feed-forward parts are small frozen dataclasses, each in the module of its kind: `attention`, `latent_attention`,
`sparse_attention`, `recurrent`, `feed_forward`; what a layer has beside them is in `residuals`. Whatever kind, it
answers the same questions:

- `part`: its name in the ledger; `role`: what its norms and its residual are called after;
- `operations(p, part, repeats)`: its matrix products and the rest, which also hold its parameters;
- `cached_numbers` and `reach(context)`: what it caches of a token, and of how many (mixers only);
- `index_numbers`: what it caches besides, of each token, to find where to look;
- `state_bytes(element_bytes)`: what it keeps of a sequence whatever its length;
- `kept(d_model, sequence, stored, selective)`: the bytes a token that training keeps for the backward pass.

A new kind is a dataclass with these, and nothing else changes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from analysis.arrays import PerCase
from analysis.models.operation import Norm, Operation, Pass

#: What may go uncounted without a change to the layers that a token of text passes.
APART = ("vision tower", "audio tower", "multi-token prediction layers", "quantisation ")


class Block(Protocol):
    """A mixer or a feed-forward part."""

    @property
    def part(self) -> str: ...

    @property
    def role(self) -> str: ...

    def operations(self, p: Pass, part: str, repeats: int) -> Iterator[Operation]: ...

    def kept(self, d_model: int, sequence: PerCase, stored: PerCase, selective: bool) -> tuple[PerCase, PerCase]: ...


@dataclass(frozen=True)
class Mixer:
    """What most mixers share: no cache, no index, no state."""

    role = "mixer"

    @property
    def sparse(self) -> bool:
        """Whether each query sees few positions, chosen or compressed: more than heads and a window say."""
        return False

    @property
    def cached_numbers(self) -> int:
        """Numbers of one token in the cache that grows with the context."""
        return 0

    @property
    def index_numbers(self) -> int:
        """Numbers of one token that sparse attention keeps to choose by."""
        return 0

    @property
    def kv_shards(self) -> int:
        """Accelerators over which tensor parallelism can divide the cache."""
        return 1

    def reach(self, context: PerCase) -> PerCase:
        """Return how many of `context` positions the cache holds."""
        return context

    def cache_bytes(self, context: PerCase, element_bytes: PerCase = 2) -> PerCase:
        """Return the bytes that one layer caches of a sequence of `context` tokens; index keys in 16 bits."""
        held = self.reach(context) * self.cached_numbers * element_bytes
        return held + 2 * context * self.index_numbers if self.index_numbers else held

    def state_bytes(self, element_bytes: PerCase = 2) -> PerCase:
        """Return the bytes that one layer keeps of a sequence whatever its length."""
        return 0


@dataclass(frozen=True)
class Layer:
    """One layer. A layer may lack its mixer or its feed-forward part.

    `mixer_norms` and `feed_forward_norms` are norms of the model's width; `norm`, where it is not the architecture's.
    `beside`: blocks of their own, such as hyper-connections. `extras` are further parameters, by name and number.
    `repeated`: its weights are those of an earlier layer, so its work counts and its parameters don't (ALBERT, Zamba).
    """

    mixer: Any = None
    feed_forward: Any = None
    mixer_norms: int = 1
    feed_forward_norms: int = 1
    cross_attention: Any = None
    norm: Norm | None = None
    beside: tuple[Any, ...] = ()
    extras: tuple[tuple[str, int], ...] = ()
    repeated: bool = False


@dataclass(frozen=True)
class Part:
    """Equal mixers or feed-forward parts of `repeats` layers: one group of the ledger. Without a block, only `extras`."""

    name: str
    block: Any
    norms: int
    norm: Norm | None
    repeats: int
    extras: tuple[tuple[str, int], ...] = ()
    repeated: bool = False


def runs(layers: Any) -> tuple[tuple[Layer, int], ...]:
    """Return layers in order as (layer, how many of it follow one another)."""
    result: list[tuple[Layer, int]] = []
    for layer in layers:
        if result and result[-1][0] == layer:
            result[-1] = (layer, result[-1][1] + 1)
        else:
            result.append((layer, 1))
    return tuple(result)


class Stack:
    """The parts of a list of layers, and which of them make each layer."""

    def __init__(self, layers: tuple[tuple[Layer, int], ...], prefix: str = "") -> None:
        counts: dict[tuple[Any, ...], int] = {}
        keys = {layer: _keys(layer) for layer, _ in layers}
        for layer, repeats in layers:
            for key in keys[layer]:
                counts[key] = counts.get(key, 0) + repeats
        names: dict[tuple[Any, ...], str] = {}
        self.parts: list[Part] = []
        for key in sorted(counts, key=_order):
            _, block, norms, norm, extras, repeated = key
            base = prefix + _name(key) + (" again" if repeated else "")
            taken = sum(name == base or name.startswith(f"{base} (") for name in names.values())
            names[key] = f"{base} ({taken + 1})" if taken else base
            self.parts.append(Part(names[key], block, norms, norm, counts[key], extras, repeated))
        self._of = {layer: tuple(names[key] for key in keys[layer]) for layer in keys}
        self._layers = layers

    def layer(self, index: int) -> tuple[str, ...]:
        """Return the names of the parts of layer number `index`."""
        return self._of[self.kind(index)]

    def kind(self, index: int) -> Layer:
        """Return layer number `index`."""
        for layer, repeats in self._layers:
            if index < repeats:
                return layer
            index -= repeats
        raise IndexError(index)


def _keys(layer: Layer) -> list[tuple[Any, ...]]:
    keys: list[tuple[Any, ...]] = []
    again = layer.repeated
    if layer.mixer is not None:
        keys.append(("mixer", layer.mixer, layer.mixer_norms, layer.norm, (), again))
    if layer.cross_attention is not None:
        keys.append(("cross", layer.cross_attention, 1, layer.norm, (), again))
    if layer.feed_forward is not None:
        keys.append(("feed-forward", layer.feed_forward, layer.feed_forward_norms, layer.norm, (), again))
    keys.extend(("beside", block, 0, None, (), again) for block in layer.beside)
    if layer.extras and not again:
        keys.append(("extras", None, 0, None, layer.extras, again))
    return keys


def _name(key: tuple[Any, ...]) -> str:
    if key[0] == "cross":
        return "cross-attention"
    return "layer parameters" if key[1] is None else key[1].part


def _order(key: tuple[Any, ...]) -> tuple[int, bool]:
    """Mixers, windowed ones first; cross-attention; dense feed-forward parts, then experts."""
    role = ("mixer", "cross", "feed-forward", "beside", "extras").index(key[0])
    return role, not getattr(key[1], "window", 0) if role == 0 else getattr(key[1], "part", "") == "experts"


def within(context: PerCase, window: int) -> PerCase:
    """Return how many of `context` positions lie within `window`, all of them if it is 0."""
    return np.minimum(context, window) if window else context


def unequal(architecture: Any) -> tuple[str, ...]:
    """Return what an architecture has that its summary (`n_heads`, `d_ff`, ...) does not say; nothing where it says all."""
    parts = [mixer.part for mixer, _ in architecture.mixers() if mixer.role != "attention" or mixer.sparse]
    sizes = {(m.heads, m.kv_heads, m.key_dim, m.value_dim, m.gate) for m, _ in architecture.mixers() if m.role == "attention"}
    if len(sizes) > 1:
        parts.append("layers of unequal attention")
    if any(size[-1] for size in sizes):
        parts.append("an output gate of attention")
    if len({mixer.window for mixer, _ in architecture.mixers() if mixer.role == "attention" and mixer.window}) > 1:
        parts.append("windows of several lengths")
    if any(layer.mixer is None or layer.feed_forward is None for layer, _ in architecture.layers):
        parts.append("layers of one part")
    parts += [block.part for layer, _ in architecture.layers for block in layer.beside]
    mlps: dict[str, set[Any]] = {}
    for block, _ in architecture.feed_forwards():
        mlps.setdefault(block.part, set()).add(block)
    if any(len(blocks) > 1 for blocks in mlps.values()):
        parts.append("MLPs of several sizes")
    if any(block.latent or block.zero_experts or block.shared_d_ff % block.d_ff for block in mlps.get("experts", ())):
        parts.append("latent or zero experts, or shared ones of another width")
    uncounted = [what for what in architecture.unsupported if not what.startswith(APART)]
    return tuple(dict.fromkeys([*parts, *uncounted]))
