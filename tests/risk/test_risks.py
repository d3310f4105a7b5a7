import math

import numpy as np
import pytest

from analysis.economics.market import facility
from analysis.models import ledger
from analysis.models.architecture import load as architecture
from analysis.plan import scenario_serving
from analysis.risk import assumption_ranges, risks
from analysis.risk.risks import RISKS, RiskError
from analysis.scenarios import reading, scenario_files
from analysis.scenarios.estimate import estimate
from analysis.scenarios.reading import build
from analysis.scenarios.scenario import DECK
from analysis.serving import demand
from analysis.training.fitted import HALF_WIDTHS

FILES = scenario_files.files()
H100 = reading.load(FILES["h100-sxm-bf16"])
OTHER = build(
    {"parameters": "70e9", "utilization": "40%", "visits_per_day": "1e9", "questions_per_visit": 2,
     "tokens_per_character": 0.8, "training_time": "60 days", "serving_time": "80,000 s"},
    "test",
)  # fmt: skip


def test_every_risk_has_a_scenario_file_and_every_file_its_risk():
    assert {name.removeprefix("stress/") for name in FILES if name.startswith("stress/")} == set(RISKS)
    assert len(RISKS) == 11


@pytest.mark.parametrize("key", RISKS)
def test_under_the_deck_a_stress_is_its_file(key):
    """What the table shows is what `python -m analysis estimate stress/KEY` prints."""
    alone = estimate(reading.load(FILES[f"stress/{key}"]))
    applied = estimate(risks.applied(DECK, key))
    assert applied.training.accelerators_exact == pytest.approx(alone.training.accelerators_exact, rel=1e-12)
    assert applied.inference.accelerators_exact == pytest.approx(alone.inference.accelerators_exact, rel=1e-12)


def test_stresses_hold_what_was_published_or_measured():
    under = {key: risks.stress(key) for key in RISKS}
    assert under["demand"].visits_per_day == demand.published("messages")["per_day"].max()
    assert under["efficiency"].parameters == pytest.approx(ledger.multiplied_parameters(architecture("DeepSeek-V3")), rel=0.005)
    assert under["utilization"].utilization == pytest.approx(assumption_ranges.served_utilization(), abs=0.0005)
    assert under["model-error"].utilization == pytest.approx(0.5 / math.exp(HALF_WIDTHS["whole run"]), abs=0.0006)
    tokens = under["architecture"].characters_per_question * DECK.tokens_per_character
    assert tokens == pytest.approx(facility("DeepSeek average context of a decode step"), rel=0.001)
    assert under["tokenizer"].tokens_per_character == demand.tokens_per_character("GPT-2/GPT-3 r50k_base")
    assert under["data-limits"].training_tokens == pytest.approx(0.55 * DECK.training_tokens)
    for name in ("training_time", "serving_time"):
        assert getattr(under["power"], name) == pytest.approx(20 / 24 * getattr(DECK, name))


def test_served_utilization_is_the_published_days_division():
    """776e9 tokens of 2 x 36.63e9 FLOP in a day, on 226.75 servers of eight chips of 1979e12 FLOP/s.

    The table of input embeddings multiplies nothing.
    """
    by_hand = 2 * (37.552e9 - 129_280 * 7168) * 776e9 / (226.75 * 8 * 86_400 * 1979e12)
    assert assumption_ranges.served_utilization() == pytest.approx(by_hand, rel=1e-4)


def test_a_stress_that_is_a_share_has_the_same_factor_on_another_scenario_and_its_own_chip():
    for key in ("demand", "power", "model-error"):
        factors = [risks.effects(base).set_index("risk").loc[key, "serving"] for base in (DECK, H100)]
        assert factors == pytest.approx([factors[0]] * 2, rel=0.01), "but for whole replicas"
    assert risks.applied(H100, "export-rules").peak_flop_per_second == 148e12, "the H20 at BF16"
    given = build({"peak": "100 TFLOPS"}, "test")
    assert risks.applied(given, "export-rules").peak_flop_per_second == 74e12, "a peak that was given goes with its chip"
    assert risks.applied(given, "demand").peak_flop_per_second == 100e12


def test_a_share_of_the_plan_ends_where_a_scenario_may_go_no_further():
    one_token = build({"training_tokens": 1}, "test")
    assert risks.applied(one_token, "data-limits").training_tokens == 1
    assert risks.results(risks.applied(one_token, "data-limits"))["training"] > 0, "less than a token can't be planned"


@pytest.mark.parametrize("key", RISKS)
def test_a_stress_that_the_scenario_already_has_changes_nothing(key):
    under = risks.stress(key)
    assert risks.results(risks.applied(under, key)) == risks.results(under)
    own_peak = build({"accelerator": "H20", "peak": "100 TFLOPS"}, "test")
    assert risks.applied(own_peak, "export-rules").peak_flop_per_second == 100e12


@pytest.mark.parametrize(
    ("key", "name", "beyond", "short"),
    [
        ("efficiency", "parameters", "7e9", "70e9"),
        ("utilization", "utilization", "10%", "40%"),
        ("tokenizer", "tokens_per_character", 3, 0.8),
        ("architecture", "characters_per_question", 10_000, 100),
    ],
)
def test_a_level_is_put_where_the_scenario_falls_short_of_it(key, name, beyond, short):
    there = build({name: beyond}, "test")
    assert getattr(risks.applied(there, key), name) == getattr(there, name)
    assert risks.effects(there).set_index("risk").loc[key, ["training", "serving", "site", "capital"]].tolist() == [1] * 4
    assert key in risks.unchanged(there)
    before = build({name: short}, "test")
    assert getattr(risks.applied(before, key), name) == getattr(risks.stress(key), name)
    assert key not in risks.unchanged(before)
    assert risks.unchanged(DECK) == []


def test_a_stress_whose_chip_lacks_the_format_is_named_and_left_out():
    fp4 = build({"accelerator": "B200 SXM (HGX/DGX)", "precision": "FP4"}, "test")
    with pytest.raises(RiskError, match=r"stress/export-rules: H20 has no published dense peak in FP4"):
        risks.applied(fp4, "export-rules")
    found = risks.effects(fp4).set_index("risk")
    assert np.isnan(found.loc["export-rules", "serving"])
    assert "H20" in found.loc["export-rules", "why_not"]
    assert found.loc["next-chip", "serving"] == pytest.approx(1)


def test_a_chip_is_worth_what_it_is_planned_to_carry():
    """Not its peak: the H20's is less than half of the A100's TF32 peak, and its memory is faster."""
    found = risks.effects(DECK).set_index("risk").loc["export-rules", "serving"]
    plans = [scenario_serving.planned(scenario) for scenario in (risks.applied(DECK, "export-rules"), DECK)]
    assert found == plans[0].chips.expected / plans[1].chips.expected
    assert found < 1 < 156 / 74


def test_an_unknown_risk_is_refused_with_the_nearest():
    with pytest.raises(RiskError, match=r"there is no risk 'tokeniser'; did you mean 'tokenizer'\?; there are: demand"):
        risks.stress("tokeniser")


def test_factors_are_the_ratios_that_the_formulas_promise():
    found = risks.effects(DECK).set_index("risk")
    assert found.loc["demand", "serving"] == pytest.approx(3 / 14, rel=1e-3)
    assert found.loc["demand", "training"] == 1
    assert found.loc["power", "serving"] == pytest.approx(1.2, rel=1e-3)
    # PUE from 1.3 to 1.56 on top of a fifth more chips.
    assert found.loc["power", "site"] == pytest.approx(1.2 * 1.56 / 1.3, rel=1e-3)
    assert 1.4 < found.loc["suppliers", "training"] < 1.8, "two thirds of the time; more chips lose more of theirs"
    assert found.loc["suppliers", "capital"] > 1.05
    assert found.loc["utilization", "capital"] == pytest.approx(0.5 / 0.183, rel=1e-3)
