"""What a scenario asks of the planner: its model, its chip, its formats and its requests.

A scenario that names no model is the deck's GPT-3 where it has as many parameters, and else a dense model of GPT-3's
proportions. Where its chip or format can't be predicted, pages answer for the deck's chip, and say so by its name.
"""

from functools import cache

from analysis.hardware import formats, machine
from analysis.hardware.accelerators import AcceleratorError
from analysis.inference import deployments
from analysis.models import proportions
from analysis.models.shape import ArchitectureError
from analysis.plan.chip import Chip
from analysis.plan.interval import PlanError
from analysis.plan.model import Model
from analysis.plan.requests import Requests
from analysis.scenarios.alternatives import REQUESTS_PER_USER
from analysis.scenarios.scenario import DECK, Scenario
from analysis.serving import demand

#: The deck's model, and how its tokenizer is named in data/tokenizer_ratios.csv.
DECK_MODEL = "GPT-3 175B"
#: Tokenizers of models by how their names begin.
TOKENIZERS = {
    "GPT-3": "GPT-2/GPT-3 r50k_base", "Llama-2": "Llama-2", "Llama-3": "Llama-3", "DeepSeek-V3": "DeepSeek-V3",
    "DeepSeek-R1": "DeepSeek-V3", "Qwen": "Qwen3", "Gemma": "Gemma-3",
}  # fmt: skip


@cache
def _named(name: str) -> Model:
    return Model.load(name)


def model(scenario: Scenario) -> Model:
    """Return the scenario's model. Raises PlanError for fewer parameters than a model of such proportions has."""
    if scenario.model is not None:
        return _named(scenario.model)
    if proportions.is_near(scenario.parameters, DECK_MODEL):
        return _named(DECK_MODEL)
    try:
        return Model(proportions.dense(scenario.parameters))
    except ArchitectureError as exc:
        raise PlanError(str(exc)) from exc


def model_assumed(scenario: Scenario) -> list[str]:
    """Return what is assumed of the scenario's model."""
    if scenario.model is not None or proportions.is_near(scenario.parameters, DECK_MODEL):
        return []
    return ["a dense model of GPT-3's proportions, as only its parameters are said"]


def training_precision(scenario: Scenario) -> str:
    """Return the format of training's matrix products, by the engine's name."""
    return formats.named(scenario.precision)


def can_train(scenario: Scenario) -> bool:
    """Say whether training on the scenario's chip, in its format, can be predicted."""
    return training_precision(scenario) in machine.PRECISIONS and _is_known(scenario.accelerator, training_precision(scenario))


def _is_known(chip: str, precision: str) -> bool:
    try:
        machine.case(chip, precision)
    except AcceleratorError:
        return False
    return True


def serving_precision(scenario: Scenario) -> str:
    """Return the format of weights that serve: the scenario's if it is one of 8 bits or fewer, else the usual 16 bits."""
    return training_precision(scenario) if is_narrow(scenario) else Chip.load(serving_chip(scenario)).precision


def is_narrow(scenario: Scenario) -> bool:
    """Say whether the scenario's format is one of 8 bits or fewer, in which weights are kept to serve."""
    return deployments.WEIGHT_BYTES.get(training_precision(scenario), 2.0) < 2


def serving_chip(scenario: Scenario) -> str:
    """Return the scenario's chip if serving on it can be predicted, else the deck's."""
    try:
        known = _is_known(scenario.accelerator, Chip.load(scenario.accelerator).precision)
    except AcceleratorError:
        known = False
    return scenario.accelerator if known else DECK.accelerator


def tokenizer(scenario: Scenario, name: str) -> str | None:
    """Return the tokenizer of the model `name`, as data/tokenizer_ratios.csv has it, if it cuts the scenario's characters.

    None if it is not known, or if the scenario counts in tokens or has a rule of its own and not the deck's.
    """
    in_tokens = scenario.prompt_tokens or scenario.service
    if in_tokens or scenario.tokens_per_character != DECK.tokens_per_character:
        return None
    known = set(demand.tokenizer_ratios()["tokenizer"])
    return next((tokens for start, tokens in TOKENIZERS.items() if name.startswith(start) and tokens in known), None)


def requests(scenario: Scenario, name: str | None = None) -> Requests:
    """Return the requests of a scenario's day, its characters cut by the `tokenizer` of the model `name`, by default its own.

    What the scenario does not say of requests is unsure.
    """
    tokens = tokenizer(scenario, name or model(scenario).name)
    cut = scenario
    if tokens is not None:
        cut = scenario.model_copy(update={"tokens_per_character": demand.tokens_per_character(tokens)})
    cached = scenario.cached_share
    day = demand.of_scenario(cut, scenario.answer_share, cached=cached or 0.0, peak_to_mean=scenario.peak_to_mean)
    per_second = float(day.questions_per_day) / scenario.serving_time
    spread = scenario.length_spread
    unsure = [] if scenario.prompt_tokens and scenario.answer_tokens else [
        "prompt_tokens", "answer_tokens"
    ]  # fmt: skip
    unsure += ["fresh"] * (cached is None) + ["peak_to_mean"] * (scenario.peak_to_mean == DECK.peak_to_mean)
    given = {} if spread is None else {"spread": spread}
    return Requests(
        float(day.prompt_tokens), float(day.answer_tokens), per_second, float(day.cached),
        peak_to_mean=float(day.peak_to_mean), unsure=tuple(unsure), **given,
    )  # fmt: skip


def requests_assumed(scenario: Scenario) -> list[str]:
    """Return what is assumed of the scenario's requests."""
    asked = requests(scenario)
    told = []
    if scenario.users is not None and scenario.requests_per_user is None:
        told.append(f"{REQUESTS_PER_USER} requests a user and day")
    if scenario.prompt_tokens is None or scenario.answer_tokens is None:
        told.append(f"prompts of {asked.prompt:,.0f} tokens and answers of {asked.answer:,.0f}")
    if scenario.cached_share is None:
        told.append("no token of a prompt known from before")
    if scenario.peak_to_mean == DECK.peak_to_mean:
        told.append(f"a busiest hour of {scenario.peak_to_mean:g} times the mean")
    return told
