"""The glossary is whole, each of its terms is used, and a text's first uses are found, and only those."""

import pytest

from analysis.report import glossary


def _found(text, known=frozenset()):
    return [(text[start:end], term.term) for start, end, term in glossary.uses(text, known)]


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
