"""Tables of embeddings and attention: what they say adds up."""

import pytest

from analysis import facts
from analysis.networks import tables, translator, word_vectors


@pytest.fixture(scope="module")
def model():
    return translator.load()


def test_the_steps_of_one_query_lead_to_its_weights(model):
    sentence = translator.source("three hundred and twenty-one")
    tokens = translator.VOCABULARY.read(sentence) + ["<end>"]
    attended = model.encode(sentence).layers[0].attention
    frame = tables.steps(attended, 1, 2, tokens)
    assert list(frame["Key"]) == [*tokens, "Sum"]
    assert [float(text) for text in frame["Weight"]][:-1] == pytest.approx(attended.weights[1, 2], abs=6e-4)
    scaled = [float(text.replace("−", "-")) for text in frame["÷ √16"][:-1]]
    assert scaled == pytest.approx(attended.scores[1, 2], abs=6e-3)


def test_heads_cost_no_parameters_and_no_flop_unless_they_are_wide():
    frame = tables.by_heads(translator.ARCHITECTURE, [1, 2, 4, 8], 12)
    parameters, flop = (frame.iloc[:-1][column].unique() for column in ("Parameters", "FLOP over 12 tokens"))
    assert len(parameters) == len(flop) == 1
    wide = frame.iloc[-1]
    assert wide["Width of a head"] == str(translator.ARCHITECTURE.d_model)
    # Four heads of the full width: four times the columns of each projection, in nine attentions.
    width = translator.ARCHITECTURE.d_model
    more = 9 * (4 * 3 * width * width + 3 * 3 * width)
    assert int(wide["Parameters"].replace(",", "")) - int(parameters[0].replace(",", "")) == more


def test_a_look_up_shows_the_table(model):
    frame = tables.looked_up(model, ("two", "<end>"), translator.source("two"))
    row = int(frame["Row of the table"][0])
    assert translator.VOCABULARY.tokens[row] == "two"
    assert frame["Its vector"][0].startswith(f"({model.embedding[row, 0]:.2f}".replace("-", "−"))


def test_analogies_say_both_ways():
    frame = tables.analogies(word_vectors.load(), [("man", "woman", "king")])
    assert frame["Given words left out"][0].startswith("queen 0.77")
    assert frame["No word left out"][0].startswith("king 0.84")


def test_relations_are_ordered_and_compared_with_all_words():
    scores = word_vectors.scores(word_vectors.load(), word_vectors.pairs())
    frame = tables.relations(scores, facts.read("weights/word_vectors_log"))
    rights = [float(text.rstrip("%")) for text in frame["Right"]]
    assert rights == sorted(rights, reverse=True)
    assert all(
        float(all_words.rstrip("%")) <= right + 0.6
        for all_words, right in zip(frame["Right among all words"], rights, strict=True)
    )
