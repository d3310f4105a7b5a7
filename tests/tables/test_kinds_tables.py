"""The table of kinds that no constant has seen: every kind that a plan has, its errors from the rows themselves."""

import numpy as np
import pytest

from analysis import facts
from analysis.tables import kinds_tables
from analysis.tuning import published


def test_each_kind_has_its_rows_or_says_that_there_are_none():
    table = kinds_tables.kinds().set_index("Kind of row")
    for words in ("Replicas apart", "Drafts", "Experts over", "Fine-tuning, memory", "Fine-tuning, speed", "learning, apart"):
        (kind,) = (name for name in table.index if words in name)
        assert table.loc[kind, "Rows (sources)"] != "none" and "%" in table.loc[kind, "Worst"]
    assert (table["Rows (sources)"] == "none").sum() == 3


def test_errors_are_those_of_the_rows():
    table = kinds_tables.kinds().set_index("Kind of row")
    rows = facts.read("tuning_runs")
    usable = rows[(rows["usable"] == "yes") & rows["peak_memory_bytes"].notna()]
    assert table.loc["Fine-tuning, memory", "Rows (sources)"] == f"{len(usable)} ({usable['source'].nunique()})"
    errors = np.expm1(published.predicted()["memory_error"].dropna()).abs()
    assert float(table.loc["Fine-tuning, memory", "Median error"].rstrip("%")) / 100 == pytest.approx(errors.median(), abs=0.005)
