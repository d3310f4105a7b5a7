"""What a million tokens costs: by chip, rented or owned; and for models whose prices are published, at their dates."""

from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd
from pydantic import Field, model_validator

from analysis.economics import market, ownership, price_index, whole_run
from analysis.hardware import accelerators
from analysis.inference import deployments
from analysis.inference.deployments import DeploymentError
from analysis.inference.inference_fitted import HALF_WIDTHS
from analysis.models import architecture, ledger
from analysis.models.architecture import ArchitectureError
from analysis.plan.chip import Chip
from analysis.plan.interval import Interval, PlanError
from analysis.plan.model import Model
from analysis.plan.requests import Requests
from analysis.plan.serving_plan import ServingPlan, plan_serving
from analysis.scenarios import sizing
from analysis.scenarios.scenario import DECK
from analysis.serving import capacity, demand, serving_case, token_cost
from analysis.serving.capacity import Targets
from analysis.serving.serving_queue import ServingError
from analysis.serving.token_cost import TokenCost
from analysis.settings import FromScenario
from analysis.uncertainty import intervals

#: Requests a second that are planned for.
PER_SECOND = 10_000.0
#: Chips that are compared.
CHIPS = ("A100 SXM4 80GB", "H20", "H100 SXM5", "H200 SXM", "B200 SXM (HGX/DGX)")
#: The chip that much was served on, from each year.
ERAS = {2021: "A100 SXM4 80GB", 2023: "H100 SXM5"}
#: Years in which the same old model is served on the chip and at the rent of the year.
YEARS = (2021, 2022, 2023, 2024, 2025, 2026)
OLD = "GPT-3-175B"
#: Parts of an owned hour that are shown together.
GROUPS = {
    "equipment": ("accelerator", "server", "network"),
    "site": ("building",),
    "running": ("capital", "upkeep"),
    "electricity": ("electricity",),
}


class CostCase(FromScenario):
    """The model and its requests, the targets that 95% of them keep, and how uneven the day is: idle hours are paid for.

    `chip` is one that is compared beside `CHIPS`.
    """

    model: str = "Llama-3.1-70B"
    chip: str = "H100 SXM5"
    prompt_tokens: float = Field(1155, ge=1, le=1e7)
    answer_tokens: float = Field(211, ge=2, le=1e6)
    first_token_seconds: float = Field(2.0, ge=1e-3, le=3600)
    output_token_seconds: float = Field(0.1, ge=1e-4, le=3600)
    busiest_over_mean: float = Field(1.34, ge=1, le=100)

    @model_validator(mode="after")
    def _can_be_served(self) -> "CostCase":
        reason = None
        # The fastest first, so that a case that can be served is found to be so at once.
        for chip in reversed(chips(self)):
            try:
                served(self, self.model, chip)
                return self
            except PlanError as exc:
                reason = exc
        raise ValueError(f"no chip that is compared serves {self.model}: on {chip}, {reason}")


def chips(case: CostCase) -> tuple[str, ...]:
    """Return the names of the chips that are compared."""
    return tuple(dict.fromkeys((*CHIPS, case.chip)))


def requests(case: CostCase) -> Requests:
    """Return the requests of `case`, as uneven in length as conversations, so many that whole replicas don't matter."""
    return Requests(case.prompt_tokens, case.answer_tokens, PER_SECOND, peak_to_mean=case.busiest_over_mean)


def targets(case: CostCase) -> Targets:
    """Return the targets of `case`."""
    return Targets(case.first_token_seconds, case.output_token_seconds)


def precision(model: str, chip: str) -> str:
    """Return the format of weights in which `chip` would serve `model`: the model's own 4 bits, else 8 if it has them."""
    if model.startswith("gpt-oss"):
        return "mxfp4"
    return "fp8" if "FP8" in accelerators.precisions(chip) else deployments.usual_16bit(chip)


@cache
def served(case: CostCase, model: str, chip: str) -> ServingPlan:
    """Return the plan of `model` on `chip` for the requests of `case`. Raises PlanError."""
    return plan_serving(
        Model.load(model), Chip.load(chip), requests(case), ttft=case.first_token_seconds, tpot=case.output_token_seconds,
        precision=precision(model, chip),
    )  # fmt: skip


@cache
def _by_chip(case: CostCase) -> pd.DataFrame:
    rows = []
    for chip in chips(case):
        rates = market.rates(chip)
        row = {"chip": chip, "precision": precision(case.model, chip), "reason": ""}
        try:
            plan = served(case, case.model, chip)
        except PlanError as exc:
            rows.append(row | {"rate": np.nan, "reason": str(exc)})
            continue
        rate = plan.tokens_per_second_per_chip.expected / case.answer_tokens
        tokens = PER_SECOND * (case.prompt_tokens + case.answer_tokens) * whole_run.HOUR / plan.chips.expected
        owned = ownership.parts(ownership.values(chip))
        rows.append(row | {
            "rate": rate, "chips": plan.replica.chips, "rent_hour": rates.dollars_per_chip_hour, "own_hour": rates.owned_hour,
            **_spread("rent", plan.cost_per_hour.rent, tokens * plan.chips.expected),
            **_spread("own", plan.cost_per_hour.owned, tokens * plan.chips.expected),
            "kilowatt_hours": ownership.kilowatts(ownership.values(chip)) / tokens * 1e6,
            **{name: sum(owned[part] for part in parts) / tokens * 1e6 for name, parts in GROUPS.items()},
        })  # fmt: skip
    return pd.DataFrame(rows)


def _spread(name: str, hourly: Interval | None, tokens: float) -> dict[str, float]:
    """Return dollars per million of `tokens` an hour, and the ends of their interval, by name; NaN without a price."""
    ends = (np.nan,) * 3 if hourly is None else (hourly.low, hourly.expected, hourly.high)
    return dict(zip((f"low_{name}", name, f"high_{name}"), (dollars / tokens * 1e6 for dollars in ends), strict=True))


def by_chip(case: CostCase) -> pd.DataFrame:
    """Return one row a chip: what it carries, and dollars per million tokens, prompts and answers as they come.

    `rate` is requests a second and chip in the busiest hour, `rent` and `own` dollars per million tokens over the day, with
    `low_` and `high_` ends; `own` is made of `GROUPS`, of them `electricity` for `kilowatt_hours` drawn. A chip that can't
    keep the targets has a NaN rate and a `reason`, a price that is not known is NaN.
    """
    return _by_chip(case).copy()


# At the dates of published prices -------------------------------------------------------------------------------------


def rented(year: int) -> tuple[str, float]:
    """Return the chip of `year` and the rent of an hour of it then, in dollars, by the same-seller index."""
    chip = ERAS[max(start for start in ERAS if start <= year)]
    return chip, price_index.dollars(chip, year)


@cache
def apart(case: CostCase, model: str, chip: str) -> TokenCost:
    """Return dollars per million tokens read and written by replicas apart, over the day, at a dollar an hour and chip.

    Where the same replica reads and writes, a step does both, and no rule divides its cost well between them.
    Raises as `served` does, and ArchitectureError.
    """
    plan = served(case, model, chip)
    deployment, lengths = plan.replica.deployment, requests(case).lengths
    replica = capacity.of_deployment(deployment)
    moved = serving_case.transfer_seconds(deployment, case.prompt_tokens)
    reads, writes = capacity.apart(replica, replica, lengths, targets(case), moved)
    speeds = (float(reads.rate.item()) * case.prompt_tokens, float(writes.rate.item()) * case.answer_tokens)
    return token_cost.of_speeds(deployment.chips, *speeds, case.answer_tokens / (case.prompt_tokens + case.answer_tokens),
                                1 / case.busiest_over_mean)  # fmt: skip


def _cost(case: CostCase, model: str, year: int, output_share: float) -> dict[str, float | str]:
    """Return what `model` costs on the rented chip of `year`, with its 80% interval; NaN where it can't be served."""
    chip, hour = rented(year)
    try:
        shares = apart(case, model, chip)
    except (PlanError, ServingError, DeploymentError, ArchitectureError):
        return {"served_on": chip, "hour": hour, "cost": np.nan, "low": np.nan, "high": np.nan}
    cost = hour * (shares.input * (1 - output_share) + shares.output * output_share)
    below, above = market.rates(chip).rental_spread
    speed = HALF_WIDTHS["output token"]
    return {
        "served_on": chip, "hour": hour, "cost": cost,
        "low": cost * float(np.exp(-intervals.combined(speed, below))),
        "high": cost * float(np.exp(intervals.combined(speed, above))),
    }  # fmt: skip


def prices(case: CostCase, output_share: float = 0.25) -> pd.DataFrame:
    """Return published prices by date (`token_cost.published_prices`), with our cost where a model's shape is public.

    Further columns: `served_on`, `hour` (dollars to rent the chip), `cost` per million tokens blended as the prices
    are, `low` and `high` ends of its 80% interval. The requests are those of `case`, whatever model answers.
    """
    table = token_cost.published_prices(output_share)
    empty = {"served_on": None, "hour": np.nan, "cost": np.nan, "low": np.nan, "high": np.nan}
    costs = [
        _cost(case, row.architecture, row.date.year, output_share) if isinstance(row.architecture, str) else empty
        for row in table.itertuples()
    ]
    return pd.concat([table, pd.DataFrame(costs)], axis=1)


def same_model(case: CostCase, output_share: float = 0.25) -> pd.DataFrame:
    """Return what `OLD` costs on the chip and at the rent of each of `YEARS`: the columns that `prices` adds, `year`."""
    return pd.DataFrame([{"year": year} | _cost(case, OLD, year, output_share) for year in YEARS])


def deepseek_by_formula() -> float:
    """Return the nodes of DeepSeek's day by the deck's formula: 2 N D with the active parameters, at half of FP8's peak."""
    parameters = ledger.multiplied_parameters(architecture.load("DeepSeek-V3"))
    tokens = sum(demand.published_parts("DeepSeek").values())
    peak = accelerators.peak_flop_per_second("H800 SXM5", "FP8")
    chips = sizing.accelerators_needed(sizing.inference_flop(parameters, tokens), demand.DAY_SECONDS, peak, DECK.utilization)
    return float(chips / market.SERVER_CHIPS)


@dataclass(frozen=True)
class Priced:
    """DeepSeek's day at the published prices of R1: dollars that it would earn, and that over what it cost."""

    dollars: float
    over_cost: float


def deepseek_priced() -> Priced:
    """Return what DeepSeek's day would have earned, had all its tokens been sold at R1's list prices of the time."""
    parts = demand.published_parts("DeepSeek")
    cached = market.facility("DeepSeek input tokens known from the cache")
    price = token_cost.published_prices().set_index("model").loc["DeepSeek-R1"]
    earned = (
        (parts["input"] - cached) * price["usd_per_million_input"]
        + cached * price["usd_per_million_cached_input"]
        + parts["output"] * price["usd_per_million_output"]
    ) / 1e6
    return Priced(float(earned), float(earned / market.facility("DeepSeek cost a day")))
