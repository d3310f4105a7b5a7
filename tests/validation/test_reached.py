"""What published runs reached, against sums done by hand and what their sources say."""

import pytest

from analysis import facts, paths
from analysis.scenarios.reading import load
from analysis.validation import held_out, reached, training_validation


def test_a_published_server_is_counted_as_by_hand():
    """NVIDIA's table of TensorRT-LLM 0.6.1: Llama-2-70B on A100, prompts of 2048, answers of 128: 79 tokens/s and chip."""
    rows = reached.servers()
    row = rows[(rows["model"] == "Llama-2-70B") & (rows["precision"] == "fp16")
               & (rows["input_len"] == 2048) & (rows["output_len"] == 128)].iloc[0]  # fmt: skip
    assert row["written"] == 79
    tokens = 79 * (2048 + 128) / 128
    assert row["utilization"] == pytest.approx(2 * 68.98e9 * tokens / 312e12, rel=1e-3)


def test_a_server_with_times_writes_what_its_requests_get():
    """Requests in flight, each with its answer in the time to the first token and those after it."""
    published = facts.read("runs")
    chosen = published[(published["kind"] == "serve") & (published["metric"] == "ttft_seconds")].iloc[0]
    same = ["engine", "model", "chip", "n_chips", "precision", "input_len", "output_len", "concurrency"]
    alike = published[(published[same] == chosen[same]).all(axis=1) & (published["metric"] == "tpot_seconds")]
    seconds = chosen["value"] + alike["value"].iloc[0] * (chosen["output_len"] - 1)
    rows = reached.servers()
    found = rows[(rows[same] == chosen[same]).all(axis=1)]["written"]
    assert found.item() == pytest.approx(chosen["concurrency"] * chosen["output_len"] / seconds / chosen["n_chips"])


def test_ranges_are_ordered_shares_of_the_peak():
    for one in (reached.training("BF16"), reached.training("FP8"), reached.serving()):
        assert 0 < one.low < one.middle < one.high < 1
        assert one.runs >= one.groups >= 3
    assert reached.training("BF16").what == "whole runs"
    assert reached.training("FP8").what == "training steps", "one whole run in 8 bits is published"
    assert reached.training("TF32") == reached.training("FP16")


def test_scenarios_that_quote_a_middle_quote_it_right():
    quoted = {"deck-corrected": reached.training("BF16"),
              "h100-serving": reached.serving(), "h20-serving": reached.serving()}  # fmt: skip
    for name, one in quoted.items():
        assert load(paths.SCENARIOS / "notes" / f"{name}.yml").utilization == round(one.middle, 2), name


def test_the_frontier_scenario_quotes_the_run_that_it_names():
    rows = held_out.read()
    run = rows[rows["run_id"] == "whole-deepseek-v3"]
    reached_by_it = training_validation.reported_utilization(run).item()
    assert load(paths.SCENARIOS / "notes" / "frontier-2026.yml").utilization == round(reached_by_it, 2)
