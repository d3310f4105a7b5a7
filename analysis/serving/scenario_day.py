"""A scenario's day served by GPT-3 175B and by other systems: the best plan that was tried, its fleet, and how sure that is."""

from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

from analysis.economics import market
from analysis.hardware import accelerators
from analysis.inference import deployments
from analysis.inference.deployments import Deployment
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


def system_of(scenario: Scenario) -> System:
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
    """Return the scenario's day as `system` serves it (default: its `system_of`), by the best plan that was tried.

    Raises ServingError for targets that no plan meets, DeploymentError for questions longer than the model's context.
    """
    system = system or system_of(scenario)
    return _served(system, day(scenario, system.tokenizer), targets(scenario), scenario.accelerators_per_server)


def others(scenario: Scenario) -> pd.DataFrame:
    """Return one row a system, the scenario's own first: `system`, `model`, `chips`, `megawatts`, `tokens_per_day`.

    A system that can't serve the day within the targets has no chips (NaN), and a `reason`.
    """
    rows = []
    for system in dict.fromkeys((system_of(scenario), *OTHERS)):
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
