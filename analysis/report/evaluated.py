"""A formula with numbers in place of words, where the code and the settings tell all of them, and never another result."""

import ast
import math
import operator
import re
from collections.abc import Callable, Mapping
from numbers import Real
from typing import Any

import numpy as np

from analysis import numerals
from analysis.report.phrases import Printer
from analysis.report.scopes import Called, Closure, Scope
from analysis.report.wording import PRODUCT, Phrase, Unsaid, written

_OPERATIONS: dict[type, Callable[[float, float], float]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv, ast.Pow: operator.pow,
    ast.FloorDiv: operator.floordiv, ast.Mod: operator.mod,
}  # fmt: skip
_FUNCTIONS = (abs, round, min, max, int, float, math.sqrt, math.exp, math.log, math.ceil, np.sqrt, np.exp, np.log, np.log2)
_LONGEST = 160
#: The scenario's peak is that of its accelerator unless it is given.
_PEAK = {"peak_flop_per_second": "peak"}


def with_numbers(value: ast.expr, scope: Scope, inputs: Mapping[str, float], published: str) -> str:
    """Return "= 6 × 175 billion ÷ 3 = 350 billion" for a published expression; nothing where a number is known from a run only.

    What comes out has to be what the notebook published, as it wrote it; else nothing is returned.
    """
    try:
        shown = _Numbers(inputs)
        result = shown.value(Closure(value, scope))
        if not re.fullmatch(rf"{re.escape(_as_written(value, scope, shown, result))}(\D.*)?", published):
            return ""
        said = shown.say(value, scope)
    except (Unsaid, RecursionError, ArithmeticError, TypeError, ValueError):
        return ""
    return f"= {said.text} = {numerals.plain(result, 6)}" if shown.operations and len(said.text) <= _LONGEST else ""


def _as_written(value: ast.expr, scope: Scope, shown: "_Numbers", result: float) -> str:
    """Return the result as the notebook's own call of `analysis.numerals` writes it. Raises Unsaid where there is none."""
    while isinstance(value, ast.JoinedStr):
        value = shown.carried(value, scope)
    function = shown.static(value.func, scope) if isinstance(value, ast.Call) else None
    if getattr(function, "__module__", "") != numerals.__name__ or function is numerals.times or value.keywords:
        raise Unsaid("not written by numerals")
    return function(result, *(one.value for one in value.args[1:]))


class _Numbers(Printer):
    """Says numbers for the names of inputs, constants and what follows from them."""

    def __init__(self, inputs: Mapping[str, float]) -> None:
        super().__init__()
        self._inputs = inputs

    def _bound(self, name: str, closure: Closure) -> Phrase:
        return self.say(closure.node, closure.scope)

    def _known(self, name: str, value: Any, comment: str = "") -> Phrase:
        if not isinstance(value, Real) or isinstance(value, bool):
            raise Unsaid(name)
        return _number(value)

    def _input(self, node: ast.Attribute, scope: Scope) -> Phrase:
        name = _PEAK.get(node.attr, node.attr)
        if name in self._inputs:
            return _number(self._inputs[name])
        called = self.called_by(node, scope)
        if called is None:
            raise Unsaid(name)
        return self.call(called)

    def call(self, called: Called) -> Phrase:
        """Return the words of what a function returns."""
        if called.body is None or called.inner is None:
            raise Unsaid("a run's result")
        return self.say(called.body.value, called.inner)

    def _note(self, label: str, what: Any) -> str:
        raise Unsaid(label)

    def _of(self, part: str, whole: Phrase) -> Phrase:
        raise Unsaid(part)

    def value(self, closure: Closure) -> float:
        """Return what an expression comes to. Raises Unsaid where the code alone doesn't tell."""
        node, scope = closure.node, closure.scope
        carried = self.carried(node, scope)
        if carried is not None:
            return self.value(Closure(carried, scope))
        if isinstance(node, ast.Attribute) and self.is_input(node.value, scope):
            name = _PEAK.get(node.attr, node.attr)
            if name in self._inputs:
                return self._inputs[name]
        called = self.called_by(node, scope)
        if called is not None and called.body is not None and called.inner is not None:
            return self.value(Closure(called.body.value, called.inner))
        if isinstance(node, ast.BinOp) and type(node.op) in _OPERATIONS:
            return _OPERATIONS[type(node.op)](*(self.value(Closure(one, scope)) for one in (node.left, node.right)))
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            return -self.value(Closure(node.operand, scope))
        if isinstance(node, ast.Call) and not node.keywords and self.static(node.func, scope) in _FUNCTIONS:
            return self.static(node.func, scope)(*(self.value(Closure(one, scope)) for one in node.args))
        return self._leaf(node, scope)

    def _leaf(self, node: ast.expr, scope: Scope) -> float:
        if isinstance(node, ast.Name) and scope.bound.get(node.id) is not None:
            return self.value(scope.bound[node.id])
        name = node.attr if isinstance(node, ast.Attribute) else getattr(getattr(node, "slice", None), "value", None)
        part = self.part(node.value, name, scope) if isinstance(name, str) else None
        if part is not None:
            return self.value(part)
        found = node.value if isinstance(node, ast.Constant) else self.static(node, scope)
        if not isinstance(found, Real) or isinstance(found, bool):
            raise Unsaid("a run's result")
        return found


def _number(value: float) -> Phrase:
    text = numerals.words(value, 4) if value >= 1e6 else written(value)
    return Phrase(text, *([PRODUCT] if value < 0 or " × " in text else []))
