"""The ways to serve one model on one chip: by target, as a set of best compromises, and what sessions find in the cache."""

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
from pydantic import Field, model_validator

from analysis.inference import deployments
from analysis.inference.deployments import DeploymentError
from analysis.serving import sessions, ways
from analysis.serving.capacity import Targets
from analysis.serving.serving_queue import Requests, ServingError
from analysis.serving.sessions import Session
from analysis.serving.ways import Way
from analysis.settings import FromScenario

#: Targets for each further token and for the first one, in seconds, at which ways are compared.
OUTPUT = np.geomspace(0.012, 0.2, 9)
FIRST = np.geomspace(0.15, 6.0, 9)
#: Squared coefficient of variation of lengths, near that of data/request_lengths.csv.
SPREAD = 0.7
#: Bytes of a server's memory for each of its eight chips: half of two terabytes.
HOST_BYTES = 128e9
#: Sessions that are compared. Of agents, turns, growth and tokens read over written are those of data/service_mixes.csv (Codex);
#: first tokens, shared ones and pauses are assumed, and so is the conversation beside the lengths of a request.
SESSIONS = {
    "Conversation": Session(turns=6, first_tokens=600, added_tokens=100, answer_tokens=211, pause_seconds=60, shared_tokens=300),
    "Agent": Session(turns=33, first_tokens=12_000, added_tokens=1970, answer_tokens=375, pause_seconds=10, shared_tokens=8000),
}


class WaysCase(FromScenario):
    """The model, chip, requests a second in the busiest hour and targets for which ways to serve are compared."""

    model: str = "Llama-3.1-70B"
    chip: str = "H100 SXM5"
    requests_per_second: float = Field(400, ge=1e-3, le=1e9)
    prompt_tokens: float = Field(1155, ge=1, le=1e7)
    answer_tokens: float = Field(211, ge=2, le=1e6)
    first_token_seconds: float = Field(2.0, ge=1e-3, le=3600)
    output_token_seconds: float = Field(0.05, ge=1e-4, le=3600)

    @model_validator(mode="after")
    def _can_be_served(self) -> "WaysCase":
        searched(self)
        return self


def requests(case: WaysCase) -> Requests:
    """Return the requests of `case`, as uneven in length as conversations."""
    return Requests(case.prompt_tokens, case.answer_tokens, 0.0, SPREAD, SPREAD)


def targets(case: WaysCase) -> Targets:
    """Return the targets of `case`."""
    return Targets(case.first_token_seconds, case.output_token_seconds)


@cache
def searched(case: WaysCase) -> tuple[Way, ...]:
    """Return every way to serve the demand of `case`, fewest chips first. Raises what `ways.ways` raises."""
    return tuple(ways.ways(case.model, case.chip, requests(case), targets(case), per_second=case.requests_per_second))


def plain(case: WaysCase) -> dict[str, Way]:
    """Return the ways that change no answer and need nothing but the model, by their kind: 16 bits and no drafts."""
    usual = deployments.usual_16bit(case.chip)
    return {
        way.kind: way for way in searched(case) if (way.weight_precision, way.cache_precision, way.drafts) == (usual, usual, None)
    }


def label(way: Way) -> str:
    """Return what tells a way from others in charts."""
    name = f"{way.kind.capitalize()}, {way.weight_precision.upper()}"
    return name if way.drafts is None else f"{name}, drafts"


@cache
def _by_target(case: WaysCase, which: str) -> pd.DataFrame:
    usual = deployments.usual_16bit(case.chip)
    rows = []
    for seconds in OUTPUT if which == "output_token" else FIRST:
        try:
            every = ways.ways(
                case.model, case.chip, requests(case), replace(targets(case), **{which: float(seconds)}), caches=(usual,)
            )
        except ServingError:
            continue
        rows += [
            {"label": label(way), "kind": way.kind, "weights": way.weight_precision, "drafts": way.drafts is not None,
             "target": float(seconds), "first_token": way.first_token, "output_token": way.output_token,
             "speed": way.requests_per_second_per_chip * case.answer_tokens}
            for way in every
        ]  # fmt: skip
    return pd.DataFrame(rows)


def by_target(case: WaysCase, which: str = "output_token") -> pd.DataFrame:
    """Return what each way yields by the target for each further token, or for the "first_token"; one row a way and target.

    Columns: `label`, `kind`, `weights`, `drafts`, `target`, `first_token` and `output_token` (seconds that are kept), `speed`
    (tokens of answers a second and chip), and `best`: no other row is as fast a token, as soon a first one and as many a chip.
    """
    table = _by_target(case, which)
    return table.assign(best=pareto(table))


def pareto(table: pd.DataFrame) -> np.ndarray:
    """Return which rows are best compromises of `speed` (more), `output_token` and `first_token` (less): a mask."""
    values = np.stack([-table["speed"], table["output_token"], table["first_token"]], axis=1)
    no_worse = (values[:, None] <= values[None]).all(axis=2)
    better = (values[:, None] < values[None]).any(axis=2)
    beaten = (no_worse & better).any(axis=0)
    return np.logical_not(np.asarray(beaten))


def found_by_sessions(case: WaysCase) -> pd.DataFrame:
    """Return what sessions find in the cache of the best replica that does both in 16 bits, without and with host memory.

    Columns: `session`, `prompt` (tokens), `host` (bytes a chip), `hit_share`, `cached` (share of prompts), `stay_seconds`,
    `rate` (turns a second and chip), and `alone`, the same where nothing is cached. Of sessions that no such replica serves
    within the targets there is one row, with `refused`, the reason; else that is "".
    """
    rows: list[dict[str, object]] = []
    for name, session in SESSIONS.items():
        try:
            rows += _found(case, name, session)
        except (ServingError, DeploymentError) as exc:
            rows.append({"session": name, "prompt": session.prompt_tokens, "host": 0.0, "refused": str(exc)})
    return pd.DataFrame(rows)


def _found(case: WaysCase, name: str, session: Session) -> list[dict[str, object]]:
    usual = deployments.usual_16bit(case.chip)
    together = [
        way for way in ways.ways(
            case.model, case.chip, session.requests(1.0), targets(case), weights=(usual,), caches=(usual,), drafted=()
        ) if way.kind == "together"
    ]  # fmt: skip
    if not together:
        raise ServingError("no replica that reads and writes in 16 bits keeps the targets")
    pool = together[0].writer
    alone = ways.chips_needed(Way("together", (pool,)), replace(session.requests(1.0), cached=0.0), targets(case))
    rows: list[dict[str, object]] = []
    for host in (0.0, HOST_BYTES):
        hits = sessions.settled(session, pool.deployment, targets(case), chunk_tokens=pool.chunk_tokens, host_bytes=host)
        rows.append({
            "session": name, "prompt": session.prompt_tokens, "host": host, "hit_share": hits.hit_share, "cached": hits.cached,
            "stay_seconds": hits.stay_seconds, "rate": hits.rate / pool.deployment.chips, "alone": float(1 / np.ravel(alone)[0]),
            "refused": "",
        })  # fmt: skip
    return rows
