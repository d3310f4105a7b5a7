"""Figures that one walks through: what they say in each place is what their data say, and nothing is said of no place."""

import json
import re

import numpy as np
import pytest
import vl_convert

from analysis.figures import render, walk
from analysis.languages import walks
from analysis.networks import boundary, explored, one_by_one, sampling, subwords, translator, way
from tests.figures.charts import drawn

WALKS = (
    "learning seen", "examples one by one", "attention explored", "next token", "looks of masks",
    "waterfall of serving", "predicted against reported", "roofline", "clocks", "memory freed", "way of a token",
    "context", "promised and got", "zoom", "models and advice", "typed",
)  # fmt: skip


def _at(name: str, **places: object) -> str:
    """Return the static picture of a chart as it stands at these places."""
    spec = drawn(name).to_dict()
    for param in spec["params"]:
        param["value"] = places.get(param["name"], param.get("value"))
        if "expr" in param:
            param.pop("value")
    spec = {key: value for key, value in spec.items() if key not in ("config", "title", "usermeta")}
    return vl_convert.vegalite_to_svg(json.dumps(spec | {"width": 680}), vl_version=render.VEGALITE)


@pytest.mark.parametrize("name", WALKS)
def test_each_walk_has_controls_for_the_keyboard_and_texts_for_all_places(name):
    params = {param["name"]: param for param in drawn(name).to_dict()["params"]}
    bound = {key: param["bind"] for key, param in params.items() if "bind" in param}
    assert bound
    assert all(key.startswith("walk_") for key in bound)
    assert {bind["input"] for bind in bound.values()} <= {"range", "radio", "select", "text"}
    if walk.SAID in params and params[walk.SAID]["expr"].startswith("{"):
        expression = params[walk.SAID]["expr"]
        texts = json.loads(expression[: expression.rindex("[")])
        places = [1]
        for bind in (bind for bind in bound.values() if bind["input"] != "text"):
            count = int(bind["max"] - bind["min"]) + 1 if bind["input"] == "range" else len(bind["options"])
            places.append(count)
        assert len(texts) == np.prod(places)


def test_the_texts_of_walks_have_both_languages_with_the_same_gaps():
    gaps = {language: {name: set(re.findall(r"{\w+}", text)) for name, text in table.items()}
            for language, table in walks.TABLES.items()}  # fmt: skip
    assert gaps["en"] == gaps["zh"]


def test_the_network_of_the_plane_learns_and_its_folds_are_where_a_unit_is_zero():
    seen = boundary.learned(4, 6)
    assert seen[-1].right == boundary.POINTS > seen[0].right
    losses = [one.loss for one in seen]
    assert losses == sorted(losses, reverse=True)
    x, kinds = boundary.points()
    assert set(kinds) == {0, 1}
    assert len(x) == boundary.POINTS
    left, right, bottom, top = boundary.FRAME
    for x1, y1, x2, y2 in seen[-1].folds:
        for across, up in ((x1, y1), (x2, y2)):
            assert left - 1e-6 <= across <= right + 1e-6
            assert bottom - 1e-6 <= up <= top + 1e-6
    assert "After 800 updates" not in _at("learning seen", walk_updates=0)
    assert "800 updates" in _at("learning seen", walk_updates=len(seen) - 1)


def test_the_answer_comes_with_the_example_that_shows_it():
    answers = one_by_one.answers()
    assert np.allclose(answers.groupby(["size", "examples"])["probability"].sum(), 1, atol=0.02)
    large = answers[answers["right"] & (answers["size"] == "large")].set_index("examples")["probability"]
    assert large[: one_by_one.SHOWN_BY - 1].max() < 0.1
    assert large[one_by_one.SHOWN_BY :].min() > 0.9
    last = answers[answers["right"]].iloc[-1]
    assert f"{last['prompt'][-2]}→{last['capital']} " in last["prompt"], "the prompt shows what is asked for"
    assert "f→E" in _at("examples one by one", walk_examples=2, walk_size="small")


def test_a_head_taken_out_is_that_head_and_weights_are_shares():
    frame = explored.explored("sixty-five")
    assert np.allclose(frame.groupby(["part", "layer", "head", "place"])["weight"].sum(), 1, atol=1e-5)
    spoilt = explored.explored(explored.SENTENCE).drop_duplicates(["part", "layer", "head"])
    written = translator.text(translator.translate(explored.SENTENCE))
    assert written == "六万五千二百九十一"
    assert 0 < (spoilt["without"] != written).sum() < len(spoilt)


@pytest.mark.parametrize(("temperature", "k", "p"), [(1.0, 50, 0.9), (0.5, 100, 0.5), (2.0, 3, 1.0), (0.1, 1, 0.05)])
def test_the_page_draws_with_the_probabilities_that_python_computes(temperature, k, p):
    logits, tokens = sampling.next_logits()
    expected = sampling.probabilities(logits, temperature, k, p)
    best = int(expected.argmax())
    svg = _at("next token", walk_temperature=temperature, walk_k=k, walk_p=p)
    assert f">{expected[best]:.1%}<" in svg
    assert f"{sampling.kept(logits, temperature, k, p)} of {len(tokens):,} tokens" in svg


@pytest.mark.parametrize(
    "text", ["Tokens (of models): 春風又綠江南岸，明月何時照我還。", "é 😀 [a|b]+ it's 3.5%", "中国的大模型", "x"]
)
@pytest.mark.parametrize("step", [0, 3, 4])
def test_the_page_cuts_a_sentence_as_python_does(text, step):
    svg, steps = _at("typed", walk_text=text, walk_joins=step), subwords.STEPS[step]
    english, chinese = (one.tokens(steps) for one in (subwords.english(), subwords.chinese()))
    for name, tokens in (
        ("cut_bytes", set()),
        ("cut_english", english),
        ("cut_chinese", chinese),
        ("cut_both", english | chinese),
    ):
        pieces = subwords.cut(text, tokens)
        assert f"{walks.word(name)}: {sum(cost for _, cost in pieces)} tokens" in svg
    assert sum(cost for _, cost in subwords.cut(text, set())) == len(text.encode())


def test_top_p_keeps_the_fewest_tokens_that_hold_p():
    logits = np.log(np.array([0.5, 0.3, 0.15, 0.05]))
    assert np.allclose(sampling.probabilities(logits, 1, 4, 0.75), [0.625, 0.375, 0, 0])
    assert sampling.kept(logits, 1, 4, 1.0) == 4
    assert np.allclose(sampling.probabilities(logits, 1, 1, 1.0), [1, 0, 0, 0])


def test_a_way_ends_with_the_token_that_is_written_and_its_parts_add_what_they_add():
    sentence = "three hundred and twenty-one"
    followed = way.ways(sentence)
    assert "".join(step.next for step in followed[:-1]) == translator.text(translator.translate(sentence)) == "三百二十一"
    assert [step.token for step in followed[1:]] == [one.next for one in followed[:-1]]
    decoder = translator.load().decoder
    assert all(len(one.stations) == 1 + 3 * len(decoder) for one in followed)
    for one in followed:
        last = one.stations[-1].vector
        logits = last @ translator.load().embedding.T
        assert translator.VOCABULARY.tokens[int(logits.argmax())] == one.next, "the last station is what the choice is made from"
        assert all(0 < station.share <= 1 for station in one.stations if station.key)
