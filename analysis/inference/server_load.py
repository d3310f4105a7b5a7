"""What a server settles at under a load: seconds to the first token and an output token, and requests answered at a time.

Under a steady load as many requests start as end, so each step of answering carries the prefill of the requests that take
the place of those that end. In a burst all requests come at once: prompts queue, what does not fit into memory waits for
its turn, and at the end fewer and fewer are answered. What is published of a burst counts its whole duration.
"""

from dataclasses import dataclass

import numpy as np

from analysis.arrays import Arrays, PerCase
from analysis.inference import pass_time
from analysis.inference.deployments import Cases
from analysis.inference.inference_constants import InferenceConstants

#: Steps of the iteration to the equilibrium of a row that serves.
_ITERATIONS = 4
#: Euler's constant, of the mean of the longest of many answers.
_EULER = 0.5772


@dataclass(frozen=True)
class Load(Arrays):
    """What is asked of each deployment: requests in flight, tokens of prompt and answer, and how many requests fit.

    `prefill`, `decode` and `serve` are 1 for the row's kind; `burst` where all requests come at once, `steady` where those
    that came first are not counted, `varied` where lengths of answers are those of texts rather than all the same.
    """

    requests: PerCase
    prompt: PerCase
    answer: PerCase
    capacity: PerCase
    prefill: PerCase
    decode: PerCase
    serve: PerCase
    burst: PerCase
    steady: PerCase
    varied: PerCase


@dataclass(frozen=True)
class Equilibrium:
    """Seconds to the first token and an output token of rows, and the requests that are answered at a time."""

    first_token: PerCase
    output_token: PerCase
    answered: PerCase


def equilibrium(cases: Cases, load: Load, constants: InferenceConstants) -> Equilibrium:
    """Return what rows settle at.

    Decode rows answer all their requests; prefill rows pass all at once. In rows that serve, memory holds a number of
    requests, of which the share answering time / (time to first token + answering time) is answered (Little 1961).
    """
    context = np.maximum(load.prompt + load.answer / 2, 1.0)
    prompt, answer = np.maximum(load.prompt, 1.0), np.maximum(load.answer, 1.0)
    serves, burst = load.serve == 1, load.burst == 1
    most: PerCase = np.where(serves, np.minimum(load.requests, np.maximum(load.capacity, 1.0)), load.requests)
    arrival = constants.arrival_seconds
    # Loads that are published without more words are of engines tuned for throughput, which gather prompts.
    gathering = constants.tensorrt_llm_steps * cases.tensorrt_llm + constants.sglang_steps * cases.sglang
    held_back = np.where(load.steady == 1, 0.0, gathering)
    held_back = held_back + constants.balancing_steps * cases.tensorrt_llm * (cases.plan.data > 1)
    # Of a steady load no request waits for the prompts of the beginning; of a burst each waits for half of them.
    share = np.where(cases.sglang == 1, constants.sglang_burst, constants.burst)
    queued = np.where(burst, 0.5 * most, np.where(load.steady == 1, 0.0, share * load.requests)) / cases.plan.data
    answered: PerCase = most
    one_a_group = prompt * cases.plan.data
    # SGLang passes prompts by themselves while answers wait; the other engines pass both in one step.
    apart = pass_time.step_seconds(cases, one_a_group, 0.0, prompt, constants=constants)
    for _ in range(_ITERATIONS):
        decode = pass_time.decode_seconds(cases, answered, context, constants)
        both = pass_time.step_seconds(cases, one_a_group, answered, context, prompt=prompt, constants=constants)
        # What the prefill of a request in each group adds to the step of those that are answered.
        added = np.where(cases.sglang == 1, apart, both - decode)
        token = decode / pass_time.tokens_per_step(cases.draft_tokens, cases.acceptance)
        token = token + np.where(serves, answered / answer * added / cases.plan.data, 0.0)
        first = arrival + (1.5 + held_back) * decode + (1 + queued) * added
        answered = np.where(serves, most * answer * token / (first + answer * token), most)
    # Requests beyond the memory wait for their turn, those of a burst half as long on average.
    waiting = np.where(burst, 0.5, 1.0) * np.maximum(load.requests - most, 0.0) / most * (first + answer * token)
    alone = pass_time.prefill_seconds(cases, load.requests, prompt, constants)
    if np.any(burst):
        reading = arrival + load.requests / cases.plan.data * added
        whole = reading + _answering(cases, load, constants, most=most, answer=answer, context=context)
        answered = np.where(burst, load.requests * answer / whole * token, answered)
    return Equilibrium(np.where(serves, first + waiting, alone), token, answered)


def _answering(
    cases: Cases, load: Load, constants: InferenceConstants, *, most: PerCase, answer: PerCase, context: PerCase
) -> PerCase:
    """Return the seconds in which all requests of a burst are answered, `most` at a time, without their prompts.

    Answers of the same length end together, in waves of which the last is half full on average. Varied ones are taken to
    be exponential: the longest of n is H(n) means long, so that the last `most` take as many steps, n / H(n) at a time.
    """
    full = pass_time.decode_seconds(cases, most, context, constants)
    waves = np.where(load.requests > most, load.requests / most + 0.5, 1.0)
    longest = np.log(most) + _EULER + 0.5 / most
    ending = longest * pass_time.decode_seconds(cases, np.maximum(most / longest, 1.0), context, constants)
    steps = np.where(load.varied == 1, (load.requests / most - 1) * full + ending, waves * full)
    return answer * steps / pass_time.tokens_per_step(cases.draft_tokens, cases.acceptance)
