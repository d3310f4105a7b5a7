"""A Transformer language model in NumPy: GPT with a mask that hides what comes later, BERT without it.

One stack of layers serves both. As in GPT-2 (Radford et al. 2019), positions are learned, each sub-layer reads the
normalized state and adds to it ("pre-norm"), and a norm stands after the last layer; the embeddings may serve as the
output layer, too. The feed-forward network has a ReLU, where GPT and BERT have a GELU. Arrays are (..., positions, width).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from analysis.models.architecture import Architecture, uniform
from analysis.networks import attention, transformer
from analysis.networks.transformer import Layer, LayerNorm, LayerPass, Stacked
from analysis.networks.vocabulary import Vocabulary

_BATCH = 100


class PromptError(ValueError):
    """A text that the model can't read; the message names what is wrong and what is allowed."""


@dataclass(frozen=True)
class Predicted(Stacked):
    """What the model computes: besides its stack, `normed`, what leaves the final norm (..., n, d_model).

    The logits are computed when they are asked for: over a large vocabulary they are most of the work.
    """

    normed: np.ndarray
    unembedding: np.ndarray

    @cached_property
    def logits(self) -> np.ndarray:
        """Logits of the token (..., n, vocabulary): a decoder's of the next one, an encoder's of the one that stands there."""
        return self.normed @ self.unembedding

    @property
    def probabilities(self) -> np.ndarray:
        """The softmax of the logits, (..., n, vocabulary)."""
        return attention.softmax(self.logits)


@dataclass(frozen=True)
class LanguageModel:
    """A decoder-only or an encoder-only Transformer, by the kind of its `architecture`.

    `embedding` is (vocabulary, d_model), `positions` (context, d_model), `unembedding` (d_model, vocabulary).
    """

    architecture: Architecture
    embedding: np.ndarray
    positions: np.ndarray
    layers: tuple[Layer, ...]
    norm: LayerNorm
    unembedding: np.ndarray

    @classmethod
    def from_arrays(cls, architecture: Architecture, arrays: Mapping[str, np.ndarray]) -> "LanguageModel":
        """Return the model that the `arrays`, named as `training.language_model` writes them, describe.

        They are computed with in single precision, however they are stored.
        """
        arrays = {name: np.asarray(array, dtype=np.float32) for name, array in arrays.items()}
        embedding = arrays["embedding"]
        return cls(
            architecture,
            embedding,
            arrays["positions"],
            tuple(transformer.layer(arrays, f"layers.{n}", architecture.n_heads) for n in range(architecture.n_layers)),
            transformer.layer_norm(arrays, "norm"),
            embedding.T if architecture.tied_embeddings else arrays["unembedding"],
        )

    @property
    def context(self) -> int:
        """The most tokens that the model reads."""
        return len(self.positions)

    def mask(self, length: int) -> np.ndarray:
        """Return which positions each of `length` may see, (length, length): a decoder's only itself and those before."""
        return attention.sequence_mask(length) | (not self.architecture.causal)

    def __call__(self, tokens: np.ndarray, mask: np.ndarray | None = None) -> Predicted:
        """Return the pass over `tokens` (..., n), numbers of the vocabulary.

        `mask` (..., n, n), True where a position may look, stands in for the model's own; an encoder's batch needs one
        that hides the padding. Raises PromptError if there is no token, or more than the context holds.
        """
        tokens = np.asarray(tokens)
        length = tokens.shape[-1]
        if not 1 <= length <= self.context:
            raise PromptError(f"tokens: there are {length}, and the model reads 1 to {self.context}")
        mask = self.mask(length) if mask is None else mask
        embedded, places = self.embedding[tokens], self.positions[:length]
        passes, state = [], embedded + places
        for layer in self.layers:
            passes.append(_pre_norm(layer, state, mask))
            state = passes[-1].output
        normed = self.norm(state)
        mask = np.broadcast_to(mask, (*tokens.shape, length))
        return Predicted(tokens, mask, embedded, places, embedded + places, tuple(passes), normed, self.unembedding)


def architecture(
    name: str, *, vocabulary: int, context: int, n_layers: int, d_model: int, n_heads: int, causal: bool = True, tied: bool = True
) -> Architecture:
    """Return the shape of a small language model, whose feed-forward network is four times as wide as the model."""
    return uniform(
        name,
        kind="decoder" if causal else "encoder",
        n_layers=n_layers,
        d_model=d_model,
        n_heads=n_heads,
        d_ff=4 * d_model,
        vocab_size=vocabulary,
        positions="learned",
        learned_positions=context,
        biases=frozenset({"qkv", "output", "mlp", "norm"}),
        tied_embeddings=tied,
    )


def log_softmax(logits: np.ndarray) -> np.ndarray:
    """Return the logarithm of the softmax along the last axis."""
    return logits - _log_sum(logits)


def read(vocabulary: Vocabulary, text: Sequence[str], most: int, name: str = "prompt") -> np.ndarray:
    """Return the token numbers of a `text` of at most `most` tokens, each of which the vocabulary has to know, (n,).

    A text is a string, token by character, or a list of tokens. Raises PromptError, which calls the text `name`.
    """
    if not len(text):
        raise PromptError(f"{name}: it is empty; give 1 to {most} tokens that the model knows")
    unknown = sorted(set(text) - vocabulary.numbered.keys(), key=text.index)
    if unknown:
        raise PromptError(
            f"{name}: {', '.join(map(repr, unknown))} {'is' if len(unknown) == 1 else 'are'} not in the vocabulary; of its "
            f"{len(vocabulary)} tokens, some are {', '.join(map(repr, vocabulary.tokens[3:9]))}"
        )
    if len(text) > most:
        raise PromptError(f"{name}: it has {len(text)} tokens, and the context has room for {most}")
    return np.array(vocabulary.numbers(text))


def next_log_probabilities(model: LanguageModel, tokens: np.ndarray) -> np.ndarray:
    """Return the log-probability, in nats, that a decoder gives each of `tokens` (..., n) but the first, (..., n - 1).

    By the chain rule, the sum is that of the whole, given the first.
    """
    tokens = np.asarray(tokens)
    logits = model(tokens[..., :-1]).logits
    return (np.take_along_axis(logits, tokens[..., 1:, None], axis=-1) - _log_sum(logits))[..., 0]


def in_batches(function: Callable[..., np.ndarray], *arrays: np.ndarray) -> np.ndarray:
    """Return what `function` makes of the rows of `arrays`, a hundred at a time, so that the logits stay small."""
    starts = range(0, len(arrays[0]), _BATCH)
    return np.concatenate([function(*(array[start : start + _BATCH] for array in arrays)) for start in starts])


def _log_sum(logits: np.ndarray) -> np.ndarray:
    """Return ln Σ e^logit along the last axis, kept as one; the largest is taken out first, so that nothing overflows."""
    largest = logits.max(axis=-1, keepdims=True)
    return largest + np.log(np.exp(logits - largest).sum(axis=-1, keepdims=True))


def _pre_norm(layer: Layer, x: np.ndarray, mask: np.ndarray) -> LayerPass:
    attended = layer.attention(layer.attention_norm(x), mask=mask)
    state = x + attended.output
    hidden, mlp = layer.mlp(layer.mlp_norm(state))
    return LayerPass(x, attended, state, None, None, hidden, mlp, state + mlp)
