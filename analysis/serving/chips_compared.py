"""Three models on six chips: the fewest chips that hold each, and the tokens a second that a chip yields in time."""

from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from pydantic import Field, field_validator, model_validator

from analysis import facts
from analysis.arrays import PerCase
from analysis.hardware import machine
from analysis.hardware.accelerators import AcceleratorError
from analysis.inference import deployments, inference_offsets, inference_runs, pass_time
from analysis.inference.deployments import Cases, Deployment, DeploymentError
from analysis.models import architecture
from analysis.serving import serving_plans
from analysis.settings import FromScenario

#: The deck's model, a later dense one, and a mixture of experts with latent attention: three of these are compared.
MODELS = ("GPT-3-175B", "Llama-3.1-70B", "DeepSeek-V3")
CHIPS = ("A100 SXM4 80GB", "H100 SXM5", "H20", "B200 SXM (HGX/DGX)", "Ascend 910B2", "Ascend 910C")
#: Chips that the text compares for the second model, and that have to meet a target.
KEEPERS = ("H100 SXM5", "H20")
#: Formats of weights that are tried beside the chip's own of 16 bits.
NARROW = ("fp8", "int8", "nvfp4")


class ChipsCase(FromScenario):
    """What is asked of every chip: a token of `model`, and of two others, within the target, for requests of these lengths."""

    model: str = "Llama-3.1-70B"
    target_milliseconds: float = Field(50.0, gt=0, le=60_000)
    prompt_tokens: int = Field(1024, ge=1, le=10_000_000)
    answer_tokens: int = Field(512, le=10_000_000)

    @field_validator("answer_tokens")
    @classmethod
    def _leaves_something_to_decode(cls, value: int) -> int:
        return deployments.check_answer(value)

    @model_validator(mode="after")
    def _fits_every_model(self) -> "ChipsCase":
        for model in models(self):
            longest = deployments.context_length(architecture.load(model))
            asked = self.prompt_tokens + self.answer_tokens
            if asked > longest:
                raise ValueError(
                    f"prompt_tokens + answer_tokens = {asked:,} is longer than {model} can attend to; "
                    f"valid: at most {longest:,.0f} together"
                )
        return self


def models(case: ChipsCase) -> tuple[str, ...]:
    """Return the names of the three models that are compared: the deck's, that of `case`, and a further one."""
    names = {architecture.load(name).name: name for name in (MODELS[0], case.model, *MODELS[:0:-1])}
    return tuple(names.values())[: len(MODELS)]


@cache
def compared(case: ChipsCase) -> pd.DataFrame:
    """Return one row for each model, chip and format of weights.

    Columns: `model`, `chip`, `precision`; `refused`, why there is no answer, else empty; `least_chips` that hold the
    weights and one request, the share `weights` of their memory, and `alone`, the seconds of the fastest step of one
    request; and of the plan that yields most within the target `chips`, `plan`, `batch`, `seconds` a step, `speed` in
    tokens a second and chip with `low` and `high` of its 80% interval, and `read`, the tokens of prompts a second and
    chip. Raises DeploymentError for a target that one of `KEEPERS` can't meet.
    """
    rows = []
    for model in models(case):
        for chip in CHIPS:
            for precision in (deployments.usual_16bit(chip), *NARROW):
                row = {"model": model, "chip": chip, "precision": precision, "refused": ""}
                rows.append(row | _answer(case, model, chip, precision))
    table = pd.DataFrame(rows)
    _check_target(case, table)
    return table


def _check_target(case: ChipsCase, table: pd.DataFrame) -> None:
    """Raise DeploymentError if a chip of KEEPERS does not keep the target even in its fastest format."""
    model = case.model
    for chip in KEEPERS:
        rows = table[(table["model"] == model) & (table["chip"] == chip)]
        if (rows["refused"] != "").all():
            least = 1e3 * rows["alone"].min()
            raise DeploymentError(
                f"target_milliseconds = {case.target_milliseconds:g}: no batch of {model} on {chip} can meet it; one request "
                f"alone takes {least:.3g} ms a token, {least / case.target_milliseconds:.3g} times as long; valid: more than that"
            )


def best(case: ChipsCase) -> pd.DataFrame:
    """Return, of the rows of `compared`, that with the highest speed for each model and chip; of those without an
    answer the first."""
    ordered = compared(case).sort_values("speed", ascending=False, na_position="last", kind="stable")
    table = ordered.drop_duplicates(["model", "chip"])
    return table.sort_index().reset_index(drop=True)


def times_off(chip: str) -> float:
    """Return by how many times a step of a dense model on `chip` may take longer or less, four times in five."""
    deployment = deployments.deploy(MODELS[1], chip, tensor=8)
    return float(np.exp(inference_offsets.slower(deployment)[1]))


def published_rows() -> pd.Series:
    """Return how many usable published rows of inference each of CHIPS has, which its prediction could be fitted to."""
    tables = [facts.read(name) for name in ("runs", "h100_runs")]
    rows = pd.concat(tables, ignore_index=True)
    good = rows[rows["kind"].isin(inference_runs.KINDS) & (rows["usable"] == "yes")]
    return good["chip"].value_counts().reindex(CHIPS, fill_value=0)


def plan_text(deployment: Deployment) -> str:
    """Return the plan of a deployment as text: "tensor 8", "experts over 16"."""
    parts = [f"{name} {size}" for name, size in (("tensor", deployment.tensor), ("pipeline", deployment.pipeline)) if size > 1]
    parts += [f"experts over {deployment.expert}"] if deployment.expert > 1 else []
    return ", ".join(parts) or "one chip"


def _answer(case: ChipsCase, model: str, chip: str, precision: str) -> dict[str, Any]:
    number_format = machine.PRECISIONS.get(deployments.usual_compute(chip, precision), (precision.upper(),))[0]
    try:
        plans = serving_plans.tried(model, chip, precision)
    except AcceleratorError:
        return {"refused": f"no {number_format} peak"}
    except DeploymentError:
        return {"refused": f"does not fit {serving_plans.MOST_CHIPS}"}
    context = case.prompt_tokens + case.answer_tokens / 2
    most = deployments.largest_batch(deployments.cases(plans), context)
    plans = [plan for plan, room in zip(plans, most, strict=True) if room >= 1]
    if not plans:
        return {"refused": f"no request fits {serving_plans.MOST_CHIPS}"}
    most = most[most >= 1]
    cases = deployments.cases(plans)
    smallest = min(plans, key=lambda plan: plan.chips)
    held = deployments.weight_bytes_on_one(smallest) / machine.case(chip, smallest.compute_precision)["memory_bytes"]
    alone = np.min(pass_time.decode_seconds(cases, 1.0, context))
    answer = {"least_chips": smallest.chips, "weights": held, "alone": alone}
    target, (slower, half_width) = case.target_milliseconds / 1e3, inference_offsets.slower(smallest)
    alone, width = slower * alone, np.exp(half_width)
    answer["alone"] = alone
    speed, batch, seconds = _speed(cases, most, context, target, slower)
    which = int(np.argmax(speed))
    if speed[which] == 0:
        return answer | {"refused": f"{alone / target:.2g} times too slow"}
    slow, fast = (_speed(cases, most, context, target, slower * factor)[0].max() for factor in (width, 1 / width))
    plan = plans[which]
    # One prompt a group, since each group attends to requests of its own.
    reading = slower * pass_time.prefill_seconds(plan, plan.data, case.prompt_tokens).item()
    return answer | {
        "chips": plan.chips, "plan": plan_text(plan), "batch": batch[which], "seconds": seconds[which], "speed": speed[which],
        "low": slow, "high": fast, "read": plan.data * case.prompt_tokens / reading / plan.chips,
    }  # fmt: skip


def _speed(cases: Cases, most: PerCase, context: float, target: float, slower: float = 1.0) -> tuple[PerCase, PerCase, PerCase]:
    """Return tokens a second and chip, batch and seconds of the largest batch that fits and whose step ends within the
    target, by bisection; 0 where even one request is late. Steps take `slower` times what is predicted."""
    low, high = np.zeros_like(most), most.copy()
    while np.any(low < high):
        middle = np.ceil((low + high) / 2)
        kept = slower * pass_time.decode_seconds(cases, np.maximum(middle, 1.0), context) <= target
        low, high = np.where(kept, middle, low), np.where(kept, high, np.minimum(middle - 1, high))
    seconds = slower * pass_time.decode_seconds(cases, np.maximum(low, 1.0), context)
    return low / seconds / cases.chips, low, seconds
