"""One formula, many lives: floats, arrays, columns, Vega expressions and symbols give the same numbers."""

import inspect

import altair as alt
import numpy as np
import pandas as pd
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from analysis.figures.render import vega
from analysis.scenarios import equations, sizing

FORMULAS = [
    function
    for name, function in inspect.getmembers(sizing, inspect.isfunction)
    if function.__module__ == sizing.__name__ and not name.startswith("_")
]
positive = st.floats(min_value=1e-6, max_value=1e12)


def arguments(function) -> list[str]:
    return list(inspect.signature(function).parameters)


@pytest.mark.parametrize("function", FORMULAS, ids=lambda function: function.__name__)
@given(data=st.data())
def test_all_lives_agree(function, data):
    values = {name: data.draw(positive, label=name) for name in arguments(function)}
    expected = function(**values)

    array = function(**{name: np.array([value, value]) for name, value in values.items()})
    assert array == pytest.approx([expected] * 2, rel=1e-12)

    column = function(**pd.DataFrame([values]))
    assert column.iloc[0] == pytest.approx(expected, rel=1e-12)

    parameters = {name: alt.param(name=name, value=value) for name, value in values.items()}
    # A Vega expression of plain arithmetic is Python too; tests/test_book.py has Vega itself evaluate it.
    assert eval(vega(function(**parameters)), {}, dict(values)) == pytest.approx(expected, rel=1e-12)

    expression, symbols = equations.expression(function)
    numbers = {symbol: values[symbol.name.split("_", 1)[1]] for symbol in symbols}
    assert float(expression.evalf(30, subs=numbers)) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("function", FORMULAS, ids=lambda function: function.__name__)
def test_formulas_are_plain_arithmetic(function):
    names = set(function.__code__.co_names)
    assert names <= set(dir(sizing)), "a formula calls nothing but other formulas"
    result = function(**{name: sympy.Symbol(name, positive=True) for name in arguments(function)})
    assert result.is_rational_function()


def test_the_rules_are_the_papers():
    # Brown et al. 2020, table D.1: 174,600 million parameters and 300 billion tokens take 3.14e23 FLOP.
    assert sizing.training_flop(174.6e9, 300e9) == pytest.approx(3.14e23, rel=0.002)
    # Kaplan et al. 2020, table 1: a layer's weights have 12 d² parameters, so cost 24 d² FLOP a token.
    assert sizing.layer_matmul_flop_per_token(12_288) == sizing.inference_flop(12 * 12_288**2, 1)
    # ... and attention 2 · 2 · n_ctx · d FLOP a token in a layer, scores and weighted sum together.
    assert sizing.layer_attention_flop_per_token(12_288, 2048) == 4 * 2048 * 12_288
    assert sizing.vocabulary_flop_per_token(768, 50_257) == 2 * 768 * 50_257
