"""Titles that are messages say what their own figure shows, under other settings too."""

import pytest

from analysis.figures import decode_speed, parallelism, serving
from analysis.inference.decode_case import DecodeCase
from analysis.plan import strong_scaling
from analysis.scenarios.reading import build
from analysis.training import plans
from analysis.training.plans import PlanSettings

SMALL = PlanSettings(model="Llama-3.1-8B", chip="H100 SXM5", chips=8, sequence=4096, global_batch=1024)


def title(chart):
    return chart.to_dict()["title"]


@pytest.mark.parametrize("settings", [PlanSettings(), SMALL], ids=["large", "small"])
def test_the_split_of_the_fastest_plan_is_in_its_title(settings):
    best = plans.every(settings)[1].iloc[0]
    said = title(parallelism.by_split(settings))
    assert ("both tensor and pipeline" in said) == (best["tensor"] > 1 and best["pipeline"] > 1)
    assert ("neither" in said) == (best["tensor"] == best["pipeline"] == 1)


def test_a_plan_without_a_pipeline_starves_none():
    chart = parallelism.by_length(SMALL).to_dict()
    assert "pipeline" not in chart["title"] + chart["usermeta"]["subtitle"]
    assert "pipeline" in title(parallelism.by_length(PlanSettings()))


@pytest.mark.parametrize("settings", [PlanSettings(), SMALL], ids=["large", "small"])
def test_more_chips_are_used_less_where_they_are(settings):
    table = strong_scaling.by_batch(settings)
    used = table[table["times"] == 1].set_index("chips")["utilization"]
    assert ("used less" in title(parallelism.more_chips(table))) == (used.iloc[-1] < used.iloc[0])


def test_an_even_day_has_no_idle_hour():
    even = build({"peak_to_mean": 1, "model": "Llama-3.1-8B", "accelerator": "H100 SXM5", "precision": "BF16"}, "test")
    assert title(serving.hours(even)) == "An even day leaves no hour idle"


def test_memory_holds_back_as_far_as_the_roofline_s_points_go():
    wide = DecodeCase(model="Qwen3-235B-A22B", chip="H20", weight_precision="fp8", prompt_tokens=540, answer_tokens=360)
    assert title(decode_speed.roofline(wide)).endswith("until batches are large")
    assert title(decode_speed.roofline(DecodeCase())).endswith("at every batch")
