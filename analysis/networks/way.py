"""One token's way through the translator's decoder: its vector after each sub-layer, and what that sub-layer read and added."""

from dataclasses import dataclass

import numpy as np

from analysis.networks import translator


@dataclass(frozen=True)
class Station:
    """A token's `vector` (d_model,) behind one `part` ("embedding", "attention", "cross" or "mlp") of a `layer`, from 1.

    `added` is the length of what the part added over that of what entered it; `key` is the token that its heads look at most
    on average, with the `share`, where the part is an attention.
    """

    part: str
    layer: int
    vector: np.ndarray
    added: float = 0.0
    key: str = ""
    share: float = 0.0


@dataclass(frozen=True)
class Way:
    """The way of one `token` that the decoder was fed, and the token that is chosen `next`, with its `probability`."""

    token: str
    stations: list[Station]
    next: str
    probability: float


def ways(sentence: str) -> list[Way]:
    """Return the way of each token that is fed while `sentence` is translated, in order. Raises SentenceError."""
    names = translator.VOCABULARY.tokens
    generated = translator.translate(sentence)
    english = [names[token] for token in generated.encoded.tokens]
    decoded = generated.decoded
    fed = [names[token] for token in decoded.tokens]
    followed = []
    for place, token in enumerate(fed):
        stations = [Station("embedding", 0, decoded.input[place])]
        for layer, passed in enumerate(decoded.layers, start=1):
            for part, before, attended, output in (
                ("attention", passed.input, passed.attention, passed.attention_output),
                ("cross", passed.attention_output, passed.cross_attention, passed.cross_attention_output),
            ):
                weights = attended.weights[:, place].mean(axis=0)
                key = int(weights.argmax())
                added = _ratio(attended.output[place], before[place])
                keys = fed if part == "attention" else english
                stations.append(Station(part, layer, output[place], added, keys[key], float(weights[key])))
            added = _ratio(passed.mlp[place], passed.cross_attention_output[place])
            stations.append(Station("mlp", layer, passed.output[place], added))
        chosen = int(decoded.probabilities[place].argmax())
        followed.append(Way(token, stations, names[chosen], float(decoded.probabilities[place, chosen])))
    return followed


def _ratio(added: np.ndarray, before: np.ndarray) -> float:
    return float(np.linalg.norm(added) / np.linalg.norm(before))
