"""Examples added to a prompt one by one: what the models of in-context learning say of one letter's capital after each."""

import numpy as np
import pandas as pd

from analysis.networks import substitution
from analysis.networks.substitution import SIZES, SYMBOLS, VOCABULARY

#: The letter that is asked for is first shown by this example; so many are added in all.
SHOWN_BY, EXAMPLES = 4, 12
_SEED = 11


def prompt() -> np.ndarray:
    """Return a rule's letters and capitals, (2 · EXAMPLES + 2,): examples, then the letter asked for and its capital.

    The rule was drawn for this, and no model was trained on it. The letter is that of the example SHOWN_BY, none before which
    shows it.
    """
    random = np.random.default_rng(_SEED)
    rule = substitution.rules(1, random)
    letters = np.concatenate([random.permutation(SYMBOLS)[:SHOWN_BY], random.integers(SYMBOLS, size=EXAMPLES - SHOWN_BY)])
    return substitution.sequences(rule, np.append(letters, letters[SHOWN_BY - 1])[None])[0]


def answers() -> pd.DataFrame:
    """Return what each `size` says after 0, 1, ... `examples`: `capital`, `probability`, and whether it is the `right` one.

    `prompt` is the text that was read, and `ideal` what one who looks up, and otherwise guesses among capitals that are
    left, would say of the right capital.
    """
    tokens = prompt()
    asked, wanted = tokens[-2:]
    rows = []
    for size in SIZES:
        model = substitution.load(size)
        for examples in range(EXAMPLES + 1):
            read = np.append(tokens[: 2 * examples], asked)
            given = model(read).probabilities[-1]
            taken = {VOCABULARY.tokens[token] for token in read[1::2]}
            ideal = 1.0 if examples >= SHOWN_BY else 1 / (SYMBOLS - len(taken))
            rows += [
                {
                    "size": size,
                    "examples": examples,
                    "capital": VOCABULARY.tokens[token],
                    "probability": float(given[token]),
                    "right": bool(token == wanted),
                    "prompt": substitution.text(read),
                    "ideal": ideal,
                }
                for token in range(SYMBOLS, 2 * SYMBOLS)
            ]
    return pd.DataFrame(rows)
