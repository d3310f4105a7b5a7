"""A small GPT and a small BERT, pre-trained on the same poems: one architecture under two masks.

`python -m training.poem_models` trains them.
"""

from functools import cache

import numpy as np

from analysis.networks import language_model, poems, weights
from analysis.networks.language_model import LanguageModel, PromptError
from analysis.suggest import nearest

KINDS = ("GPT", "BERT")

#: The share of characters that training hides from BERT.
HIDDEN = 0.2

ARCHITECTURES = {
    kind: language_model.architecture(
        f"Poems, {kind}",
        vocabulary=len(poems.vocabulary()),
        context=poems.CONTEXT,
        n_layers=4,
        d_model=96,
        n_heads=4,
        causal=kind == "GPT",
    )
    for kind in KINDS
}


def arrays(kind: str) -> dict[str, np.ndarray]:
    """Return the trained weights of a kind, GPT or BERT. Raises ValueError for another, WeightsError."""
    if kind not in KINDS:
        raise ValueError(f"kind: {kind!r} is not known{nearest(kind, KINDS)}; there are: {', '.join(KINDS)}")
    stored = weights.load("poem_models")
    return {name.removeprefix(f"{kind}."): array for name, array in stored.items() if name.startswith(f"{kind}.")}


@cache
def load(kind: str) -> LanguageModel:
    """Return the trained model of a kind. Raises ValueError, WeightsError."""
    stored = arrays(kind)
    return LanguageModel.from_arrays(ARCHITECTURES[kind], stored)


def readable(text: str) -> str:
    """Return `text`, if the models can read it. Raises ValueError."""
    try:
        language_model.read(poems.vocabulary(), text, poems.CONTEXT - 2, "text")
    except PromptError as exc:
        raise ValueError(str(exc).removeprefix("text: ")) from exc
    return text
