"""The encoder-decoder Transformer in NumPy: one forward pass, with everything it computes on the way.

As in Vaswani et al. 2017: sinusoidal positions; each sub-layer's output is added to its input (residual) and the sum
normalized ("post-norm"); ReLU between the two matrices of the feed-forward network; one matrix for the embeddings of
both languages and for the output layer. Arrays are (..., positions, width); leading axes are sequences of a batch.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from analysis.models.architecture import Architecture
from analysis.networks import attention, positions
from analysis.networks.attention import MultiHeadAttended, MultiHeadAttention
from analysis.networks.linear import Linear

_EPSILON = 1e-5


@dataclass(frozen=True)
class LayerNorm:
    """Brings each position's numbers to mean 0 and variance 1, then scales by `gain` and shifts by `bias`, (d_model,)."""

    gain: np.ndarray
    bias: np.ndarray

    def __call__(self, x: np.ndarray) -> np.ndarray:
        centred = x - x.mean(axis=-1, keepdims=True)
        return centred / np.sqrt((centred**2).mean(axis=-1, keepdims=True) + _EPSILON) * self.gain + self.bias


@dataclass(frozen=True)
class FeedForward:
    """Two matrices, (d_model, d_ff) and (d_ff, d_model), with a ReLU between; the same for each position."""

    up: Linear
    down: Linear

    def __call__(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return what the ReLU lets pass (..., d_ff), and the output (..., d_model)."""
        hidden = np.maximum(self.up(x), 0)
        return hidden, self.down(hidden)


@dataclass(frozen=True)
class LayerPass:
    """What one layer computes. Each `..._output` is what comes out of its sub-layer, after the residual, and
    after the norm where that stands behind it.

    An encoder's layer has no cross-attention. `hidden` (..., d_ff) is inside the feed-forward network, and `mlp` is
    what that network adds. `output` is the layer's.
    """

    input: np.ndarray
    attention: MultiHeadAttended
    attention_output: np.ndarray
    cross_attention: MultiHeadAttended | None
    cross_attention_output: np.ndarray | None
    hidden: np.ndarray
    mlp: np.ndarray
    output: np.ndarray


@dataclass(frozen=True)
class Layer:
    """One layer of the encoder or, with cross-attention, of the decoder."""

    attention: MultiHeadAttention
    attention_norm: LayerNorm
    mlp: FeedForward
    mlp_norm: LayerNorm
    cross_attention: MultiHeadAttention | None = None
    cross_attention_norm: LayerNorm | None = None

    def __call__(
        self,
        x: np.ndarray,
        mask: np.ndarray,
        source: np.ndarray | None = None,
        source_mask: np.ndarray | None = None,
    ) -> LayerPass:
        """Return the pass of `x` (..., n, d_model); a decoder's layer also looks at `source` (..., m, d_model)."""
        attended = self.attention(x, mask=mask)
        state = attention_output = self.attention_norm(x + attended.output)
        crossed = crossed_output = None
        if self.cross_attention is not None:
            crossed = self.cross_attention(state, source, source_mask)
            state = crossed_output = self.cross_attention_norm(state + crossed.output)
        hidden, mlp = self.mlp(state)
        output = self.mlp_norm(state + mlp)
        return LayerPass(x, attended, attention_output, crossed, crossed_output, hidden, mlp, output)


@dataclass(frozen=True)
class Stacked:
    """What a stack of layers computes: `embedded`, each token's vector times √d_model, and `positions`, whose sum
    `input` enters the first of the `layers`; `mask` is what self-attention may see, (..., n, n)."""

    tokens: np.ndarray
    mask: np.ndarray
    embedded: np.ndarray
    positions: np.ndarray
    input: np.ndarray
    layers: tuple[LayerPass, ...]

    @property
    def output(self) -> np.ndarray:
        """What the last layer puts out, (..., n, d_model)."""
        return self.layers[-1].output


@dataclass(frozen=True)
class Decoded(Stacked):
    """What the decoder computes: besides its stack, `logits` and `probabilities` of the next token (..., n, vocabulary)
    at each position, and `source_mask`, which positions of the source it may see (..., 1, m)."""

    source_mask: np.ndarray
    logits: np.ndarray
    probabilities: np.ndarray


@dataclass(frozen=True)
class Transformer:
    """An encoder-decoder. `embedding` is (vocabulary, d_model); `padding` is the token that every mask hides."""

    architecture: Architecture
    embedding: np.ndarray
    encoder: tuple[Layer, ...]
    decoder: tuple[Layer, ...]
    padding: int = 0

    @classmethod
    def from_arrays(cls, architecture: Architecture, arrays: Mapping[str, np.ndarray], padding: int = 0) -> "Transformer":
        """Return the Transformer that the `arrays`, named as in `data/weights/`, describe."""
        heads = architecture.n_heads
        encoder = [layer(arrays, f"encoder.{n}", heads) for n in range(architecture.n_encoder_layers)]
        decoder = [layer(arrays, f"decoder.{n}", heads) for n in range(architecture.n_layers)]
        return cls(architecture, arrays["embedding"], tuple(encoder), tuple(decoder), padding)

    def encode(self, tokens: np.ndarray) -> Stacked:
        """Return the encoder's pass over `tokens` (..., n), numbers of the vocabulary."""
        tokens = np.asarray(tokens)
        seen = attention.padding_mask(tokens, self.padding)
        mask = np.broadcast_to(seen, (*tokens.shape, tokens.shape[-1]))
        embedded, places = self._enter(tokens)
        passes, state = [], embedded + places
        for layer in self.encoder:
            passes.append(layer(state, mask))
            state = passes[-1].output
        return Stacked(tokens, mask, embedded, places, embedded + places, tuple(passes))

    def decode(self, tokens: np.ndarray, encoded: Stacked, *, sees_later: bool = False) -> Decoded:
        """Return the decoder's pass over what it has written so far, `tokens` (..., n), the start token first.

        At position i stand the probabilities of token i + 1. No position sees what is after it, unless `sees_later`,
        which only serves to show what the mask is for.
        """
        tokens = np.asarray(tokens)
        before = attention.sequence_mask(tokens.shape[-1]) | sees_later
        mask = attention.padding_mask(tokens, self.padding) & before
        source_mask = attention.padding_mask(encoded.tokens, self.padding)
        embedded, places = self._enter(tokens)
        passes, state = [], embedded + places
        for layer in self.decoder:
            passes.append(layer(state, mask, encoded.output, source_mask))
            state = passes[-1].output
        logits = state @ self.embedding.T
        return Decoded(
            tokens, mask, embedded, places, embedded + places, tuple(passes),
            source_mask, logits, attention.softmax(logits),
        )  # fmt: skip

    def _enter(self, tokens: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the tokens' vectors, scaled, and those of their positions."""
        width = self.embedding.shape[1]
        places = positions.encoding(tokens.shape[-1], width).astype(self.embedding.dtype)
        return self.embedding[tokens] * width**0.5, places


def layer(arrays: Mapping[str, np.ndarray], name: str, n_heads: int) -> Layer:
    """Return the layer whose arrays begin with `name`."""
    crosses = f"{name}.cross_attention.query.weight" in arrays
    return Layer(
        attention=_attention(arrays, f"{name}.attention", n_heads),
        attention_norm=layer_norm(arrays, f"{name}.attention_norm"),
        mlp=FeedForward(_linear(arrays, f"{name}.mlp.up"), _linear(arrays, f"{name}.mlp.down")),
        mlp_norm=layer_norm(arrays, f"{name}.mlp_norm"),
        cross_attention=_attention(arrays, f"{name}.cross_attention", n_heads) if crosses else None,
        cross_attention_norm=layer_norm(arrays, f"{name}.cross_attention_norm") if crosses else None,
    )


def _attention(arrays: Mapping[str, np.ndarray], name: str, n_heads: int) -> MultiHeadAttention:
    parts = (_linear(arrays, f"{name}.{part}") for part in ("query", "key", "value", "output"))
    return MultiHeadAttention(*parts, n_heads=n_heads)


def _linear(arrays: Mapping[str, np.ndarray], name: str) -> Linear:
    return Linear(arrays[f"{name}.weight"], arrays[f"{name}.bias"])


def layer_norm(arrays: Mapping[str, np.ndarray], name: str) -> LayerNorm:
    """Return the norm whose arrays begin with `name`."""
    return LayerNorm(arrays[f"{name}.gain"], arrays[f"{name}.bias"])
