"""What is on record was predicted before it was published, stays as it was stated, and is scored by what was published."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from analysis import facts, paths
from analysis.tables import validation_tables
from analysis.validation import record
from analysis.validation.record import RecordError

QUESTIONS = facts.read(record.QUESTIONS)
KEPT = facts.read(record.NAME)
TEXT = (paths.DATA / f"{record.NAME}.csv").read_text(encoding="utf-8")
DAY = "2027-06-01"


def answered(published, run_id=None, day=DAY):
    """Return the questions, of which the named one, or the first, has a result."""
    rows = QUESTIONS.assign(published=np.nan, published_date=pd.Series(pd.NA, index=QUESTIONS.index, dtype="str"))
    at = rows["run_id"] == (run_id or KEPT["run_id"][0])
    return rows.assign(published=rows["published"].mask(at, published), published_date=rows["published_date"].mask(at, day))


def test_every_question_is_on_record_and_a_second_write_adds_nothing():
    assert list(KEPT["run_id"]) == list(QUESTIONS["run_id"])
    assert record.extended(TEXT, QUESTIONS, DAY) == TEXT


def test_a_new_question_is_added_and_what_was_stated_stays():
    """Even where the model says something else by now."""
    header, first, *_ = TEXT.splitlines(keepends=True)
    before = header + f"{first.split(',')[0]},2026-12-01,2,1,4,otherwise\n"
    after = record.extended(before, QUESTIONS.iloc[:2], DAY)
    assert after.startswith(before)
    (added,) = after.removeprefix(before).splitlines()
    assert added.startswith(f"{QUESTIONS['run_id'][1]},{DAY},")
    assert record.extended("", QUESTIONS.iloc[:1], DAY).startswith(header)


def test_each_question_is_one_that_is_predicted():
    again = record.stated(QUESTIONS.assign(published=np.nan), set(), DAY)
    assert list(again["run_id"]) == list(QUESTIONS["run_id"])
    assert set(again["stated"]) == {DAY}
    assert (again["low"] < again["predicted"]).all() and (again["predicted"] < again["high"]).all()


def test_what_is_published_already_or_refused_is_not_stated():
    with pytest.raises(RecordError, match=f"{KEPT['run_id'][0]} is published already"):
        record.stated(answered(1.0), set(), DAY)
    with pytest.raises(RecordError, match="abacus"):
        record.stated(QUESTIONS.assign(chip="abacus", published=np.nan), set(), DAY)


@pytest.mark.parametrize(
    ("metric", "factor", "error", "held"),
    [
        ("step_seconds", 1.0, 0.0, 1),
        ("step_seconds", 2.0, -np.log(2), 0),  # it took twice the time: predicted too fast
        ("step_seconds", 0.5, np.log(2), 0),
        ("tokens_per_second_per_chip", 2.0, np.log(2), 0),  # twice the speed: predicted too slow
        ("tokens_per_second_per_chip", 1.01, np.log(1.01), 1),
    ],
)
def test_a_published_figure_is_scored(metric, factor, error, held):
    question = QUESTIONS.loc[QUESTIONS["metric"] == metric, "run_id"].iloc[0]
    stated = KEPT.set_index("run_id").loc[question, "predicted"]
    rows = record.scored(answered(factor * stated, question), KEPT).set_index("run_id")
    assert rows.loc[question, "log_error"] == pytest.approx(error, abs=1e-12)
    assert rows.loc[question, "held"] == held
    assert rows.drop(index=question)[["log_error", "held"]].isna().all(axis=None)
    said = validation_tables.on_record(rows.reset_index())["Published"]
    assert (said == "not yet").sum() == len(rows) - 1
    assert said[rows.index.get_loc(question)].endswith("within the interval" if held else "outside the interval")


@pytest.mark.parametrize("end", ["low", "high"])
def test_the_ends_of_an_interval_belong_to_it(end):
    rows = record.scored(answered(KEPT[end][0]), KEPT)
    assert rows["held"][0] == 1


@pytest.mark.parametrize("day", ["2026-11-30", KEPT["stated"][0], pd.NA])
def test_a_figure_published_before_the_prediction_is_no_score(day):
    with pytest.raises(RecordError, match="has to be after"):
        record.scored(answered(1.0, day=day), KEPT)


def test_a_prediction_without_its_question_is_refused():
    with pytest.raises(RecordError, match=KEPT["run_id"][0]):
        record.scored(QUESTIONS.iloc[1:], KEPT)


def test_the_record_holds_together():
    rows = record.read()
    assert len(rows) == len(QUESTIONS)
    assert all(date.fromisoformat(day) for day in rows["stated"])
    assert ((rows["low"] < rows["predicted"]) & (rows["predicted"] < rows["high"])).all()
    result = rows[["published", "published_source", "published_date"]].notna()
    assert (result.all(axis=1) == result.any(axis=1)).all(), "a result has its source and its day"
    runs = facts.read("runs")
    own = runs[runs["chip"].isin(QUESTIONS["chip"])]
    assert (own["date"] > rows["stated"].min()).all(), "a chip had a measured run when its first was predicted"
