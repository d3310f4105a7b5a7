"""The deck's inference estimate, its simplifications taken back one by one: from a division to a served day.

The model is GPT-3 175B. Its demand, the accelerator and the targets are the scenario's; what the deck prints, and its
demand, are the deck's.
"""

import numpy as np
import pandas as pd

from analysis.deck import audit
from analysis.hardware import machine
from analysis.inference import deployments, pass_time
from analysis.scenarios.estimate import estimate
from analysis.scenarios.scenario import DECK, Scenario
from analysis.serving import capacity, demand, scenario_day
from analysis.serving.capacity import Targets
from analysis.serving.demand import Demand
from analysis.serving.serving_queue import ServingError

#: Assumptions that are given up, in this order, where a scenario can't be served; the first set that is enough.
_GIVEN_UP = (
    ("ttft_target", "tpot_target"),
    ("characters_per_question", "tokens_per_character", "answer_share"),
    ("accelerator", "precision", "peak"),
    (
        "ttft_target",
        "tpot_target",
        "characters_per_question",
        "tokens_per_character",
        "answer_share",
        "accelerator",
        "precision",
        "peak",
    ),
)


def servable(scenario: Scenario) -> tuple[Scenario, str]:
    """Return a scenario that can be served, and what keeps `scenario` itself from that; "" if nothing does.

    What stands in the way has the default, so that a book can be built under a scenario that only this chapter
    can't follow.
    """
    try:
        steps(scenario)
        return scenario, ""
    except (ServingError, deployments.DeploymentError, demand.DemandError) as exc:
        reason = str(exc)
    for names in _GIVEN_UP:
        changed = scenario.model_copy(update={name: getattr(DECK, name) for name in names})
        try:
            steps(changed)
        except (ServingError, deployments.DeploymentError, demand.DemandError):
            continue
        return changed, reason
    raise ServingError(reason)


def printed() -> float:
    """Return the accelerators for inference that the deck prints."""
    return float(audit.claims().set_index("claim").loc["inference_accelerators", "printed"])


def steps(scenario: Scenario) -> pd.DataFrame:
    """Return one row a step from the deck's printed number to the served day: `step`, `accelerators`, not yet whole.

    `key` names the step. Each row takes back one simplification more. Raises as `served` does.
    """
    final = scenario_day.served(scenario)
    deployment, kept = final.deployment, scenario_day.targets(scenario)
    flat = demand.of_scenario(scenario, scenario.answer_share)
    tokens = flat.prompt_tokens + flat.answer_tokens
    deployments.check_context(deployment, tokens)
    each_second = flat.questions_per_second * deployment.chips

    def per_token(batch: float) -> float:
        seconds = pass_time.decode_seconds(deployment, batch, max(tokens / 2, 1.0))
        return float(each_second * tokens * np.ravel(seconds)[0] / batch)

    def carried(served_day: Demand, within: Targets) -> float:
        rate = capacity.capacity(capacity.of_deployment(deployment), scenario_day.requests(served_day), within).rate.item()
        return float(served_day.peak_questions_per_second / rate * deployment.chips)

    at_mean = carried(flat, kept)
    deck = estimate(DECK).inference.accelerators_exact
    formula = estimate(scenario).inference.accelerators_exact
    peak = machine.case(deployment.chip, deployment.compute_precision)["peak"]
    rows = [
        ("printed", "The deck prints", printed()),
        ("slip", "Parameters where they belong", deck),
        *([] if formula == deck else [("scenario", "The scenario's assumptions", formula)]),
        (
            "precision",
            f"16 bits: the peak of {deployment.compute_precision.upper()}",
            formula * scenario.peak_flop_per_second / peak,
        ),
        ("bandwidth", "Memory: each token reads all weights", per_token(1.0)),
        ("batch", "Batch: requests share the reading", per_token(float(deployments.largest_batch(deployment, tokens)))),
        ("prompt", "Prompts are read in one pass", carried(flat, Targets(np.inf, np.inf))),
        ("targets", "Latency targets are kept", at_mean),
        ("peak", "The busiest hour is served", scenario.peak_to_mean * at_mean),
        ("tokenizer", "Characters cut by GPT-3's tokenizer", carried(final.day, kept)),
    ]
    return pd.DataFrame(rows, columns=["key", "step", "accelerators"])


def fits(scenario: Scenario) -> int:
    """Return how many of the scenario's questions, cut by its own rule, fit into the served day's deployment at once."""
    flat = demand.of_scenario(scenario, scenario.answer_share)
    return int(deployments.largest_batch(scenario_day.served(scenario).deployment, flat.prompt_tokens + flat.answer_tokens))


def formula_tokens(scenario: Scenario) -> float:
    """Return the tokens a day that the deck's formula counts under the scenario."""
    return float(estimate(scenario).inference.tokens_per_day)
