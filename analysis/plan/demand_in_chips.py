"""Published demand as chips: how many would serve what companies say they serve, if all of it were one known model."""

from collections.abc import Mapping
from functools import cache

import numpy as np
import pandas as pd
from pydantic import Field, model_validator

from analysis.arrays import PerCase
from analysis.economics import market
from analysis.plan.chip import Chip
from analysis.plan.interval import PlanError
from analysis.plan.model import Model
from analysis.plan.requests import Requests
from analysis.plan.serving_plan import ServingPlan, chips_result, plan_serving
from analysis.serving import demand
from analysis.settings import FromScenario
from analysis.uncertainty import sensitivity

#: What is published, and the quantity that one of it has.
KINDS = ("tokens", "messages")
SAMPLES = 200
#: Requests a second of a day that is scaled to what is published; any number would do that no whole replica matters to.
_PER_SECOND = 1e4
_UNSURE = ("prompt_tokens", "answer_tokens", "fresh", "peak_to_mean")


class PublishedCase(FromScenario):
    """The model, chip and targets that published demand is put through; its requests are of conversations' lengths."""

    model: str = "DeepSeek-V3"
    chip: str = "H100 SXM5"
    weight_precision: str = "fp8"
    prompt_tokens: float = Field(1155, ge=1, le=1e7)
    answer_tokens: float = Field(211, ge=2, le=1e6)
    busiest_over_mean: float = Field(1.34, ge=1, le=100)
    first_token_seconds: float = Field(2.0, ge=1e-3, le=3600)
    output_token_seconds: float = Field(0.1, ge=1e-4, le=3600)

    @model_validator(mode="after")
    def _can_be_served(self) -> "PublishedCase":
        served(self)
        return self


def served(case: PublishedCase) -> ServingPlan:
    """Return the plan of a day of `case`, of an arbitrary number of requests. Raises PlanError."""
    return _served(case.model_copy(update={"not_followed": ""}))


@cache
def _served(case: PublishedCase) -> ServingPlan:
    requests = Requests(case.prompt_tokens, case.answer_tokens, _PER_SECOND, peak_to_mean=case.busiest_over_mean, unsure=_UNSURE)
    try:
        return plan_serving(
            Model.load(case.model), Chip.load(case.chip), requests, ttft=case.first_token_seconds,
            tpot=case.output_token_seconds, precision=case.weight_precision,
        )  # fmt: skip
    except PlanError as exc:
        raise ValueError(str(exc)) from exc


@cache
def chips_for_one(case: PublishedCase, kind: str) -> tuple[float, float, float]:
    """Return the chips for one a day of `kind`: as expected, and both ends of the 80% interval.

    A published number of tokens stays what it is however long requests are; a message has the tokens of a request.
    """
    whole, factors = chips_result(served(case))
    requests = _PER_SECOND * demand.DAY_SECONDS

    def each(values: Mapping[str, PerCase]) -> PerCase:
        return whole(values) / (requests * (values["prompt_tokens"] + values["answer_tokens"]) if kind == "tokens" else requests)

    expected = float(np.asarray(each({factor.name: np.array([factor.expected]) for factor in factors})).item())
    low, high = np.quantile(sensitivity.sampled(each, factors, SAMPLES), [0.1, 0.9], method="nearest")
    return expected, float(low), float(high)


def table(case: PublishedCase) -> pd.DataFrame:
    """Return published demand in chips: the columns of `demand.published`, and `kind`, `chips`, `low`, `high`."""
    frames = []
    for kind in KINDS:
        rows = demand.published(kind)
        expected, low, high = chips_for_one(case, kind)
        frames.append(rows.assign(
            kind=kind, chips=rows["per_day"] * expected, low=rows["per_day"] * low, high=rows["per_day"] * high
        ))  # fmt: skip
    return pd.concat(frames, ignore_index=True)


def deepseeks_chips() -> float:
    """Return the chips that DeepSeek says it used at the peak of its published day."""
    return market.facility("DeepSeek peak nodes") * market.SERVER_CHIPS


def peak_watts(case: PublishedCase, chips: float) -> float:
    """Return the power of the site with every one of `chips` at its limit, in W."""
    plan = served(case)
    return chips * 1e6 * plan.megawatts.expected / plan.chips.expected


def smaller(case: PublishedCase, model: str = "Llama-3.1-8B") -> float:
    """Return how many times fewer chips the same tokens would take on a small `model`."""
    other = case.model_copy(update={"model": model})
    return chips_for_one(case, "tokens")[0] / chips_for_one(other, "tokens")[0]
