"""Published iterations: their rows agree with themselves, and the constants with the rows."""

import numpy as np
import pytest

from analysis import facts
from analysis.rl import published, widths


def test_each_rows_rate_is_its_answers_over_its_seconds():
    rows = facts.read("rl_runs")
    rows = rows[rows["usable"] == "yes"]
    rate = rows["prompts"] * rows["samples"] * (rows["prompt_tokens"] + rows["answer_tokens"]) / rows["seconds"] / rows["n_chips"]
    assert np.abs(np.log(rate / rows["tokens_per_second_per_chip"])).max() < 0.1
    assert np.abs(np.log(rate / rows["tokens_per_second_per_chip"])).median() < 0.02


@pytest.mark.parametrize("placement", ["together", "apart"])
def test_the_constants_are_those_of_the_rows(placement):
    """Within what a new fit of training's constants moves them."""
    assert widths.BEYOND[placement] == pytest.approx(published.beyond(placement), rel=0.25)
    assert widths.HELD_OUT[placement] == pytest.approx(published.held_out(placement), abs=0.15)


def test_intervals_hold_what_they_say():
    rows = published.predicted()
    wide = rows["placement"].map(widths.half_width)
    assert (rows["error"].abs() < wide).mean() >= 0.8
    assert rows["error"].abs().median() < np.log(1.6)


def test_a_row_is_predicted_without_its_models_own():
    rows = published.predicted()
    one = rows[(rows["model"] == "Qwen3-32B") & (rows["placement"] == "apart")].iloc[0]
    others = rows[(rows["model"] != "Qwen3-32B") & (rows["placement"] == "apart")]
    assert one["predicted"] / one["bare"] == pytest.approx(np.median(others["seconds"] / others["bare"]), rel=0.05)
