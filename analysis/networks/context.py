"""How far the vector of one word depends on the sentence that it stands in: static when looked up, contextual after."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from analysis.networks import translator
from analysis.networks.transformer import Transformer


def alike_by_stage(model: Transformer, word: str, numbers: Iterable[int]) -> pd.DataFrame:
    """Return how alike the vectors of `word` are, wherever it occurs in the English of `numbers`.

    `stage` goes from the look-up to the last layer of the encoder; `cosine` is the mean over any two occurrences.
    Raises ValueError if the word occurs less than twice.
    """
    tokens = translator.sources(numbers)
    encoded = model.encode(tokens)
    occurrences = tokens == translator.VOCABULARY.numbers([word])[0]
    if occurrences.sum() < 2:
        raise ValueError(f"{word!r} occurs {occurrences.sum()} times in the numbers, and two occurrences are to be compared")
    stages = {"Looked up": encoded.embedded, "With its position": encoded.input}
    stages |= {f"After layer {number}": layer.output for number, layer in enumerate(encoded.layers, start=1)}
    return pd.DataFrame([{"stage": stage, "cosine": _mean_cosine(vectors[occurrences])} for stage, vectors in stages.items()])


def _mean_cosine(vectors: np.ndarray) -> float:
    """Return the mean cosine of any two of the `vectors` (n, width)."""
    units = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    count = len(units)
    return float((np.square(units.sum(axis=0)).sum() - count) / (count * (count - 1)))
