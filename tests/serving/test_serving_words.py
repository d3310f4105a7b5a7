import pytest

from analysis.inference.deployments import deploy
from analysis.serving.serving_words import count, seconds, shared, stands, within, written


def test_the_decks_steps_are_whole_and_others_have_three_digits():
    assert written("slip", 412_017.3) == "412,018"
    assert written("apart", 1_312_155.0) == count(1_312_155.0) == "1.31 million"


def test_a_missing_end_of_an_interval_says_so():
    assert count(float("inf")) == "no number that is enough"


@pytest.mark.parametrize(("value", "text"), [(0.0415, "41.5 ms"), (0.2, "200 ms"), (2, "2 s"), (2.5, "2.5 s")])
def test_times_as_people_write_them(value, text):
    assert seconds(value) == text


def test_where_a_number_stands():
    assert [stands(value, 2, 4) for value in (1, 2, 3, 4, 5)] == ["below", "inside", "inside", "inside", "above"]


def test_within_and_outside():
    assert [within(ratio, 0.36) for ratio in (1.0, 0.8, 1.5, 0.5)] == ["within", "within", "outside", "outside"]


def test_plans_in_words():
    assert shared(deploy("Llama-3.1-8B", "H100 SXM5")) == "all on one chip"
    both = deploy("GPT-3 175B", "A100 SXM4 80GB", tensor=8, pipeline=2)
    assert shared(both) == "each matrix on 8 chips, layers in 2 stages"
