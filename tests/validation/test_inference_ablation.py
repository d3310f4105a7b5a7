"""What is kept of the ablations of inference is what is computed, and what was better before is still better now."""

import pytest

from analysis import facts
from analysis.inference import inference_calibration
from analysis.inference.inference_constants import FITTED, InferenceConstants
from analysis.tables import inference_tables
from analysis.validation import coverage, held_out_inference, inference_ablation, inference_validation
from analysis.validation.inference_ablation import ABLATIONS, GROUPS


@pytest.fixture(scope="module")
def kept():
    return inference_ablation.read()


def test_every_ablation_is_kept_for_every_unit(kept):
    assert list(dict.fromkeys(kept["key"])) == [one.key for one in ABLATIONS]
    assert (kept.groupby("key").size() == len(kept) / len(ABLATIONS)).all()
    assert set(kept["group"]) == set(GROUPS)


def test_what_is_held_is_a_constant_and_not_fitted():
    for one in ABLATIONS:
        assert set(one.held) <= set(vars(InferenceConstants()))
        assert not set(one.held) & set(one.fitted())
    assert ABLATIONS[0].fitted() == FITTED


def test_the_full_model_is_that_of_the_validation(kept):
    rows = held_out_inference.read()
    good = rows[rows["usable"] == "yes"]
    full = kept[kept["key"] == "none"].set_index(["group", "unit"])["median_error"]
    for group in GROUPS:
        table = inference_validation.by_unit(good[good["group"] == group]).drop(index="macro average")
        assert full[group].to_dict() == pytest.approx(table["median error"].to_dict(), abs=0.005)


def test_what_is_kept_is_what_is_computed_where_nothing_is_fitted(kept):
    one = next(one for one in ABLATIONS if not one.fits)
    computed = inference_ablation.by_unit(one, inference_calibration.observations()).set_index(["group", "unit"])
    stored = kept[kept["key"] == one.key].set_index(["group", "unit"])
    assert stored["median_error"].to_dict() == pytest.approx(computed["median_error"].to_dict(), abs=0.003)


def test_intervals_score_better_than_before_in_every_group():
    rows = held_out_inference.read()
    good = rows[rows["usable"] == "yes"]
    now = coverage.by_group(good, inference_validation.groups(good))
    before = facts.read(inference_tables.BEFORE).set_index("group").loc[now.index]
    assert (now["rows"] == before["rows"]).all()
    assert (now["score"] < before["score"]).all()


def test_bands_of_groups_with_enough_sources_hold_80_percent():
    rows = held_out_inference.read()
    good = rows[rows["usable"] == "yes"]
    table = coverage.by_group(good, inference_validation.groups(good))
    told = table[table["sources"] > 2]
    assert len(told) == 5 and (told["low"] <= 0.8).all() and (told["high"] >= 0.8).all()
