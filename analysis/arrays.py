"""A set of arrays of one length, one element a case: what lets one prediction serve one run or a hundred thousand."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Self, TypeAlias

#: A number, or an array of one element a case. Plain formulas also take what else can be added and multiplied: columns of
#: pandas, expressions of Vega and symbols of SymPy. These share no type that a checker knows, hence Any.
PerCase: TypeAlias = Any


@dataclass(frozen=True)
class Arrays:
    """Base of the frozen dataclasses whose fields are float arrays of one length, or such sets themselves."""

    def __len__(self) -> int:
        return len(getattr(self, fields(self)[0].name))

    def take(self, index: Any) -> Self:
        """Return the cases that `index` (positions, or a mask) selects."""
        parts = {field.name: getattr(self, field.name) for field in fields(self)}
        return replace(self, **{
            name: part.take(index) if isinstance(part, Arrays) else part[index] for name, part in parts.items()
        })  # fmt: skip

    @classmethod
    def stack(cls, cases: Sequence[dict[str, float]]) -> Self:
        """Return the set that holds one dictionary of numbers a case."""
        import numpy as np  # here, as the formulas take `PerCase` from this module, and start without NumPy

        return cls(**{
            field.name: np.array([case[field.name] for case in cases], dtype=float) for field in fields(cls)
        })  # fmt: skip
