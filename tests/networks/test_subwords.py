"""Pieces of words: learned as the paper has it, and cut as another implementation cuts."""

from collections import Counter

import pytest

from analysis.networks import subwords

#: The example of Sennrich et al. 2016.
WORDS = ["low"] * 5 + ["lower"] * 2 + ["newest"] * 6 + ["widest"] * 3


def test_the_papers_example_is_learned():
    assert subwords.learned(WORDS, 4).joined == ("es", "est", "lo", "low")


def test_each_join_is_of_the_pair_that_is_then_most_frequent():
    words = [word for text in ("the cat sat on the mat", "that hat the rat ate at the gate") for word in text.split()]
    parts = [list(word) for word in words]
    for token in subwords.learned(words, 12).joined:
        pairs = Counter(pair for word in parts for pair in zip(word, word[1:], strict=False))
        best = min(pair for pair, count in pairs.items() if count == max(pairs.values()))
        assert token == "".join(best)
        for word in parts:
            place = 0
            while place < len(word) - 1:
                if (word[place], word[place + 1]) == best:
                    word[place : place + 2] = [token]
                place += 1


def test_it_ends_where_no_pair_comes_twice():
    assert subwords.learned(["abc", "de"]).joined == ()


def test_a_text_is_cut_at_the_longest_token_as_wordpiece_cuts_it():
    models = pytest.importorskip("tokenizers.models")
    tokens = subwords.english().tokens(512)
    vocabulary = {token: number for number, token in enumerate(sorted(tokens | {"[UNK]"}))}
    other = models.WordPiece(vocabulary, unk_token="[UNK]", max_input_chars_per_word=1000, continuing_subword_prefix="")
    for text in ("a model learns from tokens", "of the attention that weighs words", "training takes memory"):
        assert [piece for piece, _ in subwords.cut(text, tokens)] == [token.value for token in other.tokenize(text)]


def test_what_is_in_no_list_costs_its_bytes():
    assert subwords.cut("aé春😀", {"a"}) == [("a", 1), ("é", 2), ("春", 3), ("😀", 4)]
