"""What a reader may change in a notebook that computes with a small network: its settings, checked before they are used.

Assumptions of the sizing are a scenario (analysis/scenarios/scenario.py); a setting belongs to one notebook alone. Both
are read as people write them: "16,384", "500 ms", "15T tokens", "BF16".
"""

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from analysis import units
from analysis.hardware import formats
from analysis.quote import quote
from analysis.suggest import nearest

#: Units of the settings whose names end in them; the other numbers are counts and shares.
_UNITS = {"_seconds": "second", "_milliseconds": "millisecond", "tokens": "token"}
_FORMATS = ("number_format", "weight_precision")


class SettingError(ValueError):
    """A setting that can't be used; the message names it, what was given and what is allowed."""


class Settings(BaseModel):
    """The settings of a notebook: a subclass has a field for each, with its default and bounds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @field_validator("*", mode="before")
    @classmethod
    def _as_written(cls, value: Any, info: Any) -> Any:
        """Read a number with its unit, and a number format in any case."""
        if not isinstance(value, str):
            return value
        if cls.model_fields[info.field_name].annotation in (int, float):
            unit = next((unit for end, unit in _UNITS.items() if info.field_name.endswith(end)), "")
            return units.read(value, unit, bare=True)
        return formats.named(value) if info.field_name in _FORMATS else value


class FromScenario(Settings):
    """Settings that take the values of a scenario which says them; `not_followed` has those that they can't take, and why."""

    not_followed: str = Field("", max_length=1000)

    @property
    def standing(self) -> str:
        """A sentence on what of the scenario is not shown; "" if it is followed."""
        if not self.not_followed:
            return ""
        what, _, why = self.not_followed.partition(": ")
        return f"The scenario's {what} can't be shown here ({why.rstrip('.')}); this page keeps its own."


Chosen = TypeVar("Chosen", bound=Settings)


def read(model: type[Chosen], values: Mapping[str, Any]) -> Chosen:
    """Return the settings of the given `values`. Raises SettingError."""
    try:
        return model.model_validate(dict(values))
    except ValidationError as exc:
        raise SettingError("\n".join(sorted(_message(model, error, values) for error in exc.errors()))) from exc


def _message(model: type[Settings], error: Mapping[str, Any], values: Mapping[str, Any]) -> str:
    name = str(error["loc"][0]) if error["loc"] else ""
    if error["type"] == "extra_forbidden":
        return f"unknown setting {quote(name)}{nearest(name, model.model_fields)}; there are: {', '.join(model.model_fields)}"
    if error["type"] == "value_error":
        reason = str(error["ctx"]["error"])
        return f"{name}: {reason}" if name else reason
    given = quote(values.get(name, error["input"])).strip("'")
    return f"{name}: '{given}' is not valid: {error['msg'][0].lower()}{error['msg'][1:]}"
