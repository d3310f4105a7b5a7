"""One replica under load: its settings, its times by load beside the simulation, its load by target, and its ways to serve."""

from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from pydantic import Field, model_validator

from analysis.economics import market
from analysis.hardware import accelerators
from analysis.inference import deployments
from analysis.inference.deployments import Deployment
from analysis.serving import capacity, demand, serving_plans, serving_queue, serving_simulation
from analysis.serving.capacity import Targets
from analysis.serving.serving_queue import Requests, ServingError, State
from analysis.settings import FromScenario

#: Loads at which the queue is computed, and at which it is simulated, as shares of the largest steady load.
SHARES = np.linspace(0.02, 0.98, 33)
SIMULATED = (0.2, 0.4, 0.6, 0.7, 0.8, 0.9)
#: Requests that each simulation follows.
COUNT = 20_000
#: Chips that are compared by target.
CHIPS = ("A100 SXM4 80GB", "H20", "Ascend 910B2", "H100 SXM5", "H200 SXM", "B200 SXM (HGX/DGX)")
#: Targets for each further token, in seconds, at which they are compared.
TARGETS = np.geomspace(0.01, 0.25, 15)


class ServingCase(FromScenario):
    """A replica of `model` on `tensor` chips, its requests, and the targets that 95% of them keep.

    The lengths default to those of measured conversations (data/request_lengths.csv).
    """

    model: str = "Llama-3.1-70B"
    chip: str = "H100 SXM5"
    weight_precision: str = "fp8"
    tensor: int = Field(4, ge=1, le=64)
    prompt_tokens: float = Field(1155, ge=1, le=1e7)
    answer_tokens: float = Field(211, ge=2, le=1e6)
    prompt_variation: float = Field(0.92, ge=0, le=10)
    answer_variation: float = Field(0.60, ge=0, le=10)
    first_token_seconds: float = Field(2.0, ge=1e-3, le=3600)
    output_token_seconds: float = Field(0.05, ge=1e-4, le=3600)

    @model_validator(mode="after")
    def _can_be_served(self) -> "ServingCase":
        deployment = deployed(self)
        deployments.check_context(deployment, self.prompt_tokens + self.answer_tokens)
        capacity.capacity(capacity.of_deployment(deployment), requests(self), targets(self))
        return self


def deployed(case: ServingCase) -> Deployment:
    """Return the deployment of `case`. Raises what analysis/inference/deployments.py raises."""
    return deployments.deploy(case.model, case.chip, weight_precision=case.weight_precision, tensor=case.tensor)


def requests(case: ServingCase, **changed: Any) -> Requests:
    """Return the requests of `case`, with what is `changed`."""
    values = {name: getattr(case, name) for name in ("prompt_tokens", "answer_tokens", "prompt_variation", "answer_variation")}
    return Requests(**(values | changed))


def targets(case: ServingCase) -> Targets:
    """Return the targets of `case`."""
    return Targets(case.first_token_seconds, case.output_token_seconds)


def carried(case: ServingCase) -> State:
    """Return the replica under the largest load that keeps its targets."""
    return capacity.capacity(capacity.of_deployment(deployed(case)), requests(case), targets(case))


def most(case: ServingCase) -> float:
    """Return the requests a second that the replica carries if no wait is too long."""
    unbounded = Targets(np.inf, np.inf)
    return float(capacity.capacity(capacity.of_deployment(deployed(case)), requests(case), unbounded).rate.item())


@cache
def _by_load(case: ServingCase) -> pd.DataFrame:
    replica, asked = capacity.of_deployment(deployed(case)), requests(case)
    steps = serving_queue.tabulate(replica, requests(case, prompt_tokens=np.full(len(SHARES), case.prompt_tokens)))
    state = serving_queue.steady_state(steps, SHARES * most(case))
    closed = pd.DataFrame({
        "share": SHARES, "rate": state.rate, "first_token": state.first_token, "output_token": state.output_token,
        "batch": state.batch, "simulated": False,
    })  # fmt: skip
    table = serving_simulation.compare(replica, asked, SIMULATED, count=COUNT)
    states = pd.DataFrame({
        "share": table["share"], "rate": table["rate"], "first_token": table["first token simulated"],
        "output_token": table["output token simulated"], "batch": table["batch simulated"], "simulated": True,
    })  # fmt: skip
    return pd.concat([closed, states], ignore_index=True)


def by_load(case: ServingCase) -> pd.DataFrame:
    """Return the times of 95% of requests by load: `rate` (requests a second), `share` of the largest steady load,
    `first_token`, `output_token` (seconds), `batch`; `simulated` tells the simulation's rows from the closed form's."""
    return _by_load(case).copy()


def error(case: ServingCase) -> dict[str, float]:
    """Return the largest relative difference of the closed form from the simulation at loads within the targets.

    By time, `first_token` and `output_token`; NaN where no load that was simulated is within.
    """
    table = by_load(case)
    closed, simulated = table[~table["simulated"]], table[table["simulated"]]
    simulated = simulated[simulated["rate"] <= float(carried(case).rate.item())]
    return {
        name: float((np.interp(simulated["rate"], closed["rate"], closed[name]) / simulated[name] - 1).abs().max())
        for name in ("first_token", "output_token")
    }


def by_target(case: ServingCase) -> pd.DataFrame:
    """Return requests a second and chip that each of `CHIPS` carries by target: `chip`, `precision`, `target`, `rate`.

    The target is that for each further token; that for the first token stays the case's. Of one, two, four or eight
    chips a replica, the best; in 8 bits where the chip multiplies them. A rate of 0: no batch meets the target.
    """
    asked = requests(case, prompt_tokens=np.full(len(TARGETS), case.prompt_tokens))
    frames = []
    for chip in CHIPS:
        precision = "fp8" if "FP8" in accelerators.precisions(chip) else deployments.usual_16bit(chip)
        best = np.zeros(len(TARGETS))
        for deployment in serving_plans.tried(case.model, chip, precision):
            if deployment.pipeline * deployment.data > 1:
                continue
            try:
                state = capacity.capacity(
                    capacity.of_deployment(deployment), asked, Targets(case.first_token_seconds, TARGETS), refuse=False
                )
            except ServingError:
                continue
            best = np.maximum(best, state.rate / deployment.chips)
        frames.append(pd.DataFrame({"chip": chip, "precision": precision, "target": TARGETS, "rate": best}))
    return pd.concat(frames, ignore_index=True)


#: Ways to serve the same requests.
WAYS = ("Together", "Apart", "Prompts partly cached")


def ways(case: ServingCase) -> pd.DataFrame:
    """Return chips for each question a second of measured services: `service`, `prompt`, `answer`, `way`, `chips`.

    Prompts are read and answers written by the same replicas or by separate ones, which hand the cache over at the
    network's speed; or the share of prompts that DeepSeek found in its cache is known.
    """
    deployment = deployed(case)
    replica = capacity.of_deployment(deployment)
    kept = targets(case)
    known = cached_share()
    rows = []
    for service in ("conversation", "coding"):
        lengths = demand.request_lengths(service)
        prompt, answer = lengths["mean_tokens"]["prompt"], lengths["mean_tokens"]["answer"]
        asked = Requests(prompt, answer, 0.0, lengths["variation"]["prompt"], lengths["variation"]["answer"])
        reads, writes = capacity.apart(replica, replica, asked, kept, transfer_seconds(deployment, prompt))
        cached = Requests(prompt, answer, known, lengths["variation"]["prompt"], lengths["variation"]["answer"])
        needed = (
            deployment.chips / capacity.capacity(replica, asked, kept).rate,
            deployment.chips / reads.rate + deployment.chips / writes.rate,
            deployment.chips / capacity.capacity(replica, cached, kept).rate,
        )
        rows += [
            {"service": service, "prompt": prompt, "answer": answer, "way": way, "chips": float(chips.item())}
            for way, chips in zip(WAYS, needed, strict=True)
        ]
    return pd.DataFrame(rows)


def cached_share() -> float:
    """Return the share of prompts that DeepSeek found in its cache."""
    return market.facility("DeepSeek input tokens known from the cache") / demand.published_parts("DeepSeek")["input"]


def transfer_seconds(deployment: Deployment, prompt: float) -> float:
    """Return the seconds in which a prompt's cache goes to another replica: each chip sends its part over its port."""
    cases = deployments.cases(deployment)
    held = cases.request_bytes(prompt)
    return float(np.ravel(held / cases.machine.network_bandwidth)[0])
