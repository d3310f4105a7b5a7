"""Published runs of tuning, to which nothing is fitted."""

import numpy as np
import pytest

from analysis import facts
from analysis.models.architecture import load
from analysis.tuning import adapters, published
from analysis.tuning.widths import HALF_WIDTHS


@pytest.fixture(scope="module")
def rows():
    return published.predicted()


def test_half_widths_are_those_of_the_errors():
    assert published.half_width("memory_error") == pytest.approx(HALF_WIDTHS["memory"], abs=5e-4)
    assert published.half_width("speed_error") == pytest.approx(HALF_WIDTHS["speed"], abs=5e-4)


def test_no_row_is_missed_by_more_than_the_worst_that_is_told(rows):
    memory, speed = rows["memory_error"].dropna(), rows["speed_error"].dropna()
    assert len(memory) >= 30 and len(speed) >= 30
    assert np.abs(memory).max() < 0.29  # a quarter, on a card's own count
    assert np.abs(speed).max() < 0.52  # one row, a card that beats what it is taken to reach
    assert np.abs(memory).median() < 0.1 and np.abs(speed).median() < 0.11


def test_llama_2_7b_under_fsdp_on_four_a100(rows):
    row = rows.set_index("run_id").loc["llama-recipes-7b-fsdp"]
    assert row["predicted_bytes"] / 2**30 == pytest.approx(29, rel=0.08)


def test_adapters_add_what_torchtune_measured():
    # Between rank 8 beside queries and values and rank 64 beside all matrices, 1.47 GiB: 16-bit weights, gradients and two
    # means, and what is kept between an adapter's two products.
    table = facts.read("tuning_runs").set_index("run_id")["peak_memory_bytes"]
    measured = table["torchtune-7b-lora-all-64"] - table["torchtune-7b-lora-qv-8"]
    llama = load("Llama-2-7B")
    added = adapters.parameters(llama, 64, "all") - adapters.parameters(llama, 8, "q,v")
    assert 8 * added == pytest.approx(measured, rel=0.25)


def test_double_quantisation_saves_what_litgpt_measured(rows):
    by = rows.set_index("run_id")
    for size in ("7b", "13b"):
        single, double = by.loc[f"litgpt-{size}-nf4-single-1"], by.loc[f"litgpt-{size}-nf4-1"]
        measured = single["peak_memory_bytes"] - double["peak_memory_bytes"]
        predicted = single["predicted_bytes"] - double["predicted_bytes"]
        assert predicted == pytest.approx(measured, rel=0.05)


def test_recomputation_and_chunks_save_what_torchtune_measured(rows):
    by = rows.set_index("run_id")
    for before, after in (("packed", "compile"), ("compile", "chunked"), ("chunked", "recompute")):
        first, second = by.loc[f"torchtune-3b-{before}"], by.loc[f"torchtune-3b-{after}"]
        measured = first["peak_memory_bytes"] - second["peak_memory_bytes"]
        assert first["predicted_bytes"] - second["predicted_bytes"] == pytest.approx(measured, rel=0.3), after


def test_a_row_is_usable_or_says_why_not():
    table = facts.read("tuning_runs")
    unusable = table[table["usable"] == "no"]
    assert unusable["why_not"].notna().all()
    assert table.loc[table["usable"] == "yes", "why_not"].isna().all()
