"""What every part of an architecture checks about its own sizes."""

from dataclasses import fields
from numbers import Real
from typing import Any


class ArchitectureError(ValueError):
    """An architecture that is not known or can't exist; the message names the field, its value and what is valid."""


def is_whole(value: Any) -> bool:
    """Say whether `value` is a whole number."""
    return isinstance(value, Real) and not isinstance(value, bool) and value % 1 == 0


def check_counts(part: Any, *positive: str) -> None:
    """Raise ArchitectureError unless each whole-number field of the dataclass `part` is one, at least 1 if `positive`."""
    for field in fields(part):
        if field.type is not int:
            continue
        value, least = getattr(part, field.name), 1 if field.name in positive else 0
        if not is_whole(value) or value < least:
            kind = type(part).__name__
            raise ArchitectureError(f"{kind}: {field.name} = {value!r} is not a whole number of at least {least}")
