"""GPT-3's tasks: scores that the paper's text names, and gains recomputed by hand."""

import numpy as np
import pytest

from analysis import settings
from analysis.history import tasks
from analysis.history.tasks import TaskError
from analysis.settings import SettingError


def test_scores_are_those_that_the_paper_s_text_names():
    # Brown et al. 2020, table 3.3 (TriviaQA) and section 3.9.2 (symbol insertion).
    assert [tasks.score("TriviaQA", setting, "175B") for setting in tasks.SETTINGS] == [64.3, 68.0, 71.2]
    assert tasks.score("Symbol Insertion", "few-shot", "175B") == 67.2


def test_every_task_has_every_size_and_setting():
    counts = tasks.table().groupby("task").size()
    assert (counts == 8 * len(tasks.SETTINGS)).all()
    assert list(counts.index.sort_values(key=lambda names: names.str.casefold())) == tasks.names()
    assert len(tasks.names()) == 32


def test_gains_are_differences_and_medians_of_them():
    gains = tasks.gains()
    row = gains[(gains["task"] == "TriviaQA") & (gains["model"] == "175B")].set_index("setting")
    assert row.loc["few-shot", "gain"] == pytest.approx(71.2 - 64.3)
    few = [tasks.score(name, "few-shot", "175B") - tasks.score(name, "zero-shot", "175B") for name in tasks.names()]
    medians = tasks.median_gains().set_index(["setting", "model"])
    assert medians.loc[("few-shot", "175B"), "median"] == pytest.approx(np.median(few))
    assert medians.loc[("few-shot", "175B"), "high"] == pytest.approx(np.quantile(few, 0.75))


def test_unknown_names_are_refused():
    with pytest.raises(TaskError, match=r"task 'Triviaqa' is not in .*; did you mean 'TriviaQA'\?"):
        tasks.rows("Triviaqa")
    with pytest.raises(TaskError, match=r"size '175' is not in .*; did you mean '175B'\?"):
        tasks.score("TriviaQA", "few-shot", "175")
    with pytest.raises(TaskError, match=r"setting 'fewshot' is not in .*; did you mean 'few-shot'\?"):
        tasks.score("TriviaQA", "fewshot", "175B")
    with pytest.raises(SettingError, match="task: task 'Symbol insert' is not in .*; did you mean 'Symbol Insertion'"):
        settings.read(tasks.Chosen, {"task": "Symbol insert"})
