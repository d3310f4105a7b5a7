"""The report in brief, against the chapters that it sums up, and the deck."""

import numpy as np
import pytest

from analysis.deck import audit, deck_serving, in_brief
from analysis.figures import in_brief as figures
from analysis.plan import scenario_training
from analysis.scenarios import sizing
from analysis.scenarios.reading import build
from analysis.scenarios.scenario import DECK


def _table(scenario):
    return in_brief.estimates(scenario).set_index(["work", "says"])


def test_printed_and_formula_are_the_decks():
    table = _table(DECK)
    printed = audit.claims().set_index("claim")["printed"]
    train, serve = in_brief.WORK
    assert table.loc[(train, in_brief.PRINTED), "accelerators"] == float(printed["training_accelerators"]) == 1558
    assert table.loc[(serve, in_brief.PRINTED), "accelerators"] == float(printed["inference_accelerators"]) == 706_315
    flop = sizing.training_flop(175e9, 300e9)
    assert table.loc[(train, in_brief.FORMULA), "accelerators"] == np.ceil(flop / (30 * 86_400 * 156e12 * 0.5))
    # 3.5e9 visits, 4 questions of 425 characters, 4/3 tokens each, 2 N FLOP a token.
    tokens = 3.5e9 * 4 * 425 * 4 / 3
    assert table.loc[(serve, in_brief.FORMULA), "accelerators"] == np.ceil(2 * 175e9 * tokens / (86_400 * 156e12 * 0.5))


def test_only_predictions_have_intervals_and_lie_in_them():
    table = in_brief.estimates(DECK)
    predicted = table["says"] == in_brief.PREDICTED
    assert table.loc[~predicted, ["low", "high"]].isna().all(axis=None)
    rows = table[predicted]
    assert ((rows["low"] < rows["accelerators"]) & (rows["accelerators"] < rows["high"])).all()


def test_the_last_step_of_the_serving_chapter_is_what_is_predicted():
    served = deck_serving.steps(DECK)["accelerators"].iloc[-1]
    said = _table(DECK).loc[(in_brief.WORK[1], in_brief.PREDICTED), "accelerators"]
    assert said == pytest.approx(served, rel=1e-4)  # replicas are whole here
    days = scenario_training.sizes(DECK, scenario_training.machine_of(DECK)).set_index("chips")["days"]
    trained = _table(DECK).loc[(in_brief.WORK[0], in_brief.PREDICTED), "accelerators"]
    assert days[days.index >= trained].max() <= 30 < days[days.index < trained].min()


def test_the_chart_writes_chips_to_train_as_the_training_page_does():
    need = scenario_training.in_time(DECK, scenario_training.machine_of(DECK)).chips
    said = figures.from_deck_to_prediction(DECK).usermeta["description"]
    assert f"{need.expected:,.0f} ({need.low:,.0f} to {need.high:,.0f})" in said


def test_a_time_that_no_number_of_chips_keeps_is_said_to_be_out_of_reach():
    hurried = build({"training_time": "1 h"}, "here")
    row = _table(hurried).loc[(in_brief.WORK[0], in_brief.PREDICTED)]
    assert np.isinf(row["accelerators"]) and np.isinf(row["high"])
