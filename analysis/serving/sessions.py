"""Sessions of many turns: conversations and agents, and how much of each prompt is still in the cache when it comes.

A turn reads all that was said before it and something new: a user's message, or what a tool returned. What was said before
lies in the cache if it stayed there over the pause between turns. The cache holds the contexts of sessions that pause, beside
those of requests that are being answered, and drops the one that was used longest ago (LRU); so all stay for about the same
time, which follows from the room that there is (Che, Tung and Wang 2002). Host memory can continue the cache: what is found
there comes back over the host's link.
"""

from dataclasses import dataclass, replace

import numpy as np

from analysis.bounds import within
from analysis.inference import cache_room, deployments
from analysis.inference.deployments import Deployment
from analysis.serving import loads
from analysis.serving.capacity import Targets
from analysis.serving.loads import Candidates
from analysis.serving.serving_queue import Requests, ServingError

#: Bytes a second from the host's memory to a chip: PCIe 5.0 x16, each way.
HOST_BANDWIDTH = 64e9
#: A context that stays longer than this, in seconds, stays for ever.
_LONGEST = 1e7
_BISECTIONS = 50
#: Halvings of the share of turns that are found in the cache.
_SETTLING = 12


@dataclass(frozen=True)
class Session:
    """A session of `turns`. The first reads `first_tokens`, of which `shared_tokens` begin every session alike; each later one
    reads `added_tokens` more than was said before. `answer_tokens` are written a turn; after a mean of `pause_seconds`, which
    varies as at random (exponentially), the next turn comes."""

    turns: float
    first_tokens: float
    added_tokens: float
    answer_tokens: float
    pause_seconds: float
    shared_tokens: float = 0.0

    def __post_init__(self) -> None:
        within(ServingError, "turns", self.turns, 1)
        within(ServingError, "first_tokens", self.first_tokens, 1)
        within(ServingError, "added_tokens", self.added_tokens, 0)
        within(ServingError, "answer_tokens", self.answer_tokens, 1)
        within(ServingError, "pause_seconds", self.pause_seconds, 0)
        within(ServingError, "shared_tokens", self.shared_tokens, 0, self.first_tokens)

    @property
    def prompt_tokens(self) -> float:
        """Tokens of a prompt, all that was said before included, on the mean of the turns."""
        return self.first_tokens + (self.turns - 1) / 2 * (self.added_tokens + self.answer_tokens)

    @property
    def last_tokens(self) -> float:
        """Tokens of the context when the session ends."""
        return self.first_tokens + (self.turns - 1) * (self.added_tokens + self.answer_tokens) + self.answer_tokens

    @property
    def kept_tokens(self) -> float:
        """Tokens of the context that waits for a next turn, on the mean of those that have one."""
        return self.first_tokens + (self.turns / 2 - 1) * (self.added_tokens + self.answer_tokens) + self.answer_tokens

    def cached(self, hit_share: float) -> float:
        """Return the share of prompts' tokens that is not read again where `hit_share` of later turns find their context."""
        later = (self.turns - 1) * (hit_share * self.kept_tokens + (1 - hit_share) * self.shared_tokens)
        return (self.shared_tokens + later) / (self.turns * self.prompt_tokens)

    def requests(self, hit_share: float, spread: float = 0.0) -> Requests:
        """Return the turns as requests of a queue; `spread` is the squared coefficient of variation of their lengths."""
        return Requests(self.prompt_tokens, self.answer_tokens, self.cached(hit_share), spread, spread)


@dataclass(frozen=True)
class Hits:
    """What the cache holds of sessions: `hit_share` of later turns find their context, of which the host's memory had the share
    `from_host`; contexts stay for `stay_seconds`, and one from the host comes back in `loading_seconds`. `cached` is
    the share of all prompts' tokens that is not read again; a replica carries `rate` turns a second."""

    hit_share: float
    from_host: float
    stay_seconds: float
    loading_seconds: float
    cached: float
    rate: float


def stay(session: Session, turns_per_second: float, room_bytes: float, bytes_per_token: float) -> float:
    """Return the seconds for which a context stays in `room_bytes` under `turns_per_second`; infinite if none has to go."""
    last = 1 / session.turns

    def filled(seconds: float) -> float:
        pauses = -session.pause_seconds * np.expm1(-seconds / session.pause_seconds) if session.pause_seconds else 0.0
        each = (1 - last) * session.kept_tokens * pauses + last * session.last_tokens * seconds
        return float(turns_per_second * bytes_per_token * each)

    low, high = 0.0, _LONGEST
    if filled(high) <= room_bytes:
        return np.inf
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        low, high = (middle, high) if filled(middle) <= room_bytes else (low, middle)
    return low


def found_after(session: Session, stay_seconds: float) -> float:
    """Return the share of later turns that come before their context is dropped."""
    return float(-np.expm1(-stay_seconds / session.pause_seconds)) if session.pause_seconds else float(stay_seconds > 0)


def settled(
    session: Session, deployment: Deployment, targets: Targets, *, chunk_tokens: int = 2048, host_bytes: float = 0.0,
    host_bandwidth: float = HOST_BANDWIDTH, spread: float = 0.0,
) -> Hits:  # fmt: skip
    """Return what a replica that does both settles at under the most turns a second that it carries within `targets`.

    More hits let it carry more sessions, whose contexts then stay less long: the share at which both agree is found by halves.
    `host_bytes` of the host's memory a chip continue the cache. Raises ServingError for targets that are missed without load.
    """
    cases = deployments.cases(deployment)
    deployments.check_context(deployment, session.last_tokens)
    free = float(np.ravel(cache_room.room(cases))[0])
    per_token = float(np.ravel(cases.request_bytes(session.prompt_tokens))[0]) / session.prompt_tokens
    loading = per_token * session.kept_tokens / host_bandwidth
    candidate = Candidates(cases, np.array([float(chunk_tokens)]))

    def at(hit_share: float) -> Hits:
        asked = session.requests(hit_share, spread)
        kept = replace(targets, first_token=max(targets.first_token - (loading if host_bytes else 0.0), 1e-6))
        state = loads.carried(candidate, asked, kept)
        rate, answered = state.rate.item(), state.batch.item()
        if not rate:
            raise ServingError("a turn alone misses its targets; no batch can meet them")
        active = answered / deployment.data * per_token * (session.prompt_tokens + session.answer_tokens / 2)
        room, each_group = max(free - active, 0.0), rate / deployment.data
        near = found_after(session, stay(session, each_group, room, per_token))
        seconds = stay(session, each_group, room + host_bytes, per_token)
        both = found_after(session, seconds)
        share = (both - near) / both if both else 0.0
        return Hits(both, share, seconds, loading if host_bytes else 0.0, session.cached(hit_share), rate)

    low, high = 0.0, 1.0
    for _ in range(_SETTLING):
        middle = (low + high) / 2
        low, high = (middle, high) if at(middle).hit_share > middle else (low, middle)
    hits = at((low + high) / 2)
    hits = replace(hits, cached=session.cached(hits.hit_share))
    if not host_bytes:
        return hits
    # What comes from the host leaves less of the first token's target, which is not worth it where the chips hold most.
    alone = settled(session, deployment, targets, chunk_tokens=chunk_tokens, spread=spread)
    return hits if hits.rate >= alone.rate else alone
