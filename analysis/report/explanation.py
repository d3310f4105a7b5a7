"""How a published number came about, read from its notebook: the code that made it, and what went in.

Nothing is typed for it. The code is a slice: those statements of the notebook, and no others, on which the published
expression depends. The formula is that expression in words (`analysis.report.formula`). Where the number is a result of
the estimate, the sizing formula itself is printed in words, and with the scenario's values.
"""

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from numbers import Real
from pathlib import Path
from typing import Any

import nbformat

from analysis.report import package_source, runner
from analysis.report.evaluated import with_numbers
from analysis.report.formula import Formula, formula
from analysis.report.scopes import Closure, Scope
from analysis.report.wording import titled, written
from analysis.scenarios.derivation import Derivation, derivation, spoken
from analysis.scenarios.reading import build
from analysis.scenarios.scenario import ASSUMPTIONS, DECK, Scenario

#: Parts of the package that write or carry results, and make none.
_CARRIERS = ("analysis.numerals", "analysis.report")
_MOST_LINES = 14
_SETTING = "a setting of the notebook"
_BEGINNINGS = ("begin", "settings")
#: What the scenario's properties read; and its fields that are no assumptions.
_PROPERTIES = {"peak_flop_per_second": ("accelerator", "precision", "peak")}
_NO_INPUTS = ("title", "description", "date", "sources", "source", "written")
_ESTIMATED = re.compile(r"estimate\((\w+)\)\.((?:training|inference)\.\w+)")


@dataclass(frozen=True)
class Explanation:
    """What is told of one published number."""

    cell: int  # the place of the notebook's cell that publishes it, from 0
    code: tuple[str, ...]  # statements, in their order; the last is the published expression
    inputs: tuple[str, ...]  # assumptions or settings that went in
    facts: tuple[str, ...]  # files in data/, without their ending
    derivation: Derivation | None  # None where no sizing formula makes it
    formula: Formula | None  # None where there is a derivation, or nothing to be said
    is_decks: bool  # whether it was derived under the deck's assumptions, whatever the scenario


@dataclass(frozen=True)
class Input:
    """An assumption or a setting as people read it."""

    title: str
    value: str  # with its unit
    source: str


def assumed(scenario: Scenario, names: Iterable[str]) -> dict[str, Input]:
    """Return the assumptions `names` as `scenario` has them, by name."""
    values = {name: scenario.peak_flop_per_second if name == "peak" else getattr(scenario, name) for name in names}
    return {name: Input(spoken(name), ASSUMPTIONS[name].written(value), scenario.source(name)) for name, value in values.items()}


class Story:
    """An executed notebook, and how each of its results came about."""

    def __init__(self, path: Path) -> None:
        """Read the executed notebook at `path`, which has a receipt."""
        notebook = nbformat.read(path, as_version=4)
        receipt = runner.read_receipt(path)
        self._statements: list[tuple[int, ast.stmt, str]] = []
        self._values: dict[str, Any] = {}
        self._meanings: dict[str, str] = {}
        self._published: dict[int, list[str]] = {}
        self._texts: dict[int, dict[str, str]] = {}
        for place, cell in enumerate(notebook.cells):
            if cell.cell_type != "code":
                continue
            records = (output.get("metadata", {}).get("scrapbook", {}) for output in cell.get("outputs", ()))
            self._published[place] = [record["name"] for record in records if record.get("name")]
            self._texts[place] = _texts(cell)
            for node in ast.parse(cell.source).body:
                if {"parameters", "injected-parameters"} & set(cell.metadata.get("tags", ())):
                    self._values |= {target.id: ast.literal_eval(node.value) for target in node.targets}
                    self._meanings |= _comments(cell.source, node)
                else:
                    self._statements.append((place, node, ast.get_source_segment(cell.source, node)))
        nodes = [node for _, node, _ in self._statements]
        self._imported = {
            alias.asname or alias.name: f"{node.module}.{alias.name}"
            for node in nodes
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
        }
        self._modules = {
            alias.asname or alias.name: alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names
        }
        self._root = next((node.targets[0].id for node in nodes if isinstance(node, ast.Assign) and _begins(node)), None)
        self._is_scenario = set(self._values) <= {*ASSUMPTIONS, *_NO_INPUTS}
        if self._is_scenario:
            self._values = {name: value for name, value in self._values.items() if name not in _NO_INPUTS}
        self._receipt = receipt
        self._known = {name: package_source.find(dotted) for name, dotted in (self._imported | self._modules).items()}
        self._stored = [_stores(node) for node in nodes]
        self._scopes = self._scoped()

    @cached_property
    def scenario(self) -> Scenario | None:
        """The scenario under which the notebook ran; None for a notebook with settings of its own."""
        return build(self._receipt["parameters"], "receipt") if self._is_scenario else None

    def inputs(self) -> dict[str, Input]:
        """Return each assumption, or setting, that the notebook has; the scenario's value may be unlike the deck's."""
        if self.scenario is None:
            return {
                name: Input(titled(name), _written(value), self._meanings.get(name, _SETTING))
                for name, value in self._values.items()
            }
        return assumed(self.scenario, self._values)

    def explained(self) -> dict[str, Explanation]:
        """Return the explanation of each published result, by its name."""
        found = {}
        for index, (place, node, _) in enumerate(self._statements):
            calls = [part for part in ast.walk(node) if isinstance(part, ast.Call) and ast.unparse(part.func) == "publish"]
            keywords = [keyword for call in calls for keyword in call.keywords]
            spelled = {keyword.arg: keyword.value for keyword in keywords if keyword.arg}
            found |= {name: self._explain(name, index, value) for name, value in spelled.items()}
            if len(spelled) < len(keywords):  # names that are computed: known from what the cell published
                found |= {name: self._explain(name, index, None) for name in self._published[place] if name not in found}
        return found

    def _explain(self, name: str, index: int, value: ast.expr | None) -> Explanation:
        """Return the explanation of `value`, published by the statement at `index`; None: of the statement as a whole."""
        place, node, source = self._statements[index]
        is_whole = value is None or not isinstance(node, ast.Expr)  # or published from within a loop
        shown: ast.AST = node if value is None else value
        used = self._slice(index, node if is_whole else value)
        nodes: list[ast.AST] = [shown, *(self._statements[one][1] for one in reversed(used)), *([node] if is_whole else [])]
        derived, is_decks = (None, False) if is_whole else self._derived(self._resolved(value, used))
        return Explanation(
            cell=place,
            code=tuple(_shortened([self._statements[one][2] for one in used] + [source if is_whole else ast.unparse(value)])),
            inputs=derived.assumptions if derived else self._inputs(nodes),
            facts=tuple(dict.fromkeys(self._facts(nodes))),
            derivation=derived,
            formula=None if derived else self._formula(name, index, value, place),
            is_decks=is_decks,
        )

    def _formula(self, name: str, index: int, value: ast.expr | None, place: int) -> Formula | None:
        _, node, _ = self._statements[index]
        loops: list[ast.comprehension] = []
        given: dict[str, Closure | None] = {}
        if value is None:  # one of many names that are computed: what all of them have in common
            table = next((part.value for part in ast.walk(node) if isinstance(part, ast.keyword) and part.arg is None), None)
            if isinstance(table, ast.DictComp):
                key, value, loops = table.key, table.value, table.generators
            elif isinstance(table, ast.Dict) and len(table.values) == 1:
                ((key, value),) = zip(table.keys, table.values, strict=True)
            else:
                return None
            if isinstance(key, ast.Name):
                given[key.id] = Closure(ast.Constant(name), self._scopes[index])
        scope = self._scopes[index].within(self._stored[index] | {one for loop in loops for one in _stores(loop.target)})
        scope = replace(scope, bound={**scope.bound, **given})
        found = formula(titled(name), value, scope)
        numbers = with_numbers(value, scope, self._numbers, self._texts[place].get(name, ""))
        if found is None or not numbers:
            return found
        own, *others = found.lines
        is_same = own.partition(" = ")[2] == numbers[2:].rpartition(" = ")[0]  # a formula of numbers
        return replace(found, lines=(f"{titled(name)} {numbers}" if is_same else own, *([] if is_same else [numbers]), *others))

    @cached_property
    def _numbers(self) -> dict[str, float]:
        """The assumptions or settings that are numbers, by name."""
        values = self._values
        if self.scenario is not None:
            given = {name: getattr(self.scenario, name) for name in self._values}
            values = given | {"peak": self.scenario.peak_flop_per_second}
        return {name: value for name, value in values.items() if isinstance(value, Real) and not isinstance(value, bool)}

    def _scoped(self) -> list[Scope]:
        """Return what names stand for before each statement."""
        comments = {
            name: package_source.comment(*dotted.rpartition(".")[::2])
            for name, dotted in self._imported.items()
            if name.isupper()
        }
        inputs: dict[str, type | None] = {}
        bound: dict[str, Closure | None] = {}
        scopes = []
        for (_, node, _), stored in zip(self._statements, self._stored, strict=True):
            scope = Scope(dict(bound), self._known, inputs, comments)
            scopes.append(scope)
            if _begins(node) and isinstance(node, ast.Assign):
                models = [package_source.static(one, self._known) for one in node.value.args[1:]]
                inputs[node.targets[0].id] = models[0] if models else Scenario
            elif isinstance(node, ast.Assign):
                pairs = {name: one for target in node.targets for name, one in package_source.unpacked(target, node.value)}
                bound |= dict.fromkeys(stored) | {name: Closure(one, scope) for name, one in pairs.items()}
            elif not isinstance(node, ast.Import | ast.ImportFrom):
                bound |= dict.fromkeys(stored)
        return scopes

    def _slice(self, index: int, value: ast.AST) -> list[int]:
        """Return the statements before `index` on which `value` depends, in their order."""
        needed, found = _loads(value), []
        for one in range(index - 1, -1, -1):
            node = self._statements[one][1]
            stored = self._stored[one]
            if not stored & needed or _begins(node) or isinstance(node, ast.Import | ast.ImportFrom):
                continue
            found.append(one)
            if isinstance(node, ast.Assign):
                needed -= stored
            needed |= _loads(node)
        return found[::-1]

    def _inputs(self, nodes: list[ast.AST]) -> tuple[str, ...]:
        """Return the inputs that the nodes name; where they hand on all of them, every one that the notebook has."""
        names = [part for node in nodes for part in ast.walk(node) if isinstance(part, ast.Name) and part.id == self._root]
        attributes = [
            part.attr
            for node in nodes
            for part in ast.walk(node)
            if isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name) and part.value.id == self._root
        ]
        read = {name for attribute in attributes for name in _PROPERTIES.get(attribute, (attribute,))} - set(_NO_INPUTS)
        is_whole = len(names) > len(attributes) or not read <= set(ASSUMPTIONS) | set(self._values)
        return tuple(name for name in self._values if is_whole or name in read)

    def _facts(self, nodes: list[ast.AST]) -> Iterator[str]:
        """Yield the files of facts that are read on the way: by the notebook, or by functions that it calls."""
        for node in nodes:
            for call in ast.walk(node):
                if not isinstance(call, ast.Call):
                    continue
                dotted = self._dotted(call.func)
                if dotted == "analysis.facts.read":
                    yield from package_source.file_read(call, self._known)
                elif dotted.startswith("analysis.") and not dotted.startswith(_CARRIERS):
                    function = package_source.find(dotted)
                    if package_source.is_ours(function):
                        yield from package_source.facts_read(function)

    def _dotted(self, function: ast.expr) -> str:
        first, _, rest = ast.unparse(function).partition(".")
        known = self._imported.get(first, "")
        return f"{known}.{rest}" if known and rest else known

    def _resolved(self, value: ast.expr, used: list[int]) -> ast.expr:
        """Return the expression with the names of the statements `used` replaced by what they stand for."""
        assigned: dict[str, ast.expr] = {}
        for one in used:
            node = self._statements[one][1]
            if isinstance(node, ast.Assign):
                parts = (part for target in node.targets for part in package_source.unpacked(target, node.value))
                # An item of a result of its own is not what was estimated.
                assigned |= {name: part for name, part in parts if not getattr(part, "is_unpacked", False)}
        return package_source.replaced(value, assigned)

    def _derived(self, value: ast.expr) -> tuple[Derivation | None, bool]:
        """Return the derivation of a result of one estimate, and whether that is the deck's."""
        text = ast.unparse(value)
        match = _ESTIMATED.search(text)
        if match is None or text.count("estimate(") > 1 or not all(map(_only_scales, ast.walk(value))):
            return None, False
        is_decks = match[1] == "DECK"
        return derivation(match[2], DECK if is_decks else self.scenario or DECK), is_decks


def _begins(node: ast.stmt) -> bool:
    value = getattr(node, "value", None)
    return isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id in _BEGINNINGS


def _texts(cell: nbformat.NotebookNode) -> dict[str, str]:
    """Return the texts that an executed cell published, by name."""
    found = {}
    for output in cell.get("outputs", ()):
        about = output.get("metadata", {}).get("scrapbook", {})
        text = output.get("data", {}).get(f"{about.get('mime_prefix', '')}text/plain", "")
        if about.get("name") and text[:1] in "'\"" and text:
            found[about["name"]] = ast.literal_eval(text)
    return found


def _comments(source: str, node: ast.Assign) -> dict[str, str]:
    """Return what a comment says behind a setting, by the setting's name."""
    line = source.splitlines()[node.lineno - 1].encode()[node.end_col_offset :].decode() if node.lineno == node.end_lineno else ""
    text = line.partition("#")[2].strip()
    return {node.targets[0].id: text} if text else {}


def _written(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(_written, value))
    return written(value) if isinstance(value, Real) and not isinstance(value, bool) else str(value)


def _loads(node: ast.AST) -> set[str]:
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load)}


def _stores(node: ast.AST) -> set[str]:
    """Return the names that a statement binds, those of comprehensions left out; an item that is set changes its owner."""
    if isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp | ast.Lambda):
        return set()
    own = {node.id} if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) else set()
    if isinstance(node, ast.Subscript | ast.Attribute) and isinstance(node.ctx, ast.Store) and isinstance(node.value, ast.Name):
        own = {node.value.id}
    return own.union(*(_stores(child) for child in ast.iter_child_nodes(node)))


def _only_scales(node: ast.AST) -> bool:
    """Say whether a part of an expression leaves a result as it is, but for a power of ten."""
    if not isinstance(node, ast.BinOp):
        return True
    factor = node.right.value if isinstance(node.right, ast.Constant) else 0
    return isinstance(node.op, ast.Mult | ast.Div) and f"{factor:e}".startswith("1.000000")


def _shortened(sources: list[str]) -> Iterator[str]:
    """Yield the statements nearest to the result, as many as a reader takes in; "…" stands for those before."""
    lines, first = 0, len(sources)
    while first and lines + sources[first - 1].count("\n") + 1 <= _MOST_LINES:
        first -= 1
        lines += sources[first].count("\n") + 1
    first = min(first, len(sources) - 1)
    if first:
        yield "…"
    yield from sources[first:]
