"""Elasticities agree with what the estimate does when an assumption moves a little."""

import math

import pytest

from analysis.scenarios import elasticity
from analysis.scenarios.estimate import estimate
from analysis.scenarios.reading import build
from analysis.scenarios.scenario import ASSUMPTIONS, DECK

STEP = 1e-4


#: The numbers that the deck assumes.
NUMBERS = [
    name for name, about in ASSUMPTIONS.items() if about.unit is not None and getattr(DECK, name) is not None or name == "peak"
]


@pytest.mark.parametrize("part", elasticity.RESULTS)
@pytest.mark.parametrize("name", NUMBERS)
def test_an_elasticity_is_what_the_estimate_does(part, name):
    value = DECK.peak_flop_per_second if name == "peak" else getattr(DECK, name)
    if name == "accelerators_per_server":
        moved, step = build({name: value + 1}, "test"), math.log((value + 1) / value)
    else:
        unit = {"second": " s", "FLOP/second": " FLOPS"}.get(ASSUMPTIONS[name].unit, "")
        moved, step = build({name: f"{value * (1 - STEP):.12g}{unit}"}, "test"), math.log(1 - STEP)
    before, after = (getattr(estimate(one), part).accelerators_exact for one in (DECK, moved))
    expected = elasticity.elasticities(elasticity.RESULTS[part]).get(name, 0.0)
    assert math.log(after / before) / step == pytest.approx(expected, abs=1e-6)


def test_powers_come_out_as_elasticities():
    assert elasticity.elasticities(lambda peak, utilization: peak**2 / utilization**3) == {"peak": 2, "utilization": -3}


def test_a_sum_has_no_constant_elasticity():
    def total(peak, utilization):
        return peak + utilization

    with pytest.raises(elasticity.ElasticityError, match="total: the elasticity in peak"):
        elasticity.elasticities(total)
