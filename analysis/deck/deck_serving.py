"""The deck's inference estimate, its simplifications taken back one by one: from a division to a served day.

The model, its demand, the accelerator and the targets are the scenario's; what the deck prints, and its demand, are the
deck's. The last row is the plan of the day.
"""

from dataclasses import replace

import numpy as np
import pandas as pd

from analysis.deck import claims
from analysis.hardware import machine
from analysis.inference import deployments, pass_time
from analysis.plan import of_scenario, scenario_serving
from analysis.plan.interval import PlanError
from analysis.scenarios.estimate import estimate
from analysis.scenarios.scenario import DECK, Scenario
from analysis.serving import capacity, demand
from analysis.serving.capacity import Targets
from analysis.serving.demand import Demand
from analysis.serving.serving_queue import ServingError


def steps(scenario: Scenario) -> pd.DataFrame:
    """Return one row a step from the deck's printed number to the served day: `step`, `accelerators`; the last are whole.

    `key` names the step. Each row takes back one simplification more; the last is the plan. Raises PlanError.
    """
    plan = scenario_serving.planned(scenario)
    together, kept = plan.together, plan.targets
    deployment = together.writer.deployment
    flat = demand.of_scenario(scenario, scenario.answer_share)
    tokens = flat.prompt_tokens + flat.answer_tokens
    cut = of_scenario.tokenizer(scenario, plan.model.name) is not None
    each_second = flat.questions_per_second * deployment.chips

    def per_token(batch: float) -> float:
        seconds = plan.slower * pass_time.decode_seconds(deployment, batch, max(tokens / 2, 1.0))
        return float(each_second * tokens * np.ravel(seconds)[0] / batch)

    def carried(served_day: Demand, within: Targets) -> float:
        lengths = replace(plan.requests.lengths, prompt_tokens=served_day.prompt_tokens, answer_tokens=served_day.answer_tokens)
        replica = capacity.of_deployment(deployment, chunk_tokens=together.writer.chunk_tokens, slower=plan.slower)
        rate = capacity.capacity(replica, lengths, within).rate.item()
        return float(served_day.peak_questions_per_second / rate * deployment.chips)

    try:
        deployments.check_context(deployment, tokens)
        at_limit, at_mean = carried(flat, Targets(np.inf, np.inf)), carried(flat, kept)
    except (ServingError, deployments.DeploymentError) as exc:
        raise PlanError(str(exc)) from exc
    deck = estimate(DECK).inference.accelerators_exact
    formula = estimate(scenario).inference.accelerators_exact
    peak = machine.case(deployment.chip, deployment.compute_precision)["peak"]
    rows = [
        ("printed", "The deck prints", claims.printed("inference_accelerators")),
        ("slip", "Parameters where they belong", deck),
        *([] if formula == deck else [("scenario", "The scenario's assumptions", formula)]),
        (
            "precision",
            f"{8 * deployments.WEIGHT_BYTES[deployment.weight_precision]:.0f} bits: the peak of "
            f"{deployment.compute_precision.upper()}",
            formula * scenario.peak_flop_per_second / peak,
        ),
        ("bandwidth", "Memory: each token reads all weights", per_token(1.0)),
        ("batch", "Batch: requests share the reading", per_token(float(deployments.largest_batch(deployment, tokens)))),
        ("prompt", "Prompts are read in one pass", at_limit),
        ("targets", "Latency targets are kept", at_mean),
        ("peak", "The busiest hour is served", scenario.peak_to_mean * at_mean),
        ("tokenizer", "Characters cut by the model's tokenizer" if cut else "Replicas are whole", float(together.chips or 0)),
        ("apart", "Apart, where that takes fewer", plan.chips.expected),
    ]
    return pd.DataFrame(rows, columns=["key", "step", "accelerators"])


def fits(scenario: Scenario) -> int:
    """Return how many of the scenario's questions, cut by its own rule, fit into the served day's deployment at once."""
    flat = demand.of_scenario(scenario, scenario.answer_share)
    served = scenario_serving.planned(scenario).together.writer.deployment
    return int(deployments.largest_batch(served, flat.prompt_tokens + flat.answer_tokens))


def formula_tokens(scenario: Scenario) -> float:
    """Return the tokens a day that the deck's formula counts under the scenario."""
    return float(estimate(scenario).inference.tokens_per_day)
