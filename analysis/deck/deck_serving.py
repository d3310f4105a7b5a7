"""The deck's inference estimate, its simplifications taken back one by one: from a division to a served day.

The model is GPT-3 175B. Its demand, the accelerator and the targets are the scenario's; what the deck prints, and its
demand, are the deck's.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

from analysis.deck import audit
from analysis.economics import market
from analysis.hardware import accelerators, machine
from analysis.inference import deployments, pass_time
from analysis.inference.deployments import Deployment
from analysis.scenarios.estimate import estimate
from analysis.scenarios.scenario import DECK, Scenario
from analysis.serving import capacity, demand, serving_plans, serving_ranges
from analysis.serving.capacity import Fleet, Targets
from analysis.serving.demand import Demand
from analysis.serving.serving_queue import Requests, ServingError, State
from analysis.uncertainty import sensitivity

MODEL = "GPT-3 175B"
TOKENIZER = "GPT-2/GPT-3 r50k_base"
SAMPLES = 400


@dataclass(frozen=True)
class System:
    """What answers: a model, how it cuts text (data/tokenizer_ratios.csv), a chip, and the format of its weights."""

    model: str
    tokenizer: str
    chip: str
    weight_precision: str

    @property
    def title(self) -> str:
        """The system as people write it."""
        return f"{self.model}, {self.chip}, {8 * deployments.WEIGHT_BYTES[self.weight_precision]:.0f} bits"


#: Systems that could answer the same questions: the deck's model on later chips, and later models.
OTHERS = (
    System(MODEL, TOKENIZER, "A100 SXM4 80GB", "bf16"),
    System(MODEL, TOKENIZER, "H100 SXM5", "bf16"),
    System(MODEL, TOKENIZER, "H100 SXM5", "fp8"),
    System("Llama-3.1-70B", "Llama-3", "A100 SXM4 80GB", "bf16"),
    System("Llama-3.1-70B", "Llama-3", "H100 SXM5", "fp8"),
    System("DeepSeek-V3", "DeepSeek-V3", "Ascend 910B2", "bf16"),
    System("DeepSeek-V3", "DeepSeek-V3", "H20", "fp8"),
    System("DeepSeek-V3", "DeepSeek-V3", "H800 SXM5", "fp8"),
    System("DeepSeek-V3", "DeepSeek-V3", "B200 SXM (HGX/DGX)", "fp8"),
)


@dataclass(frozen=True)
class Served:
    """A day that is served: its demand, the deployment and the load that each replica carries, and the fleet."""

    day: Demand
    deployment: Deployment
    state: State
    fleet: Fleet


def own(scenario: Scenario) -> System:
    """Return GPT-3 in 16 bits on the scenario's accelerator if that can be predicted, else on the deck's."""
    chip = scenario.accelerator
    try:
        serving_plans.tried(MODEL, chip)
    except (accelerators.AcceleratorError, deployments.DeploymentError):
        chip = DECK.accelerator
    return System(MODEL, TOKENIZER, chip, deployments.usual_16bit(chip))


def targets(scenario: Scenario) -> Targets:
    """Return the scenario's targets, each kept by 95% of requests."""
    return Targets(scenario.ttft_target, scenario.tpot_target)


def requests(day: Demand) -> Requests:
    """Return the requests of a day, of unequal lengths."""
    spread = serving_ranges.VARIATION
    return Requests(day.prompt_tokens, day.answer_tokens, day.cached, spread, spread)


def day(scenario: Scenario, tokenizer: str = TOKENIZER) -> Demand:
    """Return the scenario's day with its peak, its questions cut by `tokenizer`."""
    cut = scenario.model_copy(update={"tokens_per_character": demand.tokens_per_character(tokenizer)})
    return demand.of_scenario(cut, scenario.answer_share, peak_to_mean=scenario.peak_to_mean)


@cache
def _served(system: System, asked: Demand, kept: Targets, chips_per_server: int) -> Served:
    tried = serving_plans.tried(system.model, system.chip, system.weight_precision)
    deployments.check_context(tried[0], asked.prompt_tokens + asked.answer_tokens)
    deployment, state = serving_plans.best(tried, requests(asked), kept)
    rate = float(state.rate.item())
    return Served(
        asked, deployment, state, capacity.fleet(asked, rate, deployment.chips, chips_per_server, market.rates(system.chip))
    )


def served(scenario: Scenario, system: System | None = None) -> Served:
    """Return the scenario's day as `system` serves it (default: its `own`), by the best plan that was tried.

    Raises ServingError for targets that no plan meets, DeploymentError for questions longer than the model's context.
    """
    system = system or own(scenario)
    return _served(system, day(scenario, system.tokenizer), targets(scenario), scenario.accelerators_per_server)


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


def others(scenario: Scenario) -> pd.DataFrame:
    """Return one row a system, the scenario's own first: `system`, `model`, `chips`, `megawatts`, `tokens_per_day`.

    A system that can't serve the day within the targets has no chips (NaN), and a `reason`.
    """
    rows = []
    for system in dict.fromkeys((own(scenario), *OTHERS)):
        row = {"system": system.title, "model": system.model, "chips": np.nan, "megawatts": np.nan,
               "tokens_per_day": np.nan, "reason": ""}  # fmt: skip
        try:
            answered = served(scenario, system)
            row |= {
                "chips": float(answered.fleet.chips), "megawatts": float(answered.fleet.watts) / 1e6,
                "tokens_per_day": answered.day.input_tokens_per_day + answered.day.output_tokens_per_day,
            }  # fmt: skip
        except (ServingError, deployments.DeploymentError, demand.DemandError) as exc:
            row["reason"] = str(exc)
        rows.append(row)
    return pd.DataFrame(rows)


def printed() -> float:
    """Return the accelerators for inference that the deck prints."""
    return float(audit.claims().set_index("claim").loc["inference_accelerators", "printed"])


def steps(scenario: Scenario) -> pd.DataFrame:
    """Return one row a step from the deck's printed number to the served day: `step`, `accelerators`, not yet whole.

    `key` names the step. Each row takes back one simplification more. Raises as `served` does.
    """
    final = served(scenario)
    deployment, kept = final.deployment, targets(scenario)
    flat = demand.of_scenario(scenario, scenario.answer_share)
    tokens = flat.prompt_tokens + flat.answer_tokens
    deployments.check_context(deployment, tokens)
    each_second = flat.questions_per_second * deployment.chips

    def per_token(batch: float) -> float:
        seconds = pass_time.decode_seconds(deployment, batch, max(tokens / 2, 1.0))
        return float(each_second * tokens * np.ravel(seconds)[0] / batch)

    def carried(served_day: Demand, within: Targets) -> float:
        rate = capacity.capacity(capacity.of_deployment(deployment), requests(served_day), within).rate.item()
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
    return int(deployments.largest_batch(served(scenario).deployment, flat.prompt_tokens + flat.answer_tokens))


def formula_tokens(scenario: Scenario) -> float:
    """Return the tokens a day that the deck's formula counts under the scenario."""
    return float(estimate(scenario).inference.tokens_per_day)


@cache
def _drawn(question: tuple[Deployment, Demand, Targets], samples: int) -> np.ndarray:
    result = serving_ranges.chips_result(*question)
    return sensitivity.sampled(result, serving_ranges.factors(question[1]), samples)


def interval(scenario: Scenario, samples: int = SAMPLES) -> tuple[float, float]:
    """Return the 80% interval of the served day's chips, drawn from the ranges of analysis/serving/serving_ranges.py.

    An end is infinite where targets are out of reach.
    """
    final = served(scenario)
    drawn = _drawn((final.deployment, final.day, targets(scenario)), samples)
    low, high = np.quantile(drawn, [0.1, 0.9], method="nearest")
    return float(low), float(high)


def tornado(scenario: Scenario) -> pd.DataFrame:
    """Return the chips of the served day with each factor of analysis/serving/serving_ranges.py at its ends, widest first."""
    final = served(scenario)
    result = serving_ranges.chips_result(final.deployment, final.day, targets(scenario))
    return sensitivity.tornado(result, serving_ranges.factors(final.day))
