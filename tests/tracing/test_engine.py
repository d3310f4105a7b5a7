"""The engine as JavaScript gives in a browser what it gives in Python, on random models, chips, plans and loads."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from analysis.evidence import runs
from analysis.inference import cache_room, deployments, pass_time
from analysis.models import library
from analysis.tracing import engine, javascript
from analysis.training import assumptions, footprint, metrics, step_time
from analysis.training.fitted import CONSTANTS
from tests.tracing.evaluated import evaluated

#: Models by how many kinds of layers they have: dense ones, of experts, of latent, windowed, sparse and compressed attention,
#: of recurrences, with mixers side by side, with a second embedding.
MODELS = {
    1: ("GPT-3 175B", "Llama-3.1-70B", "Mixtral-8x7B", "DeepSeek-V3", "Gemma-3-27B", "GPT-OSS-120B", "Falcon-Mamba-7B",
        "Arctic-480B"),
    2: ("DeepSeek-V3.2", "Qwen3-Next-80B-A3B", "Gemma-4-31B", "LongCat-Flash", "Step-3"),
    3: ("GLM-5.2", "Nemotron-3-Nano-30B-A3B", "Kimi-Linear-48B-A3B", "Zamba2-7B"),
    4: ("DeepSeek-V4-Pro", "Gemma-3n-E4B", "Step-3.5-Flash"),
}  # fmt: skip
CHIPS = ("H100 SXM5", "A100 SXM4 80GB", "GB200 (per GPU)", "TPU v5p", "Instinct MI300X", "V100 SXM2 32GB", "Ascend 910C")
ENGINES = (None, "Megatron-Core", "HAI-LLM", "Megatron-LM 2021", "llm-foundry", "torchtitan", "XLA")
EACH = 250


def column(cases: Any, name: str) -> np.ndarray:
    """Return the input of a traced function by its name, one element a case."""
    part, _, field = name.rpartition(".")
    if part.startswith("shape"):
        return getattr(cases.shape.kinds[int(part.removeprefix("shape"))], field)
    return getattr(cases if part in ("", "case") else getattr(cases, part), field)


def table(cases: Any, names: Sequence[str], **also: Any) -> np.ndarray:
    """Return the inputs of a traced function, a row a case."""
    columns = [also[name] if name in also else column(cases, name) for name in names]
    return np.column_stack(np.broadcast_arrays(*(np.asarray(values, dtype=float) for values in columns)))


def agree(browser: Any, names: Any, traced: Any, cases: Any, asked: Any, expected: dict[str, Any]) -> None:
    """Hold what a traced function returns against what Python gives."""
    varying, *others = [some for some in names if some]
    got = evaluated(
        browser, javascript.function(varying, traced, *others), *(table(cases, some, **asked) for some in names if some)
    ).T
    assert list(traced) == list(expected)
    for (name, values), found in zip(expected.items(), got, strict=True):
        values = np.broadcast_to(np.asarray(values, dtype=float), found.shape)
        assert np.isfinite(values).all(), name
        # A part may be what is left of two large ones: it is as exact as the whole.
        scale = np.abs(expected["seconds"] if name.startswith("seconds.") else values)
        np.testing.assert_array_less(np.abs(found - values), 1e-9 * scale + 1e-300, err_msg=name)


@pytest.mark.parametrize("kinds", MODELS)
def test_a_training_step_is_the_same_in_the_page(browser, kinds):
    rng = np.random.default_rng(kinds)
    asked = []
    while len(asked) < 12:
        chip, model = rng.choice(CHIPS), rng.choice(MODELS[kinds])
        if library.load(model).n_layers < 2:
            continue
        cells = {
            "n_chips": 8 * int(rng.integers(1, 200)),
            "seq_len": int(2 ** rng.integers(9, 16)),
        }
        precision = rng.choice(["bf16", "fp8"]) if chip in ("H100 SXM5", "GB200 (per GPU)") else None
        cells |= {"precision": precision, "date": rng.choice(["2021", "2023", "2026"]), "model": model, "chip": chip}
        cells["engine_family"] = rng.choice(ENGINES)
        try:
            asked.append(assumptions.question(runs.run(kind="train", metric="step_seconds", **cells)))
        except runs.RunsError:  # no plan divides so many chips
            continue
    steps, owner = assumptions.every_plan(asked)
    free = np.array([plan["free"] for question in asked for plan in question.plans])
    chosen = rng.permutation(len(steps))[:EACH]
    steps, free = steps.take(chosen), free[chosen]
    tokens = rng.lognormal(25, 3, len(steps))
    prediction, trains = step_time.predict(steps), metrics.trains(steps, ["whole_run"] * len(steps), tokens)
    expected = {
        "memory": prediction.memory_bytes,
        "fits": prediction.fits,
        "seconds": prediction.seconds,
        "trains": trains,
        "clock_seconds": metrics.by_the_clock(prediction.seconds, steps, trains, CONSTANTS.loss_exponent),
        "model_flop": prediction.model_flop,
        "hardware_flop": prediction.hardware_flop,
        "recomputed_layers": steps.plan.recomputed_layers,
        **{f"seconds.{name}": seconds for name, seconds in prediction.parts.items()},
        **{f"memory.{name}": held for name, held in footprint.memory_parts(steps).items()},
    }
    before = np.where(free == 1, 0.0, steps.plan.recomputed_layers)
    asked = {"plan.free": free, "plan.recomputed_layers": before, "tokens": tokens}
    agree(browser, engine.training_inputs(kinds), engine.training(kinds), steps, asked, expected)


@pytest.mark.parametrize("kinds", MODELS)
def test_a_pass_of_inference_and_its_cache_are_the_same_in_the_page(browser, kinds):
    rng = np.random.default_rng(kinds)
    described, plans = [], [(tensor, pipeline, 1, 1) for tensor in (1, 2, 4, 8) for pipeline in (1, 2, 4)]
    while len(described) < 60:
        chip, model = str(rng.choice(CHIPS)), str(rng.choice(MODELS[kinds]))
        tensor, pipeline, data, expert = plans[rng.integers(len(plans))]
        if library.load(model).n_experts and rng.random() < 0.4:
            tensor, pipeline, data, expert = 1, 1, 32, 32
        try:
            described.append(deployments.deploy(
                model, chip, weight_precision=str(rng.choice(["bf16", "fp16", "fp8", "int4", "mxfp4"])),
                cache_precision=str(rng.choice(["bf16", "fp8"])), tensor=tensor, pipeline=pipeline, data=data, expert=expert,
                engine=str(rng.choice(deployments.ENGINES)), draft_tokens=int(rng.integers(0, 4)), padded_heads=True,
                acceptance=float(rng.choice([0, 0.7, 1])), software_year=float(rng.integers(2023, 2027)),
            ))  # fmt: skip
        except ValueError:  # weights that do not fit, a format that the chip lacks, heads that do not divide
            continue
    cases = deployments.cases([described[place] for place in rng.integers(len(described), size=EACH)])
    asked = {
        "prefill_tokens": rng.choice([0.0, 1.0, 512.0, 8192.0], EACH), "batch": np.floor(rng.lognormal(3, 2, EACH)),
        "context": np.floor(rng.lognormal(7, 1.5, EACH)) + 1, "prompt": np.floor(rng.lognormal(6, 1.5, EACH)),
        "length": np.floor(rng.lognormal(8, 1.5, EACH)) + 1,
    }  # fmt: skip
    asked["context"] = np.minimum(asked["context"], cases.context_length)
    parts = pass_time.step_parts(cases, asked["prefill_tokens"], asked["batch"], asked["context"], prompt=asked["prompt"])
    expected = {
        "seconds": sum(parts.values()),
        "tokens": pass_time.tokens_per_step(cases.draft_tokens, cases.acceptance),
        "largest_batch": deployments.largest_batch(cases, asked["length"]),
        "largest_batch_tuned": deployments.largest_batch(cases, asked["length"], tuned=True),
        "request_bytes": cases.request_bytes(asked["length"]),
        "room": cache_room.room(cases),
        **{f"seconds.{name}": seconds for name, seconds in parts.items()},
    }
    agree(browser, engine.serving_inputs(kinds), engine.serving(kinds), cases, asked, expected)
