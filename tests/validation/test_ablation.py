"""What is kept of the ablations is what is computed: each is computed anew with one source held out."""

import pytest

from analysis.training.constants import FITTED, Constants
from analysis.validation import ablation, held_out, training_validation

SOURCE = "Megatron-LM 2022 (Korthikanti)"
#: Ablations that are computed anew: each takes some seconds.
SOME = ("none", "attention", "software")


@pytest.fixture(scope="module")
def kept():
    return ablation.read()


def test_every_ablation_is_kept_for_every_source(kept):
    assert list(dict.fromkeys(kept["key"])) == [one.key for one in ablation.ABLATIONS]
    assert (kept.groupby("key")["source"].nunique() == kept["source"].nunique()).all()


def test_what_is_held_is_a_constant_and_not_fitted():
    for one in ablation.ABLATIONS:
        assert set(one.held) <= set(vars(Constants()))
        assert not set(one.held) & set(one.fitted())
    assert ablation.ABLATIONS[0].fitted() == FITTED


@pytest.mark.parametrize("one", [one for one in ablation.ABLATIONS if one.key in SOME], ids=lambda one: one.key)
def test_what_is_kept_is_what_is_computed(one, kept):
    computed = ablation.by_source(one, [SOURCE]).iloc[0]
    row = kept[(kept["key"] == one.key) & (kept["source"] == SOURCE)].iloc[0]
    for column in ("median_error", "p90_error"):
        assert row[column] == pytest.approx(computed[column], abs=0.003)


def test_the_full_model_is_that_of_the_validation(kept):
    """But for deviations of offsets, which ablations take from all sources."""
    rows = held_out.read()
    rows = rows[(rows["usable"] == "yes") & (rows["kind"] == "train")]
    table = training_validation.by_source(rows)
    full = kept[kept["key"] == "none"].set_index("source")
    assert full["median_error"].mean() == pytest.approx(table.loc[training_validation.MACRO, "median error"], abs=0.004)
