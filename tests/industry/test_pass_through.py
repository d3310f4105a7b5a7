import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import paths
from analysis.economics import coefficients, ownership
from analysis.industry import companies, pass_through
from analysis.industry.pass_through import LINKS, ChainError
from analysis.plan import scenario_serving, scenario_training
from analysis.scenarios.reading import load
from analysis.scenarios.scenario import DECK
from tests.economics.test_chain import fat_tree

H100 = load(paths.SCENARIOS / "h100-sxm-bf16.yml")
KNOWN = coefficients.load(DECK.accelerator)
VALUES = coefficients.expected(KNOWN)


@pytest.mark.parametrize("scenario", [DECK, H100], ids=["deck", "H100"])
def test_the_chain_begins_where_the_plan_ends(scenario):
    need = pass_through.demand(scenario)
    run, in_time = scenario_training.done(scenario, scenario_training.machine_of(scenario))
    assert in_time and need.training == run.chips.expected
    assert need.serving == scenario_serving.planned(scenario).chips.expected


@given(count=st.floats(64, 1e6), share=st.floats(0.1, 0.9))
def test_units_add_up(count, share):
    """Two parts of a fleet take what the whole takes, as long as their networks are the same."""
    whole = pass_through.units(count, 64, 8, VALUES)
    parts = [pass_through.units(count * part, 64, 8, VALUES | {"switch_radix": 2**9}) for part in (share, 1 - share)]
    together = pass_through.units(count, 64, 8, VALUES | {"switch_radix": 2**9})
    assert whole.keys() == LINKS.keys()
    for name in LINKS:
        assert parts[0][name] + parts[1][name] == pytest.approx(together[name], rel=1e-9), name


def test_costs_and_watts_add_up():
    found = pass_through.units(5000, 5000, 8, VALUES)
    assert found["capital"] == pytest.approx(found["servers_cost"] + found["network_cost"] + found["building_cost"])
    computers = 5000 * 300 * VALUES["server_share"] + found["switches"] * VALUES["switch_power"]
    assert found["site"] == pytest.approx(computers * 1.3)
    assert found["racks"] == pytest.approx(computers / 40_800)
    assert found["servers"] == 625
    assert found["memory"] == 5000 * 80e9


@pytest.mark.parametrize("radix", [4, 8, 64])
def test_the_smallest_tree_that_is_large_enough_is_taken(radix):
    for tiers in (1, 2, 3):
        hosts = fat_tree(radix, tiers)[0] if radix < 64 else 2 * (radix // 2) ** tiers
        assert ownership.tiers(hosts, radix) == tiers
        assert ownership.tiers(hosts + 1, radix) == tiers + 1
    assert ownership.tiers(1, radix) == 1


@pytest.mark.parametrize("link", LINKS)
def test_elasticities_are_those_of_the_closed_form(link):
    """All links are proportional to accelerators within a tier, so serving's share is the elasticity of demand."""
    both = pass_through.by_part(pass_through.demand(DECK), 8, VALUES)
    share = both["serving"][link] / (both["serving"][link] + both["training"][link])
    assert pass_through.elasticity(DECK, link, "visits_per_day") == pytest.approx(share, rel=1e-6)
    assert pass_through.elasticity(DECK, link, "parameters") == pytest.approx(1, rel=1e-6)
    assert pass_through.elasticity(DECK, link, "utilization") == pytest.approx(-1, rel=1e-6)
    assert pass_through.elasticity(DECK, link, "training_tokens") == pytest.approx(1 - share, rel=1e-6)


def test_a_cluster_that_outgrows_its_tree_takes_a_tier_more():
    before, after = (pass_through.units(count, count, 8, VALUES | {"taper": 1}) for count in (2048, 2049))
    assert before["switches"] / 2048 == pytest.approx(3 / 64)
    assert after["switches"] / 2049 == pytest.approx(5 / 64)


def test_intervals_hold_their_middle_and_repeat():
    first, again = pass_through.intervals(DECK, draws=4000), pass_through.intervals(DECK, draws=4000)
    assert first.equals(again)
    assert (first["low"] <= first["high"]).all()
    exact = first[first["link"].isin(["accelerators", "servers", "memory"])]
    assert exact["low"].to_numpy() == pytest.approx(exact["high"].to_numpy())
    site = first.set_index(["part", "link"]).loc[("serving", "site")]
    assert site["low"] < site["expected"] < site["high"]


def test_intervals_are_the_quantiles_of_one_coefficient_where_only_one_varies():
    fixed = {
        name: coefficients.Coefficient(name, "", one.expected, one.expected, one.expected, "", "test", "no")
        for name, one in KNOWN.items()
    }
    fixed["pue"] = KNOWN["pue"]
    row = pass_through.intervals(DECK, fixed).set_index(["part", "link"]).loc[("serving", "site")]
    draws = KNOWN["pue"].draw(np.random.default_rng(7), 200_000)
    low, high = np.quantile(draws, [0.1, 0.9]) / KNOWN["pue"].expected
    assert [row["low"] / row["expected"], row["high"] / row["expected"]] == pytest.approx([low, high], rel=0.003)


def test_a_tornado_bar_is_the_chain_at_the_ends_of_one_coefficient():
    table = pass_through.tornado(DECK, "site")
    need = pass_through.demand(DECK)
    for end, column in ((KNOWN["pue"].low, "at low"), (KNOWN["pue"].high, "at high")):
        both = pass_through.by_part(need, 8, VALUES | {"pue": end})
        assert table.loc["pue", column] == pytest.approx(both["training"]["site"] + both["serving"]["site"])
    assert "module_price" not in table.index, "what does not move a link is left out"


def test_changes_move_what_they_should():
    base, found = pass_through.demand(DECK), pass_through.changes(DECK)
    assert found["10% more tokens a day"].serving == pytest.approx(1.1 * base.serving)
    assert found["Twice the parameters, twice the training tokens"].training == pytest.approx(4 * base.training)
    fewer = found["INT8 to serve"].serving / base.serving
    assert 0.25 < fewer < 1, "half the weights are read, and more requests fit beside them; they are widened to multiply"
    assert found["INT8 to serve"].training == base.training
    fp8 = pass_through.changes(H100)["FP8 to serve"].serving
    assert 0.25 < fp8 / pass_through.demand(H100).serving < 1
    no_chip = DECK.model_copy(update={"accelerator": "mine", "peak": 1e14})
    assert not [name for name in pass_through.changes(no_chip) if "to serve" in name]


def test_longer_texts_cost_more_than_their_tokens():
    # GPT-3: 96 layers of width 12,288 give s / 6d over its weights' FLOP, and tokens see half their text on average.
    tokens = 425 * 4 / 3
    ratio = [1 + length / 2 / (6 * 12_288) for length in (tokens, 2 * tokens)]
    assert pass_through.longer(DECK, 2) == pytest.approx(2 * ratio[1] / ratio[0], rel=1e-4)
    assert pass_through.longer(DECK, 1) == 1


def test_an_unknown_link_is_refused():
    with pytest.raises(ChainError, match=r"there is no link 'switch' in the chain; did you mean 'switches'\?"):
        pass_through.tornado(DECK, "switch")
    with pytest.raises(ChainError, match="there are: accelerators, servers"):
        pass_through.elasticity(DECK, "cables", "parameters")


def test_links_name_segments_of_the_map():
    assert {link.segment for link in LINKS.values()} - {""} <= set(companies.table()["segment"])


def test_power_of_real_clusters_is_predicted():
    """Reported power of clusters that had no part in the coefficients."""
    found = pass_through.reported_clusters()
    assert len(found) >= 40
    ratio = found["drawn"] / found["reported"]
    assert 0.8 < ratio.median() < 1.1
    assert ratio.between(0.5, 1.5).mean() > 0.9
