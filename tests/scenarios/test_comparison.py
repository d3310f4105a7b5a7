import json
import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import paths
from analysis.notes import comparison_page
from analysis.scenarios import comparison
from analysis.scenarios.reading import build, load
from analysis.scenarios.scenario import DECK


def test_a_scenario_equals_itself():
    same = comparison.compare(DECK, DECK)
    assert same.changes == same.effects == ()
    assert all(steps == () for steps in same.steps.values())
    assert set(same.rest.values()) == {1.0}


def test_a_change_is_explained_by_the_formula():
    """Accelerators are 6 N D / (t P u): half the time doubles them, a peak twice as high halves them."""
    after = build({"training_time": "15 days", "precision": "BF16", "questions_per_visit": 8}, "test")
    found = comparison.compare(DECK, after)
    assert [change.name for change in found.changes] == ["training_time", "precision", "peak", "questions_per_visit"]
    training = {step.names: step.factor for step in found.steps["training.accelerators_exact"]}
    assert training == pytest.approx({("training_time",): 2.0, ("precision", "peak"): 0.5})
    serving = {step.names: step.factor for step in found.steps["inference.accelerators_exact"]}
    assert serving == pytest.approx({("questions_per_visit",): 2.0, ("precision", "peak"): 0.5})
    assert "training.accelerators_exact" not in {effect.name for effect in found.effects}, "the two cancel"


@given(utilization=st.floats(0.01, 1), parameters=st.floats(1e6, 1e13), days=st.floats(1, 1000), ratio=st.floats(0.1, 10))
def test_factors_multiply_to_the_whole(utilization, parameters, days, ratio):
    after = build(
        {"utilization": utilization, "parameters": parameters, "training_time": f"{days} days",
         "tokens_per_character": ratio, "accelerator": "H100 SXM5", "precision": "BF16"}, "test",
    )  # fmt: skip
    found = comparison.compare(DECK, after)
    for name, steps in found.steps.items():
        ratios = {effect.name: effect.ratio for effect in found.effects}
        assert math.prod(step.factor for step in steps) == pytest.approx(ratios.get(name, 1.0))
        assert found.rest[name] == pytest.approx(1.0)
        sizes = [abs(math.log(step.factor)) for step in steps]
        assert sizes == sorted(sizes, reverse=True)


def test_every_pair_of_scenarios_can_be_compared_and_written():
    scenarios = [load(path) for path in sorted(paths.SCENARIOS.glob("*.yml"))]
    for one in scenarios:
        for other in scenarios:
            json.dumps(comparison.as_dict(comparison.compare(one, other)), allow_nan=False)


def test_the_page_is_whole_asks_for_nothing_and_shows_titles_as_text():
    after = build({"title": "<b>Half</b> & more", "utilization": "25%", "accelerator": "H100 SXM5", "precision": "BF16"}, "t")
    page = comparison_page.page(comparison.compare(DECK, after))
    assert "&lt;b&gt;Half&lt;/b&gt; &amp; more, compared with:" in page
    assert "<b>Half" not in page
    assert "<script" not in page
    assert not re.search(r"(?:src|href|srcset)=\"(?!data:)", page)
    assert "A100 PCIe 80GB" in page
    assert page == comparison_page.page(comparison.compare(DECK, after)), "the same bytes each time"


def test_the_page_of_equal_scenarios_says_so():
    assert "assume the same" in comparison_page.page(comparison.compare(DECK, DECK))
