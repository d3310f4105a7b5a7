"""The formula behind a result of the estimate, in words and with numbers, printed from the sizing formulas themselves."""

import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass

from analysis import numerals
from analysis.arrays import PerCase
from analysis.scenarios import equations, sizing
from analysis.scenarios.estimate import estimate
from analysis.scenarios.scenario import ASSUMPTIONS, Scenario

_UNITS = {"second": " s", "FLOP/second": " FLOP/s"}
_WHOLE = ("accelerators", "servers")
#: What sets the peak, beside the peak itself.
_CHIP = ("accelerator", "precision")


@dataclass(frozen=True)
class Derivation:
    """How a result follows from assumptions."""

    words: str
    numbers: str
    assumptions: tuple[str, ...]


def derivation(result: str, scenario: Scenario) -> Derivation:
    """Return the derivation of a result of the estimate, such as `training.flop`, under `scenario`. Raises KeyError."""
    part, _, name = result.partition(".")
    results = getattr(estimate(scenario), part)
    function = _FORMULAS[name if name == "servers" else result]
    arguments = list(inspect.signature(function).parameters)
    values = {field: getattr(scenario, field) for field in ASSUMPTIONS}
    values |= {"peak": scenario.peak_flop_per_second, "accelerators": results.accelerators}
    exact, rounded = function(*(values[argument] for argument in arguments)), getattr(results, name)
    ending = f", rounded up to {numerals.whole(rounded)}" if name in _WHOLE and rounded != exact else ""
    used = [argument for argument in arguments if argument in ASSUMPTIONS]
    return Derivation(
        words=f"{spoken(name)} = {_line(function, lambda argument: spoken(argument).lower())}",
        numbers=f"= {_line(function, lambda argument: _number(argument, values[argument]))} = {numerals.plain(exact, 6)}{ending}",
        assumptions=(*used, *(_CHIP if "peak" in used else ())),
    )


def spoken(name: str) -> str:
    """Return a name of the package as words: "Training time", "FLOP per day"."""
    text = name.replace("_", " ").replace("flop", "FLOP")
    return text[:1].upper() + text[1:]


def _number(argument: str, value: float) -> str:
    text = numerals.words(value, 4) if value >= 1e6 else numerals.plain(value)
    about = ASSUMPTIONS.get(argument)
    return text + (_UNITS.get(about.unit or "", "") if about else "")


def _line(function: Callable[..., PerCase], word: Callable[[str], str]) -> str:
    """Return a formula as one line of text, with a word for each argument."""
    expression, symbols = equations.symbolic(function)
    words = {symbol.name: word(name) for name, symbol in symbols.items()}
    text = str(expression).replace("*", " × ").replace("/", " ÷ ")
    return re.sub(r"\ba\d\d_\w+", lambda match: words[match[0]], text)


def _training_flop(parameters: PerCase, training_tokens: PerCase) -> PerCase:
    return sizing.training_flop(parameters, training_tokens)


def _training_rate(parameters: PerCase, training_tokens: PerCase, training_time: PerCase) -> PerCase:
    return sizing.flop_per_second(_training_flop(parameters, training_tokens), training_time)


def _inference_flop(
    parameters: PerCase,
    visits_per_day: PerCase,
    questions_per_visit: PerCase,
    characters_per_question: PerCase,
    tokens_per_character: PerCase,
) -> PerCase:
    tokens = sizing.tokens_per_day(visits_per_day, questions_per_visit, characters_per_question, tokens_per_character)
    return sizing.inference_flop(parameters, tokens)


def _inference_rate(
    parameters: PerCase,
    visits_per_day: PerCase,
    questions_per_visit: PerCase,
    characters_per_question: PerCase,
    tokens_per_character: PerCase,
    serving_time: PerCase,
) -> PerCase:
    day = (visits_per_day, questions_per_visit, characters_per_question, tokens_per_character)
    return sizing.flop_per_second(_inference_flop(parameters, *day), serving_time)


#: The sizing formulas put together, each a function of assumptions alone (servers: of accelerators, too), by the result.
_FORMULAS: dict[str, Callable[..., PerCase]] = {
    "training.flop": _training_flop,
    "training.flop_per_second": _training_rate,
    "training.accelerators_exact": sizing.training_accelerators,
    "training.accelerators": sizing.training_accelerators,
    "inference.tokens_per_day": sizing.tokens_per_day,
    "inference.flop_per_day": _inference_flop,
    "inference.flop_per_second": _inference_rate,
    "inference.accelerators_exact": sizing.inference_accelerators,
    "inference.accelerators": sizing.inference_accelerators,
    "servers": sizing.servers_needed,
}
