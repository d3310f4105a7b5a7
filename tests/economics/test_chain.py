"""The industry chain's formulas: five lives, and fat trees counted switch by switch."""

import inspect
import itertools

import altair as alt
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.economics import chain
from analysis.figures.render import vega
from analysis.scenarios import equations

FORMULAS = [function for _, function in inspect.getmembers(chain, inspect.isfunction)]
#: The size of a whole tree is a power, which Altair's parameters do not have.
WITH_SLIDERS = [function for function in FORMULAS if function is not chain.largest_fat_tree]
positive = st.floats(min_value=1e-3, max_value=1e9)


def arguments(function) -> list[str]:
    return list(inspect.signature(function).parameters)


@pytest.mark.parametrize("function", WITH_SLIDERS, ids=lambda function: function.__name__)
@given(data=st.data())
def test_all_lives_agree(function, data):
    values = {name: data.draw(positive, label=name) for name in arguments(function)}
    close = {"rel": 1e-9, "abs": 1e-9 * max(values.values())}
    expected = function(**values)
    array = function(**{name: np.array([value, value]) for name, value in values.items()})
    assert array == pytest.approx([expected] * 2, rel=1e-12)
    assert function(**pd.DataFrame([values])).iloc[0] == pytest.approx(expected, rel=1e-12)
    parameters = {name: alt.param(name=name, value=value) for name, value in values.items()}
    assert eval(vega(function(**parameters)), {}, dict(values)) == pytest.approx(expected, **close)
    expression, symbols = equations.expression(function)
    numbers = {symbol: values[symbol.name.split("_", 1)[1]] for symbol in symbols}
    assert float(expression.evalf(30, subs=numbers)) == pytest.approx(expected, **close)
    assert expression.is_rational_function()


def fat_tree(radix: int, tiers: int) -> tuple[int, int, set[tuple]]:
    """Return accelerators, switches, and links between switches of a full fat tree, built switch by switch.

    Each switch has half of its ports down and half up, those at the top all down. From tier to tier, groups of switches
    are joined: port n up of each group goes to the n-th new switch.
    """
    if tiers == 1:
        return radix, 1, set()
    half = radix // 2
    leaves = [(0, number) for number in range(2 * half ** (tiers - 1))]
    switches, links = set(leaves), set()
    groups = [[leaf] * half for leaf in leaves]  # the switch of each port up
    for tier in range(1, tiers):
        together = radix if tier == tiers - 1 else half
        joined = []
        for start in range(0, len(groups), together):
            below = groups[start : start + together]
            new = [(tier, start, port) for port in range(len(below[0]))]
            switches |= set(new)
            links |= {(group[port], port, switch) for group in below for port, switch in enumerate(new)}
            joined.append([switch for switch in new for _ in range(half)])
        groups = joined
    return len(leaves) * half, len(switches), links


@pytest.mark.parametrize(("radix", "tiers"), list(itertools.product([4, 6, 8], [2, 3, 4])))
def test_fat_trees_have_as_many_switches_and_links_as_are_counted(radix, tiers):
    hosts, switches, links = fat_tree(radix, tiers)
    assert hosts == chain.largest_fat_tree(tiers, radix)
    assert switches == pytest.approx(chain.switches(hosts, 1, 1, tiers, radix))
    assert 2 * len(links) == pytest.approx(chain.optical_modules(hosts, 1, 1, tiers, 0))
    # Every link down is optical as well: two modules more for each accelerator.
    assert 2 * (len(links) + hosts) == pytest.approx(chain.optical_modules(hosts, 1, 1, tiers, 1))


def test_a_k_ary_fat_tree_is_al_fares_s():
    # Al-Fares et al. 2008: k pods, k³/4 hosts, and 5k²/4 switches.
    for k in (4, 8, 64):
        assert chain.largest_fat_tree(3, k) == k**3 / 4
        assert chain.switches(k**3 / 4, 1, 1, 3, k) == pytest.approx(5 * k**2 / 4)


def test_one_switch_is_a_tree_of_one_tier():
    assert fat_tree(8, 1)[:2] == (chain.largest_fat_tree(1, 8), 1)
    assert chain.switches(8, 1, 1, 1, 8) == 1


def test_a_taper_takes_ports_and_modules_out_in_proportion():
    full, half, none = (chain.switches(1000, 1, taper, 3, 64) for taper in (1, 0.5, 0))
    assert full - half == pytest.approx(half - none)
    assert none == pytest.approx(1000 / 64), "what is left is the first tier's ports down"
