"""Notebooks that look at one case follow a scenario, and say what of it they don't."""

import pytest

from analysis.plan import of_settings, scenario_serving, settled
from analysis.plan.interval import PlanError
from analysis.report import runner
from analysis.scenarios import reading
from analysis.scenarios.scenario import DECK
from analysis.settings import read
from tests.any_scenario import published

CASES = {path.stem: runner.defaults(path) for path in runner.notebooks() if path.stem in of_settings.CASES}
QWEN = {
    "title": "Qwen3-235B on H20", "model": "Qwen3-235B-A22B", "training_tokens": "36e12", "training_time": "90 days",
    "accelerator": "H20", "precision": "FP8", "requests_per_day": "1e9", "prompt_tokens": 600, "answer_tokens": 400,
    "peak_to_mean": 2, "ttft_target": "3 s", "tpot_target": "60 ms",
}  # fmt: skip


def settled_scenario(values):
    return settled.settled(reading.build(values, "test"))


def test_every_case_is_a_notebook_with_its_settings():
    assert CASES.keys() == of_settings.CASES.keys()
    for name, defaults in CASES.items():
        assert read(of_settings.CASES[name], defaults).not_followed == ""


def test_the_deck_says_nothing_of_cases():
    assert not any(of_settings.handed(DECK, name, defaults) for name, defaults in CASES.items())


@pytest.mark.parametrize("name", CASES)
def test_a_scenario_s_values_reach_each_case(name):
    scenario = settled_scenario(QWEN)
    given = of_settings.handed(scenario, name, CASES[name])
    said = {
        "model": "Qwen3-235B-A22B", "chip": "H20", "weight_precision": "fp8", "number_format": "fp8", "tokens": 36e12,
        "prompt_tokens": 600, "answer_tokens": 400, "busiest_over_mean": 2, "first_token_seconds": 3.0,
        "output_token_seconds": 0.06, "target_milliseconds": 60.0,
    }  # fmt: skip
    assert given.items() >= {key: value for key, value in said.items() if key in CASES[name]}.items()
    assert "not_followed" not in given
    if "requests_per_second" in CASES[name]:
        requests = scenario_serving.planned(scenario).requests
        assert given["requests_per_second"] == pytest.approx(requests.per_second * requests.peak_to_mean)
    if "chips" in CASES[name]:
        run = settled.training(scenario)
        assert (given["chips"], given["sequence"] * given["global_batch"]) == (
            run.chips.expected,
            pytest.approx(run.batch_tokens),
        )


@pytest.mark.parametrize(("name", "result", "value"), [
    ("decode_roofline", "deployment", "Qwen3-235B-A22B in FP8 on 4 × H20"), ("parallel_plans", "model", "Qwen3-235B-A22B"),
    ("published_demand", "chip", "H20"), ("chips_compared", "model", "Qwen3-235B-A22B"),
])  # fmt: skip
def test_pages_have_the_scenario_s_model(name, result, value):
    results = published(name, settled_scenario(QWEN))
    assert (results[result], results["not_followed"]) == (value, "")


def test_a_model_without_a_name_is_not_followed_and_said():
    given = of_settings.handed(
        settled_scenario({"title": "20B", "parameters": "20e9"}), "decode_roofline", CASES["decode_roofline"]
    )
    assert given["not_followed"].startswith("model: only its parameters are said")
    standing = read(of_settings.CASES["decode_roofline"], CASES["decode_roofline"] | given).standing
    assert standing.startswith("The scenario's model can't be shown here") and standing.endswith("this page keeps its own.")


def test_targets_that_a_case_can_t_keep_are_given_up_and_the_model_kept():
    given = of_settings.handed(settled_scenario(QWEN | {"tpot_target": "0.2 ms"}), "serving_capacity", CASES["serving_capacity"])
    assert given["not_followed"].startswith("targets: ") and given["model"] == "Qwen3-235B-A22B"
    assert "output_token_seconds" not in given


def test_a_scenario_that_can_t_be_planned_is_said():
    scenario = settled_scenario({"title": "Tiny", "parameters": 1})
    with pytest.raises(PlanError):
        settled.training(scenario)
    assert of_settings.handed(scenario, "parallel_plans", CASES["parallel_plans"])["not_followed"]
