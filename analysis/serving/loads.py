"""Many replicas under load at once: how much each carries within the targets, in one array.

The queue is that of analysis/serving/capacity.py, which takes one replica. What differs between replicas is put in its terms:

- A replica that reads chunks n times as long, or in n groups at once (data parallelism), is one that reads chunks of prompts of
  which an n-th is left to read: the queue asks for the ratio of the two alone.
- A step of speculative decoding writes e tokens on average, so an answer of A tokens is one of 1 + (A - 1) / e steps, and a
  target for each token is one for each step of e times as much. That a request's luck with its drafts differs is left out.
"""

from dataclasses import dataclass, replace

import numpy as np

from analysis.arrays import PerCase
from analysis.inference import deployments, pass_time
from analysis.inference.deployments import Cases
from analysis.serving import capacity
from analysis.serving.capacity import Targets
from analysis.serving.serving_queue import Replica, Requests, State

#: Tokens of prompts that a group may read in a step: beside answers, and where no answer waits for it.
BESIDE, ALONE = (512, 2048, 8192), (8192,)
#: The chunk in whose terms the queue is told of all others; the smallest, since a prompt has no more than all of its tokens.
_CHUNK = 512
#: Batches at which a replica's steps are looked at before its queue is.
BATCHES = 16


@dataclass(frozen=True)
class Candidates:
    """Replicas that may serve, one a case, each of whose groups reads up to `chunk_tokens` of prompts a step.

    Steps take `slower` times what analysis/inference/pass_time.py predicts: a number, or an array over cases, for its error.
    """

    cases: Cases
    chunk_tokens: PerCase
    slower: PerCase = 1.0

    def __len__(self) -> int:
        return len(self.cases)

    def take(self, index: PerCase) -> "Candidates":
        """Return the candidates that `index` (positions, or a mask) selects."""
        slower = np.asarray(self.slower)
        return Candidates(self.cases.take(index), self.chunk_tokens[index], slower[index] if slower.ndim else self.slower)

    @property
    def tokens_per_step(self) -> PerCase:
        """Tokens that a step writes for each request, on average."""
        return pass_time.tokens_per_step(self.cases.draft_tokens, self.cases.acceptance)

    def step_seconds(self, tokens: PerCase, batch: PerCase, context: PerCase) -> PerCase:
        """Return the seconds of a step that reads `tokens` of prompts in all, and writes for `batch` requests.

        Each draft is one more pass over a single layer and the vocabulary, as a layer of the model's own takes.
        """
        step = pass_time.step_seconds(self.cases, tokens, batch, context)
        if not np.any(self.cases.draft_tokens):
            return self.slower * step
        single = replace(self.cases, draft_tokens=np.zeros(len(self)))
        parts = pass_time.step_parts(single, 0.0, batch, context)
        head = parts.pop("vocabulary")
        parts.pop("host")
        draft = head + sum(parts.values()) / self.cases.shape.layers
        return self.slower * (step + np.where(np.asarray(batch) > 0, self.cases.draft_tokens * draft, 0.0))


def carried(candidates: Candidates, requests: Requests, targets: Targets) -> State:
    """Return each candidate under the largest load that keeps the targets; rate 0 where a request alone misses them.

    `requests` and `targets` are the same for all, or arrays over candidates. Raises ServingError where a
    candidate does not hold one request.
    """
    return _by_token(candidates, capacity.capacity(*_as_one(candidates, requests, targets), refuse=False))


def largest_rate(candidates: Candidates, requests: Requests, targets: Targets) -> PerCase:
    """Return the rate of `carried` alone, in requests a second."""
    return capacity.largest_rate(*_as_one(candidates, requests, targets))


def under(candidates: Candidates, requests: Requests, targets: Targets, rate: PerCase) -> State:
    """Return each candidate under `rate` requests a second, its times those that the targets' share of requests keep."""
    replica, asked, _ = _as_one(candidates, requests, targets)
    return _by_token(candidates, capacity.at_rate(replica, asked, rate, targets.percentile))


def hold(candidates: Candidates, requests: Requests, targets: Targets, rate: PerCase) -> PerCase:
    """Say which candidates keep the targets under `rate` requests a second."""
    return capacity.holds(*_as_one(candidates, requests, targets), rate)


def _as_one(candidates: Candidates, requests: Requests, targets: Targets) -> tuple[Replica, Requests, Targets]:
    """Return the candidates as a replica of many cases, and requests and targets as it counts them: by steps."""
    per_step = candidates.tokens_per_step
    chunks = candidates.chunk_tokens * candidates.cases.plan.data / _CHUNK
    answer = np.asarray(requests.answer_tokens, dtype=float)
    steps = 1 + (answer - 1) / per_step
    # What the queue takes for a request's last and middle position differ from these by the tokens of drafts.
    beyond = answer - steps

    def step_seconds(tokens: PerCase, batch: PerCase, context: PerCase) -> PerCase:
        return candidates.step_seconds(tokens * chunks, batch, context + beyond / 2)

    def largest_batch(context: PerCase) -> PerCase:
        most = deployments.largest_batch(candidates.cases, context + beyond)
        return np.where(steps > 1, most, np.minimum(most, 1.0))  # where nothing is written, no request stays

    fresh = (1 - np.asarray(requests.cached)) / chunks
    asked = replace(requests, answer_tokens=steps, cached=1 - fresh)
    return (
        Replica(step_seconds, largest_batch, 1, _CHUNK), asked,
        replace(targets, output_token=np.asarray(targets.output_token) * per_step),
    )  # fmt: skip


def _by_token(candidates: Candidates, state: State) -> State:
    """Return the state with its times by token, not by step."""
    per_step = candidates.tokens_per_step
    return replace(state, output_token=state.output_token / per_step, mean_output_token=state.mean_output_token / per_step)


def fluid_rate(candidates: Candidates, requests: Requests, targets: Targets) -> PerCase:
    """Return about how many requests a second each candidate carries: as many as its steps last within the target, were every
    step the same. It costs a hundredth of the queue, and says which candidates are worth that."""
    cases, per_step = candidates.cases, candidates.tokens_per_step
    context = float(np.max(requests.mean_context))
    room = deployments.largest_batch(cases, float(np.max(requests.prompt_tokens + np.asarray(requests.answer_tokens))))
    chunk = candidates.chunk_tokens * cases.plan.data
    read = np.asarray(requests.read_tokens, dtype=float)
    steps = np.asarray(requests.steps, dtype=float) / per_step
    if np.all(steps <= 0):
        each = read / chunk * candidates.step_seconds(chunk, 0.0, requests.prompt_tokens)
        alone = np.ceil(read / candidates.chunk_tokens) * candidates.step_seconds(candidates.chunk_tokens, 0.0, context)
        return np.where((alone <= targets.first_token) & (room >= 1), 1 / each, 0.0)
    batch = np.geomspace(1.0, np.maximum(room, 1.0), BATCHES)  # (batches, cases)
    # As many prompts begin as answers end; those that come during a step are read in the next, as far as a chunk goes.
    begun = batch / np.maximum(steps, 1e-9)
    tokens = np.minimum(np.maximum(read * begun / -np.expm1(-np.minimum(begun, 500.0)), 1e-9), chunk)
    part = np.minimum(begun * read / tokens, 1.0)
    alone = candidates.step_seconds(0.0, batch, context)
    seconds = alone + part * (candidates.step_seconds(tokens, batch, context) - alone)
    rates = np.minimum(begun, chunk / np.maximum(read, 1e-9)) / seconds
    kept = (seconds <= np.asarray(targets.output_token) * per_step) & (room >= 1)
    return np.where(kept, rates, 0.0).max(axis=0)
