"""Every head of the translator that looks at the English words, for one sentence, and the translation without each of them."""

import numpy as np
import pandas as pd

from analysis.networks import heads, translator
from analysis.networks.heads import Part

#: One that three single heads can spoil.
SENTENCE = "sixty-five thousand two hundred and ninety-one"
#: The attentions whose keys are the English words.
PARTS: tuple[Part, ...] = ("encoder", "cross")


def explored(sentence: str) -> pd.DataFrame:
    """Return every weight: `part`, `layer` and `head` from 1, the `place` from 1 and the `token` that looks, the `key_place`
    and the `key` that is looked at, the `weight`, and what is written `without` the head. Raises SentenceError."""
    model = translator.load()
    generated = translator.translate(sentence)
    english = translator.VOCABULARY.read(generated.encoded.tokens)
    written = translator.VOCABULARY.read(generated.tokens)
    english, written = (_with_end(names, count) for names, count in (
        (english, generated.encoded.tokens.size), (written, len(generated.tokens)),
    ))  # fmt: skip
    rows = []
    for part in PARTS:
        passes = generated.encoded.layers if part == "encoder" else generated.decoded.layers
        for layer, passed in enumerate(passes):
            attended = passed.attention if part == "encoder" else passed.cross_attention
            queries = english if part == "encoder" else written
            for head, weights in enumerate(np.squeeze(attended.weights)):
                without = translator.text(translator.translate(sentence, model=heads.without(model, part, layer, head)))
                rows += [
                    [part, layer + 1, head + 1, place + 1, token, at + 1, key, float(weights[place, at]), without]
                    for place, token in enumerate(queries)
                    for at, key in enumerate(english)
                ]
    columns = ["part", "layer", "head", "place", "token", "key_place", "key", "weight", "without"]
    return pd.DataFrame(rows, columns=columns)


def _with_end(names: list[str], count: int) -> list[str]:
    """Return as many names as there are tokens, the end, which is not read, included."""
    return [*names, *["<end>"] * (count - len(names))]
