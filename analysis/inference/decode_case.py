"""One deployment looked at closely: its settings, what a pass is spent on, and what batch, length, format and drafts do."""

from typing import Any

import numpy as np
import pandas as pd
from pydantic import Field, field_validator, model_validator

from analysis import numerals
from analysis.hardware import accelerators, machine
from analysis.inference import cache_room, decode_roofline, deployments, inference_layers, pass_time
from analysis.inference.deployments import Deployment, DeploymentError
from analysis.models import architecture
from analysis.settings import FromScenario
from analysis.steps.parameters import parameters

#: What a pass is spent on, as people name it, and the parts of analysis/inference/pass_time.py that belong to it.
GROUPS = {
    "Weights": ("attention weights", "MLP", "experts", "vocabulary"),
    "Attention": ("attention of prompts", "key-value cache"),
    "Elementwise": ("elementwise",),
    "Kernels and host": ("kernels", "host"),
    "Communication": ("communication",),
}
#: Mixtures of experts whose batches are compared.
MIXTURES = ("Mixtral-8x7B", "Qwen3-235B-A22B", "DeepSeek-V3", "Llama-4-Maverick")
#: Formats of weights that are compared, where the chip has them.
FORMATS = ("bf16", "fp16", "fp8", "int8", "nvfp4", "int4")
#: Pairs of formats, of weights and of the cache, whose batches are compared.
HELD = (("bf16", "bf16"), ("fp8", "bf16"), ("fp8", "fp8"), ("int4", "fp8"))
#: Lengths beyond which charts do not go where a model has no limit of its own.
LONGEST = 131_072
#: Numbers of drafted tokens that are compared.
DRAFTS = (1, 3, 7)


class DecodeCase(FromScenario):
    """A deployment of `model` on `tensor` chips, and the requests that it answers.

    All requests have the same lengths; the cache is that of an answer half written. `acceptance` is the probability
    that a drafted token is accepted.
    """

    model: str = "Llama-3.1-70B"
    chip: str = "H100 SXM5"
    weight_precision: str = "bf16"
    tensor: int = Field(4, ge=1, le=64)
    batch: int = Field(64, le=1_000_000)
    prompt_tokens: int = Field(1024, ge=1, le=10_000_000)
    answer_tokens: int = Field(1024, le=10_000_000)
    acceptance: float = Field(0.7, ge=0, le=1)

    @field_validator("answer_tokens")
    @classmethod
    def _leaves_something_to_decode(cls, value: int) -> int:
        return deployments.check_answer(value)

    @model_validator(mode="after")
    def _can_be(self) -> "DecodeCase":
        deployment = deployed(self)
        deployments.check_context(deployment, self.prompt_tokens + self.answer_tokens)
        deployments.check_batch(deployment, self.batch, context(self))
        return self


def deployed(case: DecodeCase, **changes: Any) -> Deployment:
    """Return the deployment of `case`, with what is changed. Raises what analysis/inference/deployments.py raises."""
    asked: dict[str, Any] = {"weight_precision": case.weight_precision, "tensor": case.tensor, **changes}
    return deployments.deploy(case.model, case.chip, **asked)


def context(case: DecodeCase) -> float:
    """Return the tokens that a request's cache holds half way through its answer."""
    return case.prompt_tokens + case.answer_tokens / 2


def longest(case: DecodeCase) -> float:
    """Return the longest context that charts of `case` go to."""
    return min(deployments.context_length(deployed(case).architecture), LONGEST)


def passes(case: DecodeCase) -> pd.DataFrame:
    """Return what three passes are spent on: `name`, `tokens` that they pass, `seconds`, `group` of GROUPS, `part`.

    One prompt is read; one request is answered; all requests are. `part` are the seconds of the group.
    """
    deployment, length = deployed(case), context(case)
    wanted = {
        "Prompt": (case.prompt_tokens, pass_time.prefill_parts(deployment, 1, case.prompt_tokens)),
        "One answer": (1, pass_time.decode_parts(deployment, 1, length)),
        "Batch of answers": (case.batch, pass_time.decode_parts(deployment, case.batch, length)),
    }
    rows = []
    for name, (tokens, parts) in wanted.items():
        seconds = {part: float(np.ravel(value)[0]) for part, value in parts.items()}
        for group, members in GROUPS.items():
            rows.append({"name": name, "tokens": tokens, "seconds": sum(seconds.values()), "group": group,
                         "part": sum(seconds[part] for part in members)})  # fmt: skip
    return pd.DataFrame(rows)


def batches(deployment: Deployment, length: float) -> np.ndarray:
    """Return batches from 1 to the largest that fits: powers of two, and that one."""
    most = int(deployments.largest_batch(deployment, length))
    return np.unique([*2 ** np.arange(int(np.log2(max(most, 1))) + 1), most]).astype(float)


def by_format(case: DecodeCase) -> pd.DataFrame:
    """Return decoding by batch for each format of weights that the chip has and that fits; the case's first.

    Columns: those of `decode_roofline.by_batch`, and `precision`.
    """
    tables = []
    for precision in dict.fromkeys((case.weight_precision, *formats(case))):
        try:
            deployment = deployed(case, weight_precision=precision)
        except DeploymentError:  # its weights do not fit
            continue
        if deployments.largest_batch(deployment, context(case)) >= 1:
            table = decode_roofline.by_batch(deployment, batches(deployment, context(case)), context(case))
            tables.append(table.assign(precision=precision))
    return pd.concat(tables, ignore_index=True)


def fastest_alone(case: DecodeCase) -> str:
    """Return which format of weights serves one request fastest, and how much faster than that of the case, as words."""
    alone = by_format(case).query("batch == 1").set_index("precision")["seconds"]
    given, fastest = case.weight_precision, str(alone.idxmin())
    if fastest == given:
        return f"no other format here is faster than {given.upper()}"
    faster = numerals.significant(alone[given] / alone[fastest])
    return f"the fastest format here is {fastest.upper()}: {faster} times as fast as {given.upper()}"


def formats(case: DecodeCase) -> list[str]:
    """Return the formats of weights that can be had on the case's chip, one of 16 bits among them."""
    wide = deployments.usual_16bit(case.chip)
    possible = []
    for precision in FORMATS:
        if precision in ("bf16", "fp16") and precision != wide:
            continue
        try:
            machine.case(case.chip, deployments.usual_compute(case.chip, precision))
        except accelerators.AcceleratorError:
            continue
        possible.append(precision)
    return possible


def measured() -> pd.DataFrame:
    """Return the measured decode steps with their bounds, and as predicted.

    `model`, `chip`, `batch`, `context`, `seconds`, `predicted` seconds, `flop_per_byte`, `flop_per_second`,
    `predicted_flop_per_second`, and `share` of the bound that was reached.
    """
    frames = []
    for model in decode_roofline.measured_models():
        points = decode_roofline.measured(model)
        deployment = deployments.deploy(model, points["chip"].iloc[0], engine="PyTorch")
        cases = deployments.cases(deployment)
        batch, length = points["batch"].to_numpy(dtype=float), points["context"].to_numpy(dtype=float)
        flop, moved = pass_time.decode_flop(cases, batch, length), pass_time.decode_bytes(cases, batch, length)
        predicted = pass_time.decode_seconds(cases, batch, length)
        bound = np.minimum(cases.machine.peak, flop / moved * cases.machine.memory_bandwidth)
        frames.append(points.assign(
            model=model.removeprefix("bench-"), predicted=predicted, flop_per_byte=flop / moved,
            flop_per_second=flop / points["seconds"], predicted_flop_per_second=flop / predicted,
            share=flop / points["seconds"] / bound,
        ))  # fmt: skip
    return pd.concat(frames, ignore_index=True)


def held(case: DecodeCase) -> pd.DataFrame:
    """Return what the engine leaves for the cache, for each pair of HELD that can be had: `label`, `free` bytes of one
    chip beside its weights, and `token` bytes that one token takes of it."""
    rows = []
    for weights, cache in dict.fromkeys(((case.weight_precision, deployments.usual_16bit(case.chip)), *HELD)):
        try:
            deployment = deployed(case, weight_precision=weights, cache_precision=cache)
        except (DeploymentError, accelerators.AcceleratorError):
            continue
        cases = deployments.cases(deployment)
        free, token = cache_room.room(cases).item(), cases.request_bytes(1.0).item()
        rows.append({"label": f"Weights in {weights.upper()}, cache in {cache.upper()}", "free": free, "token": token})
    return pd.DataFrame(rows)


def first_token(case: DecodeCase) -> pd.DataFrame:
    """Return the seconds in which one prompt is read, by its `tokens`: `seconds`, `attention` among them, the `bound` by
    the data sheet, and `share` of the peak by the deck's count of two FLOP a parameter and token."""
    deployment = deployed(case)
    tokens = np.unique(np.round(np.geomspace(min(128, longest(case)), longest(case), 33)))
    cases = deployments.cases(deployment)
    parts, model = pass_time.prefill_parts(deployment, 1.0, tokens), parameters(cases)
    seconds = sum(parts.values())
    return pd.DataFrame({
        "tokens": tokens, "seconds": seconds, "attention": parts["attention of prompts"],
        "bound": pass_time.prefill_bound(deployment, 1.0, tokens),
        "share": 2 * (model.active + model.output) * tokens / (seconds * deployment.chips * cases.machine.peak),
    })  # fmt: skip


def by_context(case: DecodeCase) -> pd.DataFrame:
    """Return decoding with memory full, by length and format of the cache: `context`, `cache`, `batch`, `seconds`,
    `speed` (tokens a second and chip). Lengths of which not one request fits are left out."""
    lengths = np.unique(np.round(np.geomspace(min(256, longest(case)), longest(case), 25)))
    frames = []
    for cache in dict.fromkeys((deployments.usual_16bit(case.chip), "fp8")):
        deployment = deployed(case, cache_precision=cache)
        most = deployments.largest_batch(deployment, lengths)
        kept = most >= 1
        seconds = pass_time.decode_seconds(deployment, most[kept], lengths[kept])
        frames.append(pd.DataFrame({
            "context": lengths[kept], "cache": cache, "batch": most[kept], "seconds": seconds,
            "speed": most[kept] / seconds / deployment.chips,
        }))  # fmt: skip
    return pd.concat(frames, ignore_index=True)


def experts_touched() -> pd.DataFrame:
    """Return the share of a layer's experts that a batch touches, by model of MIXTURES and `batch`: `touched`, `share`,
    and `reads`, how many tokens meet each expert that is read."""
    frames = []
    for model in MIXTURES:
        arch = architecture.load(model)
        batch = 2.0 ** np.arange(11)
        touched = inference_layers.distinct_experts(arch.n_experts, arch.experts_per_token, batch)
        frames.append(pd.DataFrame({
            "model": f"{model}: {arch.experts_per_token} of {arch.n_experts}", "batch": batch, "touched": touched,
            "share": touched / arch.n_experts, "reads": batch * arch.experts_per_token / touched,
        }))  # fmt: skip
    return pd.concat(frames, ignore_index=True)


def half_of_the_experts() -> pd.Series:
    """Return by model of MIXTURES how many requests it takes until a batch reads more than half of a layer's experts."""
    shapes = {model: architecture.load(model) for model in MIXTURES}
    return pd.Series({
        model: int(np.floor(np.log(0.5) / np.log1p(-arch.experts_per_token / arch.n_experts))) + 1
        for model, arch in shapes.items()
    })  # fmt: skip


def speculation(case: DecodeCase) -> pd.DataFrame:
    """Return what drafts do by batch: `drafts`, `batch`, `faster`, the time per token without drafts over that with
    them. Drafting itself is taken to cost nothing."""
    deployment, length = deployed(case), context(case)
    sizes = batches(deployment, length)
    plain = pass_time.time_per_output_token(deployment, sizes, length)
    frames = []
    for drafts in DRAFTS:
        drafted = deployed(case, draft_tokens=drafts, acceptance=case.acceptance)
        seconds = pass_time.time_per_output_token(drafted, sizes, length)
        frames.append(pd.DataFrame({"drafts": drafts, "batch": sizes, "faster": plain / seconds}))
    return pd.concat(frames, ignore_index=True)
