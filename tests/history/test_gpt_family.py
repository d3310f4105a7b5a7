"""GPT-1 to GPT-3 against closed forms, and the tables that their papers print."""

import pytest

from analysis.history import gpt_family
from analysis.history.gpt_family import FamilyError
from analysis.tables import gpt_tables


def by_hand(layers: int, width: int, vocabulary: int, positions: int, final_norm: int = 1) -> int:
    """Parameters of a GPT in closed form: tables, and a layer's 12 d² weights with 13 d biases and norms."""
    return (vocabulary + positions) * width + layers * (12 * width**2 + 13 * width) + final_norm * 2 * width


def test_counts_are_those_of_the_closed_form():
    assert gpt_family.model("GPT-1")["counted"] == by_hand(12, 768, 40_478, 512, final_norm=0)
    assert gpt_family.model("GPT-2 XL")["counted"] == by_hand(48, 1600, 50_257, 1024)
    assert gpt_family.model("GPT-3 175B")["counted"] == by_hand(96, 12_288, 50_257, 2048)


@pytest.mark.parametrize(
    ("name", "layers", "width"), [("Small", 12, 768), ("Medium", 24, 1024), ("Large", 36, 1280), ("XL", 48, 1600)]
)
def test_gpt2_prints_what_its_shapes_give_with_the_vocabulary_of_gpt1(name, layers, width):
    row = gpt_family.model(f"GPT-2 {name}")
    count = by_hand(layers, width, 40_478, 1024)
    assert row["other"] == count
    assert round(count / 1e6) == row["printed_parameters"] / 1e6
    assert row["other_agrees"]
    assert not row["agrees"]


def test_printed_shapes_of_gpt3_do_not_make_their_sizes():
    for name, off in (("GPT-3 13B", 0.0067), ("GPT-3 XL", 0.149)):
        row = gpt_family.model(name)
        assert not row["agrees"]
        assert row["other_agrees"], "with the shape put right"
        assert row["apart"] == pytest.approx(off, rel=0.02)


def test_every_size_agrees_or_is_explained():
    frame = gpt_family.table()
    assert (frame["agrees"] != frame["other_agrees"]).all()
    own = frame[frame["own"]]
    assert (len(own), own["agrees"].sum(), own["other_agrees"].sum()) == (12, 6, 6), "nothing is put right in silence"
    assert len(gpt_tables.family()) == len(frame) == 13
    assert list(gpt_tables.texts()["Model"]) == ["GPT-1", "GPT-2", "GPT-3"]


def test_an_unknown_model_is_refused():
    with pytest.raises(FamilyError, match=r"'GPT-3 175b' is not among GPT-1 to GPT-3; did you mean 'GPT-3 175B'\?"):
        gpt_family.model("GPT-3 175b")
