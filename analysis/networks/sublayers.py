"""What each sub-layer of the translator adds to what enters it, and what is lost without it, or without what is around it.

A sub-layer's output is added to its input, and the sum is normalized. Taken away after training, a part is missing from a
network that has learned to rely on it; a network trained without it might do better than these measurements say.
"""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pandas as pd

from analysis.networks import held_out, translator
from analysis.networks.linear import Linear
from analysis.networks.transformer import Layer, LayerPass, Stacked, Transformer

ATTENTION, CROSS, FEED_FORWARD = "Self-attention", "Cross-attention", "Feed-forward"
STACKS = ("encoder", "decoder")


def additions(model: Transformer, numbers: Iterable[int]) -> pd.DataFrame:
    """Return by `layer` and `sublayer` of the encoder how long the vector is that `enters`, the one that is `added`, and
    their `sum`, which the normalization takes, each as the mean over all words of the `numbers`."""
    tokens = translator.sources(numbers)
    words = tokens != translator.VOCABULARY.padding

    def length(vectors: np.ndarray) -> float:
        return float(np.linalg.norm(vectors[words], axis=-1).mean())

    rows = []
    for layer, done in enumerate(model.encode(tokens).layers, start=1):
        steps = {ATTENTION: (done.input, done.attention.output), FEED_FORWARD: (done.attention_output, done.mlp)}
        for name, (enters, added) in steps.items():
            lengths = {"enters": length(enters), "added": length(added), "sum": length(enters + added)}
            rows.append({"layer": layer, "sublayer": name} | lengths)
    return pd.DataFrame(rows)


def losses(model: Transformer, numbers: Iterable[int]) -> pd.DataFrame:
    """Return the accuracy that is `left` without each sub-layer: `stack`, `layer` from 1, and `sublayer`.

    The sub-layer adds nothing, and its residual connection hands its input on.
    """
    numbers = np.asarray(numbers)
    rows = []
    for stack in STACKS:
        for layer, sublayers in enumerate(getattr(model, stack)):
            for sublayer in (ATTENTION, CROSS, FEED_FORWARD) if sublayers.cross_attention else (ATTENTION, FEED_FORWARD):
                left = held_out.accuracy(without(model, stack, layer, sublayer), numbers)
                rows.append({"stack": stack, "layer": layer + 1, "sublayer": sublayer, "left": left})
    return pd.DataFrame(rows)


def without(model: Transformer, stack: str, layer: int, sublayer: str) -> Transformer:
    """Return the `model` in which one sub-layer of the layer, counted from 0, of "encoder" or "decoder" adds nothing."""
    layers = list(getattr(model, stack))
    changed: Layer = layers[layer]
    if sublayer == FEED_FORWARD:
        layers[layer] = replace(changed, mlp=replace(changed.mlp, down=_nothing(changed.mlp.down)))
    else:
        name = "attention" if sublayer == ATTENTION else "cross_attention"
        attention = getattr(changed, name)
        layers[layer] = replace(changed, **{name: replace(attention, output=_nothing(attention.output))})
    return replace(model, **{stack: tuple(layers)})


def _nothing(linear: Linear) -> Linear:
    return Linear(np.zeros_like(linear.weight), np.zeros_like(linear.bias))


def encode(model: Transformer, tokens: np.ndarray, *, residual: bool = True, norm: bool = True) -> Stacked:
    """Return the encoder's pass over `tokens` (..., n), without the residual connections or the normalizations if asked."""

    def around(x: np.ndarray, added: np.ndarray, normalize) -> np.ndarray:
        total = x + added if residual else added
        return normalize(total) if norm else total

    entered = model.encode(tokens)
    state, passes = entered.input, []
    for layer in model.encoder:
        attended = layer.attention(state, mask=entered.mask)
        middle = around(state, attended.output, layer.attention_norm)
        hidden, mlp = layer.mlp(middle)
        output = around(middle, mlp, layer.mlp_norm)
        passes.append(LayerPass(state, attended, middle, None, None, hidden, mlp, output))
        state = output
    return replace(entered, layers=tuple(passes))
