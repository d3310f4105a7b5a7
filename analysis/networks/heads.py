"""What the heads of a trained Transformer look at, and what it loses without one of them."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Literal

import numpy as np
import pandas as pd

from analysis.networks import held_out, translator
from analysis.networks.attention import MultiHeadAttended, MultiHeadAttention
from analysis.networks.dispersion import effective_keys
from analysis.networks.head_outputs import rows, silenced
from analysis.networks.linear import Linear
from analysis.networks.transformer import Layer, Transformer

Part = Literal["encoder", "decoder", "cross"]
#: Where heads are, and what it is called.
PARTS: dict[Part, str] = {
    "encoder": "the encoder's self-attention",
    "decoder": "the decoder's self-attention",
    "cross": "cross-attention",
}
#: The row of `looks` that stands for weights that are all the same.
EVEN = "even weights"


def looks(model: Transformer, numbers: Iterable[int]) -> pd.DataFrame:
    """Return what share of its weight each head of the encoder gives to which kind of token, on average over all words.

    One row a head, `layer` and `head` counted from 1, and a last row `EVEN` for weights that are all the same. A token
    may be of several kinds, or of none.
    """
    tokens = translator.sources(numbers)
    encoded = model.encode(tokens)
    kinds = _kinds(tokens)
    words = (tokens != translator.VOCABULARY.padding) & (tokens != translator.VOCABULARY.end)
    rows = []
    for layer, passed in enumerate(encoded.layers, start=1):
        weights = np.swapaxes(passed.attention.weights, 0, 1)  # (heads, sentences, queries, keys)
        for head, head_weights in enumerate(weights, start=1):
            rows.append(
                {"layer": layer, "head": head}
                | {kind: head_weights[mask & words[:, :, None]].sum() for kind, mask in kinds.items()}
            )
    even = encoded.mask / encoded.mask.sum(axis=-1, keepdims=True)
    rows.append({"layer": EVEN, "head": ""} | {kind: even[mask & words[:, :, None]].sum() for kind, mask in kinds.items()})
    frame = pd.DataFrame(rows)
    frame[list(kinds)] /= words.sum()
    return frame


def _kinds(tokens: np.ndarray) -> dict[str, np.ndarray]:
    """Return, by kind, which keys are of it for which queries, (sentences, queries, keys)."""
    length = tokens.shape[1]
    number = {word: translator.VOCABULARY.numbers([word])[0] for word in ("hundred", "thousand", "and")}
    places = {"itself": np.eye(length), "word before": np.eye(length, k=-1), "word after": np.eye(length, k=1)}
    kinds = {name: np.broadcast_to(place.astype(bool), (len(tokens), length, length)) for name, place in places.items()}
    keys = {word: tokens == value for word, value in number.items()} | {"end": tokens == translator.VOCABULARY.end}
    return kinds | {name: np.broadcast_to(key[:, None, :], (len(tokens), length, length)) for name, key in keys.items()}


def strongest(shares: pd.DataFrame) -> pd.Series:
    """Return the head and the kind of `looks` whose share exceeds that of even weights by most.

    The row has `layer`, `head`, `kind`, `share` and `even`, the share under even weights.
    """
    kinds = [column for column in shares if column not in ("layer", "head")]
    even = shares.iloc[-1][kinds].astype(float)
    excess = shares.iloc[:-1][kinds].astype(float) - even
    row, kind = excess.stack().idxmax()
    share = shares.loc[row]
    return pd.Series({"layer": share["layer"], "head": share["head"], "kind": kind, "share": share[kind], "even": even[kind]})


def contributions(layer: MultiHeadAttention, attended: MultiHeadAttended) -> np.ndarray:
    """Return what each head adds to the output: (n_heads, q, d_model). With the bias, they sum to the output.

    The output projection takes the heads side by side; that is the same as each head times its own rows of the matrix.
    """
    return attended.heads @ rows(layer)


def without(model: Transformer, part: Part, layer: int, head: int) -> Transformer:
    """Return the `model` in which one head, both counted from 0, adds nothing."""
    stack: Literal["encoder", "decoder"] = "encoder" if part == "encoder" else "decoder"
    layers = list(getattr(model, stack))
    layers[layer] = silenced(layers[layer], head, "cross_attention" if part == "cross" else "attention")
    return replace(model, **{stack: tuple(layers)})


def sharpened(model: Transformer, factor: float) -> Transformer:
    """Return the `model` with every score of its attention multiplied by `factor`: √d_k undoes the division."""

    def sharper(layer: Layer) -> Layer:
        attentions = {"attention": layer.attention, "cross_attention": layer.cross_attention}
        return replace(layer, **{
            name: replace(attention, query=Linear(attention.query.weight * factor, attention.query.bias * factor))
            for name, attention in attentions.items()
            if attention is not None
        })  # fmt: skip

    return replace(model, encoder=tuple(map(sharper, model.encoder)), decoder=tuple(map(sharper, model.decoder)))


def mean_keys(model: Transformer, numbers: Iterable[int]) -> float:
    """Return over how many keys the weights of the encoder's heads are spread, e to the entropy, on average over
    words."""
    tokens = translator.sources(numbers)
    words = tokens != translator.VOCABULARY.padding
    return float(
        np.mean(
            [np.swapaxes(effective_keys(layer.attention.weights), 1, 2)[words].mean() for layer in model.encode(tokens).layers]
        )
    )


def losses(model: Transformer, numbers: Iterable[int]) -> pd.DataFrame:
    """Return the accuracy that the model loses without each head: `part`, `layer` and `head` from 1, and `lost`."""
    encoded = model.encode(translator.sources(numbers))
    whole = held_out.accuracy(model, numbers, encoded)
    rows = []
    for part in PARTS:
        for layer in range(len(model.encoder if part == "encoder" else model.decoder)):
            for head in range(model.architecture.n_heads):
                other = without(model, part, layer, head)
                left = held_out.accuracy(other, numbers, None if part == "encoder" else encoded)
                rows.append({"part": part, "layer": layer + 1, "head": head + 1, "lost": whole - left})
    return pd.DataFrame(rows)
