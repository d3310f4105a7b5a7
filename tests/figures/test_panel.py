"""The what-if panel's description, against the scenario and the units that it speaks of; the page itself: test_what_if.py."""

import pytest

from analysis import units
from analysis.figures import panel, what_if
from analysis.scenarios.reading import build
from analysis.scenarios.scenario import ASSUMPTIONS, DECK, Scenario

H100 = build({"accelerator": "H100 SXM5", "precision": "BF16", "utilization": "40%", "answer_share": "60%"}, "test")
NUMBERS = [control for control in panel.description(DECK)["controls"] if control["kind"] != "name"]


def test_the_panel_has_every_assumption_of_the_decks_formulas():
    controls = [control["name"] for control in panel.description(DECK)["controls"]]
    assert controls == [name for name, about in ASSUMPTIONS.items() if about.decks]


@pytest.mark.parametrize("control", NUMBERS, ids=lambda control: control["name"])
def test_what_a_control_holds_is_read_as_the_same_number(control):
    about = ASSUMPTIONS[control["name"]]
    for held in (control["least"], control["most"], 7.0, 0.37, 1234.5):
        assert units.read(f"{held!r} {control['unit']}".strip(), about.unit) == held * control["size"]
    if control["value"] is not None:
        assert control["value"] * control["size"] == getattr(DECK, control["name"])


@pytest.mark.parametrize("control", NUMBERS, ids=lambda control: control["name"])
def test_a_control_allows_what_the_scenario_allows(control):
    about = ASSUMPTIONS[control["name"]]
    for end, beyond in (("least", 0.9), ("most", 1.1)):
        edge = control[end] * control["size"]
        assert (
            getattr(
                build({control["name"]: f"{edge!r} {about.unit if about.unit in ('second', 'FLOP/second') else ''}"}, "test"),
                control["name"],
            )
            == edge
        )
        with pytest.raises(ValueError, match="out of range|whole number"):
            build({control["name"]: f"{control[end] * beyond!r} {control['unit']}".strip()}, "test")


def test_sliders_hold_their_value():
    for scenario in (DECK, H100, build({"serving_time": "600 s", "visits_per_day": 1}, "test")):
        for control in panel.description(scenario)["controls"]:
            if control["kind"] == "number":
                assert control["from"] <= control["value"] * (1 + 1e-12)
                assert control["value"] <= control["to"] * (1 + 1e-12)
                assert control["from"] < control["to"]


def test_what_the_panel_does_not_show_is_not_lost():
    assert panel.description(DECK)["others"] == {}
    assert panel.description(H100)["others"] == {"answer_share": "60%"}


def test_models_have_the_parameters_that_a_token_uses():
    models = panel.description(DECK)["models"]
    assert models["Llama 3.1 405B"]["parameters"] == pytest.approx(405, rel=0.01)
    assert models["DeepSeek-V3"] == {"parameters": 37, "training_tokens": 14_800}
    assert models["GPT-3 175B"]["training_tokens"] == 300


def test_a_chip_that_the_data_lack_has_the_peak_that_is_given():
    mine = build({"accelerator": "</script><b>Mine", "precision": "FP9", "peak": "500 TFLOPS"}, "test")
    described = panel.description(mine)
    assert described["peaks"][mine.accelerator] == {"FP9": 500e12}
    assert described["given"] == [mine.accelerator, "FP9"]
    assert panel.description(H100)["given"] is None
    assert "<b>" not in panel.markup(mine)


def test_the_charts_factors_name_each_field_of_the_formulas():
    names = set(Scenario.model_fields) & {param["name"] for param in what_if.factors(DECK).to_dict()["params"]}
    assert names == set(panel.fields(DECK))
