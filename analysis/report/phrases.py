"""Expressions of Python as people say them: `serve["capital"] / run.chips` is "capital of serve ÷ chips of run".

Names and calls of the package are noted on the way, so that `analysis.report.formula` can say what they stand for.
Raises Unsaid for what no one would say: that is shown as code, and described by docstrings.
"""

import ast
import builtins
import inspect
import types
from collections.abc import Callable
from numbers import Real
from typing import Any

from analysis.report import package_source
from analysis.report.lookups import TESTS, Lookups
from analysis.report.scopes import CARRIERS, CONVERSIONS, Called, Closure, Constant, Scope
from analysis.report.wording import (
    AMOUNT,
    AMOUNTS,
    ATOM,
    POWER,
    PRODUCT,
    SENTENCE,
    SUM,
    Part,
    Phrase,
    Unsaid,
    constant,
    listed,
    number,
    read,
    snake,
)  # fmt: skip
from analysis.scenarios.scenario import Scenario

_LONGEST_INLINE = 28
_DEEPEST = 48
_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_OPERATORS: dict[type, tuple[str, int]] = {
    ast.Add: ("+", SUM), ast.Sub: ("−", SUM), ast.Mult: ("×", PRODUCT), ast.Div: ("÷", PRODUCT),
}  # fmt: skip
_RELATIONS: dict[type, str] = {
    ast.Eq: "is", ast.NotEq: "is not", ast.Gt: "is more than", ast.Lt: "is less than", ast.GtE: "is at least",
    ast.LtE: "is at most", ast.In: "is among", ast.NotIn: "is not among", ast.Is: "is", ast.IsNot: "is not",
}  # fmt: skip
_HELD = {"values", "T", "loc", "iloc", "str", "at", "dt", "array"}
#: Names of functions that say nothing without their module's.
_VAGUE = {
    "of", "load", "read", "table", "value", "case", "every", "rows", "results", "compare", "compared", "model", "fit", "fits",
    "found", "of_the_deck", "runs", "best", "get", "draw", "part", "make", "cost", "predict", "summary",
}  # fmt: skip


class Printer(Lookups):
    """Says expressions, and notes what they name, in the order of their first use."""

    def __init__(self) -> None:
        self.named: dict[str, Closure | Called | Constant | None] = {}  # None: what only a run knows
        self.inputs: dict[str, None] = {}
        self.operations = 0
        self._depth = 0

    def say(self, node: ast.expr, scope: Scope) -> Phrase:
        """Return the words of an expression. Raises Unsaid."""
        self._depth += 1
        try:
            if self._depth > _DEEPEST:
                raise Unsaid("too deep")
            method = getattr(self, f"_say_{type(node).__name__.lower()}", None)
            if method is None:
                raise Unsaid(type(node).__name__)
            return method(node, scope)
        finally:
            self._depth -= 1

    def _say_constant(self, node: ast.Constant, scope: Scope) -> Phrase:
        return constant(node.value)

    def _say_name(self, node: ast.Name, scope: Scope) -> Phrase:
        if node.id in scope.inputs:
            return Phrase("the scenario" if scope.inputs[node.id] is Scenario else "the settings")
        if node.id in scope.bound:
            closure = scope.bound[node.id]
            if closure is None:
                return Phrase(self._note(read(node.id), None))
            return self._bound(node.id, closure)
        return self._known(node.id, scope.known.get(node.id, getattr(builtins, node.id, None)), self.comment(node, scope))

    def _bound(self, name: str, closure: Closure) -> Phrase:
        if self._is_alias(closure):
            return self.say(closure.node, closure.scope)
        return Phrase(self._note(read(name), closure))

    def _is_alias(self, closure: Closure) -> bool:
        """Say whether what a name stands for is said as shortly in its own words."""
        node = closure.node
        while isinstance(node, ast.Attribute | ast.Subscript):
            if isinstance(node, ast.Subscript) and not isinstance(node.slice, ast.Constant):
                return False
            node = node.value
        if isinstance(node, ast.Constant):
            return node is closure.node and not isinstance(node.value, str)
        return isinstance(node, ast.Name)

    def _known(self, name: str, value: Any, comment: str = "") -> Phrase:
        if name == "DECK":
            return Phrase("the deck")
        if isinstance(value, Real) and not isinstance(value, bool):
            return Phrase(self._note(read(name), Constant(value, comment)))
        if isinstance(value, str):
            return Phrase(read(value))
        if inspect.isclass(value) or isinstance(value, types.ModuleType):
            return Phrase(read(snake(value.__name__)))
        return Phrase(read(name))

    def _note(self, label: str, what: Any) -> str:
        while label in self.named and not _is_same(self.named[label], what):
            label += "′"
        self.named[label] = what
        return label

    def _say_attribute(self, node: ast.Attribute, scope: Scope) -> Phrase:
        if node.attr in _HELD:
            return self.say(node.value, scope)
        if isinstance(node.value, ast.Name):
            name = node.value.id
            if name in scope.inputs:
                return self._input(node, scope)
            if name in scope.bound and scope.bound[name] is None:
                return Phrase(read(node.attr))
        if node.attr in {"index", "columns"} and self.static(node.value, scope) is None and self.kind(node.value, scope) is None:
            return self._of("labels" if node.attr == "index" else "columns", self.say(node.value, scope))
        static = self.static(node, scope)
        if static is not None and not isinstance(static, property) and self.static(node.value, scope) is not None:
            return self._known(node.attr, static, self.comment(node, scope))
        called = self._property(node, scope)
        if called:
            return self.call(called)
        part = self.part(node.value, node.attr, scope)
        if part:
            return self._bound(node.attr, part)
        return self._of(read(node.attr), self.say(node.value, scope))

    def _input(self, node: ast.Attribute, scope: Scope) -> Phrase:
        kind = scope.inputs[node.value.id]
        if node.attr == "peak_flop_per_second":
            return Phrase("peak")
        called = self._property(node, scope)
        if called:
            return self.call(called)
        if kind is None or node.attr in getattr(kind, "model_fields", ()):
            self.inputs[node.attr] = None
        return Phrase(read(node.attr))

    def _say_binop(self, node: ast.BinOp, scope: Scope) -> Phrase:
        self.operations += 1
        left = self.say(node.left, scope)
        if isinstance(node.op, ast.Pow):
            return self._power(left, node.right, scope)
        right = self.say(node.right, scope)
        if isinstance(node.op, ast.BitAnd | ast.BitOr):
            return Phrase(f"{left.text} {'and' if isinstance(node.op, ast.BitAnd) else 'or'} {right.text}", SENTENCE)
        if isinstance(node.op, ast.MatMult):
            return Phrase(f"the sum of products of {left.at(POWER)} and {right.at(POWER)}", AMOUNT)
        if isinstance(node.op, ast.FloorDiv):
            return Phrase(f"the whole part of ({left.at(PRODUCT)} ÷ {right.at(POWER)})", AMOUNT)
        if isinstance(node.op, ast.Mod):
            return Phrase(f"the remainder of {left.at(PRODUCT)} ÷ {right.at(POWER)}", AMOUNT)
        if type(node.op) not in _OPERATORS:
            raise Unsaid(type(node.op).__name__)
        if isinstance(node.op, ast.Mult) and "1" in (left.text, right.text):  # what an argument was given
            return right if left.text == "1" else left
        sign, level = _OPERATORS[type(node.op)]
        is_chain = isinstance(node.op, ast.Add | ast.Mult)
        return Phrase(f"{left.at(level)} {sign} {right.at(level if is_chain else level + 1)}", level)

    def _power(self, base: Phrase, exponent: ast.expr, scope: Scope) -> Phrase:
        value = number(exponent)
        if value == 0.5:
            return Phrase(f"√{base.as_word()}", POWER)
        if value is not None and value % 1 == 0:
            return Phrase(f"{base.as_word()}{str(int(value)).translate(_SUPERSCRIPT)}", POWER)
        return Phrase(f"{base.as_word()} ^ {self.say(exponent, scope).as_word()}", POWER)

    def _say_unaryop(self, node: ast.UnaryOp, scope: Scope) -> Phrase:
        if isinstance(node.op, ast.UAdd):
            return self.say(node.operand, scope)
        if isinstance(node.op, ast.USub):
            return Phrase(f"−{self.say(node.operand, scope).at(POWER)}", PRODUCT)
        return Phrase(f"not {self.say(node.operand, scope).at(AMOUNT)}", SENTENCE)

    def _say_compare(self, node: ast.Compare, scope: Scope) -> Phrase:
        self.operations += 1
        said, left = [], node.left
        for relation, right in zip(node.ops, node.comparators, strict=True):
            if isinstance(right, ast.Constant) and right.value is None:
                said.append(f"{self.say(left, scope).at(AMOUNT)} is {'' if isinstance(relation, ast.IsNot) else 'not '}given")
            else:
                said.append(
                    f"{self.say(left, scope).at(AMOUNT)} {_RELATIONS[type(relation)]} {self.say(right, scope).at(AMOUNT)}"
                )
            left = right
        return Phrase(" and ".join(said), SENTENCE)

    def _say_boolop(self, node: ast.BoolOp, scope: Scope) -> Phrase:
        self.operations += 1
        word = " and " if isinstance(node.op, ast.And) else ", or else "
        return Phrase(word.join(self._quoted(one, scope) for one in node.values), SENTENCE)

    def _say_ifexp(self, node: ast.IfExp, scope: Scope) -> Phrase:
        self.operations += 1
        yes, no = (self._quoted(one, scope) for one in (node.body, node.orelse))
        return Phrase(f"{yes} if {self.say(node.test, scope).text}, else {no}", SENTENCE)

    def _quoted(self, node: ast.expr, scope: Scope) -> str:
        is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
        return f"“{node.value.strip()}”" if is_text and node.value.strip() else self.say(node, scope).at(AMOUNT)

    def _say_joinedstr(self, node: ast.JoinedStr, scope: Scope) -> Phrase:
        parts = [one for one in node.values if isinstance(one, ast.FormattedValue)]
        said = [self.say(one.value, scope) for one in parts]
        return said[0] if len(said) == 1 else Phrase("; ".join(one.text for one in said), SENTENCE)

    def _say_formattedvalue(self, node: ast.FormattedValue, scope: Scope) -> Phrase:
        return self.say(node.value, scope)

    def _say_tuple(self, node: ast.Tuple | ast.List | ast.Set, scope: Scope) -> Phrase:
        return Phrase(listed([self.say(one, scope).at(AMOUNT) for one in node.elts]), AMOUNT)

    _say_list = _say_set = _say_tuple

    def _say_starred(self, node: ast.Starred, scope: Scope) -> Phrase:
        return self.say(node.value, scope)

    def _say_generatorexp(self, node: ast.GeneratorExp | ast.ListComp, scope: Scope) -> Phrase:
        inner, over = self._loops(node.generators, scope)
        said = self.say(node.elt, inner)
        return Phrase(f"{said.at(SUM)} for {over}", SENTENCE)

    _say_listcomp = _say_setcomp = _say_generatorexp

    def _say_dictcomp(self, node: ast.DictComp, scope: Scope) -> Phrase:
        inner, over = self._loops(node.generators, scope)
        return Phrase(f"{self.say(node.value, inner).at(SUM)} for {over}", SENTENCE)

    def _loops(self, generators: list[ast.comprehension], scope: Scope) -> tuple[Scope, str]:
        """Return the scope of a comprehension, and the words for what it runs over."""
        over = []
        for one in generators:
            if isinstance(one.iter, ast.Call) and isinstance(one.iter.func, ast.Name) and one.iter.func.id == "zip":
                whole = listed([self.say(part, scope).at(AMOUNT) for part in one.iter.args])
            else:
                whole = self.say(one.iter, scope).at(AMOUNT)
            names = [part.id for part in ast.walk(one.target) if isinstance(part, ast.Name)]
            scope = scope.within(set(names))
            shown = [read(name) for name in names if not name.startswith("_")]
            text = f"each of {whole}" if shown in (["one"], []) else f"each {listed(shown)} of {whole}"
            for condition in one.ifs:
                text += f" if {self.say(condition, scope).text}"
            over.append(text)
        return scope, " and ".join(over)

    def _say_call(self, node: ast.Call, scope: Scope) -> Phrase:
        function = self.static(node.func, scope)
        if function is not None and package_source.is_ours(function):
            return self._ours(node, function, scope)
        called = self._method(node, scope)
        if called:
            return self.call(called)
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        is_method = isinstance(node.func, ast.Attribute) and self.static(node.func.value, scope) is None
        arguments = [*([node.func.value] if is_method else []), *node.args]
        if not arguments or not name:
            raise Unsaid(ast.unparse(node)[:40])
        return self._foreign(name, arguments, node, scope)

    def _ours(self, node: ast.Call, function: Callable, scope: Scope) -> Phrase:
        carried = self.carried(node, scope)
        if carried is not None:
            return self.say(carried, scope)
        if function is package_source.find("analysis.numerals.times"):
            return self.say(ast.BinOp(node.args[0], ast.Div(), node.args[1]), scope)
        if function.__module__.startswith(CARRIERS):
            raise Unsaid(function.__name__)
        if self._is_read(node, function, scope):
            (name,) = package_source.file_read(node, scope.known)
            return Phrase(f"the facts on {read(name.rpartition('/')[2])}")
        return self.call(self.called(node, function, scope))

    def _foreign(self, name: str, arguments: list[ast.expr], node: ast.Call, scope: Scope) -> Phrase:
        first = arguments[0]
        if name == "int" and isinstance(first, ast.BinOp):
            return Phrase(f"the whole part of {self.say(first, scope).at(POWER)}", AMOUNT)
        if name in CONVERSIONS:
            return self.say(first, scope)
        self.operations += 1
        condition = self._condition(first, scope)
        if condition is not None and name in {"sum", "mean", "count_nonzero"} and isinstance(node.func, ast.Attribute):
            how = "the share of rows where" if name == "mean" else "the number of rows where"
            return Phrase(f"{how} {self._of_rows(condition)}", AMOUNT)
        if name in {"max", "min"} and len(arguments) > 1:
            which = {"max": "larger", "min": "smaller"} if len(arguments) == 2 else {"max": "largest", "min": "smallest"}
            return Phrase(f"the {which[name]} of {listed([self.say(one, scope).at(AMOUNT + 1) for one in arguments])}", AMOUNT)
        if isinstance(first, ast.GeneratorExp | ast.ListComp) and name in {"sum", "max", "min", "len", "any", "all"}:
            return self._reduced(name, first, scope)
        said = self.say(first, scope)
        if name == "quantile" or name == "percentile":
            value = number(arguments[1]) if len(arguments) > 1 else None
            if value is None:
                return Phrase(f"percentiles of {said.at(SUM)}", AMOUNT)
            return Phrase(f"the {100 * value if name == 'quantile' else value:.3g}th percentile of {said.at(POWER)}", AMOUNT)
        if name == "exp":
            return Phrase(f"e ^ {said.text if said.level == ATOM and ' ' not in said.text else f'({said.text})'}", POWER)
        if name == "factorial":
            return Phrase(f"{said.at(ATOM)}!", POWER)
        if name == "hypot":
            return Phrase(f"√(({said.text})² + ({self.say(arguments[1], scope).text})²)", POWER)
        if name in {"idxmax", "idxmin", "argmax", "argmin"}:
            return Phrase(f"where {said.at(POWER)} is {'largest' if name.endswith('max') else 'smallest'}", AMOUNT)
        if name in {"agg", "aggregate"} and len(arguments) == 2:
            how = arguments[1].attr if isinstance(arguments[1], ast.Attribute) else getattr(arguments[1], "value", "")
            return Phrase(f"{AMOUNTS[how]} {said.at(POWER)}", AMOUNT) if how in AMOUNTS else said
        if name == "groupby" and len(arguments) == 2:
            keys = arguments[1].elts if isinstance(arguments[1], ast.List) else [arguments[1]]
            return Phrase(f"{said.at(POWER)} for each {listed([read(self.say(one, scope).text) for one in keys])}", AMOUNT)
        if name == "pivot":
            given = {one.arg: self.say(one.value, scope).text for one in node.keywords}
            return Part(f"{given['values']} of {said.at(POWER)} by {given['index']} and {given['columns']}", AMOUNT)
        if name in {"round", "rint"}:
            return Phrase(f"{said.at(SUM)}, rounded", SENTENCE)
        if name == "between" and len(arguments) == 3:
            low, high = (self.say(one, scope).at(AMOUNT) for one in arguments[1:])
            return Phrase(f"{said.at(AMOUNT)} is between {low} and {high}", SENTENCE)
        if name in TESTS:
            given = [self.say(one, scope).at(AMOUNT) for one in arguments[1:2]]
            return Phrase(f"{said.at(AMOUNT)} {TESTS[name].format(*given, '')}".rstrip(), SENTENCE)
        if name == "xs" or (name == "get" and len(arguments) >= 2):
            return Phrase(f"{said.at(POWER)} at {self.say(arguments[1], scope).at(ATOM)}")
        if name == "dropna" or name == "fillna":
            return said
        if name == "range" or name == "arange":
            return Phrase(f"the numbers below {said.at(ATOM)}" if len(arguments) == 1 else "numbers in even steps", AMOUNT)
        if name == "join" and len(arguments) == 2:
            return self.say(arguments[1], scope)
        if name in AMOUNTS:
            if isinstance(said, Part) or said.level == ATOM:
                return Phrase(f"{AMOUNTS[name]} {said.text}", AMOUNT)
            return Phrase(f"{AMOUNTS[name]} {said.at(POWER)}", AMOUNT)
        if name == "default_rng":
            return Phrase("random draws")
        raise Unsaid(name)

    def _reduced(self, name: str, node: ast.GeneratorExp | ast.ListComp, scope: Scope) -> Phrase:
        """Return the words for a sum, an extreme or a number over a comprehension."""
        inner, over = self._loops(node.generators, scope)
        over = over.removeprefix("each of ")
        if name == "sum" and isinstance(node.elt, ast.Compare):
            return Phrase(f"the number of {over} where {self.say(node.elt, inner).text}", AMOUNT)
        if name == "sum" and isinstance(node.elt, ast.Constant):
            return Phrase(f"the number of {over}", AMOUNT)
        if name == "len":
            return Phrase(f"the number of {over}", AMOUNT)
        joined = "over" if not over.startswith("each ") else "for"
        return Phrase(f"{AMOUNTS[name]} {self.say(node.elt, inner).at(POWER)} {joined} {over}", AMOUNT)

    def call(self, called: Called) -> Phrase:
        """Return the words for a call: the function's name, and what it was given."""
        name = getattr(package_source.unwrapped(called.function), "__name__", "")
        module = called.function.__module__ if not isinstance(called.function, property) else ""
        label = read(snake(name)) if name not in _VAGUE or not module else read(module.rpartition(".")[2])
        given, operations = [], self.operations
        if isinstance(called.call, ast.Call):
            for one in [*called.call.args, *(keyword.value for keyword in called.call.keywords)]:
                if isinstance(one, ast.Name) and one.id in called.scope.inputs:
                    continue
                try:
                    with_names = dict(self.named)
                    text = self.say(one, called.scope).text
                except Unsaid:
                    text = "…"
                if len(text) > _LONGEST_INLINE:
                    self.named, text = with_names, "…"
                given.append(text)
            if given and any(one != "…" for one in given):
                label += f" ({'; '.join(given)})"
        self.operations = operations  # those of its arguments are not the number's own
        return Phrase(self._note(label, called))


def _is_same(one: Any, other: Any) -> bool:
    if isinstance(one, Closure) and isinstance(other, Closure):
        return one.node is other.node
    if isinstance(one, Called) and isinstance(other, Called):
        return one.function is other.function and ast.unparse(one.call) == ast.unparse(other.call)
    return one == other
