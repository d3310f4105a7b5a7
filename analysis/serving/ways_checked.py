"""Ways to serve against what was published of them: DeepSeek's day apart, a server's times by its load, and caches' sizes."""

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from analysis import facts
from analysis.economics import market
from analysis.inference import cache_room, deployments, server_load
from analysis.inference.deployments import Deployment
from analysis.inference.inference_fitted import CONSTANTS
from analysis.inference.server_load import Load
from analysis.serving import demand, loads
from analysis.serving.capacity import Targets
from analysis.serving.loads import Candidates
from analysis.serving.serving_queue import Requests

#: DeepSeek's replicas: four nodes that read, eighteen that write (open-infra-index, day 6); chips of a node.
READERS, WRITERS = 32, 144
#: Tokens a second for each user, in the middle of what it says.
USER_SPEED = 21.0
#: Tokens of answers, the shortest and the longest, between which a row's may lie that does not say how long they are.
UNSAID = (32.0, 1024.0)
#: Spread of lengths, assumed as elsewhere; and seconds to the first token, which it does not say.
_SPREAD, _FIRST = 0.7, 5.0


@cache
def checked() -> pd.DataFrame:
    """Return `what` was published, its `kind` and `unit`, `published` and `predicted`, and the `error` (of the prediction).

    A row that does not say how long its answers are has no prediction, but those of the longest and the shortest of `UNSAID`,
    `low` and `high`.
    """
    rows = [*_deepseek(), *map(_row, facts.read("serving_checks").to_dict("records"))]
    table = pd.DataFrame(rows)
    return table.assign(error=table["predicted"] / table["published"] - 1)


def deepseek_requests() -> tuple[Requests, float]:
    """Return the requests of DeepSeek's published day, and how many there are a second.

    Their number is not published; it follows from the tokens read and written and the context that a token meets on average.
    """
    parts = demand.published_parts("DeepSeek")
    context = market.facility("DeepSeek average context of a decode step")
    count = (parts["input"] + parts["output"] / 2) / context
    known = market.facility("DeepSeek input tokens known from the cache") / parts["input"]
    lengths = Requests(parts["input"] / count, parts["output"] / count, known, _SPREAD, _SPREAD)
    return lengths, count / demand.DAY_SECONDS


def _deepseek() -> list[dict[str, Any]]:
    """Return the nodes that read and that write, on the mean of the day, and all of them."""
    lengths, per_second = deepseek_requests()
    reading = _carried(READERS, replace(lengths, answer_tokens=1.0), Targets(_FIRST, 1.0))
    writing = _carried(WRITERS, replace(lengths, cached=1.0), Targets(np.inf, 1 / USER_SPEED, 0.5))
    parts = demand.published_parts("DeepSeek")
    said = [
        parts[part] / demand.DAY_SECONDS / market.facility(f"DeepSeek {name} throughput per node")
        for part, name in (("input", "prefill"), ("output", "decode"))
    ]
    nodes = [per_second / rate * chips / market.SERVER_CHIPS for rate, chips in ((reading, READERS), (writing, WRITERS))]
    said, nodes = [*said, market.facility("DeepSeek V3/R1 inference fleet, average")], [*nodes, sum(nodes)]
    names = ("nodes that read", "nodes that write", "nodes in all")
    return [
        {"what": f"DeepSeek's day, {name}", "kind": "apart", "unit": "nodes", "published": published, "predicted": predicted}
        for name, published, predicted in zip(names, said, nodes, strict=True)
    ]


def _carried(chips: int, requests: Requests, targets: Targets) -> float:
    deployment = deployments.deploy("DeepSeek-V3", "H800 SXM5", weight_precision="fp8", data=chips, expert=chips)
    candidate = Candidates(deployments.cases(deployment), np.array([float(loads.ALONE[0])]))
    return float(loads.carried(candidate, requests, targets).rate.item())


def _row(row: dict[str, Any]) -> dict[str, Any]:
    deployment = deployments.deploy(
        row["model"], row["chip"], weight_precision=row["precision"], tensor=int(row["tensor"]), expert=int(row["expert"]),
        engine=row["engine"],
    )  # fmt: skip
    server = f"{row['model']} on {deployment.chips} {row['chip']}, {row['engine']}"
    if row["quantity"] == "cached tokens":
        return {
            "what": f"{server}, cache",
            "kind": "cache",
            "unit": "tokens",
            "published": row["value"],
            "predicted": _cached(deployment),
        }
    described = {
        "what": f"{server}, {row['requests']:.0f} requests in flight", "kind": "server", "unit": "seconds a token",
        "published": row["value"],
    }  # fmt: skip
    if np.isnan(row["answer_tokens"]):
        high, low = (_token(deployment, row["requests"], row["prompt_tokens"], answer) for answer in UNSAID)
        return described | {"predicted": np.nan, "low": low, "high": high}
    return described | {"predicted": _token(deployment, row["requests"], row["prompt_tokens"], row["answer_tokens"])}


def _cached(deployment: Deployment) -> float:
    """Return the tokens of one request that would fill the cache."""
    cases = deployments.cases(deployment)
    return float(np.ravel(deployment.data * cache_room.room(cases) / cases.request_bytes(1.0))[0])


def _token(deployment: Deployment, requests: float, prompt: float, answer: float) -> float:
    """Return the seconds of a token where so many requests are kept in flight."""
    cases = deployments.cases(deployment)
    yes, no = np.ones(1), np.zeros(1)
    load = Load(
        requests=requests * yes, prompt=prompt * yes, answer=answer * yes,
        capacity=deployments.largest_batch(cases, prompt + answer), prefill=no, decode=no, serve=yes, burst=no, steady=no,
        varied=no,
    )  # fmt: skip
    return float(np.ravel(server_load.equilibrium(cases, load, CONSTANTS).output_token)[0])
