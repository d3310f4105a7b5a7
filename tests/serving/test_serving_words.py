from analysis.serving.serving_words import count, written


def test_the_decks_steps_are_whole_and_others_have_three_digits():
    assert written("slip", 412_017.3) == "412,018"
    assert written("apart", 1_312_155.0) == count(1_312_155.0) == "1.31 million"


def test_a_missing_end_of_an_interval_says_so():
    assert count(float("inf")) == "no number that is enough"
