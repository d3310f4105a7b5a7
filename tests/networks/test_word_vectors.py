"""Analogies against plain loops and vectors made to fit, and the extract against all of GloVe's words."""

import math

import numpy as np
import pytest

from analysis import facts
from analysis.networks import word_vectors
from analysis.settings import SettingError, read
from training.word_vectors import chosen

#: The differences of the pairs are all the same.
PERFECT = word_vectors.unit(
    ("a", "A", "b", "B", "c", "C"),
    np.array([[9, 1, 0, 1], [9, 1, 0, -1], [9, -1, 1, 1], [9, -1, 1, -1], [9, 0, -1, 1], [9, 0, -1, -1.0]]),
)
PAIRS = [("a", "A"), ("b", "B"), ("c", "C")]


def _cosine(one, other):
    products = [math.fsum(map(math.prod, zip(x, y, strict=True))) for x, y in ((one, other), (one, one), (other, other))]
    return products[0] / math.sqrt(products[1] * products[2])


def test_an_analogy_is_the_nearest_word_by_cosine():
    vectors = word_vectors.load()
    man, woman, king = (vectors.vector(word).tolist() for word in ("man", "woman", "king"))
    target = [b - a + c for a, b, c in zip(man, woman, king, strict=True)]
    by_hand = {word: _cosine(vectors.vector(word).tolist(), target) for word in vectors.words}
    order = sorted(by_hand, key=by_hand.get, reverse=True)
    answers = vectors.analogy("man", "woman", "king", count=3, exclude=False)
    assert [word for word, _ in answers] == order[:3]
    assert [cosine for _, cosine in answers] == pytest.approx([by_hand[word] for word in order[:3]], abs=1e-6)


def test_the_decks_example_holds_because_the_given_words_are_left_out():
    vectors = word_vectors.load()
    (word, cosine), *_ = vectors.analogy("man", "woman", "king")
    assert (word, round(cosine, 3)) == ("queen", 0.770), "as measured with the package's own vectors"
    assert vectors.analogy("man", "woman", "king", exclude=False)[0][0] == "king"


def test_pairs_with_one_difference_answer_every_question():
    score = word_vectors.scores(PERFECT, {"made up": PAIRS}).iloc[0]
    assert score["questions"] == 6
    assert score["right"] == score["right_of_all"] == 1
    assert score["repeats_third"] == score["repeats_second"] == 0
    assert score["parallel"] == pytest.approx(1, abs=1e-3)


def test_scores_are_those_of_asking_one_by_one():
    vectors = word_vectors.load()
    pairs = word_vectors.pairs()["animal and young"][:6] + word_vectors.pairs()["man and woman"][:6]
    asked = word_vectors.questions(pairs)
    score = word_vectors.scores(vectors, {"mixed": pairs}).iloc[0]
    excluded = [vectors.analogy(*question[:3], count=1)[0][0] for question in asked]
    of_all = [vectors.analogy(*question[:3], count=1, exclude=False)[0][0] for question in asked]
    neighbours = [
        vectors.nearest(vectors.vector(third), 1, given)[0][0] for *given, third, _ in asked for given in [(*given, third)]
    ]
    assert score["right"] == np.mean([answer == question[3] for answer, question in zip(excluded, asked, strict=True)])
    assert score["right_of_all"] == np.mean([answer == question[3] for answer, question in zip(of_all, asked, strict=True)])
    assert score["repeats_third"] == np.mean([answer == question[2] for answer, question in zip(of_all, asked, strict=True)])
    assert score["right_without_offset"] == np.mean([a == q[3] for a, q in zip(neighbours, asked, strict=True)])


def test_fewer_words_never_make_a_question_harder():
    """What is right among all of GloVe's words stays right among those kept; 16 bits may tip a close race."""
    log = facts.read("weights/word_vectors_log").set_index("relation")
    own = word_vectors.scores(word_vectors.load(), word_vectors.pairs()).set_index("relation")
    assert list(own.index) == list(log.index)
    assert (own["questions"] == log["questions"]).all()
    for column in ("right", "right_of_all", "right_without_offset"):
        assert (own[column] >= log[column] - 0.005).all(), column
    np.testing.assert_allclose(own["parallel"], log["parallel"], atol=1e-3)


def test_the_extract_holds_frequent_words_and_those_of_the_pairs():
    vectors = word_vectors.load()
    assert vectors.words[:4] == ("the", "of", "to", "and")
    np.testing.assert_allclose(np.linalg.norm(vectors.vectors, axis=1), 1, atol=1e-6)
    needed = {word for relation in word_vectors.pairs().values() for pair in relation for word in pair}
    words = ["the", ",", "goose", *sorted(needed), "zebra"]
    assert [words[row] for row in chosen(words, 1)] == ["the", *[w for w in words[2:] if w in needed]]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"third": "quen"}, r"^third: 'quen' is not among the 6,\d+ words; did you mean 'queen'\?$"),
        ({"first": "qqqqqqqq"}, r"^first: 'qqqqqqqq' is not among the 6,\d+ words$"),
        ({"fourth": "king"}, "unknown setting 'fourth'"),
    ],
)
def test_unknown_words_are_named(values, message):
    with pytest.raises(SettingError, match=message):
        read(word_vectors.Analogy, values)
