"""Held against ruamel.yaml, which is another reader, in Python and of YAML 1.2."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from analysis import facts, paths, yaml_text
from analysis.facts import Origin


def read(text):
    return YAML(typ="safe", pure=True).load(text)


words = st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), min_size=1, max_size=20)


@given(st.dictionaries(words, words, min_size=1, max_size=5))
def test_a_mapping_of_texts_is_read_as_yaml_reads_it(fields):
    text = "\n".join(
        f"{json.dumps(name, ensure_ascii=False)}: {json.dumps(value, ensure_ascii=False)}" for name, value in fields.items()
    )
    assert yaml_text.mapping(text) == fields == read(text)


@pytest.mark.parametrize("name", facts.names())
def test_records_are_read_as_yaml_reads_them(name):
    text = (paths.DATA / f"{name}.origin.yml").read_text(encoding="utf-8")
    assert facts.origin(name) == Origin.model_validate(read(text))


def test_what_is_left_empty_is_nothing_and_what_is_quoted_is_text():
    assert yaml_text.mapping('a:\nb: ~\nc: null\nd: ""\ne: "null"\n') == {"a": None, "b": None, "c": None, "d": "", "e": "null"}


def test_lists_and_fields_are_read_as_deep_as_is_asked():
    text = "a: {b: {c: [1, 2]}}"
    assert yaml_text.mapping(text, deepest=3) == {"a": {"b": {"c": ["1", "2"]}}}
    with pytest.raises(yaml_text.YamlTextError, match="line 1: lists or fields are nested too deep"):
        yaml_text.mapping(text, deepest=2)


@pytest.mark.parametrize(("text", "why"), [("a: 1\na: 2", "line 2: .*twice"), ("", "a record is a list"), ("- a", "not one")])
def test_what_is_no_mapping_is_refused(text, why):
    with pytest.raises(yaml_text.YamlTextError, match=why):
        yaml_text.mapping(text, "a record")
