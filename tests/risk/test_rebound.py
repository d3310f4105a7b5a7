import numpy as np
import pytest
from scipy.integrate import quad

from analysis import trends
from analysis.risk import indicators, rebound, risks, stranding
from analysis.risk.rebound import ReboundError
from analysis.risk.risks import RISKS
from analysis.risk.stranding import Fleet, StrandingError
from analysis.scenarios.reading import build
from analysis.scenarios.scenario import DECK

FLEET = Fleet("A100", 30_000.0, 2.0, 0.1, 7000.0)


def test_an_elasticity_of_one_eats_any_gain():
    for share in (0.01, 0.2, 0.9):
        assert rebound.work_after(share, 1) == pytest.approx(1)
        assert rebound.work_after(share, 0) == share
        assert rebound.work_after(share, 2) == pytest.approx(1 / share)


def test_demand_has_the_elasticity_that_is_given():
    """The slope of log tokens over log price, by a finite difference."""
    step = 1e-5
    for elasticity in (0.3, 1.7):
        logs = np.log([rebound.tokens_after(0.5 * (1 + sign * step), elasticity) for sign in (-1, 1)])
        assert -(logs[1] - logs[0]) / (np.log1p(step) - np.log1p(-step)) == pytest.approx(elasticity, rel=1e-6)


def test_an_apparent_elasticity_is_that_of_made_up_series():
    years = np.arange(5.0)
    tokens, prices = trends.fit(years, 8.0**years), trends.fit(years, 0.25**years)
    assert rebound.apparent_elasticity(tokens, prices) == pytest.approx(1.5)
    with pytest.raises(ReboundError, match="prices did not fall"):
        rebound.apparent_elasticity(tokens, tokens)


@pytest.mark.parametrize(("values", "why"), [((0, 1), "work_share: 0 is out of range"), ((0.5, -1), "elasticity: -1 is out")])
def test_bad_values_are_refused(values, why):
    with pytest.raises(ReboundError, match=why):
        rebound.checked_work_after(*values)


@pytest.mark.parametrize("growth", [0.5, 0.9, 1.0, 1.1])
def test_what_is_earned_is_the_integral_of_rents(growth):
    expected = quad(lambda t: 7000 * (2.0 * growth**t - 0.1), 0, 3)[0] / 30_000
    assert stranding.earned_share(FLEET, growth, 3.0) == pytest.approx(expected, rel=1e-9)


def test_payback_is_when_all_is_earned_and_never_if_rents_fall_too_fast():
    years = stranding.payback_years(FLEET, 0.9)
    assert stranding.earned_share(FLEET, 0.9, years) == pytest.approx(1, abs=1e-3)
    assert stranding.payback_years(FLEET, 0.3) == float("inf")
    with pytest.raises(StrandingError, match="growth: 0 is out of range"):
        stranding.earned_share(FLEET, 0, 1)


def test_a_chip_without_a_rent_is_taken_to_be_the_decks():
    no_rent = build({"accelerator": "Ascend 910B2", "precision": "BF16"}, "test")
    own = build({"accelerator": "mine", "peak": "100 TFLOPS"}, "test")
    for base in (no_rent, own):
        assert stranding.fleet(base).chip == DECK.accelerator
    assert stranding.fleet(DECK).capital == pytest.approx(
        risks.results(DECK)["capital"] / (risks.results(DECK)["serving"] + risks.results(DECK)["training"]), rel=0.01
    )


def test_every_risk_has_an_indicator_with_a_series():
    found = indicators.watched()
    assert list(found) == list(RISKS)
    assert all(one.source.startswith("data/") and one.latest for one in found.values())


def test_the_largest_site_only_grows_and_nothing_is_in_the_future():
    largest = indicators.largest_sites()
    assert largest["power_mw"].is_monotonic_increasing
    assert largest["power_mw"].iloc[-1] == indicators.sites()["power_mw"].max()
    assert indicators.sites()["date"].max() <= "2026-11-01"


def test_concentration_has_its_ends():
    assert indicators.concentration(np.array([1.0, 0.0])) == 1
    assert indicators.concentration(np.full(4, 0.25)) == pytest.approx(0.25)
