"""A traced function as JavaScript: equal parts once, what is used once inside what uses it, helpers and tables as needed."""

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from analysis.arrays import PerCase
from analysis.suggest import nearest
from analysis.tracing.operations import HELPERS
from analysis.tracing.traced import Traced, TraceError

#: A part that is used once stands inside what uses it, unless its text has become longer than this.
_LONGEST = 400


def function(
    inputs: Sequence[str],
    outputs: Mapping[str, PerCase],
    fixed: Sequence[str] = (),
    shared: Sequence[str] = (),
    guard: str | None = None,
) -> str:
    """Return an expression of JavaScript: a function of an array of numbers, in the order of `inputs`, that returns one in
    the order of `outputs`.

    With `fixed` inputs it is a function of these that returns that function, and with `shared` ones, which many calls have in
    common, one of these stands between: what hangs on them alone is computed once. Where the output `guard` is false, the
    outputs up to it are returned alone, and no others computed. Its properties `fixed`, `shared`, `inputs` and `outputs` hold
    the names. What is true or false counts 1 or 0. Raises TraceError for an output that hangs on an input that is not named.
    """
    scopes = {"w": fixed, "s": shared, "x": inputs}
    parts = _Parts({name: f"{scope}[{at}]" for scope, names in scopes.items() for at, name in enumerate(names)})
    results = [parts.place(value) if isinstance(value, Traced) else _plain(value) for value in outputs.values()]
    first = list(outputs).index(guard) + 1 if guard else 0
    outer, middle, inner, texts = _statements(parts, results, first)
    told = [f"+{texts[result]}" if isinstance(result, int) else result for result in results]
    patterns = {pattern.partition("(")[0] for pattern, _ in parts.all}
    before = [f"{name}={HELPERS[name]}" for name in HELPERS if name in patterns] + parts.tables
    names = json.dumps(
        {"fixed": list(fixed), "shared": list(shared), "inputs": list(inputs), "outputs": list(outputs)}, separators=(",", ":")
    )
    early = f"if(!{told[first - 1]})return[{','.join(told[:first])}];" if guard else ""
    body = f"(x)=>{{{_constants(inner[0])}{early}{_late(middle[1])}{_constants(inner[1])}return[{','.join(told)}]}}"
    if shared:
        late = ",".join(["late=false", *(statement.partition("=")[0] for statement in middle[1])])
        body = f"(s)=>{{{_constants(middle[0])}{f'let {late};' if middle[1] else ''}return{body}}}"
    if fixed:
        body = f"(w)=>{{{_constants(outer)}return{body}}}"
    return f'(()=>{{"use strict";{_constants(before)}return Object.assign({body},{names})}})()'


def _late(statements: Sequence[str]) -> str:
    """Return what computes shared parts when the first call comes past its guard."""
    return f"if(!late){{late=true;{';'.join(statements)}}}" if statements else ""


def _statements(
    parts: "_Parts", results: Sequence[int | str], first: int
) -> tuple[list[str], tuple[list[str], list[str]], tuple[list[str], list[str]], list[str]]:
    """Return the constants that hang on fixed inputs alone; those that hang on shared ones, and the others, each those of the
    `first` results before the rest; and the text that stands for each part."""
    outer: list[str] = []
    middle: tuple[list[str], list[str]] = [], []
    inner: tuple[list[str], list[str]] = [], []
    early = max((result + 1 for result in results[:first] if isinstance(result, int)), default=0)
    texts: list[str] = []
    scopes: list[int] = []  # 0: hangs on fixed inputs at most, 1: on shared ones, 2: on the others
    uses = Counter(argument for _, arguments in parts.all for argument in arguments if isinstance(argument, int))
    uses.update(result for result in results if isinstance(result, int))
    for pattern, arguments in parts.all:
        scope = {"s[": 1, "x[": 2}.get(pattern[:2], 0)
        scopes.append(max([scope, *(scopes[argument] for argument in arguments if isinstance(argument, int))]))
    leaving = {
        argument for place, (_, arguments) in enumerate(parts.all)
        for argument in arguments if isinstance(argument, int) and scopes[argument] < scopes[place]
    } | {result for result in results if isinstance(result, int) and scopes[result] < 2}  # fmt: skip
    for place, (pattern, arguments) in enumerate(parts.all):
        words = [texts[argument] if isinstance(argument, int) else argument for argument in arguments]
        text = re.sub(r"\$(\d)", lambda match, words=words: words[int(match[1])], pattern)  # type: ignore[misc]
        if uses[place] > 1 or len(text) > _LONGEST or place in leaving:
            lists = (outer, middle[place >= early], inner[place >= early])
            lists[scopes[place]].append(f"v{place}={text}")
            text = f"v{place}"
        texts.append(text)
    return outer, middle, inner, texts


def script(name: str, functions: Mapping[str, str]) -> str:
    """Return a classic script that declares a function `name`, which returns `functions` by name.

    It needs nothing from outside itself, so that its text can be sent to a worker.
    """
    members = ",\n".join(f"{json.dumps(key)}:{text}" for key, text in functions.items())
    return f"function {name}(){{return{{{members}}}}}\n"


class _Parts:
    """All that some traced numbers are made of, parts before wholes, each once: the JavaScript of an operation and its
    arguments, which are the places of other parts, or texts."""

    def __init__(self, inputs: Mapping[str, str]) -> None:
        self.inputs = inputs
        self.all: list[tuple[str, tuple[int | str, ...]]] = []
        self.tables: list[str] = []
        self._places: dict[tuple[str, tuple[int | str, ...]], int] = {}
        self._seen: dict[int, tuple[int, Traced]] = {}  # with the number, so that no other takes its identity

    def place(self, value: Traced) -> int:
        """Return the place of a traced number, after adding what it is made of."""
        waiting = [value]
        while waiting:
            traced = waiting[-1]
            missing = [part for part in traced.arguments if isinstance(part, Traced) and id(part) not in self._seen]
            if missing:
                waiting += missing
                continue
            waiting.pop()
            part = self._part(traced)
            if part not in self._places:
                self._places[part] = len(self.all)
                self.all.append(part)
            self._seen[id(traced)] = self._places[part], traced
        return self._seen[id(value)][0]

    def _part(self, traced: Traced) -> tuple[str, tuple[int | str, ...]]:
        if traced.operation is None:
            if traced.name not in self.inputs:
                raise TraceError(f"{traced.name!r} is not among the inputs{nearest(traced.name, self.inputs)}")
            return self.inputs[traced.name], ()
        return traced.operation.javascript, tuple(self._argument(part) for part in traced.arguments)

    def _argument(self, part: Any) -> int | str:
        if isinstance(part, Traced):
            return self._seen[id(part)][0]
        return self._table(part) if isinstance(part, np.ndarray) else _plain(part)

    def _table(self, values: np.ndarray) -> str:
        text = f"[{','.join(_plain(value) for value in values.tolist())}]"
        names = {told.partition("=")[2]: told.partition("=")[0] for told in self.tables}
        if text not in names:
            names[text] = f"t{len(self.tables)}"
            self.tables.append(f"{names[text]}={text}")
        return names[text]


def _constants(told: Sequence[str]) -> str:
    return f"const {','.join(told)};" if told else ""


def _plain(value: Any) -> str:
    """Return a plain number as JavaScript writes it."""
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    value = float(np.asarray(value).reshape(()))
    if not np.isfinite(value):
        return "NaN" if np.isnan(value) else "Infinity" if value > 0 else "(-Infinity)"
    text = repr(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)
    return f"({text})" if value < 0 else text
