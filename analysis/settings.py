"""What a reader may change in a notebook that computes with a small network: its settings, checked before they are used.

Assumptions of the sizing are a scenario (analysis/scenarios/scenario.py); a setting belongs to one notebook alone.
"""

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from analysis.suggest import nearest


class SettingError(ValueError):
    """A setting that can't be used; the message names it, what was given and what is allowed."""


class Settings(BaseModel):
    """The settings of a notebook: a subclass has a field for each, with its default and bounds."""

    model_config = ConfigDict(frozen=True, extra="forbid")


Chosen = TypeVar("Chosen", bound=Settings)


def read(model: type[Chosen], values: Mapping[str, Any]) -> Chosen:
    """Return the settings of the given `values`. Raises SettingError."""
    try:
        return model.model_validate(dict(values))
    except ValidationError as exc:
        raise SettingError("\n".join(sorted(_message(model, error) for error in exc.errors()))) from exc


def _message(model: type[Settings], error: Mapping[str, Any]) -> str:
    name = str(error["loc"][0]) if error["loc"] else ""
    if error["type"] == "extra_forbidden":
        return f"unknown setting {name!r}{nearest(name, model.model_fields)}; there are: {', '.join(model.model_fields)}"
    if error["type"] == "value_error":
        reason = str(error["ctx"]["error"])
        return f"{name}: {reason}" if name else reason
    return f"{name}: {str(error['input'])[:60]!r} is not valid: {error['msg'][0].lower()}{error['msg'][1:]}"
