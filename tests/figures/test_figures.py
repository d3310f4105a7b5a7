"""Charts carry what a reader needs."""

import base64
import re

import altair as alt
import pandas as pd
import pytest

from analysis.figures import (
    chart_data,
    inference,
    render,
    scenarios,
    serving,
    training,
    training_run,
)
from analysis.plan import scenario_serving, scenario_training
from analysis.scenarios.reading import build
from tests.figures.charts import CHARTS, accelerators_by_scenario, drawn
from tests.figures.drawn import is_short


def test_a_long_title_and_one_full_of_numbers_are_found():
    assert is_short("Twice the time, half the chips")
    assert is_short("Of 5 sites, GPT-3 needs the site that opened in January 2026")
    assert not is_short("Twice the time takes half the chips as long as nothing else is in the way")
    assert not is_short("The deck prints 706,315")
    assert not is_short("Attention is 2.8% of the work")


@pytest.mark.parametrize("name", CHARTS)
def test_charts_say_what_they_show(name):
    chart = drawn(name)
    spec = chart.to_dict()
    assert len(spec["title"]) > 10
    assert is_short(spec["title"])
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
    assert spec == CHARTS[name]().to_dict(), "what is drawn is repeatable"


def test_a_subtitle_stands_below_the_title_wherever_a_chart_is_shown():
    chart = render.figure(alt.Chart(pd.DataFrame({"n": [1]})).mark_bar().encode(x="n:Q"), title="One message",
                          subtitle="Its numbers: 1.", description="A bar.", source="a test")  # fmt: skip
    below = '<p class="vega-title">One message</p><p class="vega-subtitle">Its numbers: 1.</p>'
    assert below in render.bundle(chart.to_dict())["text/html"]
    assert below in render.picture(chart)
    assert render.drawn(chart, "sans-serif")[:2] == ("One message", "Its numbers: 1.")


def test_drawing_is_repeatable():
    spec = drawn("training").to_dict()
    assert render.bundle(spec) == render.bundle(spec)


def test_a_chart_without_description_is_refused():
    with pytest.raises(ValueError, match="title, a description and a source"):
        render.bundle(alt.Chart(pd.DataFrame({"x": [1]})).mark_point().to_dict())


@pytest.mark.parametrize("count", [10**20, 10**39])
def test_a_whole_number_of_any_size_is_drawn(count):
    chart = alt.Chart(alt.Data(values=[{"n": count, "of": 1}, {"n": 1, "of": 2}])).mark_point().encode(x="n:Q", y="of:Q")
    html = render.bundle(render.figure(chart, title="Counts", description="Two.", source="a test").to_dict())["text/html"]
    assert "data:image/svg+xml" in html
    assert len(chart_data.table(chart.to_dict(), render.VEGALITE)) == 2


def test_markup_in_texts_stays_text():
    frame = pd.DataFrame({"<b>": ["<!--<script>alert(1)</script>"], "n": ["1"]})
    assert "<script" not in render.table(frame)
    chart = render.figure(
        alt.Chart(frame).mark_text().encode(text="<b>:N"), title="<i>", subtitle="<i>", description='"><i>', source="<i>"
    )
    html = render.bundle(chart.to_dict())["text/html"]
    assert "<i>" not in html
    assert html.count("</script>") == 1
    assert html.count("<script") == 1
    assert "<!--" not in html


def test_charts_survive_the_largest_scenarios():
    extreme = build({"parameters": 1e16, "training_tokens": 1e17, "training_time": "1 s", "visits_per_day": 1e13}, "test")
    rows = accelerators_by_scenario()
    rows["accelerators"] = [10**24] * len(rows)
    charts = training.accelerators_by_days(extreme, 1558), inference.slip(extreme, 706_315)
    trained, _ = scenario_training.trainable(extreme)
    charts += training_run.days_by_chips(trained, 1558), training_run.enough(trained, 1558)
    charts += training_run.days_against_dollars(trained), training_run.rent_or_own(trained)
    followed, _ = scenario_serving.servable(extreme)
    charts += serving.waterfall(followed), serving.hours(followed)
    for chart in (*charts, inference.tokenizers(extreme), scenarios.accelerators_by_scenario(rows)):
        assert render.bundle(chart.to_dict())
