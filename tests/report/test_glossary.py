"""The glossary is whole, each of its terms is used, and a text's first uses are found, and only those."""

import pytest

from analysis.report import glossary


def _found(text, known=frozenset(), page="attention"):
    return [(text[start:end], term.term) for start, end, term in glossary.uses(text, page, known)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Attention, and more attention.", [("Attention", "attention")]),
        ("Only self-attention.", [("self-attention", "self-attention")]),
        ("Multi-head attention", [("Multi-head attention", "multi-head attention")]),
        ("FLOP/s is not FLOP.", [("FLOP/s", "FLOP/s"), ("FLOP", "FLOP")]),
        ("two batches of tokens", [("batches", "batch"), ("tokens", "token")]),
        ("a mixture\n of experts", [("mixture\n of experts", "mixture of experts")]),
        ("An MoE; mixtures of experts are one, too.", [("MoE", "mixture of experts")]),
        ("The pump and a mock-up, untrained.", []),
        ("Model FLOP utilization, or MFU", [("Model FLOP utilization", "model FLOP utilization")]),
        ("a bert, a flop", []),  # a name is written as a name
        ("the switch's key value", []),  # too common to be linked
    ],
)
def test_first_uses_are_found(text, found):
    assert _found(text) == found


def test_what_is_known_is_passed_over():
    assert _found("A token and a batch.", {"token"}) == [("batch", "batch")]


@pytest.mark.parametrize(
    ("page", "text", "not_linked"),
    [
        ("gpt-in-numbers", "It doesn't say so: this is our inference, from arithmetic.", "inference"),
        ("feedback", "So few examples teach it only a part.", "few-shot"),
        ("in-context", "In nine of ten queries it was shown.", "query"),
        ("depth-and-data", "After each layer comes an activation.", "activation"),  # the function, not its values
        ("sensitivity", "Nineteen samplings in twenty lie within.", "sampling"),
        ("embeddings", "Opposites occur in the same contexts.", "context"),
        ("how-made", "A change of it would go by unseen.", "test set"),
        ("deck-map", "Open the notebook, change a parameter, and see.", "parameter"),
    ],
)
def test_a_word_that_is_not_the_term_is_no_link(page, text, not_linked):
    assert not_linked not in [term for _, term in _found(text, page=page)]


def test_the_same_word_is_a_link_where_it_is_the_term():
    assert _found("What inference costs", page="gpt-in-numbers") == [("inference", "inference")]
    assert _found("A query meets keys.", page="attention") == [("query", "query")]
    assert _found("They keep activations.", page="memory") == [("activations", "activation")]
    assert _found("This is our inference; that of models is inference.") == [("inference", "inference")]


def test_held_out_means_what_it_means_of_any_numbers():
    """In a chapter on a network it is numbers that are held out; only the validation holds out sources."""
    (term,) = [term for _, _, term in glossary.uses("right on held-out numbers", "transformer")]
    assert term.definition.startswith("Kept away from training or from a fit")


def test_chinese_terms():
    chinese = {term.term: term.chinese[0] for term in glossary.terms()}
    assert chinese["masked language model"] == "掩码语言模型"
    assert chinese["receipt"] == "复现凭据"
    assert chinese["stranding"] == "资产闲置"
