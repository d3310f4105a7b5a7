"""Planes of word vectors: they keep what no other plane keeps more of, and lie as they are said to."""

import numpy as np
import pytest
from sklearn.decomposition import PCA

from analysis.networks import word_map, word_vectors

VECTORS = word_vectors.load()
RELATION = word_vectors.relation_of("man", "woman")


def test_each_plane_is_that_of_the_principal_components():
    for one in word_map.zoom(VECTORS, "king", "queen", RELATION)[1:]:
        vectors = np.array([VECTORS.vector(word) for word in one.words], dtype=np.float64)
        fitted = PCA(2, svd_solver="full").fit(vectors)
        assert one.share == pytest.approx(fitted.explained_variance_ratio_.sum())
        assert np.allclose(np.abs(one.places), np.abs(fitted.transform(vectors)), atol=1e-6)


def test_zooms_go_from_all_words_to_pairs_and_the_two_lie_as_said():
    every, near, nearer, pairs = word_map.zoom(VECTORS, "king", "queen", RELATION)
    assert set(every.words) == set(VECTORS.words)
    assert set(nearer.words) < set(near.words) < set(every.words)
    assert {"king", "queen", "prince", "princess"} <= set(nearer.words)
    assert pairs.words[:2] == ("king", "queen")
    assert len(pairs.words) == 2 * word_map.PAIRS
    for one in (every, near, nearer, pairs):
        at = dict(zip(one.words, one.places, strict=True))
        assert at["king"][0] >= 0
        assert at["queen"][1] >= at["king"][1]


def test_a_relation_is_found_by_one_of_its_pairs():
    assert ("king", "queen") in RELATION
    assert word_vectors.relation_of("stuff", "archbishop") == [("stuff", "archbishop")]
