"""Published demand as chips: how many would serve what companies say they serve, if all of it were one known model."""

from collections.abc import Mapping
from functools import cache

import numpy as np
import pandas as pd
from pydantic import Field, model_validator

from analysis.arrays import PerCase
from analysis.economics import market
from analysis.inference import deployments
from analysis.inference.deployments import Deployment
from analysis.serving import demand, serving_plans, serving_ranges
from analysis.serving.capacity import Targets
from analysis.serving.demand import Demand
from analysis.serving.serving_queue import Requests, State
from analysis.settings import FromScenario
from analysis.uncertainty import sensitivity

#: What is published, and the quantity that one of it has.
KINDS = ("tokens", "messages")
SAMPLES = 200
#: Questions a day of a day that is scaled to what is published; any number would do.
_QUESTIONS = 1e9


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


def day(case: PublishedCase) -> Demand:
    """Return a day of `case`, of an arbitrary number of questions."""
    return Demand(_QUESTIONS, case.prompt_tokens, case.answer_tokens, 0.0, case.busiest_over_mean)


def served(case: PublishedCase) -> tuple[Deployment, State]:
    """Return the deployment that carries most a chip, of those tried, and its state. Raises as serving_plans does."""
    return _served(case.model, case.chip, case.weight_precision, day(case), _targets(case))


@cache
def _served(model: str, chip: str, precision: str, asked: Demand, kept: Targets) -> tuple[Deployment, State]:
    spread = serving_ranges.VARIATION
    requests = Requests(asked.prompt_tokens, asked.answer_tokens, asked.cached, spread, spread)
    tried = serving_plans.tried(model, chip, precision)
    deployments.check_context(tried[0], asked.prompt_tokens + asked.answer_tokens)
    return serving_plans.best(tried, requests, kept)


def _targets(case: PublishedCase) -> Targets:
    return Targets(case.first_token_seconds, case.output_token_seconds)


@cache
def chips_for_one(case: PublishedCase, kind: str) -> tuple[float, float, float]:
    """Return the chips for one a day of `kind`: as expected, and both ends of the 80% interval.

    A published number of tokens stays what it is however long requests are; a message has the tokens of a request.
    """
    deployment, _ = served(case)
    asked = day(case)
    whole = serving_ranges.chips_result(deployment, asked, _targets(case))

    def each(values: Mapping[str, PerCase]) -> PerCase:
        count = _QUESTIONS * (values["prompt_tokens"] + values["answer_tokens"]) if kind == "tokens" else _QUESTIONS
        return whole(values) / count

    factors = serving_ranges.factors(asked)
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
    rates = market.rates(case.chip)
    return chips * rates.chip_watts * rates.server_share * rates.power_usage_effectiveness


def smaller(case: PublishedCase, model: str = "Llama-3.1-8B") -> float:
    """Return how many times fewer chips the same tokens would take on a small `model`."""
    other = case.model_copy(update={"model": model})
    return chips_for_one(case, "tokens")[0] / chips_for_one(other, "tokens")[0]
