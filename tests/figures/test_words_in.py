"""A chart in other words: every text that is read changes, and nothing else does."""

import altair as alt
import pandas as pd
import vl_convert

from analysis.figures import words_in
from analysis.figures.render import VEGALITE

_DATA = pd.DataFrame({"kind": ["dense", "experts"], "id_of": ["a_b", "c_d"], "error": [0.1, 0.2]})


def _chart() -> dict:
    choice = alt.param("chosen", value="dense", bind=alt.binding_select(options=["dense", "experts"], name="Kind of model"))
    bars = (
        alt.Chart(_DATA)
        .transform_calculate(label="datum.kind === 'experts' ? 'with experts' : datum.kind")
        .mark_bar()
        .encode(
            alt.X("error:Q", title="Median error", axis=alt.Axis(labelExpr="datum.label + ' parts'")),
            alt.Y("kind:N", sort=["experts", "dense"]),
            opacity=alt.condition("datum.kind === chosen", alt.value(1), alt.value(0.5)),
            tooltip=[alt.Tooltip("label:N", title="Kind")],
        )
        .add_params(choice)
    )
    return bars.to_dict()


def _blank(node):
    if isinstance(node, dict):
        return {key: _blank(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_blank(value) for value in node]
    return "" if isinstance(node, str) else node


def test_what_is_read_is_found_once():
    found = words_in.words(_chart())
    for text in ("Median error", "Kind of model", "Kind", "dense", "experts", "with experts", " parts"):
        assert found.count(text) == 1, text
    for name in ("error", "a_b", "label", "chosen", "bar", "quantitative"):
        assert name not in found, name


def test_literals_keep_their_quotes():
    chart = {"params": [{"name": "a", "expr": 'indexof(["dense", "with a \\"quote\\""], b) + \'it\\\'s dense\''}]}
    found = words_in.words(chart)
    assert found == ["dense", 'with a "quote"', "it's dense"]
    said = words_in.other(chart, lambda text: f"<{text}>")["params"][0]["expr"]
    assert said == 'indexof(["<dense>", "<with a \\"quote\\">"], b) + \'<it\\\'s dense>\''


def test_data_expressions_and_orders_change_together():
    other = {"dense": "稠密", "experts": "混合专家", "with experts": "含专家", "Median error": "误差中位数"}
    chart = words_in.other(_chart(), lambda text: other.get(text, text))
    text = str(chart)
    assert "'experts'" not in text.replace("'experts': ", "")
    assert "datum.kind === '混合专家' ? '含专家'" in text
    assert chart["encoding"]["y"]["sort"] == ["混合专家", "稠密"]
    assert _blank(chart) == _blank(_chart()), "with all strings blanked they are equal"
    assert "混合专家" in vl_convert.vegalite_to_svg(chart, vl_version=VEGALITE)
