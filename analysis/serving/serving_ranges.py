"""How sure the chips are that a day needs: inputs drawn from ranges, by analysis/uncertainty/sensitivity.py."""

from collections.abc import Mapping

import numpy as np

from analysis.arrays import PerCase
from analysis.economics.site import facility
from analysis.inference.deployments import Deployment
from analysis.inference.inference_fitted import HALF_WIDTHS
from analysis.serving import capacity, demand
from analysis.serving.capacity import Targets
from analysis.serving.demand import Demand
from analysis.serving.serving_queue import Requests
from analysis.uncertainty.sensitivity import Factor, Result

#: By how much the mean lengths of prompts and answers may be off, either way; assumed.
LENGTHS = 2.0
#: Squared coefficient of variation of lengths from request to request, near that of data/request_lengths.csv.
VARIATION = 0.7


def factors(day: Demand) -> list[Factor]:
    """Return the inputs of `chips_result` around `day`, each with its range, evenly likely on a log scale.

    Lengths of prompts and answers are assumed within a factor of `LENGTHS`. The day's peak lies between that of
    DeepSeek's nodes and that of the measured coding service. Steps take what analysis/inference/pass_time.py predicts within its
    80% interval. The prompts' share that has to be read lies between that of DeepSeek and all of it.
    """
    prompt, answer, fresh = max(day.prompt_tokens, 1.0), max(day.answer_tokens, 1.0), 1 - day.cached
    read = facility("DeepSeek input tokens known from the cache")
    unknown = 1 - read / demand.published_parts("DeepSeek")["input"]
    even = facility("DeepSeek peak nodes") / facility("DeepSeek V3/R1 inference fleet, average")
    uneven = demand.peak_to_mean(demand.measured_profile("coding"))
    slower = float(np.exp(HALF_WIDTHS["output token"]))
    return [
        Factor("prompt_tokens", prompt, prompt / LENGTHS, prompt * LENGTHS),
        Factor("answer_tokens", answer, max(answer / LENGTHS, 1.0), answer * LENGTHS),
        Factor("fresh", fresh, min(unknown, fresh), 1.0),
        Factor("peak_to_mean", day.peak_to_mean, min(even, day.peak_to_mean), max(uneven, day.peak_to_mean)),
        Factor("slower", 1.0, 1 / slower, slower),
    ]


def chips_result(deployment: Deployment, day: Demand, targets: Targets, variation: float = VARIATION) -> Result:
    """Return the chips, not yet whole, that `day` needs, as a result of the `factors`; infinite if targets are missed.

    `variation` is the squared coefficient of variation of lengths.
    """

    def chips(values: Mapping[str, PerCase]) -> PerCase:
        requests = Requests(values["prompt_tokens"], values["answer_tokens"], 1 - values["fresh"], variation, variation)
        replica = capacity.of_deployment(deployment, slower=values["slower"])
        carried = capacity.largest_rate(replica, requests, targets)
        with np.errstate(divide="ignore"):
            return day.questions_per_second * values["peak_to_mean"] / carried * deployment.chips

    return chips
