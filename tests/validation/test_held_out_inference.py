"""What is kept of the validation of inference is what is computed, and the tables say it as it is."""

import numpy as np
import pytest

from analysis import facts, settings
from analysis.tables import inference_tables
from analysis.tables.inference_tables import MissesShown
from analysis.validation import held_out, held_out_inference, inference_validation

KEPT = held_out_inference.read()


def test_what_is_kept_in_the_file_is_what_is_computed():
    kept, computed = KEPT.set_index("run_id"), inference_validation.held_out().set_index("run_id")
    assert set(kept.index) == set(computed.index)
    computed = computed.loc[kept.index]
    for column in ("group", "unit", "beyond"):
        assert (kept[column] == computed[column]).all(), column
    for column in ("predicted", "strict", "known", "forward"):
        assert kept[column].to_numpy() == pytest.approx(computed[column].to_numpy(), rel=0.01, nan_ok=True), column
    for column in ("log_error", "strict_error", "width"):
        assert kept[column].to_numpy() == pytest.approx(computed[column].to_numpy(), abs=0.01), column
    assert (kept["held"] == computed["held"]).mean() > 0.99


def test_aims_are_called_met_only_where_they_are():
    table = inference_tables.aims(KEPT).set_index("Error")
    for row in table.itertuples():
        assert (float(row.Reached.rstrip("%")) <= float(row.Aim.rstrip("%"))) == (row.Met == "yes")
    assert list(table["Met"]) == ["yes", "yes", "no", "no"]


def test_the_worst_misses_come_first_and_none_is_worse():
    table = inference_tables.misses(KEPT, 8)
    assert len(table) == 8
    good = KEPT[(KEPT["usable"] == "yes") & KEPT["metric"].isin(("ttft_seconds", "tpot_seconds"))]
    worst = good.loc[good["log_error"].abs().idxmax()]
    assert table["Row"].iloc[0].startswith(worst["unit"])
    assert f"{worst['value']:.1f} s" in table["Published"].iloc[0]


def test_rows_beyond_the_data_sheet_are_predicted_too_slow():
    assert (KEPT.loc[KEPT["beyond"], "log_error"] > 0).all()


def test_every_miss_beyond_a_factor_of_two_is_counted_in_its_table():
    good = KEPT[KEPT["usable"] == "yes"]
    missed = ((good["predicted"] > 2 * good["value"]) | (good["value"] > 2 * good["predicted"])).sum()
    table = inference_tables.beyond_two(KEPT)
    assert table["Rows"].str.split(" of ").str[0].astype(int).sum() == missed
    assert (table["Known"].str.len() > 10).all()


def test_a_band_of_one_source_is_its_own_coverage():
    one = KEPT[KEPT["source"] == "TensorRT-LLM 0.6.1"]
    low, high = inference_validation.coverage_band(one)
    assert low == high == pytest.approx(one["held"].mean())
    assert np.subtract(*inference_validation.coverage_band(KEPT)) < 0


def test_a_prediction_of_a_run_that_there_is_not_is_refused(monkeypatch):
    stored = facts.read(held_out_inference.NAME)
    stored.loc[0, "run_id"] = "deepseek-profile-prefil"
    read = facts.read
    monkeypatch.setattr(facts, "read", lambda name: stored if name == held_out_inference.NAME else read(name))
    with pytest.raises(held_out.HeldOutError, match="did you mean 'deepseek-profile-prefill'.*inference_validation --write"):
        held_out_inference.read()


def test_a_number_of_misses_out_of_range_is_refused():
    with pytest.raises(settings.SettingError, match="misses: '0' is not valid"):
        settings.read(MissesShown, {"misses": 0})
