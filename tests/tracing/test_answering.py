"""How fast a model answers, in the page as in Python: the same deployments, weights, batches, times and speeds."""

import json

import numpy as np
import pytest

from analysis import paths
from analysis.inference import deployments, pass_time
from analysis.inference.deployments import DeploymentError
from analysis.serving import serving_plans
from analysis.tracing import engine, planner_data

CHIPS = ("H100 SXM5", "H200 SXM", "B200 SXM (HGX/DGX)", "Instinct MI300X", "Ascend 910C", "A100 SXM4 80GB")
ASKED = [
    ("Llama-3.1-8B", "H100 SXM5", "bf16", 2000, 400, 0.05), ("Llama-3.1-70B", "H200 SXM", "fp8", 8000, 1000, 0.04),
    ("DeepSeek-V3", "H200 SXM", "fp8", 4000, 1000, 0.05), ("GPT-OSS-120B", "B200 SXM (HGX/DGX)", "mxfp4", 1000, 200, 0.02),
    ("Gemma-3-27B", "Instinct MI300X", "bf16", 30_000, 500, 0.1), ("Qwen3-Next-80B-A3B", "Ascend 910C", "int8", 4000, 400, 0.05),
    ("GPT-3 175B", "A100 SXM4 80GB", "int4", 1500, 300, 0.03), ("Qwen2.5-7B", "H100 SXM5", "bf16", 20_000, 1, 0.004),
]  # fmt: skip


@pytest.fixture(scope="module")
def page(browser):
    script = (paths.ROOT / "book" / "assets" / "answering.js").read_text(encoding="utf-8")
    data = planner_data.described([asked[0] for asked in ASKED], CHIPS)
    page = browser.new_page()
    page.set_content("<!DOCTYPE html><title>answers</title>")
    page.add_script_tag(content=f"{engine.script()}{script}const data = {json.dumps(data)}, answers = answering(engine(), data);")
    yield page
    page.close()


def ask(page, model, chip, weights, prompt, answer, tpot):
    return page.evaluate(
        """([model, chip, request]) => {
          const asked = {model: {...data.models[model], name: model}, chip: data.chips[chip], chipName: chip, ...request};
          try { return answers.serve(asked); } catch (error) { return error.message; }
        }""",
        [model, chip, {"weights": weights, "prompt": prompt, "answer": answer, "tpot": tpot}],
    )


@pytest.mark.parametrize("asked", ASKED, ids=lambda asked: " ".join(map(str, asked)))
def test_the_page_answers_as_python_predicts(page, asked):
    model, chip, weights, prompt, answer, tpot = asked
    got = ask(page, *asked)
    tried = serving_plans.tried(model, chip, weights)
    context, slower = prompt + answer / 2, planner_data.slower(chip)[0]
    tried = [one for one in tried if deployments.largest_batch(one, prompt + answer) >= 1]
    assert [one["plan"]["chips"] for one in got["found"]] == [one.chips for one in tried]
    best = []
    for deployment, found in zip(tried, got["found"], strict=True):
        assert found["weights"] == pytest.approx(deployments.weight_bytes_on_one(deployment), rel=1e-9)
        largest = deployments.largest_batch(deployment, prompt + answer)
        assert found["largest"] == largest
        batches = np.arange(1, largest + 1)
        seconds = slower * pass_time.time_per_output_token(deployment, batches, context)
        kept = batches[seconds <= tpot]
        assert found["batch"] == (kept.max() if kept.size else 0)
        for point in found["curve"]:
            assert point["seconds"] == pytest.approx(seconds[int(point["batch"]) - 1], rel=1e-9)
            assert point["speed"] == pytest.approx(point["batch"] / point["seconds"] / deployment.chips, rel=1e-9)
        assert found["first"] == pytest.approx(slower * pass_time.prefill_seconds(deployment, 1, prompt), rel=1e-9)
        best.append(found["batch"] / found["seconds"] / deployment.chips if found["batch"] else 0.0)
        if found["batch"]:
            parts = pass_time.decode_parts(deployment, found["batch"], context)
            expected = {name: slower * np.asarray(value).item() for name, value in parts.items()}
            assert found["parts"] == pytest.approx(expected, rel=1e-9, abs=1e-12)
    assert (got["best"]["speed"] if got["best"] else 0.0) == pytest.approx(max(best), rel=1e-9)


def test_what_does_not_fit_is_said(page):
    small = page.evaluate(
        """() => {
          const chip = structuredClone(data.chips["A100 SXM4 80GB"]);
          chip.machine.bf16[data.fields.machine.indexOf("memory_bytes")] = 2e9;
          const model = {...data.models["GPT-3 175B"], name: "GPT-3 175B"};
          try {
            answers.serve({model, chip, chipName: "small chip", weights: "bf16", prompt: 100, answer: 10, tpot: 1});
          } catch (error) { return error.message; }
        }"""
    )
    assert small == "GPT-3 175B in bf16: no plan of up to 64 × small chip holds it with one request."
    assert "can attend to 131072 tokens" in ask(page, "Llama-3.1-8B", "H100 SXM5", "bf16", 200_000, 100, 1)


def test_a_target_that_no_plan_keeps_leaves_the_nearest(page):
    got = ask(page, "Llama-3.1-70B", "H100 SXM5", "bf16", 4000, 100, 1e-4)
    assert got["best"] is None and got["nearest"]["seconds"] > 1e-4


def test_formats_are_those_that_a_chip_can_hold():
    for chip in CHIPS:
        for precision, about in planner_data.served(chip).items():
            try:
                made = deployments.deploy("Llama-3.1-8B", chip, weight_precision=precision)
            except DeploymentError as exc:  # pragma: no cover
                pytest.fail(f"{chip} {precision}: {exc}")
            assert about["compute"] == made.compute_precision and about["bytes"] == deployments.WEIGHT_BYTES[precision]
