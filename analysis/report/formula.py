"""The formula of a published number in words, printed from the notebook's expression and the functions that it calls.

The first line is the number's own: "Network share = network cost ÷ capital". Lines below say what its names stand for: by
their own formula where a function only assigns and returns, by the first sentence of its docstring where it loops, looks
up or simulates.
"""

import ast
from dataclasses import dataclass
from enum import StrEnum

from analysis.report import package_source
from analysis.report.phrases import Printer
from analysis.report.scopes import Called, Closure, Constant, Scope
from analysis.report.wording import Unsaid, written

_MOST_LINES = 5  # below the first
_LONGEST, _LONGEST_BELOW, _LONGEST_GIVEN = 240, 170, 30


class Kind(StrEnum):
    """How a number is explained."""

    FORMULA = "by a formula"
    INPUT = "as a setting or a constant"
    DOCSTRING = "by the words of a function"


@dataclass(frozen=True)
class Formula:
    """What is said of how a number is computed: its own line, and lines on what that one names."""

    lines: tuple[str, ...]
    kind: Kind


def formula(title: str, value: ast.expr, scope: Scope) -> Formula | None:
    """Return the formula of the published expression `value`; None where neither code nor docstrings say it."""
    printer = Printer()
    closure, passed = _peeled(Closure(value, scope), printer)
    try:
        first = _first(title, closure, printer)
    except (Unsaid, RecursionError):
        docs = list(dict.fromkeys(doc for called in [*passed, *_calls(closure)] if (doc := _sentence(called))))
        return Formula((f"{title}, computed with:", *docs[:2]), Kind.DOCSTRING) if docs else None
    below = _below(printer, [first.text])
    if first.kind is Kind.DOCSTRING and (printer.operations or any(one.kind is Kind.FORMULA for one in below)):
        first = _Line(first.text, Kind.FORMULA)
    return Formula((first.text, *(one.text for one in below)), first.kind)


def _first(title: str, closure: Closure, printer: Printer) -> "_Line":
    """Return the line on the number itself. Raises Unsaid."""
    node, scope = closure.node, closure.scope
    if isinstance(node, ast.Attribute) and printer.is_input(node.value, scope) and not printer.called_by(node, scope):
        return _Line(f"{title}: as it was set", Kind.INPUT)
    if isinstance(node, ast.Constant):
        return _Line(f"{title}: as the notebook has it", Kind.INPUT)
    said = printer.say(node, scope)
    if len(said.text) > _LONGEST:
        raise Unsaid("too long")
    noted = printer.named.get(said.text)
    if isinstance(noted, Constant):
        printer.named.pop(said.text)
        return _Line(_constant(title, noted), Kind.INPUT)
    called = printer.called_by(node, scope)
    doc = _sentence(called) if called else ""
    if doc:
        printer.named.pop(said.text, None)
        return _Line(f"{title}: {_lower(doc)}", Kind.DOCSTRING)
    return _Line(f"{title} = {said.text}", Kind.FORMULA if printer.operations else Kind.DOCSTRING)


def _constant(title: str, one: Constant) -> str:
    return f"{title} = {written(one.value)}{f': {_lower(one.comment)}' if one.comment else ''}"


@dataclass(frozen=True)
class _Line:
    text: str
    kind: Kind


def _peeled(closure: Closure, printer: Printer) -> tuple[Closure, list[Called]]:
    """Return the expression that makes the number, behind names, conversions and functions; and the functions passed."""
    passed: list[Called] = []
    for _ in range(20):
        closure = printer.resolved(closure)
        node, scope = closure.node, closure.scope
        inner = printer.carried(node, scope)
        if inner is not None:
            closure = Closure(inner, scope)
            continue
        called = printer.called_by(node, scope)
        if called is not None:
            passed.append(called)
            if called.body is None or called.inner is None or not _can_say(called):
                return closure, passed[-1:]
            closure = Closure(called.body.value, called.inner)
            continue
        if isinstance(node, ast.Attribute | ast.Subscript):
            name = node.attr if isinstance(node, ast.Attribute) else getattr(node.slice, "value", None)
            part = printer.part(node.value, name, scope) if isinstance(name, str) else None
            if part is not None:
                closure = part
                continue
        break
    return closure, passed


def _can_say(called: Called) -> bool:
    """Say whether a function's result can be said in terms of what it is given."""
    try:
        trial = Printer()
        inner, _ = _peeled(Closure(called.body.value, called.inner), trial)
        said = trial.say(inner.node, inner.scope)
    except (Unsaid, RecursionError):
        return False
    return len(said.text) <= _LONGEST_BELOW and trial.operations > 0


def _below(printer: Printer, above: list[str]) -> list[_Line]:
    """Return the lines that say what the names of the first stand for, and the names of these."""
    lines: list[_Line] = []
    done: set[str] = set()
    while len(lines) < _MOST_LINES:
        waiting = [label for label in printer.named if label not in done]
        if not waiting:
            break
        label = waiting[0]
        done.add(label)
        line = _line(label, printer.named[label], printer)
        if line and line.text not in [*above, *(one.text for one in lines)]:
            lines.append(line)
    return lines


def _line(label: str, what: object, printer: Printer) -> _Line | None:
    shown = label.partition(" (")[0] if sum(one.startswith(label.partition(" (")[0]) for one in printer.named) == 1 else label
    if what is None:
        return None
    if isinstance(what, Constant):
        return _Line(_constant(shown, what), Kind.INPUT)
    if isinstance(what, Called):
        closure = Closure(what.body.value, what.inner) if what.body and what.inner else None
        passed = [what]
    else:
        closure, passed = what, []
    if closure is not None:
        inner, more = _peeled(closure, printer)
        passed += more
        before, operations = dict(printer.named), printer.operations
        try:
            said = printer.say(inner.node, inner.scope)
            if len(said.text) <= _LONGEST_BELOW and printer.operations > operations:
                return _Line(f"{shown} = {said.text}", Kind.FORMULA)
            if said.text.partition(" (")[0] != shown and len(said.text) <= _LONGEST_BELOW and not passed:
                return _Line(f"{shown} = {said.text}", Kind.DOCSTRING)
        except (Unsaid, RecursionError):
            pass
        printer.named, printer.operations = before, operations
        passed = passed or _root_call(closure)
    docs = [doc for called in passed if (doc := _sentence(called))]
    return _Line(f"{shown}: {_lower(docs[0])}", Kind.DOCSTRING) if docs else None


def _calls(closure: Closure) -> list[Called]:
    """Return the calls of the package's functions within an expression, and within what its names stand for."""
    printer, found, seen = Printer(), [], set()
    waiting = [closure]
    while waiting and len(seen) < 40:
        one = printer.resolved(waiting.pop(0))
        for part in ast.walk(one.node):
            if id(part) in seen:
                continue
            seen.add(id(part))
            called = printer.called_by(part, one.scope) if isinstance(part, ast.expr) else None
            if called is not None:
                found.append(called)
            elif isinstance(part, ast.Name) and one.scope.bound.get(part.id) is not None and part is not one.node:
                waiting.append(one.scope.bound[part.id])
    return found


def _root_call(closure: Closure) -> list[Called]:
    """Return the call of which an expression takes a part, or on whose result it calls methods."""
    printer = Printer()
    for _ in range(20):
        closure = printer.resolved(closure)
        node = closure.node
        called = printer.called_by(node, closure.scope)
        if called is not None:
            return [called]
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            closure = Closure(node.func.value, closure.scope)
        elif isinstance(node, ast.Attribute | ast.Subscript):
            closure = Closure(node.value, closure.scope)
        else:
            break
    return []


def _sentence(called: Called) -> str:
    """Return what a function's docstring says, with the arguments of this call."""
    given: dict[str, str] = {}
    for name, closure in (called.inner.bound if called.inner else _arguments(called)).items():
        if closure is None or (called.body and name in called.body.assigned) or Printer.is_input(closure.node, closure.scope):
            continue
        try:
            text = Printer().say(closure.node, closure.scope).text
        except (Unsaid, RecursionError):
            continue
        if len(text) <= _LONGEST_GIVEN:
            given[name] = text
    return package_source.sentence(called.function, given)


def _arguments(called: Called) -> dict[str, Closure]:
    if not isinstance(called.call, ast.Call):
        return {}
    node = package_source.tree(called.function)
    names = [one.arg for one in node.args.args] if node else []
    if names[:1] == ["self"]:
        names = names[1:]
    given = dict(zip(names, called.call.args, strict=False)) | {one.arg: one.value for one in called.call.keywords if one.arg}
    return {name: Closure(one, called.scope) for name, one in given.items() if not isinstance(one, ast.Starred)}


def _lower(text: str) -> str:
    first = text.partition(" ")[0]
    return text if first != first.capitalize() or first.rstrip("’s") in _PROPER else text[:1].lower() + text[1:]


_PROPER = {"Clopper", "Llama", "Adam", "Chinchilla", "Kaplan", "Epoch", "Megatron"}
