import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import paths
from analysis.training import runs
from analysis.validation.predict import PREDICTED, predict
from tests.cases import any_cells, assert_comes_back, row

TABLE = runs.read(paths.DATA / "runs.csv")
TRAINING = TABLE[TABLE["kind"].isin(["train", "whole_run"])].reset_index(drop=True)


def status(**cells):
    return predict(pd.DataFrame([row(**cells)]))["status"].item()


def test_no_row_vanishes_and_each_has_a_prediction_or_a_reason():
    result = predict(TABLE)
    assert list(result["run_id"]) == list(TABLE["run_id"])
    done = result["status"] == PREDICTED
    assert done[(TABLE["usable"] == "yes") & TABLE["kind"].isin(["train", "whole_run"])].all()
    assert result.loc[done, ["predicted", "low", "high"]].notna().all(axis=None)
    assert (result["low"] < result["predicted"])[done].all() and (result["predicted"] < result["high"])[done].all()
    assert result.loc[~done, "status"].str.len().min() > 10


@pytest.mark.parametrize("blank", [np.nan, "", "not a number", "1e99"])
def test_what_was_published_is_never_read(blank):
    as_it_is, blanked = predict(TRAINING), predict(TRAINING.assign(value=blank, usable="", why_not=""))
    for column in ("predicted", "low", "high", "status", "assumed"):
        pd.testing.assert_series_equal(as_it_is[column], blanked[column])
    silent = TRAINING["note"].str.replace(r"implied MFU [\d.]+|\d+ ?TFLOP|MFU [\d.]+%?", "", regex=True)
    pd.testing.assert_series_equal(predict(TRAINING.assign(note=silent))["predicted"], as_it_is["predicted"])


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"chip": "H10 SXM5"}, ["row 1", "chip 'H10 SXM5'", "H100 SXM5"]),
        ({"model": "Llama 3.1 8B"}, ["model 'Llama 3.1 8B'", "Llama-3.1-8B"]),
        ({"precision": "fp9"}, ["precision 'fp9'", "fp8"]),
        ({"chip": "A100 SXM4 80GB", "precision": "fp8"}, ["FP8", "it has", "BF16"]),
        ({"n_chips": "eight"}, ["n_chips = 'eight'", "whole number"]),
        ({"seq_len": "-5"}, ["seq_len = -5", "at least 1"]),
        ({"n_chips": "100"}, ["8", "100"]),
        ({"tp": "5", "dp": "1"}, ["tp = 5", "96 heads"]),
        ({"global_batch": "100"}, ["global_batch = 100", "96 or 104"]),
        ({"recompute": "some"}, ["recompute = 'some'", "none, selective, full"]),
        ({"kind": "trian"}, ["kind = 'trian'", "train"]),
        ({"metric": "chip_hours"}, ["metric = 'chip_hours'", "step_seconds"]),
        ({"kind": "whole_run", "metric": "chip_hours"}, ["tokens is empty"]),
        ({"sharding": "none", "tp": "1"}, ["does not fit into memory", "80 GB"]),
    ],
)
def test_a_bad_row_says_what_is_wrong_and_what_would_be_valid(cells, words):
    said = status(**cells)
    assert all(word in said for word in words), said


def test_one_bad_row_of_a_thousand_stops_no_other():
    good = pd.DataFrame([row(model="Llama-3.1-8B")] * 1000)
    bad = good.astype(object)
    bad.loc[500, "chip"] = "abacus"
    result = predict(bad)
    assert (result["status"] == PREDICTED).sum() == 999
    assert "row 501" in result.loc[500, "status"]


def test_a_table_that_can_not_be_read_is_refused(tmp_path):
    with pytest.raises(runs.RunsError, match="lacks the column chip"):
        predict(TABLE.drop(columns="chip"))
    with pytest.raises(runs.RunsError, match="no row"):
        predict(TABLE.iloc[:0])
    empty, binary = tmp_path / "empty.csv", tmp_path / "binary.csv"
    empty.write_text("")
    binary.write_bytes(b"\xff\xfe\x00\x80")
    for path, words in ((empty, "is empty"), (binary, "not a CSV file"), (tmp_path / "none.csv", "does not exist")):
        with pytest.raises(runs.RunsError, match=words):
            runs.read(path)


def test_columns_that_only_some_rows_need_may_be_missing():
    result = predict(pd.DataFrame([{"kind": "train", "model": "Llama-3.1-8B", "chip": "H100 SXM5", "metric": "mfu"}]))
    assert result["status"].item() == PREDICTED and 0 < result["predicted"].item() < 1
    assert "n_chips 1024" in result["assumed"].item()


def test_speeds_and_times_of_one_run_agree():
    metrics = ("step_seconds", "tokens_per_second", "tokens_per_second_per_chip", "achieved_flops_per_chip", "mfu")
    result = predict(pd.DataFrame([row(model="Llama-3.1-8B", metric=metric) for metric in metrics])).set_index("metric")[
        "predicted"
    ]
    tokens = 512 * 2048
    assert result["tokens_per_second"] == pytest.approx(tokens / result["step_seconds"])
    assert result["tokens_per_second_per_chip"] == pytest.approx(result["tokens_per_second"] / 8)
    assert result["achieved_flops_per_chip"] == pytest.approx(result["mfu"] * 989.4e12)


@settings(max_examples=50, deadline=None)
@given(at=st.integers(0, len(TRAINING) - 1), cells=any_cells())
def test_any_row_comes_back(at, cells):
    assert_comes_back(TRAINING.iloc[at].to_dict() | cells)
