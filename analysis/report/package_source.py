"""Functions of the package as their source has them: what they return, in terms of their arguments, and what is said of them."""

import ast
import builtins
import copy
import importlib
import inspect
import re
import sys
import textwrap
import types
import typing
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from analysis.report import documented
from analysis.report.wording import read

PACKAGE = "analysis."
#: A shape such as (tokens, width), which tells an analyst nothing.
_ITEM = r"(?:\.\.\.|[\w.]+(?: ?[·+*-] ?[\w.]+)*)"
_SHAPE = re.compile(rf",?(?: of shape)? `?\({_ITEM},(?: {_ITEM})*(?:, {_ITEM})*\)`?,?(?=[ .:;]|$)")
_CONSTANT = re.compile(r"\b[A-Z][A-Z_]{2,}\b")
_NAME = re.compile(r"`([^`]*)`")


@dataclass(frozen=True, eq=False)
class Body:
    """A function that assigns, guards and returns: its arguments, what it assigns, and the expression that it returns."""

    arguments: tuple[str, ...]
    defaults: dict[str, ast.expr]
    assigned: dict[str, ast.expr]
    value: ast.expr


def find(dotted: str) -> Any:
    """Return what the dotted name stands for in the package; None for what is not there."""
    parts = dotted.split(".")
    for split in range(len(parts), 0, -1):
        try:
            found: Any = importlib.import_module(".".join(parts[:split]))
        except ImportError:
            continue
        for part in parts[split:]:
            found = getattr(found, part, None)
        return found
    return None


def is_ours(thing: Any) -> bool:
    """Say whether a function or class is one of the package."""
    return callable(thing) and str(getattr(thing, "__module__", "")).startswith(PACKAGE)


def unwrapped(function: Callable) -> Callable:
    """Return the function behind `functools.cache`, a property or a bound method."""
    if isinstance(function, property):
        function = function.fget
    if hasattr(function, "func") and not inspect.isfunction(function):  # cached_property
        function = function.func
    return inspect.unwrap(getattr(function, "__func__", function))


@cache
def tree(function: Callable) -> ast.FunctionDef | None:
    """Return the definition of a function of the package; None for anything else."""
    function = unwrapped(function)
    if not inspect.isfunction(function):
        return None
    try:
        found = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    except (OSError, SyntaxError):
        return None
    return found if isinstance(found, ast.FunctionDef) else None


@cache
def body(function: Callable) -> Body | None:
    """Return what a function returns in terms of its arguments; None where it loops, branches on its way or says nothing."""
    node = tree(function)
    if node is None or node.args.vararg or node.args.kwarg:
        return None
    arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    names = [one.arg for one in arguments]
    positional = [*node.args.posonlyargs, *node.args.args]
    defaults = dict(
        zip([one.arg for one in positional[len(positional) - len(node.args.defaults) :]], node.args.defaults, strict=True)
    )
    defaults |= {
        one.arg: value for one, value in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True) if value is not None
    }
    assigned: dict[str, ast.expr] = {}
    earlier: list[tuple[ast.expr, ast.expr]] = []  # returns on a condition
    for statement in node.body:
        if isinstance(statement, ast.Return):
            value = statement.value
            if value is None:
                return None
            for condition, other in reversed(earlier):
                value = ast.IfExp(condition, other, value)
            return Body(tuple(names), defaults, assigned, value)
        if isinstance(statement, ast.Assign | ast.AnnAssign):
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            for target in targets:
                pairs = dict(unpacked(target, statement.value))
                if not pairs or set(pairs) & {*assigned, *names} or _can_change(statement.value, function):
                    return None
                assigned |= pairs
        elif isinstance(statement, ast.If):
            (inner, *more) = statement.body
            if more or statement.orelse or not isinstance(inner, ast.Raise | ast.Return):
                return None
            if isinstance(inner, ast.Return):
                if inner.value is None:
                    return None
                earlier.append((statement.test, inner.value))
        elif not _changes_nothing(statement):
            return None
    return None


def _can_change(value: ast.expr, function: Callable) -> bool:
    """Say whether an expression makes an object whose fields later calls can change, so that its order counts."""
    made = static(value.func, unwrapped(function).__globals__) if isinstance(value, ast.Call) else None
    if not inspect.isclass(made) or not is_ours(made) or issubclass(made, tuple):
        return False
    settings = getattr(made, "__dataclass_params__", None)
    return not (settings and settings.frozen) and not getattr(made, "model_config", {}).get("frozen")


def _changes_nothing(statement: ast.stmt) -> bool:
    """Say whether a statement is a docstring, or a check of arguments."""
    if not isinstance(statement, ast.Expr):
        return False
    called = statement.value.func if isinstance(statement.value, ast.Call) else None
    name = getattr(called, "attr", getattr(called, "id", "")).strip("_")
    return isinstance(statement.value, ast.Constant) or name.startswith(("check", "require", "within", "refuse"))


def unpacked(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    """Yield each name that an assignment binds, with what it stands for."""
    if isinstance(target, ast.Name):
        yield target.id, value
    elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts):
        for one, other in zip(target.elts, value.elts, strict=True):
            yield from unpacked(one, other)
    elif isinstance(target, ast.Tuple) and isinstance(value, ast.GeneratorExp | ast.ListComp):
        yield from _each(target, value)
    elif isinstance(target, ast.Tuple):
        for place, one in enumerate(target.elts):
            item = ast.Subscript(value, ast.Constant(place), ast.Load())
            item.is_unpacked = True
            yield from unpacked(one, item)


def _each(target: ast.Tuple, value: ast.GeneratorExp | ast.ListComp) -> Iterator[tuple[str, ast.expr]]:
    """Yield the names of `a, b = (f(x) for x in (1, 2))`, each with the expression for its own element."""
    (loop, *more) = value.generators
    items = loop.iter.elts if isinstance(loop.iter, ast.Tuple | ast.List) else []
    if more or loop.ifs or len(items) != len(target.elts):
        return
    for name, item in zip(target.elts, items, strict=True):
        given = dict(unpacked(loop.target, item))
        yield from unpacked(name, replaced(value.elt, given))


def replaced(expression: ast.expr, given: dict[str, ast.expr]) -> ast.expr:
    """Return a copy of the expression with names replaced by what they stand for."""

    class Replace(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.expr:
            return given.get(node.id, node)

    return Replace().visit(copy.deepcopy(expression))


@cache
def comment(module: str, name: str) -> str:
    """Return the comment above a constant of a module of the package, or nothing."""
    found = sys.modules.get(module) if module.startswith(PACKAGE) else None
    if found is None or not name.isupper():
        return ""
    source = inspect.getsource(found)
    for node in ast.parse(source).body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        names = [
            part.id
            for target in targets
            for part in (target.elts if isinstance(target, ast.Tuple) else [target])
            if isinstance(part, ast.Name)
        ]
        if names == [name]:
            return documented.comment_above(source.splitlines(), node.lineno - 1)
    return ""


@cache
def returned(function: Callable) -> Any:
    """Return the annotation of what a function returns, or None."""
    function = unwrapped(function)
    if inspect.isclass(function):
        return function
    try:
        return typing.get_type_hints(function).get("return")
    except (NameError, TypeError, AttributeError):
        return None


@cache
def docstring(thing: Any) -> str:
    """Return the first sentence of a docstring of the package, with its names of the code still in backticks, or nothing."""
    if not is_ours(unwrapped(thing)):
        return ""
    text = " ".join((inspect.getdoc(thing) or "").partition("\n\n")[0].split())
    if inspect.isclass(thing) and text.startswith(f"{thing.__name__}("):  # a dataclass that says nothing of itself
        return ""
    return re.match(r".*?[.:](?= [A-Z`]|$)|.*", text)[0]


def sentence(thing: Any, given: Mapping[str, str]) -> str:
    """Return the first sentence of a docstring as people read it: arguments as they were `given`, and no shapes."""
    text = _SHAPE.sub("", docstring(thing))
    text = re.sub(r"^Return,? ", "", text)
    text = _NAME.sub(lambda match: given.get(match[1], read(match[1])), text)
    known = getattr(unwrapped(thing), "__globals__", {})
    text = _CONSTANT.sub(lambda match: read(match[0]) if match[0] in known else match[0], text.replace("NaN", "unknown"))
    text = re.sub(r"[:;,]$", ".", text)
    return text[:1].upper() + text[1:]


@cache
def facts_read(function: Callable) -> tuple[str, ...]:
    """Return the files of facts that a function of the package reads, itself or through those that it calls."""
    seen: set[Any] = set()
    names: dict[str, None] = {}
    waiting = [function]
    while waiting:
        one = waiting.pop(0)
        if inspect.isclass(one) or not is_ours(one):
            continue
        one = unwrapped(one)
        node = None if one in seen else tree(one)
        seen.add(one)
        if node is None:
            continue
        for part in ast.walk(node):
            if isinstance(part, ast.Call):
                called = static(part.func, one.__globals__)
                if called is _reader():
                    names |= dict.fromkeys(file_read(part, one.__globals__))
                elif called is not None:
                    waiting.append(called)
    return tuple(names)


def file_read(call: ast.Call, names: dict[str, Any]) -> list[str]:
    """Return the file that a call of `facts.read` names, if it names it by a text or a constant."""
    found = [one.value if isinstance(one, ast.Constant) else static(one, names) for one in call.args[:1]]
    return [one for one in found if isinstance(one, str)]


@cache
def _reader() -> Callable:
    return find("analysis.facts.read")


def static(node: ast.expr, names: dict[str, Any]) -> Any:
    """Return what a dotted name stands for, without computing anything; None for what is only known when it runs."""
    if isinstance(node, ast.Name):
        return names.get(node.id, getattr(builtins, node.id, None))
    if isinstance(node, ast.Attribute):
        base = static(node.value, names)
        if isinstance(base, types.ModuleType | type):
            return inspect.getattr_static(base, node.attr, None) if isinstance(base, type) else getattr(base, node.attr, None)
    return None
