"""Formulas in words, against the functions that they were printed from: what is printed is read back and evaluated."""

import ast
import importlib
import inspect
import math
import pkgutil
import re

import numpy as np
import pytest

from analysis import industry, risk, scenarios, training
from analysis.report import package_source
from analysis.report.phrases import Printer
from analysis.report.scopes import Called, Closure, Constant, Scope
from analysis.report.wording import Unsaid, read

SIGNS = {"×": "*", "÷": "/", "−": "-", "^": "**"}
SUPERSCRIPT = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
DRAWS = 5
#: Parts of the package with many functions that are arithmetic of numbers.
FORMULAS = (industry, risk, scenarios, training)


class NotArithmetic(Exception):
    """A phrase that needs a person to evaluate it."""


def computed(text: str, named: dict, given: dict[str, float], printer: Printer) -> float:
    """Return the value of a formula in words, with what its names stand for."""
    values: list[float] = []
    labels = sorted(named, key=len, reverse=True)
    pattern = "|".join(rf"(?<![\w(-]){re.escape(label)}(?![\w′-])|(?<=\(){re.escape(label)}(?![\w′-])" for label in labels)

    def stand_in(match: re.Match) -> str:
        label = match[0]
        values.append(given[label] if named[label] is None else meant(named[label], given, printer))
        return f" V[{len(values) - 1}] "

    code = re.sub(pattern, stand_in, text) if labels else text
    code = re.sub(r"([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)", lambda match: f"**({match[1].translate(SUPERSCRIPT)})", code)
    code = re.sub(r"(?<=\d),(?=\d{3})", "", code)
    code = code.replace("√(", "S(")
    code = re.sub(r"√ ?(V\[\d+\]|[\d.]+)", r"S(\1)", code)
    for sign, operator in SIGNS.items():
        code = code.replace(sign, operator)
    if re.search(r"[^\W\dVSe]|[a-z]{2}", code.replace("V[", "[").replace("S(", "(")):
        raise NotArithmetic(code)
    try:
        return eval(code.strip(), {"V": values, "S": math.sqrt, "e": math.e})
    except SyntaxError as exc:
        raise NotArithmetic(code) from exc


def meant(what, given, printer) -> float:
    if isinstance(what, Constant):
        return what.value
    if isinstance(what, Called):
        if not what.body:
            raise NotArithmetic
        what = Closure(what.body.value, what.inner)
    assert isinstance(what, Closure)
    return computed(printer.say(what.node, what.scope).text, printer.named, given, printer)


def functions():
    for part in FORMULAS:
        for module in pkgutil.iter_modules(part.__path__, f"{part.__name__}."):
            loaded = importlib.import_module(module.name)
            for name, function in list(vars(loaded).items()):
                if inspect.isfunction(function) and function.__module__ == module.name and package_source.body(function):
                    yield f"{module.name}.{name}", function


def printed(function) -> tuple[str, Printer, dict[str, str]]:
    """Return the formula of a function's result, and each argument's name by the word for it."""
    body = package_source.body(function)
    bound = dict.fromkeys(body.arguments)
    scope = Scope(bound, function.__globals__)
    bound |= {name: Closure(value, scope) for name, value in body.assigned.items()}
    printer = Printer()
    words = {read(name): name for name in body.arguments}
    if len(words) < len(body.arguments):
        raise NotArithmetic
    return printer.say(body.value, scope).text, printer, words


def test_what_is_printed_of_a_function_is_what_it_computes():
    """Every function of the package that is arithmetic of numbers; those that no one could evaluate are passed over."""
    random, checked = np.random.default_rng(0), []
    for name, function in functions():
        try:
            text, printer, words = printed(function)
        except (Unsaid, NotArithmetic, RecursionError):
            continue
        if not printer.operations:
            continue
        for _ in range(DRAWS):
            values = {argument: float(random.uniform(1.5, 9.5)) for argument in words.values()}
            given = {word: values[argument] for word, argument in words.items()}
            try:
                expected = function(**values)
                assert np.isfinite(expected)
                found = computed(text, printer.named, given, printer)
            except (NotArithmetic, RecursionError):
                break
            except (
                TypeError,
                ValueError,
                AttributeError,
                LookupError,
                AssertionError,
            ):  # arguments that are no numbers, or no such numbers
                break
            assert found == pytest.approx(expected, rel=1e-9), f"{name}: {text}"
        else:
            checked.append(name)
    assert len(checked) >= 40, checked
    for known in ("scenarios.sizing.accelerators_needed", "training.whole_run.ownership_cost"):
        assert f"analysis.{known}" in checked


def closure(code: str, *opaque: str) -> Closure:
    return Closure(ast.parse(code, mode="eval").body, Scope(dict.fromkeys(opaque), {}))


SCOPE = Scope(
    {"low": None, "share": None, "items": None, "frame": closure("load()"), "cost": closure("low / 3", "low")},
    {"np": np, "LEVEL": 0.8},
)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("low / (share + 1)", "low ÷ (share + 1)"),
        ("low - (share - 1)", "low − (share − 1)"),
        ("low / share / 2", "low ÷ share ÷ 2"),
        ("low / (share / 2)", "low ÷ (share ÷ 2)"),
        ("2 * low**2", "2 × low²"),
        ("(low + 1)**0.5", "√(low + 1)"),
        ("-low + 1e12", "−low + 10¹²"),
        ("np.exp(share - 1)", "e ^ (share − 1)"),
        ("float(low)", "low"),
        ("int(low / share) + 1", "(the whole part of (low ÷ share)) + 1"),
        ("low * 1", "low"),
        ("frame['chip_hours'].max()", "the largest of chip hours of frame"),
        ("frame['a']['b_c']", "a b c of frame"),
        ("1 - frame['a'].quantile(0.9)", "1 − (the 90th percentile of a of frame)"),
        ("(frame['a'] / frame['b']).median()", "the median of (a of frame ÷ b of frame)"),
        ("(frame['verified'] == 'yes').sum()", "the number of rows where verified is yes, of frame"),
        ("(frame['a'] > low).mean()", "the share of rows where a is more than low, of frame"),
        ("frame[frame['usable'] == 'yes']", "frame where usable is yes"),
        ("frame.loc[frame['share'].idxmax(), 'tokens']", "tokens of frame where share is largest"),
        ("frame.set_index('layer').loc[2, 'aligned']", "aligned of frame at layer 2"),
        ("frame.iloc[-1]", "the last of frame"),
        ("frame.groupby('kind')['right'].mean()", "the mean of right of (frame for each kind)"),
        ("len(items)", "the number of items"),
        ("sum(one.verified == 'no' for one in items)", "the number of items where verified is no"),
        ("sum(one.size * 2 for one in items)", "the sum of (size × 2) over items"),
        ("max(low, share)", "the larger of low and share"),
        ("'more' if low > share else 'no more'", "“more” if low is more than share, else “no more”"),
        ("LEVEL * low", "level × low"),
        ("cost + 1", "cost + 1"),
        ("items.shape[-2:][0]", "the size of items along the second-last axis"),
    ],
)  # fmt: skip
def test_expressions_are_said_as_people_say_them(code, words):
    assert Printer().say(ast.parse(code, mode="eval").body, SCOPE).text == words


@pytest.mark.parametrize("code", ["lambda: low", "items[1:3]", "frame.merge(items)"])
def test_what_no_one_would_say_is_refused(code):
    with pytest.raises(Unsaid):
        Printer().say(ast.parse(code, mode="eval").body, SCOPE)


def test_names_are_noted_with_what_they_stand_for():
    printer = Printer()
    printer.say(ast.parse("cost * LEVEL", mode="eval").body, SCOPE)
    assert ast.unparse(printer.named["cost"].node) == "low / 3"
    assert printer.named["level"].value == 0.8


def test_two_things_of_one_name_are_told_apart():
    other = closure("low * 7", "low")
    printer = Printer()
    printer.say(ast.parse("cost", mode="eval").body, SCOPE)
    assert printer.say(ast.parse("cost", mode="eval").body, Scope({"cost": other}, {})).text == "cost′"


def test_a_function_that_loops_or_changes_things_has_no_formula():
    from analysis.models import counting

    assert package_source.body(counting.count) is None
