"""GPT-2's answers: chances against simulation."""

import numpy as np
import pytest

from analysis.history import answers
from analysis.history.answers import AnswerError
from analysis.tables import answer_tables


def test_groups_hold_all_answers():
    groups, frame = answers.calibration(), answers.table()
    assert groups["answers"].sum() == len(frame) == 30
    assert (groups["right"] * groups["answers"]).sum() == pytest.approx(frame["right"].sum())
    assert (groups["probability"] * groups["answers"]).sum() == pytest.approx(answers.expected())
    assert (groups["low"] <= groups["right"]).all()
    assert (groups["right"] <= groups["high"]).all()


def test_the_chance_is_that_of_a_simulation():
    frame = answers.table()
    drawn = np.random.default_rng(1).random((200_000, len(frame))) < frame["probability"].to_numpy()
    simulated = (drawn.sum(axis=1) >= frame["right"].sum()).mean()
    assert answers.chance_of_as_many() == pytest.approx(simulated, abs=0.003)


def test_the_paper_s_rows_are_there():
    table = answer_tables.surest_answers().set_index("Question")
    assert tuple(table.loc["Panda is a national animal of which country?"]) == ("China", "yes", "76.8%")
    assert table.loc["Largest state in the us by land mass?", "Right"] == "no"


@pytest.mark.parametrize("groups", [0, 31])
def test_groups_that_cannot_be_formed_are_refused(groups):
    with pytest.raises(AnswerError, match=f"groups: {groups} is out of range; allowed: 1 to 30"):
        answers.calibration(groups)
