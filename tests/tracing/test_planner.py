"""The page's planner gives what `plan_training` gives, interval included: on random questions, in a browser."""

import json

import numpy as np
import pytest

from analysis import paths
from analysis.evidence import runs
from analysis.models import library
from analysis.plan.chip import Chip
from analysis.plan.interval import PlanError
from analysis.plan.model import Model
from analysis.plan.training_plan import plan_training
from analysis.tracing import engine, planner_data
from analysis.training import assumptions

MODELS = ("Llama-3.1-8B", "Llama-3.1-70B", "GPT-3 175B", "Mixtral-8x7B", "DeepSeek-V3", "Qwen3-Next-80B-A3B", "Gemma-3-27B")
CHIPS = ("H100 SXM5", "A100 SXM4 80GB", "GB200 (per GPU)", "TPU v5p", "Instinct MI300X", "Ascend 910C")
QUANTITIES = ("chips", "days", "chip_hours", "step_seconds", "tokens_per_second_per_chip", "model_flops_utilization", "sustained",
              "memory_bytes")  # fmt: skip
_ASK = """(request) => {
  const model = {...planner.data.models[request.model], name: request.model}, chip = planner.data.chips[request.chip];
  const steps = planner.of.train({...request, model, chip, chipName: request.chip});
  try {
    for (let step = steps.next();; step = steps.next()) if (step.done) return JSON.parse(JSON.stringify(step.value));
  } catch (error) {
    return {refused: error.message};
  }
}"""


@pytest.fixture(scope="module")
def page(browser):
    assets = paths.ROOT / "book" / "assets"
    script = "".join((assets / name).read_text(encoding="utf-8") for name in ("queue.js", "serving.js", "planning.js"))
    data = json.dumps(planner_data.described(MODELS, CHIPS))
    page = browser.new_page()
    page.set_content("<!DOCTYPE html><title>planner</title>")
    page.add_script_tag(
        content=engine.script() + script + f"; const planner = {{data: {data}}}; planner.of = planning(engine, planner.data);"
    )
    yield page
    page.close()


def ends(interval):
    return None if interval is None else [interval.low, interval.expected, interval.high]


def found(plan, name):
    return None if plan[name] is None else [plan[name][end] for end in ("low", "expected", "high")]


def questions() -> list[dict]:
    rng = np.random.default_rng(7)
    asked = []
    for by, amount in (("chips", 512), ("chips", 1000), ("chips", 7), ("days", 60), ("days", 200), ("dollars", 3e7)) * 2:
        chip, model = str(rng.choice(CHIPS)), str(rng.choice(MODELS[:3] if by != "chips" else MODELS))
        precision = "fp8" if chip in ("H100 SXM5", "GB200 (per GPU)") and rng.random() < 0.5 else Chip(chip).precision
        batch_tokens = float(rng.choice([0, 4e6])) or None
        asked.append({
            "model": model, "chip": chip, "precision": precision, "tokens": float(np.round(10 ** rng.uniform(10, 12.5))),
            "sequence": float(rng.choice([2048, 8192])), "batchTokens": batch_tokens, "by": by, "amount": amount,
        })  # fmt: skip
    return asked


def said(asked: dict) -> str:
    return " ".join(f"{asked[name]}" for name in ("model", "chip", "by", "amount"))


@pytest.mark.parametrize("asked", questions(), ids=said)
def test_the_page_plans_as_python_does(page, asked):
    plan = page.evaluate(_ASK, asked)
    try:
        expected = plan_training(
            Model.load(asked["model"]), Chip.load(asked["chip"]), asked["tokens"], **{asked["by"]: asked["amount"]},
            precision=asked["precision"], sequence=asked["sequence"], batch_tokens=asked["batchTokens"],
        )  # fmt: skip
    except PlanError:
        assert plan["refused"]
        return
    assert "refused" not in plan, plan
    for name in QUANTITIES:
        assert found(plan, name) == pytest.approx(ends(getattr(expected, name)), rel=1e-9), name
    for name in ("rent", "owned", "megawatt_hours"):
        bill = ends(getattr(expected.cost, name))
        assert found(plan, name) == (bill and pytest.approx(bill, rel=1e-9)), name
    assert plan["parts"] == pytest.approx(expected.parts, rel=1e-9, abs=1e-9 * expected.step_seconds.expected)
    assert plan["memory"] == pytest.approx(expected.memory, rel=1e-9)


@pytest.mark.parametrize(("model", "chip", "chips", "batch"), [
    ("DeepSeek-V3", "H100 SXM5", 96, None), ("Llama-3.1-70B", "H100 SXM5", 24, 480), ("Mixtral-8x7B", "TPU v5p", 12, None),
    ("Gemma-3-27B", "A100 SXM4 80GB", 1, 64), ("GPT-3 175B", "Instinct MI300X", 40, 100), ("Llama-3.1-8B", "TPU v5p", 6, 96),
])  # fmt: skip
def test_the_same_plans_are_tried_in_the_same_order(page, model, chip, chips, batch):
    named = ("global_batch", "tensor", "pipeline", "virtual_pipeline", "data", "context", "expert", "zero", "recomputation",
             "recomputed_layers", "sequence_parallel", "micro_batch", "free")  # fmt: skip
    try:
        run = runs.run(kind="train", metric="step_seconds", model=model, chip=chip, n_chips=chips, seq_len=4096,
                       global_batch=batch, date="2026")  # fmt: skip
        tried = assumptions.question(run).plans
    except runs.RunsError:
        tried = ()
    got = page.evaluate(
        """([model, chip, chips, batch, precision]) => {
          const of = {model: {...planner.data.models[model], name: model}, chip: planner.data.chips[chip]};
          const asked = {...of, precision, sequence: 4096};
          return [...planner.of.plans(planner.of.asked(asked), chips, batch)];
        }""",
        [model, chip, chips, batch, Chip(chip).precision],
    )
    assert got == [[plan[name] for name in named] for plan in tried]


@pytest.mark.parametrize("tokens", [2e9, 15e12])
def test_plans_that_were_found_before_serve_other_tokens(page, tokens):
    asked = {"model": "Llama-3.1-8B", "chip": "H100 SXM5", "precision": "bf16", "tokens": tokens, "sequence": 4096.0}
    plan = page.evaluate(_ASK, asked | {"by": "chips", "amount": 256})
    expected = plan_training(Model.load(asked["model"]), Chip.load(asked["chip"]), tokens, chips=256)
    assert found(plan, "days") == pytest.approx(ends(expected.days), rel=1e-9)


def test_every_decoder_of_the_library_can_be_planned_with():
    shapes = {name: library.load(name) for name in ("Llama-3.1-8B", "BERT-Large", "T5-11B")}
    known = planner_data.described(shapes, [])["models"]
    assert list(known) == ["Llama-3.1-8B"]
    assert known["Llama-3.1-8B"]["parameters"] == 8_030_261_248
