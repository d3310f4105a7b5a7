"""One thing said in another way gives the numbers of the division that follow from it, and never two answers."""

import pytest

from analysis.models import ledger, library
from analysis.rl import iteration
from analysis.scenarios import alternatives, reading
from analysis.scenarios.alternatives import GROUPS, PREDICTED
from analysis.scenarios.estimate import estimate
from analysis.scenarios.reading import build, load
from analysis.scenarios.scenario import ASSUMPTIONS, DECK
from analysis.tuning import method


def test_a_model_gives_the_parameters_that_a_token_meets():
    scenario = build({"model": "DeepSeek-V3"}, "test")
    assert scenario.parameters == ledger.active_parameters(library.load("DeepSeek-V3"))
    assert 36e9 < scenario.parameters < 38e9  # DeepSeek-AI 2024 prints 37B activated, of 671B
    assert "DeepSeek-V3" in scenario.source("parameters")
    assert build({"model": "Llama-3.1-405B"}, "test").parameters == pytest.approx(405.9e9, rel=1e-3)


def test_accelerators_are_those_of_the_division_in_the_time_that_follows():
    scenario = build({"training_accelerators": "2,048", "utilization": "40%"}, "test")
    assert estimate(scenario).training.accelerators == 2048
    assert scenario.training_time == pytest.approx(6 * 175e9 * 300e9 / (2048 * 156e12 * 0.4))


def test_a_day_in_users_requests_or_tokens_is_one_day():
    lengths = {"prompt_tokens": 1000, "answer_tokens": 500}
    users = build({"users": "2 million", **lengths}, "test")  # ten requests of each
    requests = build({"requests_per_day": "20e6 requests", **lengths}, "test")
    tokens = build({"tokens_per_day": "30e9", **lengths}, "test")
    days = [estimate(scenario).inference for scenario in (users, requests, tokens)]
    assert days[0] == days[1] == days[2]
    assert days[0].tokens_per_day == pytest.approx(30e9)
    assert users.answer_share == pytest.approx(1 / 3)
    assert estimate(build({"users": "2e6", "requests_per_user": 5, **lengths}, "test")).inference.tokens_per_day == 15e9


def test_lengths_that_are_not_said_are_those_measured_of_conversations():
    scenario = build({"users": "1e6"}, "test")
    assert scenario.characters_per_question * scenario.tokens_per_character == pytest.approx(1154.7 + 211.1)
    coding = build({"users": "1e6", "service": "coding"}, "test")
    assert coding.characters_per_question == pytest.approx(2047.8 + 27.9)
    characters = build({"users": "1e6", "characters_per_question": 300}, "test")
    assert characters.characters_per_question * characters.tokens_per_character == pytest.approx(400)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"model": "DeepSeek-V3", "parameters": "37e9"}, ["parameters and model"]),
        ({"training_time": "3 days", "training_budget": "3e6"}, ["one of training_time, training_accelerators and"]),
        ({"training_accelerators": 8, "training_budget": "3e6"}, ["training_accelerators and training_budget"]),
        ({"users": 5, "tokens_per_day": 7}, ["tokens_per_day and users"]),
        ({"users": 5, "visits_per_day": 7}, ["visits_per_day and users"]),
        ({"prompt_tokens": 5, "tokens_per_character": 1}, ["tokens_per_character and prompt_tokens"]),
        ({"requests_per_user": 5}, ["without users"]),
        ({"model": "DeepSeek-V33"}, ["model: model 'DeepSeek-V33'", "did you mean 'DeepSeek-V3"]),
        ({"service": "codng"}, ["'codng'", "did you mean 'coding'"]),
        ({"training_accelerators": 1.5}, ["whole number"]),
        ({"utilization": "predict"}, ["utilization: 'predict'"]),
    ],
)
def test_one_thing_is_said_once_and_under_its_name(values, words):
    with pytest.raises(reading.ScenarioError) as caught:
        build(values, "mine.yml")
    assert str(caught.value).startswith("mine.yml: ")
    for word in words:
        assert word in str(caught.value)


def test_the_command_line_overrules_what_the_file_says_in_another_way(tmp_path):
    (tmp_path / "mine.yml").write_text("parameters: 70e9\ntraining_time: 3 days\nvisits_per_day: 5\nutilization: 40%")
    scenario = load(tmp_path / "mine.yml", {"model": "DeepSeek-V3", "training_accelerators": "64", "users": "1e6"})
    assert scenario.parameters > 36e9
    assert estimate(scenario).training.accelerators == 64
    assert scenario.visits_per_day == 1e7
    with pytest.raises(reading.ScenarioError, match="^--set: parameters and model"):
        load(tmp_path / "mine.yml", {"model": "DeepSeek-V3", "parameters": "1e9"})


def test_a_file_that_leaves_out_the_utilization_has_the_decks_only_where_it_changes_no_run(tmp_path):
    path = tmp_path / "mine.yml"
    for text, expected in [
        ("title: mine", DECK.utilization),
        ("visits_per_day: 5", DECK.utilization),
        ("training_tokens: 5e9", PREDICTED),
        ("accelerator: H100 SXM5", PREDICTED),
        ("model: DeepSeek-V3", PREDICTED),
        ("training_time: 31 days", PREDICTED),
        ("training_budget: 1 million USD", PREDICTED),
        ("accelerator: H100 SXM5\nutilization: 40%", 0.4),
        ("utilization: predicted", PREDICTED),
    ]:
        path.write_text(text)
        scenario = load(path)
        assert scenario.utilization == expected, text
        assert scenario.is_settled == (expected != PREDICTED)


def test_what_notebooks_are_handed_makes_the_same_scenario():
    """A notebook has some fields of its own and the deck's values in its cell; it is handed what follows, too."""
    cells = {name: about.written(getattr(DECK, name)) for name, about in ASSUMPTIONS.items() if getattr(DECK, name) is not None}
    given = {"model": "DeepSeek-V3", "training_accelerators": 1024, "users": "1e6", "service": "coding", "utilization": "30%"}
    scenario = build(given, "test")
    again = build(cells | scenario.handed, "notebook", handed=True)
    alone = build({name: value for name, value in scenario.handed.items() if name in cells}, "notebook", handed=True)
    for name in ASSUMPTIONS:
        assert getattr(again, name) == getattr(scenario, name), name
        if name in cells:
            assert getattr(alone, name) == getattr(scenario, name), name


def test_a_cell_with_the_decks_value_says_nothing_beside_another_way():
    scenario = build({"parameters": "175e9", "model": "DeepSeek-V3", "training_time": "30 days"}, "notebook", handed=True)
    assert scenario.parameters < 38e9


def test_the_first_way_of_each_group_is_the_decks():
    for decks, *others in GROUPS:
        assert all(getattr(DECK, name) is not None for name in decks)
        assert all(getattr(DECK, name) is None for way in others for name in way)


def test_methods_and_placements_are_those_of_the_planner():
    """Written down twice, since a scenario stands below the planner."""
    assert alternatives.TUNING_METHODS == method.METHODS
    assert alternatives.PLACEMENTS == iteration.PLACEMENTS
