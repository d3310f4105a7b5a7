"""What the card of a quoted number tells: what it is, how it is computed, and what it depends on.

`book/numbers.yml` has the words, for the numbers that carry the argument. Where such a number is a result of the
estimate, formula and assumptions come from the sizing formula itself; the cards of all others name value and notebook.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from ruamel.yaml import YAML

from analysis import paths
from analysis.scenarios.derivation import derivation, spoken
from analysis.scenarios.scenario import ASSUMPTIONS, DECK, Scenario


class NumbersError(ValueError):
    """A `book/numbers.yml` that can't be read; the message names the entry."""


class Words(BaseModel):
    """What `book/numbers.yml` says of one number."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    what: str = Field(alias="is", min_length=10)
    result: str = ""  # of the estimate, such as "training.flop": its sizing formula is printed
    deck: bool = False  # whether `result` is that of the deck's assumptions, whatever the scenario
    formula: str = ""  # as its author gave it, where no sizing formula makes the number
    assumptions: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()  # files in data/, without their ending

    @model_validator(mode="after")
    def _one_formula(self) -> "Words":
        if self.result and (self.formula or self.assumptions):
            raise ValueError("a result of the estimate has its formula and assumptions from there")
        return self


@dataclass(frozen=True)
class Input:
    """An assumption as people read it."""

    title: str
    value: str  # with its unit
    source: str


@dataclass(frozen=True)
class Explanation:
    """What is told of one number."""

    what: str
    formula: tuple[str, ...]  # in words, and with numbers where the estimate has them
    assumptions: tuple[str, ...]
    facts: tuple[str, ...]
    is_decks: bool


@cache
def words() -> dict[str, dict[str, Words]]:
    """Return what `book/numbers.yml` says, by notebook and number. Raises NumbersError."""
    told = YAML(typ="safe").load(paths.NUMBERS.read_text(encoding="utf-8"))
    by_notebook: dict[str, dict[str, Words]] = {}
    for notebook, numbers in told.items():
        for name, entry in numbers.items():
            try:
                by_notebook.setdefault(notebook, {})[name] = Words.model_validate(entry)
            except ValidationError as exc:
                raise NumbersError(f"{paths.shown(paths.NUMBERS)}: {notebook}: {name}: {exc}") from exc
    return by_notebook


def explained(notebook: str, scenario: Scenario) -> dict[str, Explanation]:
    """Return what is told of the numbers of `notebook` that have words, under `scenario`, by name."""
    return {name: _explained(told, scenario) for name, told in words().get(notebook, {}).items()}


def _explained(told: Words, scenario: Scenario) -> Explanation:
    if not told.result:
        return Explanation(told.what, (told.formula,) if told.formula else (), told.assumptions, told.facts, told.deck)
    derived = derivation(told.result, DECK if told.deck else scenario)
    return Explanation(told.what, (derived.words, derived.numbers), derived.assumptions, told.facts, told.deck)


def assumed(scenario: Scenario, names: Iterable[str]) -> dict[str, Input]:
    """Return the assumptions `names` as `scenario` has them, by name."""
    values = {name: scenario.peak_flop_per_second if name == "peak" else getattr(scenario, name) for name in names}
    return {name: Input(spoken(name), ASSUMPTIONS[name].written(value), scenario.source(name)) for name, value in values.items()}
