"""Charts carry what a reader needs, and colours that can be seen and told apart."""

import base64
import re
from itertools import combinations

import altair as alt
import numpy as np
import pandas as pd
import pytest

from analysis import architecture, audit, facts, paths, plans
from analysis.comparison import compare
from analysis.estimate import estimate
from analysis.figures import (
    claims,
    comparison,
    flop,
    inference,
    learning,
    ledger,
    memory,
    parallelism,
    precision,
    render,
    scaling,
    scenarios,
    theme,
    training,
)
from analysis.plans import PlanSettings
from analysis.networks import dense, digits
from analysis.networks.learning import Recipe, by_element, history
from analysis.scenario import DECK, build, load

GPT3 = architecture.load("GPT-3 175B")
H100 = load(paths.SCENARIOS / "h100-sxm-bf16.yml")


def _results() -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"scenario": scenario.title, "work": work, "accelerators": part.accelerators}
            for scenario in (DECK, H100)
            for work, part in (("Training", estimate(scenario).training), ("Inference", estimate(scenario).inference))
        ]
    )


RECIPE = Recipe(examples=200, shown=1000)


def _history() -> pd.DataFrame:
    learn, unseen = digits.split()
    return history(dense.initial(RECIPE.widths, np.random.default_rng(0)), learn, unseen, RECIPE)


CHARTS = {
    "phases": lambda: learning.training_and_inference(RECIPE),
    "loss": lambda: learning.loss_by_epoch(_history()),
    "labelled": lambda: learning.labelled(dense.initial(RECIPE.widths, np.random.default_rng(0)), digits.split()[1]),
    "elements": lambda: learning.by_element(by_element(RECIPE, seeds=1)),
    "factors": lambda: comparison.factors(compare(DECK, H100), "training.accelerators_exact"),
    "training": lambda: training.accelerators_by_days(H100, 1558),
    "slip": lambda: inference.slip(H100, 706_315),
    "tokenizers": lambda: inference.tokenizers(H100),
    "attention": lambda: flop.attention_share(facts.read("gpt3_sizes"), 2048),
    "scenarios": lambda: scenarios.accelerators_by_scenario(_results()),
    "claims": lambda: claims.printed_over_recomputed(audit.claims()),
    "operations": lambda: ledger.by_operation(GPT3, 2048),
    "context": lambda: ledger.by_context(GPT3, 2048),
    "conventions": lambda: ledger.conventions(GPT3, 2048, 0.4),
    "formats": precision.bits,
    "peaks": lambda: precision.peaks(H100),
    "memory of one": lambda: memory.on_one(GPT3, 2048, H100.accelerator),
    "memory over 64": lambda: memory.over_64(GPT3, 2048, H100.accelerator),
    "memory by plan": lambda: memory.by_plan(GPT3, 2048, H100.accelerator),
    "cache": lambda: memory.kv_cache(8192, H100.accelerator),
    "plans": lambda: parallelism.by_split(PlanSettings()),
    "split of a step": lambda: parallelism.split(PlanSettings()),
    "more chips": lambda: parallelism.more_chips(plans.strong_scaling(PlanSettings())),
    "longer sequences": lambda: parallelism.by_length(PlanSettings()),
    "loss by size": lambda: scaling.loss_by_size(H100),
    "tokens a parameter": lambda: scaling.tokens_a_parameter(H100),
}


@pytest.mark.parametrize("name", CHARTS)
def test_charts_say_what_they_show(name):
    chart = CHARTS[name]()
    spec = chart.to_dict()
    assert len(spec["title"]) > 20
    assert spec["usermeta"]["description"]
    assert spec["usermeta"]["source"]
    assert spec["width"] == "container"
    titles = re.findall(r'"title": ?"([^"]*)"', chart.to_json())
    assert not [title for title in titles if "_" in title], "no raw field names"
    bundle = render.bundle(spec)
    picture = re.search(r'src="data:image/svg\+xml;base64,([^"]+)"', bundle["text/html"])[1]
    svg = base64.b64decode(picture).decode()
    assert "NaN" not in svg
    assert "undefined" not in svg
    assert "<text" in svg
    assert bundle == render.bundle(CHARTS[name]().to_dict()), "drawing is repeatable"


def test_a_chart_without_description_is_refused():
    with pytest.raises(ValueError, match="title, a description and a source"):
        render.bundle(alt.Chart(pd.DataFrame({"x": [1]})).mark_point().to_dict())


def test_markup_in_texts_stays_text():
    frame = pd.DataFrame({"<b>": ["<!--<script>alert(1)</script>"], "n": ["1"]})
    assert "<script" not in render.table(frame)
    chart = render.figure(
        alt.Chart(frame).mark_text().encode(text="<b>:N"), title="<i>", description='"><i>', source="<i>"
    )
    html = render.bundle(chart.to_dict())["text/html"]
    assert "<i>" not in html
    assert html.count("</script>") == 1
    assert html.count("<script") == 1
    assert "<!--" not in html


def test_charts_survive_the_largest_scenarios():
    extreme = build({"parameters": 1e16, "training_tokens": 1e17, "training_time": "1 s", "visits_per_day": 1e13}, "test")
    rows = _results()
    rows["accelerators"] = [10**24] * len(rows)
    charts = training.accelerators_by_days(extreme, 1558), inference.slip(extreme, 706_315)
    for chart in (*charts, inference.tokenizers(extreme), scenarios.accelerators_by_scenario(rows)):
        assert render.bundle(chart.to_dict())


def _luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(first: str, second: str) -> float:
    light, dark = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(("dark", "page"), [(False, "#ffffff"), (True, "#14181e")])
def test_colours_can_be_seen(dark, page):
    config = theme.config(dark=dark)
    for colour in config["range"]["category"] + config["range"]["ordinal"]:
        assert _contrast(colour, page) >= 3, "WCAG 2.1, 1.4.11: graphics"
    for part, key in (("axis", "labelColor"), ("axis", "titleColor"), ("legend", "labelColor"), ("text", "color")):
        assert _contrast(config[part][key], page) >= 4.5, "WCAG 2.1, 1.4.3: text"


@pytest.mark.parametrize("dark", [False, True])
def test_neighbouring_colours_are_told_apart_by_colour_blind_readers(dark):
    # Viénot, Brettel and Mollon 1999: what a protanope and a deuteranope see, in linear RGB.
    matrices = {
        "protan": ((0.11238, 0.88762, 0), (0.11238, 0.88762, 0), (0.00401, -0.00401, 1)),
        "deutan": ((0.29275, 0.70725, 0), (0.29275, 0.70725, 0), (-0.02234, 0.02234, 1)),
    }
    for matrix in matrices.values():
        seen = [_seen(colour, matrix) for colour in theme.config(dark=dark)["range"]["category"][:4]]
        for first, second in combinations(seen, 2):
            assert sum((a - b) ** 2 for a, b in zip(first, second, strict=True)) ** 0.5 > 0.05


def _seen(colour: str, matrix) -> list[float]:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return [max(0.0, sum(m * c for m, c in zip(row, linear, strict=True))) for row in matrix]
