"""A scenario said in other words: a model for its parameters, accelerators or dollars for a time, requests for visits.

Of each of `GROUPS` one way is given; what the deck's division takes then follows. What only a plan can tell, the time that
accelerators or dollars take at a predicted utilization, is left open, and `analysis.plan.of_scenario` puts it in.
"""

from collections.abc import Callable, Collection, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from analysis import facts
from analysis.quote import quote
from analysis.scenarios import sizing
from analysis.suggest import nearest

if TYPE_CHECKING:
    from analysis.scenarios.scenario import Scenario

#: In place of a number of the utilization, until it is known: what the plan of the training run gets.
PREDICTED: Any = "predicted"
#: Requests of a user a day where none are said, and the service whose lengths requests have where none are.
REQUESTS_PER_USER, SERVICE = 10, "conversation"
#: Ways to say one thing; a way's fields belong together.
GROUPS: tuple[tuple[tuple[str, ...], ...], ...] = (
    (("parameters",), ("model",)),
    (("training_time",), ("training_accelerators",), ("training_budget",)),
    (("visits_per_day", "questions_per_visit"), ("requests_per_day",), ("tokens_per_day",), ("users", "requests_per_user")),
    (("characters_per_question", "tokens_per_character", "answer_share"), ("prompt_tokens", "answer_tokens", "service")),
)
#: How a model can be fine-tuned, and how chips share reinforcement learning.
TUNING_METHODS, PLACEMENTS = ("full", "lora", "qlora"), ("together", "apart")
#: Fields that ask for a fine-tuning, and for reinforcement learning; of each either all are given or none.
TUNED = ("tuning_tokens",)
LEARNT = ("rl_prompts", "rl_samples", "rl_prompt_tokens", "rl_answer_tokens")
#: What a predicted utilization depends on: a scenario that has the deck's of these has its utilization, too.
PREDICTED_BY = (
    "model", "parameters", "training_tokens", "training_time", "training_accelerators", "training_budget",
    "accelerator", "precision", "peak",
)  # fmt: skip
Derived = dict[str, tuple[Any, str]]


class AlternativeError(ValueError):
    """One thing said in two ways; the message names both."""


def without(values: Mapping[str, Any], overrides: Mapping[str, Any]) -> dict[str, Any]:
    """Return `values` without those that one of `overrides` says in another way."""
    dropped = set(overrides)
    for ways in GROUPS:
        if any(name in overrides for way in ways for name in way):
            dropped |= {name for way in ways if not set(way) & set(overrides) for name in way}
    return {name: value for name, value in values.items() if name not in dropped}


def check(given: Collection[str]) -> None:
    """Raise AlternativeError if a thing is `given` in two ways, or by half."""
    if ways := twice(given):
        said = [name for way in ways for name in way if name in given]
        raise AlternativeError(f"{' and '.join(said)} say one thing in two ways; give one of {_listed(ways)}")
    for needed, start in ((TUNED, "tuning_"), (LEARNT, "rl_")):
        said = sorted(name for name in given if name.startswith(start))
        missing = [name for name in needed if name not in given]
        if said and missing:
            raise AlternativeError(f"{said[0]} is given without {', '.join(missing)}; give {_also(missing)}, or none of them")
    if "requests_per_user" in given and "users" not in given:
        raise AlternativeError("requests_per_user is given without users; give users, or requests_per_day in place of both")


def twice(given: Collection[str]) -> tuple[tuple[str, ...], ...]:
    """Return the ways to say a thing that is `given` in more than one of them; none if nothing is."""
    several = (ways for ways in GROUPS if sum(any(name in given for name in way) for way in ways) > 1)
    return next(several, ())


def handed(values: Mapping[str, Any], is_decks: Callable[[str, Any], bool]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what a notebook was given, and what follows from it as it was handed, of the `values` of its cells.

    Where a thing is said in two ways, the deck's way holds what follows, or the cell's default, which says nothing:
    `is_decks` tells that of a field and its value.
    """
    given, follows = dict(values), {}
    for decks_way, *others in GROUPS:
        if any(values.get(name) is not None for way in others for name in way):
            for name in set(decks_way) & given.keys():
                value = given.pop(name)
                if not is_decks(name, value):
                    follows[name] = value
    return given, follows


def derived(scenario: "Scenario", given: Collection[str]) -> Derived:
    """Return the fields of the deck's division that follow from what is `given`, each with a sentence on what from."""
    follows: Derived = {}
    parameters = scenario.parameters
    if scenario.model is not None:
        parameters = active_parameters(scenario.model)
        follows["parameters"] = parameters, f"{scenario.model}, as its shape gives: those that a token meets"
    if scenario.training_accelerators is not None and scenario.utilization != PREDICTED:
        flop = sizing.training_flop(parameters, scenario.training_tokens)
        delivered = sizing.effective_flop_per_second(scenario.peak_flop_per_second, scenario.utilization)
        seconds = flop / (scenario.training_accelerators * delivered)
        follows["training_time"] = seconds, "what the division takes on the scenario's training_accelerators"
    elif scenario.training_accelerators is not None or scenario.training_budget is not None:
        follows["training_time"] = None, "what the plan takes"
    return follows | _demand(scenario, given)


def _demand(scenario: "Scenario", given: Collection[str]) -> Derived:
    """Return visits, questions and characters of a day that is said in requests, tokens or users, or in tokens' lengths.

    A visit is then a request, and a character a token.
    """
    in_requests = any(getattr(scenario, name) is not None for name in ("requests_per_day", "tokens_per_day", "users"))
    lengths = lengths_of(scenario, given)
    follows: Derived = {}
    tokens = scenario.characters_per_question * scenario.tokens_per_character
    if lengths is not None:
        prompt, answer, why = lengths
        tokens = prompt + answer
        follows["characters_per_question"] = tokens, why
        follows["tokens_per_character"] = 1.0, "lengths are said in tokens"
        follows["answer_share"] = answer / tokens, why
    if in_requests:
        requests, why = _requests(scenario, tokens)
        follows["visits_per_day"] = requests, why
        follows["questions_per_visit"] = 1.0, "a visit is a request"
    return follows


def lengths_of(scenario: "Scenario", given: Collection[str]) -> tuple[float, float, str] | None:
    """Return the tokens of a prompt and of an answer and a sentence on where they come from, None if in characters."""
    counted = {"requests_per_day", "tokens_per_day", "users"} & set(given)
    said = {"prompt_tokens", "answer_tokens", "service"} & set(given)
    if not said and not (counted and not set(GROUPS[3][0]) & set(given)):
        return None
    measured = measured_lengths(scenario.service or SERVICE)
    prompt, answer = scenario.prompt_tokens or measured[0], scenario.answer_tokens or measured[1]
    if {"prompt_tokens", "answer_tokens"} <= said:
        return prompt, answer, "the scenario's prompt_tokens and answer_tokens"
    return prompt, answer, f"lengths measured of a service of {scenario.service or SERVICE} (data/request_lengths.csv)"


def _requests(scenario: "Scenario", tokens: float) -> tuple[float, str]:
    """Return the requests of a day, of so many `tokens` each, and what they follow from."""
    if scenario.requests_per_day is not None:
        return scenario.requests_per_day, "the scenario's requests_per_day"
    if scenario.tokens_per_day is not None:
        return scenario.tokens_per_day / tokens, "the scenario's tokens_per_day, over the tokens of a request"
    assert scenario.users is not None
    return scenario.users * (scenario.requests_per_user or REQUESTS_PER_USER), "the scenario's users, times the requests of each"


def active_parameters(model: str) -> float:
    """Return the parameters that a token meets in `model`, a name or a path. Raises ArchitectureError."""
    from analysis.models import ledger, library  # a second that most scenarios don't need

    return float(ledger.active_parameters(library.load(model)))


@cache
def services() -> tuple[str, ...]:
    """Return the services whose lengths are measured."""
    return tuple(dict.fromkeys(str(row["service"]) for row in facts.rows("request_lengths")))


def check_service(name: str) -> None:
    """Raise AlternativeError if no lengths of a service of this `name` are measured."""
    if name not in services():
        hint = nearest(name, services())
        known = ", ".join(services())
        raise AlternativeError(f"{quote(name)} is no service whose lengths are measured{hint}; there are: {known}")


def check_one(name: str, known: tuple[str, ...]) -> None:
    """Raise AlternativeError if `name` is not one of those `known`."""
    if name not in known:
        raise AlternativeError(f"{quote(name)} is not one of {', '.join(known)}{nearest(name, known)}")


def measured_lengths(service: str) -> tuple[float, float]:
    """Return the mean tokens of a prompt and of an answer of a `service` (data/request_lengths.csv)."""
    rows = [row for row in facts.rows("request_lengths") if row["service"] == service]
    means = {row["quantity"]: float(row["mean_tokens"] or 0) for row in rows}
    return means["prompt"], means["answer"]


def _also(missing: list[str]) -> str:
    return "it, too" if len(missing) == 1 else "these, too"


def _listed(ways: tuple[tuple[str, ...], ...]) -> str:
    names = [way[0] for way in ways]
    return f"{', '.join(names[:-1])} and {names[-1]}"
