"""What the names of a notebook or a function stand for, as far as the code tells without being run."""

import ast
import inspect
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from typing import Any, get_args, get_origin

from analysis.report import package_source
from analysis.report.package_source import Body

_DEEPEST = 12
#: What changes how a value is held, and not the value.
CONVERSIONS = {
    "float", "int", "str", "list", "tuple", "asarray", "array", "item", "to_list", "tolist", "to_numpy", "copy", "set_index",
    "reset_index", "sort_values", "sort_index", "astype", "rename", "values", "items", "squeeze", "loads", "keys", "iter",
    "ravel", "Series", "DataFrame", "dict", "enumerate", "reversed", "isoformat", "lower", "upper", "model_dump",
}  # fmt: skip
#: Parts of the package that write or carry results, and make none.
CARRIERS = ("analysis.numerals", "analysis.report")


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


class Reader:
    """Follows names to expressions, and calls to functions of the package."""

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
        if isinstance(node.func, ast.Attribute) and node.func.attr in CONVERSIONS:
            return node.func.value if self._method(node, scope) is None and function is None else None
        if isinstance(node.func, ast.Name) and node.func.id == "int" and isinstance(node.args[0], ast.BinOp):
            return None  # cuts off what is behind the point
        is_conversion = isinstance(node.func, ast.Name) and node.func.id in CONVERSIONS and len(node.args) == 1
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
        is_said = package_source.is_ours(function) and not function.__module__.startswith(CARRIERS)
        return self.called(node, function, scope) if is_said and not self._is_read(node, function, scope) else None

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

    @staticmethod
    def _is_read(node: ast.Call, function: Any, scope: Scope) -> bool:
        return function is package_source.find("analysis.facts.read") and bool(package_source.file_read(node, scope.known))

    @staticmethod
    def is_input(node: ast.expr, scope: Scope) -> bool:
        """Say whether an expression is the scenario or the settings as a whole."""
        return isinstance(node, ast.Name) and node.id in scope.inputs

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


def _hints(kind: type) -> dict[str, Any]:
    try:
        return inspect.get_annotations(kind, eval_str=True)
    except NameError:
        return {}


def _arguments(function: Any) -> list[str]:
    node = package_source.tree(function)
    return [one.arg for one in node.args.args] if node else []
