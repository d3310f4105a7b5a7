"""Where words lie: the plane that shows most of how the vectors of some words differ, from a whole vocabulary to a few pairs."""

from dataclasses import dataclass

import numpy as np

from analysis.networks.word_vectors import WordVectors

#: Words nearest to the two in the middle, on the way down from all words to pairs like the two.
NEAREST = (300, 40)
#: Pairs at the end.
PAIRS = 20


@dataclass(frozen=True, eq=False)
class Map:
    """`words`, most relevant first, where they lie in their own best plane, (words, 2), and the share of the variance there."""

    words: tuple[str, ...]
    places: np.ndarray
    share: float


def best_plane(vectors: WordVectors, words: tuple[str, ...], first: str, second: str) -> Map:
    """Return the map of `words` in the plane that keeps most of their variance (principal components, exact but for rounding).

    A plane has no right and no up: the word `first`, one of them, lies to the right of their mean, and `second` above `first`.
    """
    those = np.array([vectors.vector(word) for word in words], dtype=np.float64)
    centred = those - those.mean(axis=0)
    _, sizes, axes = np.linalg.svd(centred, full_matrices=False)
    places = centred @ axes[:2].T
    first_place, second_place = places[words.index(first)], places[words.index(second)]
    signs = np.where([first_place[0] < 0, second_place[1] < first_place[1]], -1, 1)
    return Map(words, places * signs, float(np.sum(sizes[:2] ** 2) / np.sum(sizes**2)))


def zoom(vectors: WordVectors, first: str, second: str, pairs: list[tuple[str, str]]) -> list[Map]:
    """Return maps from all words to the nearest of `first` and `second`, and at last to those two among `pairs` like them."""
    middle = vectors.vector(first) + vectors.vector(second)
    order = tuple(word for word, _ in vectors.nearest(middle, len(vectors.words)))
    alike = [(first, second), *(pair for pair in pairs if not {first, second} & set(pair))][:PAIRS]
    last = tuple(word for pair in alike for word in pair)
    return [best_plane(vectors, words, first, second) for words in (order, *(order[:count] for count in NEAREST), last)]
