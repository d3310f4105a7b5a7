"""Traced numbers: each function that they pass through does in a browser what it does in NumPy; the rest is refused."""

import math
import re
from dataclasses import dataclass

import numpy as np
import pytest

from analysis.arrays import Arrays, PerCase
from analysis.tracing import javascript, traced
from analysis.tracing.operations import OF_TRUTHS, OPERATIONS
from analysis.tracing.traced import Table, Traced, TraceError
from tests.tracing.evaluated import evaluated

TABLE, POINTS = np.array([3.0, 1.0, 4.0, 1.5, 9.0]), np.array([-2.0, -1.0, 0.5, 2.0, 7.0])
#: Numbers at which functions of JavaScript are known to differ from NumPy's.
AWKWARD = [0.0, 1.0, -1.0, 0.5, -0.5, 1.5, 2.5, -2.5, 3.0, np.inf, -np.inf, np.nan]

#: Functions that are not element by element, and what is computed of them: of numbers a and b, and of i, a place in TABLE.
FUNCTIONS = {
    "where": lambda a, b, i: np.where(a > b, a, 7.0),
    "where of a number": lambda a, b, i: np.where(a, b, 7.0),
    "where that chooses a truth": lambda a, b, i: 1.0 * np.where(a > 0, b > 0, a > b),
    "select": lambda a, b, i: np.select([a > 1, b > 1, a + b > 0], [a, b, 5.0], -3.0),
    "select without default": lambda a, b, i: np.select([a > 1], [a]),
    "clip": lambda a, b, i: np.clip(a, -1, 2) + np.clip(b, 0, None),
    "nan_to_num": lambda a, b, i: np.nan_to_num(a / b, nan=5.0, posinf=6.0, neginf=-6.0),
    "nan_to_num with numpy's ends": lambda a, b, i: np.nan_to_num(a),
    "round": lambda a, b, i: np.round(a) - np.round(b + 0.5),
    "interp": lambda a, b, i: np.interp(a, POINTS, TABLE),
    "a table": lambda a, b, i: Table(TABLE)[i.astype(int) if isinstance(i, np.ndarray) else i],
    "searchsorted": lambda a, b, i: np.searchsorted(POINTS, a) * 10.0 + np.searchsorted(POINTS, b, side="right"),
    "full_like": lambda a, b, i: np.full_like(a, 2.5) * a + np.zeros_like(a) + np.ones_like(b) * b,
    "truths": lambda a, b, i: (1 - (a > 0)) + 2.0 * ((a > 0) + (b > 0)) + 4.0 * ((a > 0) * (b > 0)) + (~(a > b)) * 8.0,
    "truths and signs": lambda a, b, i: 1.0 * ((a > 0) & (b > 0)) + 2.0 * ((a > 0) | (b > 1)) + 4.0 * ((a > 0) ^ (b > 0)),
    "astype": lambda a, b, i: (a > b).astype(float) * 3 + a.astype(float),
    "powers": lambda a, b, i: a**2 + b**0.5 + a**1 + 2.0**b - a**-1.0 + a**4 + b**0.25,
    "divisions": lambda a, b, i: a % b + a // b + (-7.0) % b + a // 2.0,
    "one element of an array": lambda a, b, i: np.array([2.0]) * a + np.array(3.0) * b,
    "axes": lambda a, b, i: a[..., None][..., 0] if isinstance(a, np.ndarray) else a[..., None],
    "a deep sum": lambda a, b, i: sum(a * k for k in range(3000)),
}  # fmt: skip


def rows() -> np.ndarray:
    """Return numbers a and b, ordinary and awkward ones with each other, and places in TABLE."""
    rng = np.random.default_rng(24)
    awkward = [(a, b) for a in AWKWARD for b in AWKWARD]
    pairs = np.concatenate([awkward, rng.normal(0, 3, (200, 2)), rng.lognormal(0, 3, (200, 2))])
    return np.column_stack([pairs, rng.integers(-len(TABLE), len(TABLE), len(pairs))])


def all_functions(a: PerCase, b: PerCase, i: PerCase) -> dict[str, PerCase]:
    """Return each function that can be traced, at the same arguments."""
    truth = a > b, b > 0
    result = {}
    for name, operation in OPERATIONS.items():
        few = [a, b] if name not in OF_TRUTHS else list(truth)
        result[name] = getattr(np, name)(*few[: operation.compute.nin])
    return result | {name: compute(a, b, i) for name, compute in FUNCTIONS.items()}


def test_each_function_does_in_a_browser_what_it_does_in_numpy(browser):
    asked = rows()
    written = javascript.function(["a", "b", "i"], all_functions(*(Traced(name) for name in "abi")))
    assert "eval" not in written
    got = evaluated(browser, written, asked)
    with np.errstate(all="ignore"):
        expected = all_functions(*asked.T)
    assert got.shape == (len(asked), len(expected))
    for (name, values), found in zip(expected.items(), got.T, strict=True):
        where = np.isfinite(values)
        np.testing.assert_array_equal(found[~where], np.asarray(values, dtype=float)[~where], name)
        np.testing.assert_allclose(found[where], np.asarray(values, dtype=float)[where], rtol=1e-12, atol=1e-12, err_msg=name)


A, B = Traced("a"), Traced("b")
REFUSED = {
    "an if": (lambda: 1 if A > 0 else 2, "np.where"),
    "max": (lambda: max(A, B), "np.maximum"),
    "and": (lambda: A > 0 and B > 0, "&"),
    "math": (lambda: math.sqrt(A), "NumPy's functions"),
    "float": (lambda: float(A), "no plain number"),
    "int": (lambda: int(A), "no plain number"),
    "range": (lambda: range(A), "no plain number"),
    "iteration": (lambda: list(A), "no plain number"),
    "asarray": (lambda: np.asarray(A), "no plain number"),
    "array of kind": (lambda: np.array([A], dtype=float), "no plain number"),
    "an element": (lambda: A[0], "one number"),
    "in place": (lambda: A.__iadd__(1), "x = x \\+ y"),
    "out": (lambda: np.add(A, 1, out=np.zeros(1)), "out="),
    "reduce": (lambda: np.add.reduce(A), "np.add.reduce"),
    "where of a ufunc": (lambda: np.add(A, 1, where=False), "with where="),
    "sum": (lambda: np.sum(A), "np.sum"),
    "concatenate": (lambda: np.concatenate([A, B]), "np.concatenate"),
    "unknown ufunc": (lambda: np.gcd(A, 2), "np.gcd can't be traced"),
    "bits": (lambda: A & 3, "of what is true or false"),
    "minus a truth": (lambda: (A > 0) - (B > 0), "1.0 \\* x"),
    "an array beside": (lambda: A * np.arange(3), r"shape \(3,\)"),
    "text": (lambda: np.where(A > 0, "x", 1), "no number"),
    "decimals": (lambda: np.round(A, 2), "2 decimals"),
    "kind": (lambda: A.astype(int), "np.trunc"),
    "a table of two axes": (lambda: Table(np.ones((2, 2)))[A], "one axis"),
    "a traced table": (lambda: np.interp(A, B, POINTS), "can't be traced itself"),
    "left": (lambda: np.interp(A, POINTS, TABLE, left=0), "left"),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_what_can_not_be_traced_is_refused_by_name(what):
    act, said = REFUSED[what]
    with pytest.raises(TraceError, match=said):
        act()


def test_an_output_may_hang_on_named_inputs_only():
    with pytest.raises(TraceError, match="'batch' is not among the inputs; did you mean 'batches'|'batch' is not among"):
        javascript.function(["batches"], {"double": 2 * Traced("batch")})


def test_equal_parts_are_written_once_and_what_is_constant_not_at_all():
    written = javascript.function(["a", "b"], {"one": (A + B) * np.exp(A + B), "two": (A + B) * 1.0 + 0.0 + np.log(1.0)})
    assert written.count("x[0]+x[1]") == 1 and "log" not in written
    assert np.where(np.full_like(A, 2.0) > 1, A, B) is A


def test_many_cases_are_asked_whether_any_has_something():
    assert np.any(A) and not np.all(A > 0)
    assert not np.any(np.zeros_like(A))


@dataclass(frozen=True)
class Pair(Arrays):
    first: PerCase
    second: PerCase


def test_a_set_of_arrays_becomes_inputs_by_the_names_of_its_fields():
    pair = traced.inputs(Pair, "pair.", second=3.0)
    assert (pair.first.name, pair.second) == ("pair.first", 3.0)
    with pytest.raises(TraceError, match="no dataclass|not a dataclass"):
        traced.inputs(int)


def test_a_script_declares_functions_by_name(browser):
    page = browser.new_page()
    told = javascript.script("engine", {"double": javascript.function(["a"], {"b": 2 * A})})
    page.set_content(f"<script>{told}</script>")
    asked = "() => { const {double} = engine(); return [double([4]), double.inputs, double.outputs]; }"
    assert page.evaluate(asked) == [[8], ["a"], ["b"]]
    page.close()


def test_what_hangs_on_fixed_inputs_alone_is_computed_once(browser):
    c = Traced("c")
    outputs = {"sum": A + np.exp(c) * np.log(c), "fixed": c**3, "varying": A * c}
    written = javascript.function(["a"], outputs, ["c"])
    outer, _, inner = written.partition("(x)=>")
    assert "Math.exp" in outer and "Math.exp" not in inner
    rows, fixed = np.array([[1.0], [2.0]]), np.array([[3.0], [0.5]])
    expected = [[a + np.exp(c) * np.log(c), c**3, a * c] for (a,), (c,) in zip(rows, fixed, strict=True)]
    np.testing.assert_allclose(evaluated(browser, written, rows, fixed), expected, rtol=1e-12)


def test_what_many_calls_share_is_computed_once_for_them(browser):
    c, d = Traced("c"), Traced("d")
    outputs = {"sum": A * np.exp(d) + np.log(c), "small": d > A, "rest": np.sqrt(d) * np.sin(d) + A * c, "shared": d**3}
    written = javascript.function(["a"], outputs, ["c"], ["d"], guard="small")
    outer, middle, inner = re.split(r"\(s\)=>|\(x\)=>", written)
    assert "Math.log" in outer and "Math.exp" in middle and "Math.exp" not in inner
    assert "Math.sqrt" in inner.partition("if(!late)")[2], "what only calls past the guard need is computed when the first comes"
    rows, fixed, shared = np.array([[1.0], [2.0]]), np.array([[3.0], [0.5]]), np.array([[4.0], [9.0]])
    expected = [
        [a * np.exp(d) + np.log(c), 1, np.sqrt(d) * np.sin(d) + a * c, d**3]
        for (a,), (c,), (d,) in zip(rows, fixed, shared, strict=True)
    ]
    np.testing.assert_allclose(evaluated(browser, written, rows, fixed, shared), expected, rtol=1e-12)
    page = browser.new_page()
    assert page.evaluate(
        f"(() => {{ const one = ({written})([1])([4]); return [one([5])[1], one([1])[3], one([5]).length]; }})()"
    ) == [0, 64, 2]
    page.close()


def test_what_comes_after_a_guard_is_computed_where_it_holds(browser):
    outputs = {"double": 2 * A, "holds": A > 1, "root": np.sqrt(A) * np.sqrt(A - B), "again": 2 * A}
    written = javascript.function(["a", "b"], outputs, guard="holds")
    early, _, late = written.partition("if(!")
    assert "Math.sqrt" not in early and "Math.sqrt" in late
    page = browser.new_page()
    assert page.evaluate(f"[[3, 2], [1, 2]].map({written})") == [[6, 1, pytest.approx(np.sqrt(3)), 6], [2, 0]]
    page.close()
