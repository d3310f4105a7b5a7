"""Scenarios as people write them: YAML files, parameters of notebooks, values on the command line.

A scenario file holds `30 days`, `156 TFLOPS`, `50%`, `300e9`. Whatever can't be used is refused with a message that names
the file, the field, what was given and what is allowed.
"""

from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from analysis import paths, units, yaml_text
from analysis.quote import quote
from analysis.scenarios import alternatives
from analysis.scenarios.alternatives import PREDICTED
from analysis.scenarios.scenario import ASSUMPTIONS, DECK, LONGEST_NAME, Scenario
from analysis.scenarios.scenario_files import ScenarioError, there
from analysis.suggest import nearest

_LARGEST_FILE = 64 * 1024
_MOST_LINES = 8


def build(
    values: dict[str, Any],
    where: str,
    overrides: dict[str, Any] | None = None,
    *,
    predicts: bool = False,
    handed: bool = False,
) -> Scenario:
    """Return the scenario with the given `values`; fields left out have the deck's. Raises ScenarioError.

    `where` names what the values come from (a file, a notebook), for messages; `overrides` are put over them, and
    come from the command line. With `predicts`, a utilization that is left out is predicted where the deck's is no guide
    (`alternatives.PREDICTED_BY`). With `handed`, the values are a notebook's: its cell's, and what it was handed.
    """
    overrides = overrides or {}
    merged = {**alternatives.without(values, overrides), **overrides}
    follows: dict[str, Any] = {}
    if handed:
        merged, follows = alternatives.handed(merged, _is_decks)
    given = {name for name, value in merged.items() if value is not None}
    is_predicted = merged.get("utilization") == PREDICTED
    try:
        alternatives.check(given)
        scenario = Scenario.model_validate({**merged, **follows} | ({"utilization": DECK.utilization} if is_predicted else {}))
    except alternatives.AlternativeError as exc:
        raise ScenarioError(f"{'--set' if alternatives.twice(overrides) else where}: {exc}") from exc
    except ValidationError as exc:
        lines = sorted({f"{_place(error, where, overrides)}: {_message(error, merged)}" for error in exc.errors()})
        more = [f"… and {len(lines) - _MOST_LINES} more"] if len(lines) > _MOST_LINES else []
        raise ScenarioError("\n".join([*lines[:_MOST_LINES], *more])) from exc
    if predicts and "utilization" not in given:
        is_predicted = any(getattr(scenario, name) != getattr(DECK, name) for name in alternatives.PREDICTED_BY)
    if is_predicted:
        scenario = scenario.following({"utilization": (PREDICTED, "what the plan of the training run gets")})
    derived = alternatives.derived(scenario, given)
    scenario = scenario.following({name: value for name, value in derived.items() if name not in follows})
    return scenario.titled(_title(scenario, overrides), merged | follows)


def _is_decks(name: str, value: Any) -> bool:
    """Say whether `value`, as it was written, is the deck's."""
    try:
        return bool(units.read(value, ASSUMPTIONS[name].unit or "") == getattr(DECK, name))
    except units.QuantityError:
        return False


def _place(error: ErrorDetails, where: str, overrides: dict[str, Any]) -> str:
    """Return what an error's value came from; the error of a chip and its format belongs to no single field."""
    fields = {error["loc"][0]} if error["loc"] else {"accelerator", "precision"}
    return "--set" if fields & set(overrides) else where


def _title(scenario: Scenario, overrides: dict[str, Any]) -> str:
    """Return a title that is true: the scenario's own, and what was put over it; never the deck's for other values."""
    title = scenario.title
    changed = [f"{name}={value}" for name, value in overrides.items() if name not in ("title", "description")]
    if changed and "title" not in overrides:
        title = f"{title}, with {', '.join(changed)}"
    elif title == DECK.title and any(getattr(scenario, name) != getattr(DECK, name) for name in ASSUMPTIONS):
        title = "Own assumptions"
    return title if len(title) <= LONGEST_NAME else f"{title[: LONGEST_NAME - 1]}…"


def load(path: Path | str, overrides: dict[str, Any] | None = None) -> Scenario:
    """Return the scenario in the YAML file `path`, with `overrides` put over its values, as `build`. Raises ScenarioError."""
    path = Path(path)
    where = paths.shown(path)
    return build({"title": path.stem} | _mapping(path, where), where, overrides, predicts=True)


def compared(scenario: Scenario) -> dict[str, Scenario]:
    """Return the scenarios in data/scenarios by file, and `scenario` if none of them assumes the same; titles differ.

    Those of groups, in folders of their own, are left out.
    """
    scenarios = {path.name: load(path) for path in sorted(paths.SCENARIOS.glob("*.yml"))}
    if all(_values(scenario) != _values(other) for other in scenarios.values()):
        scenarios["(this book's)"] = scenario
    titles = [other.title for other in scenarios.values()]
    return {
        name: other.model_copy(update={"title": f"{other.title} ({name})"}) if titles.count(other.title) > 1 else other
        for name, other in scenarios.items()
    }


def _values(scenario: Scenario) -> list[Any]:
    return [getattr(scenario, name) for name in ASSUMPTIONS]


def _mapping(path: Path, where: str) -> dict[str, Any]:
    """Return the mapping that the YAML file holds."""
    there(path)
    try:
        return yaml_text.mapping(paths.read_text(path, _LARGEST_FILE))
    except yaml_text.YamlTextError as exc:
        raise ScenarioError(f"{where}: {exc}") from exc
    except (OSError, ValueError) as exc:
        raise ScenarioError(f"{where}: the file can't be read: {getattr(exc, 'strerror', None) or exc}") from exc


def _message(error: ErrorDetails, values: dict[str, Any]) -> str:
    """Return one line for one of pydantic's errors: the field, what was given, what is allowed."""
    name = str(error["loc"][0]) if error["loc"] else ""
    given = values.get(name)
    if error["type"] == "extra_forbidden":
        return f"unknown field {quote(name)}{nearest(name, Scenario.model_fields)}"
    if error["type"] == "value_error":
        reason = str(error["ctx"]["error"])
        return f"{name}: {reason}" if name else reason
    about = ASSUMPTIONS.get(name)
    if about is not None and about.unit is not None:
        if error["type"] == "int_from_float":
            return f"{name}: {quote(given)} is not a whole number; {_range(name)}"
        return f"{name}: {quote(given)} is out of range; {_range(name)}"
    return f"{name}: {quote(given)} is not valid: {error['msg'][0].lower()}{error['msg'][1:]}"


def _range(name: str) -> str:
    """Return what is allowed for the field, in the unit in which people write it."""
    about = ASSUMPTIONS[name]
    parts = []
    for bound in Scenario.model_fields[name].metadata:
        for attribute, word in (("gt", "above"), ("ge", "at least"), ("lt", "below"), ("le", "at most")):
            if (limit := getattr(bound, attribute, None)) is not None:
                parts.append(f"{word} {about.written(limit)}")
    return f"allowed: {', '.join(parts)}"
