"""Inference predicted: seconds of prefill and of a decode step, what they are spent on, memory, and speeds.

Everything takes a Deployment, or the arrays of several (`deployments.cases`), and numbers or arrays of batch and length
that broadcast against them. A batch counts the requests of the whole deployment; lengths are in tokens.
"""

from typing import Any

import numpy as np

from analysis.arrays import PerCase
from analysis.inference import deployments, inference_layers
from analysis.inference.cache_room import CHUNK_TOKENS
from analysis.inference.deployments import Cases, Deployment
from analysis.inference.inference_constants import InferenceConstants
from analysis.inference.inference_fitted import CONSTANTS
from analysis.inference.inference_layers import Work
from analysis.steps import attention, cache
from analysis.steps.parameters import parameters
from analysis.steps.shape import Shape

#: What is predicted: one deployment, or the arrays of several.
What = Deployment | Cases
#: Engines in Python schedule the next step while the device works since this year (vLLM's second engine, SGLang 0.4).
SCHEDULED_AHEAD_SINCE = 2025.0


def decode_parts(what: What, batch: PerCase, context: PerCase, constants: InferenceConstants = CONSTANTS) -> dict[str, PerCase]:
    """Return the seconds of one decode step of `batch` requests at `context` tokens, by what they are spent on.

    Raises DeploymentError for a context longer than the model's.
    """
    return step_parts(what, 0.0, batch, context, constants=constants)


def decode_seconds(what: What, batch: PerCase, context: PerCase, constants: InferenceConstants = CONSTANTS) -> PerCase:
    """Return the seconds of one decode step of `batch` requests at `context` tokens each."""
    return sum(decode_parts(what, batch, context, constants).values())


def prefill_parts(what: What, batch: Any, prompt: Any, constants: InferenceConstants = CONSTANTS) -> dict[str, PerCase]:
    """Return the seconds of the prefill of `batch` prompts of `prompt` tokens each, by what they are spent on.

    More than `CHUNK_TOKENS` a group pass in several steps, each of which reads the weights.
    """
    if isinstance(what, Deployment):
        deployments.check_context(what, prompt)
    cases = _cases(what)
    tokens = np.multiply(1.0, batch) * prompt
    passes = np.maximum(1.0, tokens / cases.plan.data / CHUNK_TOKENS)
    each = step_parts(cases, tokens / passes, 0.0, prompt, prompt=prompt, prompts=batch / passes, constants=constants)
    return {name: passes * seconds for name, seconds in each.items()}


def prefill_seconds(what: What, batch: PerCase, prompt: PerCase, constants: InferenceConstants = CONSTANTS) -> PerCase:
    """Return the seconds of the prefill of `batch` prompts of `prompt` tokens each."""
    return sum(prefill_parts(what, batch, prompt, constants).values())


def prefill_bound(what: What, batch: PerCase, prompt: PerCase) -> PerCase:
    """Return the least seconds in which the data sheet allows the prefill of `batch` prompts of `prompt` tokens each.

    It takes peak and bandwidth alone: the longer of all FLOP of the matrix products, attention causal, at the peak, and of
    one reading of the weights that a single token needs, shared out evenly over the chips (Williams et al. 2009).
    """
    cases = _cases(what)
    shape, model = cases.shape, parameters(cases)

    def mixing(kind: Shape) -> PerCase:
        pairs = kind.n_mixer_layers * kind.n_heads * prompt * attention.attended(kind, prompt)
        scores = 2 * pairs * (kind.query_key_dim + kind.value_dim)
        return np.where(kind.recurrent == 1, kind.n_mixer_layers * prompt * kind.chunk_flop, scores)

    flop = batch * (2 * (model.active * prompt + model.output) + shape.whole(mixing))
    moved = model.dense * cases.dense_bytes + (model.active - model.dense) * cases.weight_bytes + 2 * model.output
    return np.maximum(flop / cases.machine.peak, moved / cases.machine.memory_bandwidth) / cases.chips


def step_parts(
    what: What,
    prefill_tokens: PerCase,
    decode_batch: PerCase,
    context: PerCase,
    *,
    prompt: PerCase = None,
    prompts: PerCase = None,
    constants: InferenceConstants = CONSTANTS,
) -> dict[str, PerCase]:
    """Return the seconds of one step of continuous batching, by what they are spent on.

    The step passes `prefill_tokens` of prompts of `prompt` tokens (default: `context`), of which `prompts` end in it
    (default: as many as there are tokens for), and one token of each of `decode_batch` requests at `context` tokens.
    """
    if isinstance(what, Deployment):
        deployments.check_context(what, context)
    cases = _cases(what)
    prompt = context if prompt is None else prompt
    prompts = prefill_tokens / np.maximum(prompt, 1.0) if prompts is None else prompts
    # Each group attends to its share; pipeline stages work on a share of the batch each, one after the other.
    groups = cases.plan.data * cases.plan.pipeline
    requests = np.divide(decode_batch, groups)
    work = Work(
        prompt_tokens=np.divide(prefill_tokens, groups),
        prompt=np.multiply(1.0, prompt),
        prompts=np.divide(prompts, groups),
        requests=requests,
        tokens_each=1.0 + cases.draft_tokens,
        context=np.multiply(1.0, context),
    )
    result = inference_layers.parts(constants, cases, work)
    # The engines that are written in Python schedule, sample and stream request by request.
    a_request = constants.request_seconds * (cases.vllm + cases.sglang)
    older = (cases.vllm + cases.sglang) * (cases.software_year < SCHEDULED_AHEAD_SINCE)
    host = constants.host_seconds + constants.older_host_seconds * older
    host = host + a_request * (requests + work.prompts) * cases.plan.pipeline
    result["host"] = np.where(cases.pytorch == 1, 0.0, host)
    # A pass with prompts is no graph: the host issues its kernels one by one while the device works.
    issuing = constants.issue_seconds * inference_layers.kernels(cases)
    on_device = sum(seconds for name, seconds in result.items() if name != "host")
    waiting = inference_layers.overlapped(constants, issuing, on_device) - on_device
    result["host"] = result["host"] + np.where(work.prompt_tokens > 0, waiting, 0.0)
    return result


def step_seconds(
    what: What, prefill_tokens: PerCase, decode_batch: PerCase, context: PerCase, *, prompt: PerCase = None,
    constants: InferenceConstants = CONSTANTS,
) -> PerCase:  # fmt: skip
    """Return the seconds of one step of continuous batching; see `step_parts`."""
    return sum(step_parts(what, prefill_tokens, decode_batch, context, prompt=prompt, constants=constants).values())


def tokens_per_step(draft_tokens: PerCase, acceptance: PerCase) -> PerCase:
    """Expected tokens of one step of speculative decoding (Leviathan et al. 2023): (1 - a^(k+1)) / (1 - a)."""
    sure = np.greater_equal(acceptance, 1)
    below = np.where(sure, 0.0, acceptance)
    tokens = np.add(draft_tokens, 1.0)
    return np.where(sure, tokens, (1 - below**tokens) / (1 - below))


def time_per_output_token(what: What, batch: PerCase, context: PerCase, constants: InferenceConstants = CONSTANTS) -> PerCase:
    """Return the seconds between two tokens of one request, decoding alone."""
    cases = _cases(what)
    return decode_seconds(what, batch, context, constants) / tokens_per_step(cases.draft_tokens, cases.acceptance)


def tokens_per_second_per_chip(
    what: What, batch: PerCase, context: PerCase, constants: InferenceConstants = CONSTANTS
) -> PerCase:
    """Return the tokens that decoding alone yields, a second and accelerator."""
    return batch / time_per_output_token(what, batch, context, constants) / _cases(what).chips


def decode_flop(what: What, batch: PerCase, context: PerCase) -> PerCase:
    """Return the FLOP of the matrix products of one decode step, on all accelerators together."""
    cases = _cases(what)
    shape, model = cases.shape, parameters(cases)

    def mixing(kind: Shape) -> PerCase:
        pairs = cache.read_positions(kind, context) * kind.n_heads
        chosen_by = 2 * attention.index_keys(kind, context) * kind.index_heads * kind.index_dim
        scores = 2 * pairs * cache.score_width(kind)
        return scores + kind.n_mixer_layers * (chosen_by + kind.recurrent * kind.token_flop)

    return batch * (1 + cases.draft_tokens) * (2 * (model.active + model.output) + shape.whole(mixing))


def decode_bytes(what: What, batch: PerCase, context: PerCase) -> PerCase:
    """Return the bytes of weights and cache that one decode step reads, on all accelerators together.

    Of experts those that the batch touches; a cache that lies on several accelerators is counted on each.
    """
    cases = _cases(what)
    shape, plan, model = cases.shape, cases.plan, parameters(cases)
    tokens = batch * (1.0 + cases.draft_tokens) / plan.pipeline
    n_experts, per_token = _experts(shape)
    slots = deployments.expert_slots(n_experts, plan.expert)
    touched = inference_layers.distinct_experts(slots, per_token, tokens)
    experts = model.experts * touched / np.maximum(n_experts, 1) * cases.weight_bytes
    dense = plan.data * (model.dense * cases.dense_bytes + 2 * model.output)
    cached = batch * cases.request_bytes(context) * plan.tensor * plan.pipeline
    return plan.pipeline * (dense + experts) + cached


def _experts(shape: Shape) -> tuple[PerCase, PerCase]:
    """Return the experts of a layer that has some, and how many of them a token passes."""
    most = shape.n_experts, shape.experts_per_token
    for kind in shape.more:
        most = tuple(np.maximum(*both) for both in zip(most, (kind.n_experts, kind.experts_per_token), strict=True))
    return most


def _cases(what: What) -> Cases:
    return deployments.cases(what) if isinstance(what, Deployment) else what
