"""Words for what is looked up in tables, sequences and records, or chosen from them by a condition."""

import ast
from numbers import Real

from analysis.report.scopes import Closure, Reader, Scope
from analysis.report.wording import (
    AMOUNT,
    ATOM,
    ORDINALS,
    POWER,
    SENTENCE,
    SUM,
    Part,
    Phrase,
    Unsaid,
    integer,
    listed,
    read,
)

TESTS = {
    "notna": "is known", "isna": "is unknown", "eq": "is {}", "isin": "is among {}", "startswith": "begins with {}",
    "endswith": "ends with {}", "between": "is between", "contains": "contains {}", "ne": "is not {}", "gt": "is more than {}",
}  # fmt: skip


class Lookups(Reader):
    """The part of a printer that says subscripts."""

    operations: int

    def say(self, node: ast.expr, scope: Scope) -> Phrase:
        """Return the words of an expression. Raises Unsaid."""
        raise NotImplementedError

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
                f"the size of {self.say(whole, scope).at(POWER)} along {ORDINALS.get(place, f'number {place + 1}')} axis", AMOUNT
            )
        known = self.static(base, scope)
        if isinstance(known, list | tuple | dict) and isinstance(at, ast.Constant | ast.UnaryOp):
            key = integer(at) if not isinstance(at, ast.Constant) else at.value
            try:
                value = known[key]
            except (LookupError, TypeError):
                raise Unsaid("no such item") from None
            if isinstance(value, Real | str):
                place = ORDINALS.get(key, key) if isinstance(known, list | tuple) else read(str(key))
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
        if is_place or getattr(node, "is_unpacked", False) or self._is_sequence(rows, scope) or (integer(at) or 0) < 0:
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
        place = integer(at)
        shares = base.args[-1] if base.args else None
        if place is None or not isinstance(shares, ast.List | ast.Tuple):
            return None
        return ast.Call(base.func, [*base.args[:-1], shares.elts[place]], [])

    def _place(self, whole: Phrase, at: ast.expr, scope: Scope) -> Phrase:
        if isinstance(at, ast.Slice):
            return self._slice(whole, at, scope)
        place = integer(at)
        if place is None:
            return Phrase(f"{whole.at(POWER)} at {self.say(at, scope).at(ATOM)}")
        ordinal = ORDINALS.get(place, "").removeprefix("the ")
        if not ordinal:
            return Phrase(
                f"number {place + 1} of {whole.at(POWER)}" if place >= 0 else f"number {-place} from the end of {whole.at(POWER)}"
            )
        return Phrase(f"the {ordinal} {whole.text}" if isinstance(whole, Part) else f"the {ordinal} of {whole.at(POWER)}")

    def _slice(self, whole: Phrase, at: ast.Slice, scope: Scope) -> Phrase:
        bound = at.upper or at.lower
        if at.step is not None or bound is None or (at.upper and at.lower):
            raise Unsaid("slice")
        self.operations += 1
        places = integer(bound)
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
            return self._of(listed([read(str(one.value)) for one in at.elts]), whole)
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
            Part(f"{whole.at(POWER)} at {', '.join(said)}", AMOUNT)
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
        return closure if is_test and node.func.attr in TESTS else None

    def _own(self, node: ast.expr, rows: ast.expr, scope: Scope) -> str:
        """Return a condition on the rows of a frame, in which its columns go by their names alone."""
        said = self.say(node, scope).text
        try:
            whole = self.say(rows, scope).text
        except Unsaid:
            return said
        return said.replace(f" of {whole}", "")

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

    def _is_sequence(self, node: ast.expr, scope: Scope) -> bool:
        node = self.resolved(Closure(node, scope)).node
        if isinstance(node, ast.Tuple | ast.List | ast.ListComp):
            return True
        return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"sorted", "list", "tuple"}

    def _of(self, part: str, whole: Phrase) -> Phrase:
        """Return "part of whole"; of a part of a part, "inner outer of whole"."""
        inner, of, rest = whole.text.partition(" of ")
        if whole.level == ATOM and of and isinstance(whole, Part):
            return Part(f"{inner} {part} of {rest}", ATOM)
        return Part(f"{part} of {whole.at(SUM + 1) if whole.level > SENTENCE else whole.at(ATOM)}", ATOM)


def _axis(node: ast.Subscript) -> tuple[ast.expr, int] | None:
    """Return the array and the axis of which `a.shape[1]` or `a.shape[-2:][0]` is the size."""
    base, place = node.value, integer(node.slice)
    if place is None:
        return None
    if isinstance(base, ast.Subscript) and isinstance(base.slice, ast.Slice) and base.slice.upper is None and base.slice.lower:
        start = integer(base.slice.lower)
        if start is None:
            return None
        base, place = base.value, start + place
    return (base.value, place) if isinstance(base, ast.Attribute) and base.attr == "shape" else None


def _last(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _is_column(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)
