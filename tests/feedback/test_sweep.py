"""What is kept of the long runs is what is computed, and its shape is that of the published measurements."""

from itertools import product

import pytest

from analysis.feedback import ppo, rlhf, sweep
from analysis.feedback.rlhf import Feedback
from analysis.settings import SettingError, read
from training import feedback as training


def test_every_run_is_kept_once():
    frame = sweep.runs()
    key = ["comparisons", "seed", "way", "strength", "iteration"]
    assert not frame.duplicated(key).any()
    trained = frame[frame["way"] == sweep.PPO]
    assert set(map(tuple, trained[["comparisons", "seed", "strength"]].drop_duplicates().to_numpy().tolist())) == set(
        product(training.COMPARISONS, training.SEEDS, training.PENALTIES)
    )
    assert len(trained) == len(training.COMPARISONS) * len(training.SEEDS) * len(training.PENALTIES) * (
        ppo.Recipe.iterations // rlhf.MEASURED_EVERY + 1
    )


def test_a_row_that_is_kept_is_what_is_computed():
    rows = sweep.runs().query("comparisons == 500 and seed == 3").set_index(["way", "strength", "iteration"])
    found = rlhf.judged(Feedback(comparisons=500, seed=3))
    assert found.agreement == pytest.approx(rows["agreement"].iloc[0], abs=0.02)
    log = rlhf.followed(found, 0.1, 3, iterations=5)[1]
    for row in log.itertuples():
        kept = rows.loc[("PPO", 0.1, row.iteration)]
        assert (row.kl, row.score, row.reward) == pytest.approx((kept["kl"], kept["score"], kept["reward"]), abs=0.1)


def test_ppo_stays_below_the_best_that_there_is():
    frame = sweep.runs().set_index(["comparisons", "seed"])
    best = frame[(frame["way"] == sweep.OPTIMUM) & (frame["strength"] == sweep.PENALTY)]
    ends = sweep.ends().set_index(["comparisons", "seed"])
    ends = ends[ends["strength"] == sweep.PENALTY]

    def value(rows):
        return rows["score"] - sweep.PENALTY * rows["kl"]

    left = (value(best) - value(ends)) / value(best)
    assert (left > -1e-6).all()
    assert left.median() < 0.05, "and near it"


def test_more_comparisons_make_a_better_judge_and_none_beats_the_true_reward():
    means = sweep.runs().groupby("comparisons")[["agreement", "ceiling"]].mean()
    assert means["agreement"].is_monotonic_increasing
    assert (means["agreement"] < means["ceiling"]).all()


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"comparisons": 10}, "comparisons: '10' is not valid: input should be greater than or equal to 50"),
        ({"noise": 0}, "noise: '0' is not valid: input should be greater than or equal to 0.05"),
        ({"penalty": -1}, "penalty: '-1' is not valid: input should be greater than or equal to 0.01"),
        ({"penalti": 1}, "unknown setting 'penalti'; did you mean 'penalty'"),
    ],
)
def test_settings_out_of_bounds_are_refused(values, message):
    with pytest.raises(SettingError, match=message):
        read(Feedback, values)
