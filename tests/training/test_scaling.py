"""Scaling laws against the papers' own numbers, and against a search for the minimum."""

import inspect

import altair as alt
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.figures.render import vega
from analysis.scenarios import equations
from analysis.training import scaling

FORMULAS = [
    function for _, function in inspect.getmembers(scaling, inspect.isfunction)
    if function.__module__ == scaling.__name__ and function not in (scaling.fits, scaling.kaplan_parameters, scaling.splits)
]  # fmt: skip
FITS = scaling.fits()
PRINTED, UNROUNDED, REPLICATION = FITS.values()


@pytest.mark.parametrize("function", FORMULAS, ids=lambda function: function.__name__)
@given(data=st.data())
def test_all_lives_agree(function, data):
    names = list(inspect.signature(function).parameters)
    small = st.floats(min_value=0.2, max_value=0.9)
    large = st.floats(min_value=2.0, max_value=1e12)
    values = {name: data.draw(small if "exponent" in name else large, label=name) for name in names}
    expected = function(**values)
    array = function(**{name: np.array([value, value]) for name, value in values.items()})
    assert array == pytest.approx([expected] * 2, rel=1e-12)
    parameters = {name: alt.param(name=name, value=value) for name, value in values.items()}
    # A Vega expression of arithmetic and pow is Python too.
    assert eval(vega(function(**parameters)), {}, dict(values)) == pytest.approx(expected, rel=1e-9)
    expression, symbols = equations.expression(function)
    numbers = {symbol: values[symbol.name.split("_", 1)[1]] for symbol in symbols}
    assert float(expression.evalf(30, subs=numbers)) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("fit", FITS.values(), ids=FITS)
@pytest.mark.parametrize("flop", [1e20, 3.15e23, 1e26])
def test_the_optimum_is_the_lowest_point_of_a_budget(fit, flop):
    sizes = np.geomspace(1e7, 1e14, 70_001)
    losses = fit.loss(sizes, scaling.tokens_for(flop, sizes))
    best = fit.optimal_parameters(flop)
    assert sizes[losses.argmin()] == pytest.approx(best, rel=5e-4)
    assert fit.loss(best, scaling.tokens_for(flop, best)) == pytest.approx(losses.min(), abs=1e-9)
    assert fit.flop_to_reach(losses.min()) == pytest.approx(flop, rel=1e-4)
    assert fit.flop_for(best) == pytest.approx(flop, rel=1e-9)


@pytest.mark.parametrize("fit", FITS.values(), ids=FITS)
def test_terms_and_the_irreducible_loss_add_up_and_balance_at_the_optimum(fit):
    size_term, data_term = fit.terms(1e10, 2e11)
    assert fit.irreducible + size_term + data_term == pytest.approx(fit.loss(1e10, 2e11), rel=1e-12)
    best = fit.optimal_parameters(1e22)
    size_term, data_term = fit.terms(best, scaling.tokens_for(1e22, best))
    assert fit.size_exponent * size_term == pytest.approx(fit.data_exponent * data_term, rel=1e-9)


def test_exponents_of_the_optimum_are_the_papers():
    # Hoffmann et al. 2022, table 2: 0.46 for parameters and 0.54 for tokens; Besiroglu et al. 2024: 0.513.
    for fit, exponent, digits in ((PRINTED, 0.46, 0.01), (UNROUNDED, 0.46, 0.005), (REPLICATION, 0.5126, 0.0005)):
        grown = fit.optimal_parameters(1e24) / fit.optimal_parameters(1e22)
        assert np.log10(grown) / 2 == pytest.approx(exponent, abs=digits)


def test_chinchillas_own_budget():
    # 5.76e23 FLOP. Besiroglu et al. find about 70 billion parameters, as Chinchilla has; the printed constants far less.
    assert REPLICATION.optimal_parameters(5.76e23) == pytest.approx(70e9, rel=0.05)
    assert PRINTED.optimal_parameters(5.76e23) < 35e9
    ratio = scaling.tokens_for(5.76e23, 1) / REPLICATION.optimal_parameters(5.76e23) ** 2
    assert 15 < ratio < 25


def test_kaplans_advice_is_table_6():
    assert scaling.kaplan_parameters(8.64e19) == 1.3e9
    assert scaling.kaplan_parameters(8.64e22) == pytest.approx(1.3e9 * 1000**0.73)


def test_every_split_spends_the_budget():
    splits = scaling.splits(175e9, 3.15e23, "own")
    assert [split.name for split in splits] == ["own", "Kaplan et al. 2020", *FITS]
    for split in splits:
        assert 6 * split.parameters * split.tokens == pytest.approx(3.15e23)
    assert splits[0].tokens == pytest.approx(300e9)
    assert splits[0].ratio == pytest.approx(300 / 175)
