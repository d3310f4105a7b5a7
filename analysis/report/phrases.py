"""Expressions of Python as people say them: `serve["capital"] / run.chips` is "capital of serve ÷ chips of run".

Names and calls of the package are noted on the way, so that `analysis.report.formula` can say what they stand for.
Raises Unsaid for what no one would say: that is shown as code, and described by docstrings.
"""

import ast
import builtins
import inspect
import math
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from numbers import Real
from typing import Any, get_args, get_origin

from analysis import numerals
from analysis.report import package_source
from analysis.report.package_source import Body, read
from analysis.scenarios.scenario import Scenario

#: How tightly a phrase binds: what binds less than its place asks for stands in brackets.
SENTENCE, AMOUNT, SUM, PRODUCT, POWER, ATOM = range(6)
_LONGEST_INLINE = 28
_DEEPEST = 12
_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_OPERATORS: dict[type, tuple[str, int]] = {
    ast.Add: ("+", SUM), ast.Sub: ("−", SUM), ast.Mult: ("×", PRODUCT), ast.Div: ("÷", PRODUCT),
}  # fmt: skip
_RELATIONS: dict[type, str] = {
    ast.Eq: "is", ast.NotEq: "is not", ast.Gt: "is more than", ast.Lt: "is less than", ast.GtE: "is at least",
    ast.LtE: "is at most", ast.In: "is among", ast.NotIn: "is not among", ast.Is: "is", ast.IsNot: "is not",
}  # fmt: skip
_AMOUNTS = {
    "max": "the largest of", "min": "the smallest of", "mean": "the mean of", "sum": "the sum of", "median": "the median of",
    "std": "the standard deviation of", "prod": "the product of", "nunique": "the number of different values of",
    "unique": "the different values of", "count": "the number of", "size": "the number of", "len": "the number of",
    "abs": "the absolute value of", "ptp": "the range of", "sqrt": "the square root of", "log": "the natural logarithm of",
    "log2": "the logarithm to base 2 of", "log10": "the logarithm to base 10 of", "average": "the mean of",
    "all": "whether all of", "any": "whether any of", "set": "the different values of", "sorted": "the sorted",
    "norm": "the length of", "degrees": "the angle in degrees of", "cumsum": "the running sum of", "fsum": "the sum of",
    "nanmax": "the largest of", "nanmin": "the smallest of", "ceil": "the next whole number above", "floor": "the whole part of",
    "value_counts": "how often each value occurs in", "diff": "the steps of", "any_of": "any of",
}  # fmt: skip
#: What changes how a value is held, and not the value.
_CONVERSIONS = {
    "float", "int", "str", "list", "tuple", "asarray", "array", "item", "to_list", "tolist", "to_numpy", "copy", "set_index",
    "reset_index", "sort_values", "sort_index", "astype", "rename", "values", "items", "squeeze", "loads", "keys", "iter",
    "ravel", "Series", "DataFrame", "dict", "enumerate", "reversed", "isoformat", "lower", "upper", "model_dump",
}  # fmt: skip
#: Parts of the package that write or carry results, and make none.
_CARRIERS = ("analysis.numerals", "analysis.report")
_HELD = {"values", "T", "loc", "iloc", "str", "at", "dt", "array"}


def titled(name: str) -> str:
    """Return a name of the code as a title: "Training time"."""
    text = read(name)
    return text[:1].upper() + text[1:]


class Unsaid(ValueError):
    """An expression that has no words."""


@dataclass(frozen=True)
class Phrase:
    """A text, and how tightly it binds."""

    text: str
    level: int = ATOM

    def at(self, level: int) -> str:
        """Return the text as it stands where at least `level` is asked for."""
        return self.text if self.level >= level else f"({self.text})"


@dataclass(frozen=True, eq=False)
class Scope:
    """What names stand for: those bound here, each an expression of a scope, or None for what only a run knows; and globals.

    `inputs` are names of assumptions or settings, each with its type.
    """

    bound: Mapping[str, "Closure | None"]
    known: Mapping[str, Any]
    inputs: Mapping[str, type | None] = field(default_factory=dict)
    comments: Mapping[str, str] = field(default_factory=dict)  # of constants that were imported by name
    calls: dict[int, "Scope"] = field(default_factory=dict)

    def within(self, names: set[str]) -> "Scope":
        """Return the scope with loop variables."""
        return replace(self, bound={**self.bound, **dict.fromkeys(names)})


@dataclass(frozen=True, eq=False)
class Closure:
    """An expression, and the scope of its names."""

    node: ast.expr
    scope: Scope


@dataclass(frozen=True)
class Constant:
    """A number of the package, with the comment above it."""

    value: float
    comment: str


@dataclass(frozen=True, eq=False)
class Called:
    """A call of a function of the package."""

    function: Callable
    call: ast.Call | ast.Attribute
    scope: Scope  # of the call
    inner: Scope | None  # of the function's body; None where the function can't be read as a formula
    body: Body | None


class Printer:
    """Says expressions, and notes what they name, in the order of their first use."""

    def __init__(self) -> None:
        self.named: dict[str, Closure | Called | Constant | None] = {}  # None: what only a run knows
        self.inputs: dict[str, None] = {}
        self.operations = 0
        self._depth = 0

    # Expressions.

    def say(self, node: ast.expr, scope: Scope) -> Phrase:
        """Return the words of an expression. Raises Unsaid."""
        self._depth += 1
        try:
            if self._depth > _DEEPEST * 4:
                raise Unsaid("too deep")
            method = getattr(self, f"_say_{type(node).__name__.lower()}", None)
            if method is None:
                raise Unsaid(type(node).__name__)
            return method(node, scope)
        finally:
            self._depth -= 1

    def _say_constant(self, node: ast.Constant, scope: Scope) -> Phrase:
        return _constant(node.value)

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
        return isinstance(node, ast.Name) and closure.node is not node or isinstance(node, ast.Name)

    def _known(self, name: str, value: Any, comment: str = "") -> Phrase:
        if name == "DECK":
            return Phrase("the deck")
        if isinstance(value, Real) and not isinstance(value, bool):
            return Phrase(self._note(read(name), Constant(value, comment)))
        if isinstance(value, str):
            return Phrase(read(value))
        if inspect.isclass(value) or isinstance(value, types.ModuleType):
            return Phrase(read(_snake(value.__name__)))
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

    def _of(self, part: str, whole: Phrase) -> Phrase:
        """Return "part of whole"; of a part of a part, "inner outer of whole"."""
        inner, of, rest = whole.text.partition(" of ")
        if whole.level == ATOM and of and isinstance(whole, _Part):
            return _Part(f"{inner} {part} of {rest}", ATOM)
        return _Part(f"{part} of {whole.at(SUM + 1) if whole.level > SENTENCE else whole.at(ATOM)}", ATOM)

    def _say_subscript(self, node: ast.Subscript, scope: Scope) -> Phrase:
        base, at = node.value, node.slice
        named = self.resolved(Closure(at, scope)).node
        at = named if isinstance(named, ast.Constant) else at
        picked = self._percentile(base, at)
        if picked is not None:
            return self.say(picked, scope)
        is_place = isinstance(base, ast.Attribute) and base.attr == "iloc"
        axis = _axis(node)
        if axis is not None:
            whole, place = axis
            self.operations += 1
            return Phrase(
                f"the size of {self.say(whole, scope).at(POWER)} along {_ORDINALS.get(place, f'number {place + 1}')} axis", AMOUNT
            )
        known = self.static(base, scope)
        if isinstance(known, list | tuple | dict) and isinstance(at, ast.Constant | ast.UnaryOp):
            key = _integer(at) if not isinstance(at, ast.Constant) else at.value
            try:
                value = known[key]
            except (LookupError, TypeError):
                raise Unsaid("no such item") from None
            if isinstance(value, Real | str):
                place = _ORDINALS.get(key, key) if isinstance(known, list | tuple) else read(str(key))
                return self._known(f"{place} of {read(_last(base))}", value)
        rows = base.value if isinstance(base, ast.Attribute) and base.attr in {"loc", "iloc", "at"} else base
        if isinstance(at, ast.Constant) and isinstance(at.value, str) and rows is base:
            part = self.part(base, at.value, scope)
            if part:
                return self._bound(read(at.value), part)
            if isinstance(base, ast.Name) and scope.bound.get(base.id, base) is None:
                return Phrase(read(at.value))
            return self._of(read(at.value), self.say(base, scope))
        whole = self.say(rows, scope)
        if is_place or getattr(node, "is_unpacked", False) or self._is_sequence(rows, scope) or (_integer(at) or 0) < 0:
            return self._place(whole, at, scope)
        is_pair = rows is not base and isinstance(at, ast.Tuple) and len(at.elts) == 2
        if is_pair and _is_column(at.elts[1]) and len(self._keys(rows, scope)) < 2 + isinstance(at.elts[0], ast.Tuple):
            return self._at(self._of(read(at.elts[1].value), whole), at.elts[0], rows, scope)
        return self._at(whole, at, rows, scope)

    @staticmethod
    def _percentile(base: ast.expr, at: ast.expr) -> ast.expr | None:
        """Return the one percentile meant by `a.quantile([0.1, 0.9])[0]`."""
        if (
            not isinstance(base, ast.Call)
            or not isinstance(base.func, ast.Attribute)
            or base.func.attr not in {"quantile", "percentile"}
        ):
            return None
        place = _integer(at)
        shares = base.args[-1] if base.args else None
        if place is None or not isinstance(shares, ast.List | ast.Tuple):
            return None
        return ast.Call(base.func, [*base.args[:-1], shares.elts[place]], [])

    def _place(self, whole: Phrase, at: ast.expr, scope: Scope) -> Phrase:
        if isinstance(at, ast.Slice):
            return self._slice(whole, at, scope)
        place = _integer(at)
        if place is None:
            return Phrase(f"{whole.at(POWER)} at {self.say(at, scope).at(ATOM)}")
        ordinal = _ORDINALS.get(place, "").removeprefix("the ")
        if not ordinal:
            return Phrase(
                f"number {place + 1} of {whole.at(POWER)}" if place >= 0 else f"number {-place} from the end of {whole.at(POWER)}"
            )
        return Phrase(f"the {ordinal} {whole.text}" if isinstance(whole, _Part) else f"the {ordinal} of {whole.at(POWER)}")

    def _slice(self, whole: Phrase, at: ast.Slice, scope: Scope) -> Phrase:
        bound = at.upper or at.lower
        if at.step is not None or bound is None or (at.upper and at.lower):
            raise Unsaid("slice")
        self.operations += 1
        places = _integer(bound)
        if places is not None and places < 0:
            which = f"the last {-places}" if at.lower else f"all but the last {-places}"
        else:
            many = self.say(bound, scope).at(ATOM)
            which = f"what follows the first {many}" if at.lower else f"the first {many}"
        return Phrase(f"{which} of {whole.at(POWER)}", AMOUNT)

    def _at(self, whole: Phrase, at: ast.expr, rows: ast.expr, scope: Scope) -> Phrase:
        """Return what is looked up by a label, or chosen by a condition."""
        if isinstance(at, ast.Slice):
            return self._place(whole, at, scope)
        if isinstance(at, ast.List) and all(isinstance(one, ast.Constant) for one in at.elts):
            return self._of(_listed([read(str(one.value)) for one in at.elts]), whole)
        if isinstance(at, ast.Call) and isinstance(at.func, ast.Attribute) and at.func.attr in {"idxmax", "idxmin"}:
            most = "largest" if at.func.attr == "idxmax" else "smallest"
            self.operations += 1
            return Phrase(f"{whole.text} where {self._own(at.func.value, rows, scope)} is {most}", SENTENCE)
        condition = self._condition(at, scope)
        if condition is not None:
            self.operations += 1
            return Phrase(f"{whole.text} where {self._own(condition.node, rows, condition.scope)}", SENTENCE)
        labels = at.elts if isinstance(at, ast.Tuple) else [at]
        labels = [inner for one in labels for inner in (one.elts if isinstance(one, ast.Tuple) else [one])]
        keys = self._keys(rows, scope)
        said = [self._label(label, key, scope) for label, key in zip(labels, [*keys, *[""] * len(labels)], strict=False)]
        return (
            _Part(f"{whole.at(POWER)} at {', '.join(said)}", AMOUNT)
            if whole.level < ATOM
            else Phrase(f"{whole.text} at {', '.join(said)}")
        )

    def _label(self, label: ast.expr, key: str, scope: Scope) -> str:
        """Return a row's label, with what it is a label of where it would not tell by itself."""
        if isinstance(label, ast.Slice):
            return "all"
        text = self.say(label, scope).at(ATOM)
        value = label.value if isinstance(label, ast.Constant) and key else None
        return f"{read(key)}{':' if isinstance(value, bool) else ''} {text}" if isinstance(value, Real) else text

    def _keys(self, node: ast.expr, scope: Scope) -> list[str]:
        """Return the names of a frame's row labels, where the code says them."""
        closure = self.resolved(Closure(node, scope))
        node = closure.node
        while isinstance(node, ast.Call | ast.Subscript | ast.Attribute):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in {"set_index", "groupby"}
                and node.args
            ):
                keys = node.args[0]
                names = keys.elts if isinstance(keys, ast.List) else [keys]
                return [one.value for one in names if isinstance(one, ast.Constant)]
            node = node.func if isinstance(node, ast.Call) else node.value
        return []

    def _condition(self, node: ast.expr, scope: Scope) -> Closure | None:
        """Return the condition that an expression is, or a name stands for."""
        closure = self.resolved(Closure(node, scope))
        node = closure.node
        if isinstance(node, ast.Compare) or (isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Invert)):
            return closure
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitAnd | ast.BitOr):
            return closure
        is_test = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        return closure if is_test and node.func.attr in _TESTS else None

    def _own(self, node: ast.expr, rows: ast.expr, scope: Scope) -> str:
        """Return a condition on the rows of a frame, in which its columns go by their names alone."""
        said = self.say(node, scope).text
        try:
            whole = self.say(rows, scope).text
        except Unsaid:
            return said
        return said.replace(f" of {whole}", "")

    def _is_sequence(self, node: ast.expr, scope: Scope) -> bool:
        node = self.resolved(Closure(node, scope)).node
        if isinstance(node, ast.Tuple | ast.List | ast.ListComp):
            return True
        return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"sorted", "list", "tuple"}

    # Arithmetic and conditions.

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
        value = _number(exponent)
        if value == 0.5:
            return Phrase(f"√{base.at(ATOM)}" if base.level == ATOM and " " not in base.text else f"√({base.text})", POWER)
        if value is not None and value % 1 == 0:
            power = str(int(value)).translate(_SUPERSCRIPT)
            return Phrase(f"{base.text if base.level == ATOM and ' ' not in base.text else f'({base.text})'}{power}", POWER)
        said = self.say(exponent, scope)
        shown = base.text if base.level == ATOM and " " not in base.text else f"({base.text})"
        return Phrase(f"{shown} ^ {said.text if said.level == ATOM and ' ' not in said.text else f'({said.text})'}", POWER)

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
        return Phrase(_listed([self.say(one, scope).at(AMOUNT) for one in node.elts]), AMOUNT)

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
                whole = _listed([self.say(part, scope).at(AMOUNT) for part in one.iter.args])
            else:
                whole = self.say(one.iter, scope).at(AMOUNT)
            names = [part.id for part in ast.walk(one.target) if isinstance(part, ast.Name)]
            scope = scope.within(set(names))
            shown = [read(name) for name in names if not name.startswith("_")]
            text = f"each of {whole}" if shown in (["one"], []) else f"each {_listed(shown)} of {whole}"
            for condition in one.ifs:
                text += f" if {self.say(condition, scope).text}"
            over.append(text)
        return scope, " and ".join(over)

    # Calls.

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
        if function.__module__.startswith(_CARRIERS):
            raise Unsaid(function.__name__)
        if self._is_read(node, function, scope):
            (name,) = package_source.file_read(node, scope.known)
            return Phrase(f"the facts on {read(name.rpartition('/')[2])}")
        return self.call(self.called(node, function, scope))

    def carried(self, node: ast.expr, scope: Scope) -> ast.expr | None:
        """Return the expression whose value a call only writes or converts; None for any other expression."""
        if isinstance(node, ast.JoinedStr):
            parts = [one.value for one in node.values if isinstance(one, ast.FormattedValue)]
            return parts[0] if len(parts) == 1 else None
        if not isinstance(node, ast.Call):
            return None
        function = self.static(node.func, scope)
        if function is not None and package_source.is_ours(function):
            if function.__module__ == "analysis.numerals":
                return node.args[0] if function.__name__ != "times" else None
            is_text = package_source.returned(function) is str
            if is_text and function.__module__.startswith(("analysis.figures", "analysis.tables")):
                values = [one for one in node.args if not isinstance(one, ast.Constant)]
                return values[0] if len(values) == 1 and not self.is_input(values[0], scope) else None
            return None
        if isinstance(node.func, ast.Attribute) and node.func.attr == "written" and len(node.args) == 1:
            return node.args[0]
        if isinstance(node.func, ast.Attribute) and node.func.attr in _CONVERSIONS:
            return node.func.value if self._method(node, scope) is None and function is None else None
        is_conversion = isinstance(node.func, ast.Name) and node.func.id in _CONVERSIONS and len(node.args) == 1
        return node.args[0] if is_conversion else None

    def called_by(self, node: ast.expr, scope: Scope) -> Called | None:
        """Return the call of a function of the package that an expression is, or None."""
        if isinstance(node, ast.Attribute) and self.static(node, scope) is None:
            return self._property(node, scope)
        if not isinstance(node, ast.Call):
            return None
        function = self.static(node.func, scope)
        if function is None:
            return self._method(node, scope)
        is_said = package_source.is_ours(function) and not function.__module__.startswith(_CARRIERS)
        return self.called(node, function, scope) if is_said and not self._is_read(node, function, scope) else None

    @staticmethod
    def _is_read(node: ast.Call, function: Any, scope: Scope) -> bool:
        return function is package_source.find("analysis.facts.read") and bool(package_source.file_read(node, scope.known))

    @staticmethod
    def is_input(node: ast.expr, scope: Scope) -> bool:
        """Say whether an expression is the scenario or the settings as a whole."""
        return isinstance(node, ast.Name) and node.id in scope.inputs

    def _foreign(self, name: str, arguments: list[ast.expr], node: ast.Call, scope: Scope) -> Phrase:
        first = arguments[0]
        if name in _CONVERSIONS:
            return self.say(first, scope)
        self.operations += 1
        condition = self._condition(first, scope)
        if condition is not None and name in {"sum", "mean", "count_nonzero"} and isinstance(node.func, ast.Attribute):
            how = "the share of rows where" if name == "mean" else "the number of rows where"
            return Phrase(f"{how} {self._of_rows(condition)}", AMOUNT)
        if name in {"max", "min"} and len(arguments) > 1:
            which = {"max": "larger", "min": "smaller"} if len(arguments) == 2 else {"max": "largest", "min": "smallest"}
            return Phrase(f"the {which[name]} of {_listed([self.say(one, scope).at(AMOUNT + 1) for one in arguments])}", AMOUNT)
        if isinstance(first, ast.GeneratorExp | ast.ListComp) and name in {"sum", "max", "min", "len", "any", "all"}:
            return self._reduced(name, first, scope)
        said = self.say(first, scope)
        if name == "quantile" or name == "percentile":
            value = _number(arguments[1]) if len(arguments) > 1 else None
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
            return Phrase(f"{_AMOUNTS[how]} {said.at(POWER)}", AMOUNT) if how in _AMOUNTS else said
        if name == "groupby" and len(arguments) == 2:
            keys = arguments[1].elts if isinstance(arguments[1], ast.List) else [arguments[1]]
            return Phrase(f"{said.at(POWER)} for each {_listed([read(self.say(one, scope).text) for one in keys])}", AMOUNT)
        if name == "pivot":
            given = {one.arg: self.say(one.value, scope).text for one in node.keywords}
            return _Part(f"{given['values']} of {said.at(POWER)} by {given['index']} and {given['columns']}", AMOUNT)
        if name in {"round", "rint"}:
            return Phrase(f"{said.at(SUM)}, rounded", SENTENCE)
        if name == "between" and len(arguments) == 3:
            low, high = (self.say(one, scope).at(AMOUNT) for one in arguments[1:])
            return Phrase(f"{said.at(AMOUNT)} is between {low} and {high}", SENTENCE)
        if name in _TESTS:
            given = [self.say(one, scope).at(AMOUNT) for one in arguments[1:2]]
            return Phrase(f"{said.at(AMOUNT)} {_TESTS[name].format(*given, '')}".rstrip(), SENTENCE)
        if name == "xs" or (name == "get" and len(arguments) >= 2):
            return Phrase(f"{said.at(POWER)} at {self.say(arguments[1], scope).at(ATOM)}")
        if name == "dropna" or name == "fillna":
            return said
        if name == "range" or name == "arange":
            return Phrase(f"the numbers below {said.at(ATOM)}" if len(arguments) == 1 else "numbers in even steps", AMOUNT)
        if name == "join" and len(arguments) == 2:
            return self.say(arguments[1], scope)
        if name in _AMOUNTS:
            if isinstance(said, _Part) or said.level == ATOM:
                return Phrase(f"{_AMOUNTS[name]} {said.text}", AMOUNT)
            return Phrase(f"{_AMOUNTS[name]} {said.at(POWER)}", AMOUNT)
        if name == "default_rng":
            return Phrase("random draws")
        raise Unsaid(name)

    def _of_rows(self, condition: Closure) -> str:
        """Return a condition in which the columns of the one frame that it is on go by their names alone."""
        bases = {
            ast.unparse(part.value): part.value
            for part in ast.walk(condition.node)
            if isinstance(part, ast.Subscript) and isinstance(part.value, ast.Name) and isinstance(part.slice, ast.Constant)
        }
        if len(bases) != 1:
            return self.say(condition.node, condition.scope).text
        (rows,) = bases.values()
        whole = self.say(rows, condition.scope).text
        own = self._own(condition.node, rows, condition.scope)
        return f"{own}, of {whole}" if own != self.say(condition.node, condition.scope).text else own

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
        return Phrase(f"{_AMOUNTS[name]} {self.say(node.elt, inner).at(POWER)} {joined} {over}", AMOUNT)

    # Functions of the package.

    def called(self, node: ast.Call, function: Callable, scope: Scope, owner: ast.expr | None = None) -> Called:
        """Return a call with the scope of the function's body, in which its arguments stand for what they were given."""
        found = None if inspect.isclass(function) else package_source.body(function)
        if found is None:
            return Called(function, node, scope, None, None)
        if id(node) not in scope.calls:
            given = dict(zip(found.arguments, [*([owner] if owner is not None else []), *node.args], strict=False))
            if any(isinstance(one, ast.Starred) for one in node.args) or any(one.arg is None for one in node.keywords):
                return Called(function, node, scope, None, None)
            given |= {one.arg: one.value for one in node.keywords}
            known = package_source.unwrapped(function).__globals__
            empty = Scope({}, known)
            bound: dict[str, Closure | None] = {name: Closure(value, empty) for name, value in found.defaults.items()}
            inputs: dict[str, type | None] = {}
            for name, value in given.items():
                if isinstance(value, ast.Name) and value.id in scope.inputs:
                    inputs[name] = scope.inputs[value.id]
                else:
                    bound[name] = Closure(value, scope)
            inner = Scope(bound, known, inputs)
            bound |= {name: Closure(value, inner) for name, value in found.assigned.items()}
            scope.calls[id(node)] = inner
        return Called(function, node, scope, scope.calls[id(node)], found)

    def call(self, called: Called) -> Phrase:
        """Return the words for a call: the function's name, and what it was given."""
        name = getattr(package_source.unwrapped(called.function), "__name__", "")
        module = called.function.__module__ if not isinstance(called.function, property) else ""
        label = read(_snake(name)) if name not in _VAGUE or not module else read(module.rpartition(".")[2])
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

    def _property(self, node: ast.Attribute, scope: Scope) -> Called | None:
        kind = self.kind(node.value, scope)
        found = inspect.getattr_static(kind, node.attr, None) if kind else None
        if not (isinstance(found, property) or hasattr(found, "attrname")):
            return None
        name = next(iter(_arguments(found)), "self")
        body = package_source.body(found)
        if body is None:
            return Called(found, node, scope, None, None)
        if id(node) not in scope.calls:
            is_input = isinstance(node.value, ast.Name) and node.value.id in scope.inputs
            bound: dict[str, Closure | None] = {} if is_input else {name: Closure(node.value, scope)}
            known = package_source.unwrapped(found).__globals__
            inner = Scope(bound, known, {name: kind} if is_input else {})
            bound |= {key: Closure(value, inner) for key, value in body.assigned.items()}
            scope.calls[id(node)] = inner
        return Called(found, node, scope, scope.calls[id(node)], body)

    def _method(self, node: ast.Call, scope: Scope) -> Called | None:
        if not isinstance(node.func, ast.Attribute):
            return None
        kind = self.kind(node.func.value, scope)
        found = inspect.getattr_static(kind, node.func.attr, None) if kind else None
        if not inspect.isfunction(found):
            return None
        return self.called(node, found, scope, node.func.value)

    # What is known without running.

    def static(self, node: ast.expr, scope: Scope) -> Any:
        """Return what a dotted name stands for if it is no result of the run, else None."""
        first = node
        while isinstance(first, ast.Attribute):
            first = first.value
        if not isinstance(first, ast.Name) or first.id in scope.bound or first.id in scope.inputs:
            return None
        return package_source.static(node, scope.known)

    def comment(self, node: ast.expr, scope: Scope) -> str:
        """Return what the source says above a constant of the package."""
        if isinstance(node, ast.Name):
            return package_source.comment(scope.known.get("__name__", ""), node.id) or scope.comments.get(node.id, "")
        module = self.static(node.value, scope) if isinstance(node, ast.Attribute) else None
        return package_source.comment(module.__name__, node.attr) if isinstance(module, types.ModuleType) else ""

    def resolved(self, closure: Closure) -> Closure:
        """Return the expression behind names that stand for one, in its own scope."""
        for _ in range(_DEEPEST):
            node, scope = closure.node, closure.scope
            if not isinstance(node, ast.Name) or node.id in scope.inputs or scope.bound.get(node.id) is None:
                break
            closure = scope.bound[node.id]
        return closure

    def kind(self, node: ast.expr, scope: Scope) -> type | None:
        """Return the class of the package that an expression is of, where annotations tell."""
        if isinstance(node, ast.Name) and node.id in scope.inputs:
            return scope.inputs[node.id]
        closure = self.resolved(Closure(node, scope))
        annotation = self._annotated(closure.node, closure.scope)
        return annotation if inspect.isclass(annotation) and package_source.is_ours(annotation) else None

    def _annotated(self, node: ast.expr, scope: Scope) -> Any:
        if isinstance(node, ast.Call):
            function = self.static(node.func, scope)
            if function is None and isinstance(node.func, ast.Attribute):
                kind = self.kind(node.func.value, scope)
                function = inspect.getattr_static(kind, node.func.attr, None) if kind else None
            return package_source.returned(function) if function is not None and package_source.is_ours(function) else None
        if isinstance(node, ast.Attribute):
            kind = self.kind(node.value, scope)
            found = inspect.getattr_static(kind, node.attr, None) if kind else None
            if isinstance(found, property):
                return package_source.returned(found.fget)
            return _hints(kind).get(node.attr) if kind else None
        if isinstance(node, ast.Subscript):
            closure = self.resolved(Closure(node.value, scope))
            outer = self._annotated(closure.node, closure.scope)
            inner = get_args(outer)
            return inner[1] if get_origin(outer) is dict and len(inner) == 2 else None
        if isinstance(node, ast.Name) and node.id not in scope.bound:
            return type(scope.known.get(node.id))
        return None

    def part(self, node: ast.expr, name: str, scope: Scope) -> Closure | None:
        """Return the expression of one part of what a function returns: a field of a record, or an item of a dictionary."""
        closure = self.resolved(Closure(node, scope))
        node, scope = closure.node, closure.scope
        if isinstance(node, ast.Dict):
            return next((Closure(value, scope) for key, value in zip(node.keys, node.values, strict=True)
                         if isinstance(key, ast.Constant) and key.value == name), None)  # fmt: skip
        if not isinstance(node, ast.Call):
            return None
        function = self.static(node.func, scope)
        if inspect.isclass(function) and is_dataclass(function):
            order = [one.name for one in fields(function) if one.init]
            if any(isinstance(one, ast.Starred) for one in node.args):
                return None
            given = dict(zip(order, node.args, strict=False)) | {one.arg: one.value for one in node.keywords}
            return Closure(given[name], scope) if name in given else None
        if function is None or not package_source.is_ours(function):
            return None
        called = self.called(node, function, scope)
        return self.part(called.body.value, name, called.inner) if called.body and called.inner else None


_ORDINALS = {0: "the first", 1: "the second", 2: "the third", -1: "the last", -2: "the second-last"}


def _axis(node: ast.Subscript) -> tuple[ast.expr, int] | None:
    """Return the array and the axis of which `a.shape[1]` or `a.shape[-2:][0]` is the size."""
    base, place = node.value, _integer(node.slice)
    if place is None:
        return None
    if isinstance(base, ast.Subscript) and isinstance(base.slice, ast.Slice) and base.slice.upper is None and base.slice.lower:
        start = _integer(base.slice.lower)
        if start is None:
            return None
        base, place = base.value, start + place
    return (base.value, place) if isinstance(base, ast.Attribute) and base.attr == "shape" else None


def _last(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


class _Part(Phrase):
    """A part of something, "part of whole"."""


_TESTS = {
    "notna": "is known", "isna": "is unknown", "eq": "is {}", "isin": "is among {}", "startswith": "begins with {}",
    "endswith": "ends with {}", "between": "is between", "contains": "contains {}", "ne": "is not {}", "gt": "is more than {}",
}  # fmt: skip
#: Names of functions that say nothing without their module's.
_VAGUE = {
    "of", "load", "read", "table", "value", "case", "every", "rows", "results", "compare", "compared", "model", "fit", "fits",
    "found", "of_the_deck", "runs", "best", "get", "draw", "part", "make", "cost", "predict", "summary",
}  # fmt: skip


def _is_same(one: Any, other: Any) -> bool:
    if isinstance(one, Closure) and isinstance(other, Closure):
        return one.node is other.node
    if isinstance(one, Called) and isinstance(other, Called):
        return one.function is other.function and ast.unparse(one.call) == ast.unparse(other.call)
    return one == other


def _hints(kind: type) -> dict[str, Any]:
    try:
        return inspect.get_annotations(kind, eval_str=True)
    except NameError:
        return {}


def _arguments(function: Any) -> list[str]:
    node = package_source.tree(function)
    return [one.arg for one in node.args.args] if node else []


def _constant(value: Any) -> Phrase:
    if isinstance(value, bool) or value is None:
        return Phrase({True: "yes", False: "no", None: "none"}[value])
    if isinstance(value, str):
        return Phrase(read(value) if value else "nothing")
    if isinstance(value, Real):
        return Phrase(written(value), *([PRODUCT] if " × " in written(value) or value < 0 else []))
    raise Unsaid(repr(value))


def written(value: float) -> str:
    """Return a number of the code in full: "86,400", "10¹²"."""
    if not math.isfinite(value):
        return "no limit" if value > 0 else "not known"
    if value < 0:
        return f"−{written(-value)}"
    if isinstance(value, int) and value < 10_000_000:
        return f"{value:,}"
    return numerals.plain(value, 12).replace("\N{NO-BREAK SPACE}", " ").removeprefix("1 × ")


def _number(node: ast.expr) -> float | None:
    if isinstance(node, ast.Constant):
        value = node.value
        return value if isinstance(value, Real) and not isinstance(value, bool) else None
    if not isinstance(node, ast.UnaryOp | ast.BinOp):
        return None
    try:
        value = eval(compile(ast.fix_missing_locations(ast.Expression(node)), "", "eval"), {"__builtins__": {}})
    except (NameError, TypeError, AttributeError, SyntaxError):
        return None
    return value if isinstance(value, Real) and not isinstance(value, bool) else None


def _integer(node: ast.expr) -> int | None:
    value = _number(node)
    return value if isinstance(value, int) else None


def _is_column(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _listed(items: list[str]) -> str:
    return f"{', '.join(items[:-1])} and {items[-1]}" if len(items) > 1 else "".join(items)


def _snake(name: str) -> str:
    """Return a class's name as those of functions are written."""
    return "".join(f"_{one.lower()}" if one.isupper() and place else one.lower() for place, one in enumerate(name))
