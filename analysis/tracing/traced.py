"""A number that writes down what is done with it.

A `Traced` number stands for one element of an array over cases, as the package's formulas take them. It passes through
NumPy's functions and Python's operators, and what comes out is traced as well: a tree of operations over named inputs,
which `analysis/tracing/javascript.py` writes as a function. What is constant is computed at once. Choices have to be
`np.where`: an `if` on a traced number is refused, since no case is at hand that could decide it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from analysis.arrays import PerCase
from analysis.suggest import nearest
from analysis.tracing import operations
from analysis.tracing.operations import OPERATIONS, Operation

_Set = TypeVar("_Set")


class TraceError(TypeError):
    """What can't be traced; the message names it, and what does instead."""


class Traced(NDArrayOperatorsMixin):
    """A number that is an input by `name`, or the result of an operation on `arguments`: traced numbers, plain ones, and
    tables of them. `truth` says that it is true or false."""

    __slots__ = ("arguments", "name", "operation", "truth")
    ndim, shape, size = 0, (), 1

    def __init__(self, name: str = "", operation: Operation | None = None, arguments: tuple[Any, ...] = (), truth: bool = False):
        self.name, self.operation, self.arguments, self.truth = name, operation, arguments, truth

    def __repr__(self) -> str:
        return self.name or f"{self.operation.name}({', '.join(_short(argument) for argument in self.arguments)})"  # type: ignore[union-attr]

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, out: Any = None, **options: Any) -> Any:
        if out is not None:
            raise TraceError(f"np.{ufunc.__name__} with out=, or a change in place such as +=, can't be traced; valid: x = x + y")
        if method != "__call__" or options.get("where", True) is not True:
            what = f"np.{ufunc.__name__}" + (f".{method}" if method != "__call__" else " with where=")
            raise TraceError(f"{what} can't be traced; valid: np.{ufunc.__name__} of whole arguments, np.where around it")
        return applied(ufunc.__name__, *inputs)

    def __array_function__(self, function: Callable[..., Any], types: Any, inputs: Any, options: Any) -> Any:
        name = function.__name__
        if name not in _FUNCTIONS:
            known = nearest(name, [*_FUNCTIONS, *OPERATIONS])
            raise TraceError(f"np.{name} of {_short(self)} can't be traced{known}; valid: {', '.join(sorted(_FUNCTIONS))}")
        return _FUNCTIONS[name](*inputs, **options)

    def __getitem__(self, index: Any) -> "Traced":
        places = index if isinstance(index, tuple) else (index,)
        if not all(place is None or place is Ellipsis or place == slice(None) for place in places):
            raise TraceError(f"{_short(self)} is one number and has no element {index!r}; valid: None, ... and :")
        return self

    def astype(self, kind: Any) -> PerCase:
        """Return the number itself, a truth value as 1 or 0. Raises TraceError for other kinds than float."""
        if np.dtype(kind) != np.dtype(float):
            raise TraceError(f"{_short(self)} can't be traced as {kind!r}; valid: float, np.trunc")
        return applied("multiply", self, 1.0) if self.truth else self

    def __bool__(self) -> bool:
        raise TraceError(f"an if, and, or, not, min or max on {_short(self)} can't be traced; valid: np.where, np.maximum, &")

    def _refuse(self, *_: Any) -> Any:
        raise TraceError(f"{_short(self)} is not known yet: no plain number or array can be made of it; valid: NumPy's functions")

    __float__ = __int__ = __index__ = __len__ = __iter__ = __array__ = _refuse


class Table:
    """Numbers that are looked up by place, by a traced one too; the page carries them. NumPy's arrays take no such place."""

    def __init__(self, values: Any) -> None:
        self.values = _table(values, "take")

    def __getitem__(self, place: PerCase) -> PerCase:
        if not isinstance(place, Traced):
            return self.values[place]
        return Traced(operation=operations.TAKEN, arguments=(self.values, _argument(place)))


def inputs(kind: type[_Set], prefix: str = "", **known: Any) -> _Set:
    """Return a set of arrays whose fields are traced inputs, named by their fields after `prefix`.

    `known` fields are as given: constants, other sets, or inputs of another name.
    """
    if not is_dataclass(kind):
        raise TraceError(f"{kind!r} is not a dataclass whose fields could be inputs")
    given = {field.name: known.get(field.name, Traced(f"{prefix}{field.name}")) for field in fields(kind)}
    return kind(**given)


def applied(name: str, *arguments: Any) -> PerCase:
    """Return what NumPy's function `name` gives: traced, or a number where all is constant. Raises TraceError."""
    values = [_argument(value) for value in arguments]
    if name in operations.BITWISE:
        if not all(is_truth(value) for value in values):
            raise TraceError(f"np.{name} of numbers can't be traced; valid: of what is true or false, such as (x > 0) & (y > 0)")
        name = operations.BITWISE[name]
    if name not in OPERATIONS:
        raise TraceError(f"np.{name} can't be traced{nearest(name, OPERATIONS)}; valid: {', '.join(OPERATIONS)}")
    operation = OPERATIONS[name]
    if name in operations.OF_TRUTHS:
        values = [value if is_truth(value) else applied("not_equal", value, 0.0) for value in values]
    elif values and all(is_truth(value) for value in values):  # NumPy adds and multiplies these as truth values
        if name in ("add", "multiply"):
            return applied({"add": "logical_or", "multiply": "logical_and"}[name], *values)
        if name in ("subtract", "negative", "positive"):
            raise TraceError(f"np.{name} of what is true or false is refused by NumPy; valid: 1.0 * x")
    if not any(isinstance(value, Traced) for value in values):
        return computed(operation, values)
    simple = _simplified(name, values)
    return Traced(operation=operation, arguments=tuple(values), truth=operation.truth) if simple is None else simple


def computed(operation: Operation, values: Sequence[Any]) -> PerCase:
    """Return an operation of plain numbers, infinite and NaN ones too, as NumPy does it."""
    with np.errstate(all="ignore"):
        return operation.compute(*values)


def is_truth(value: Any) -> bool:
    """Say whether a value is true or false, and no number."""
    return value.truth if isinstance(value, Traced) else isinstance(value, bool | np.bool_)


def _simplified(name: str, values: Sequence[Any]) -> PerCase:
    """Return what an operation comes to by simpler ones, or by none, or None."""
    first, last = values[0], values[-1]
    if name == "add" and _is(first, 0):
        return _number(last)
    if name in ("add", "subtract") and _is(last, 0):
        return _number(first)
    if name == "multiply" and _is(first, 1):
        return _number(last)
    if name in ("multiply", "divide", "power") and _is(last, 1):
        return _number(first)
    if name == "power" and not isinstance(last, Traced) and last in _ROOTS and not is_truth(first):
        return _ROOTS[last](first)
    if name == "square":
        return applied("multiply", first, first)
    if name in ("logical_and", "logical_or"):
        for plain, other in ((first, last), (last, first)):
            if not isinstance(plain, Traced):
                return other if bool(plain) == (name == "logical_and") else bool(plain)
    return None


def _square(value: PerCase) -> PerCase:
    return applied("multiply", value, value)


def _root(value: PerCase) -> PerCase:
    return applied("sqrt", value)


#: Powers that multiplication and roots give several times as fast, the last digit apart.
_ROOTS: dict[float, Callable[[PerCase], PerCase]] = {
    2.0: _square, 4.0: lambda value: _square(_square(value)), 0.5: _root, 0.25: lambda value: _root(_root(value)),
}  # fmt: skip


def _is(value: Any, number: float) -> bool:
    return not isinstance(value, Traced) and not is_truth(value) and value == number


def _number(value: PerCase) -> PerCase:
    """Return a truth value as a traced operation that makes it 1 or 0, others as they are; None has it written out."""
    return None if is_truth(value) else value


def _argument(value: Any) -> Any:
    """Return a traced number, or a plain one, also out of an array that holds but one. Raises TraceError for others."""
    if isinstance(value, Traced):
        return value
    array = np.asarray(value)
    if array.dtype.kind not in "biuf":
        raise TraceError(f"{value!r} is no number that could stand beside a traced one")
    if array.size != 1:
        raise TraceError(
            f"an array of shape {array.shape} can't stand beside a traced number, which is one case; valid: Table, np.interp"
        )
    number = array.reshape(()).item()
    return number if isinstance(number, bool) else float(number)


def _table(values: Any, what: str) -> np.ndarray:
    if isinstance(values, Traced):
        raise TraceError(f"the table of np.{what} can't be traced itself; valid: an array of numbers")
    table = np.asarray(values, dtype=float)
    if table.ndim != 1 or not table.size:
        raise TraceError(f"np.{what} takes a table of one axis here; given: shape {table.shape}")
    return table


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def where(condition: Any, yes: Any, no: Any) -> PerCase:
    """Return `yes` or `no`, as np.where does."""
    condition, yes, no = (_argument(value) for value in (condition, yes, no))
    if not is_truth(condition):
        condition = applied("not_equal", condition, 0.0)
    if not isinstance(condition, Traced):
        return yes if condition else no
    if yes is no or (not isinstance(yes, Traced) and not isinstance(no, Traced) and yes == no and is_truth(yes) == is_truth(no)):
        return yes
    return Traced(operation=operations.CHOICE, arguments=(condition, yes, no), truth=is_truth(yes) and is_truth(no))


def _select(conditions: Sequence[Any], choices: Sequence[Any], default: Any = 0) -> PerCase:
    chosen = _argument(default)
    for condition, choice in zip(reversed(conditions), reversed(choices), strict=True):
        chosen = where(condition, choice, chosen)
    return chosen


def _clip(value: Any, least: Any = None, most: Any = None, **also: Any) -> PerCase:
    least, most = also.pop("min", least), also.pop("max", most)
    _no(also, "clip")
    value = value if least is None else applied("maximum", value, least)
    return value if most is None else applied("minimum", value, most)


def _known(value: Any, copy: bool = True, nan: float = 0.0, posinf: Any = None, neginf: Any = None) -> PerCase:
    ends = (np.finfo(float).max if posinf is None else posinf, np.finfo(float).min if neginf is None else neginf)
    return Traced(operation=operations.KNOWN, arguments=(_argument(value), *(_argument(end) for end in (nan, *ends))))


def _round(value: Any, decimals: int = 0, out: Any = None) -> PerCase:
    if decimals:
        raise TraceError(f"np.round to {decimals} decimals can't be traced; valid: whole numbers")
    return applied("rint", value)


def _interp(value: Any, points: Any, values: Any, **also: Any) -> PerCase:
    _no(also, "interp")
    tables = _table(points, "interp"), _table(values, "interp")
    return Traced(operation=operations.BETWEEN, arguments=(_argument(value), *tables))


def _searchsorted(table: Any, value: Any, side: str = "left", sorter: Any = None) -> PerCase:
    operation = operations.FOUND_RIGHT if side == "right" else operations.FOUND_LEFT
    return Traced(operation=operation, arguments=(_table(table, "searchsorted"), _argument(value)))


def _filled(like: Any, value: Any, **also: Any) -> PerCase:
    _no({name: given for name, given in also.items() if name != "dtype"}, "full_like")
    value = _argument(value)
    return value if isinstance(value, Traced) else np.float64(value)


def _no(options: Mapping[str, Any], name: str) -> None:
    if options:
        raise TraceError(f"np.{name} with {', '.join(options)} can't be traced")


#: NumPy's other functions. A traced number stands for an array of many cases, some of which have what `np.any` asks for
#: and some not: `if np.any(...)` spares what no case has, so the traced function has it.
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "where": where,
    "select": _select,
    "clip": _clip,
    "nan_to_num": _known,
    "round": _round,
    "interp": _interp,
    "searchsorted": _searchsorted,
    "full_like": _filled,
    "zeros_like": lambda like, **also: _filled(like, 0.0, **also),
    "ones_like": lambda like, **also: _filled(like, 1.0, **also),
    "any": lambda value: True,
    "all": lambda value: False,
    "ndim": lambda value: 0,
    "shape": lambda value: (),
    "size": lambda value: 1,
}
