"""A service in the page is planned as `plan_serving` plans it: chips, replicas, intervals, times and costs, in a browser."""

import json

import numpy as np
import pytest

from analysis import paths
from analysis.inference import deployments
from analysis.plan.chip import Chip
from analysis.plan.interval import PlanError
from analysis.plan.model import Model
from analysis.plan.requests import Requests
from analysis.plan.serving_plan import plan_serving
from analysis.serving import replica_plans, serving_ranges
from analysis.tracing import engine, planner_data

MODELS = ("Llama-3.1-8B", "Llama-3.1-70B", "DeepSeek-V3", "GPT-OSS-120B", "Gemma-3-27B", "Qwen3-Next-80B-A3B", "GPT-3 175B")
CHIPS = ("H100 SXM5", "H200 SXM", "B200 SXM (HGX/DGX)", "Instinct MI300X", "Ascend 910C", "A100 SXM4 80GB", "GB200 (per GPU)")
#: Both compute the same in another order of sums; where two plans take as good as the same, either may be named.
TOLERANCE = 1e-6
_ASK = """([model, chip, request]) => {
  const steps = served.plan({...request, model: {...data.models[model], name: model}, chip: data.chips[chip], chipName: chip});
  try {
    for (let step = steps.next();; step = steps.next()) if (step.done) return step.value;
  } catch (error) {
    return {refused: error.message};
  }
}"""


@pytest.fixture(scope="module")
def page(browser):
    scripts = "".join((paths.ROOT / "book" / "assets" / name).read_text(encoding="utf-8") for name in ("queue.js", "serving.js"))
    data = planner_data.described(MODELS, CHIPS)
    page = browser.new_page()
    page.set_content("<!DOCTYPE html><title>services</title>")
    page.add_script_tag(content=f"{engine.script()}{scripts}const data = {json.dumps(data)}, served = serving(engine(), data);")
    yield page
    page.close()


def questions() -> list[tuple[str, str, dict]]:
    rng = np.random.default_rng(24)
    asked = []
    for _ in range(24):
        chip, model = str(rng.choice(CHIPS)), str(rng.choice(MODELS))
        formats = [name for name in planner_data.served(chip) if name not in ("int8", "int4")]
        asked.append((model, chip, {
            "weights": str(rng.choice(formats)), "prompt": int(rng.lognormal(7, 1)) + 1, "answer": int(rng.lognormal(6, 1)) + 2,
            "cached": float(rng.choice([0, 0.3, 0.9])), "spread": float(rng.choice([0.7, 0, 2])),
            "perSecond": float(rng.lognormal(3, 2)), "peak": float(rng.choice([1, 2.5])),
            "ttft": float(rng.choice([0.5, 2, 10])), "tpot": float(rng.choice([0.02, 0.05, 0.2])),
        }))  # fmt: skip
    return asked


def ends(interval):
    return None if interval is None else [interval.low, interval.expected, interval.high]


def got_ends(interval):
    return None if interval is None else [interval[end] for end in ("low", "expected", "high")]


@pytest.mark.parametrize("asked", questions(), ids=lambda asked: f"{asked[0]} {asked[1]} {asked[2]['weights']}")
def test_the_page_serves_as_python_does(page, asked):
    model, chip, given = asked
    got = page.evaluate(_ASK, list(asked))
    requests = Requests(
        given["prompt"], given["answer"], given["perSecond"], given["cached"], given["spread"], peak_to_mean=given["peak"]
    )
    try:
        plan = plan_serving(
            Model.load(model), Chip.load(chip), requests, ttft=given["ttft"], tpot=given["tpot"], precision=given["weights"]
        )
    except PlanError as exc:
        assert got["refused"].casefold().rstrip(".") == str(exc).casefold()
        return
    assert "refused" not in got, got
    assert got["kind"] == plan.way.kind and got["replicas"] == plan.replicas
    for pool, expected in zip(got["pools"], plan.way.pools, strict=True):
        made = expected.deployment
        for name in ("tensor", "pipeline", "data", "expert", "chips"):
            assert pool[name] == getattr(made, name), name
        assert (pool["chunk"], pool["replicas"]) == (expected.chunk_tokens, expected.replicas)
        assert [pool["rate"], pool["batch"]] == pytest.approx([expected.rate, expected.batch], rel=TOLERANCE)
    assert got_ends(got["chips"]) == ends(plan.chips)
    assert [got["ttft"], got["tpot"]] == pytest.approx([plan.ttft, plan.tpot], rel=TOLERANCE)
    for name, expected in (
        ("tokens_per_second_per_chip", plan.tokens_per_second_per_chip), ("megawatts", plan.megawatts),
        ("rent", plan.cost_per_million_tokens), ("owned", plan.owned_per_million_tokens),
    ):  # fmt: skip
        assert got_ends(got[name]) == (expected and pytest.approx(ends(expected), rel=TOLERANCE)), name
    assert got["parts"] == pytest.approx(plan.parts, rel=TOLERANCE, abs=1e-12)
    assert got["memory"] == pytest.approx(plan.memory, rel=TOLERANCE)


def test_every_split_and_its_weights_are_those_of_python(page):
    for model, chip in (("Llama-3.1-70B", "H100 SXM5"), ("DeepSeek-V3", "GB200 (per GPU)"), ("Gemma-3-27B", "Ascend 910C")):
        got = page.evaluate(
            """([model, chip]) => served.curves({model: {...data.models[model], name: model}, chip: data.chips[chip],
              chipName: chip, weights: "bf16", prompt: 10, answer: 10})""",
            [model, chip],
        )
        fitting = replica_plans.fitting(Model.load(model).architecture, chip, "bf16")
        fitting = [one for one in fitting if deployments.largest_batch(one, 20) >= 1]
        assert [one["weights"] for one in got] == pytest.approx(
            [deployments.weight_bytes_on_one(one) for one in fitting], rel=1e-9
        )


def test_the_usual_spread_is_that_of_requests():
    assert planner_data.rules()["spread"] == serving_ranges.VARIATION == Requests(1, 1, 1).spread


def test_formats_are_those_that_a_chip_can_hold():
    for chip in CHIPS:
        for precision, about in planner_data.served(chip).items():
            made = deployments.deploy("Llama-3.1-8B", chip, weight_precision=precision)
            assert about["compute"] == made.compute_precision and about["bytes"] == deployments.WEIGHT_BYTES[precision]
