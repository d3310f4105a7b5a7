import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.scenarios.estimate import estimate
from analysis.scenarios.scenario import DECK
from analysis.serving import demand
from analysis.serving.demand import Demand, DemandError

shares = st.floats(0, 1)


@given(share=shares)
def test_prompt_and_answer_of_the_deck_make_its_tokens(share):
    day = demand.of_scenario(DECK, share)
    tokens = day.input_tokens_per_day + day.output_tokens_per_day
    assert tokens == pytest.approx(estimate(DECK).inference.tokens_per_day)
    assert day.output_tokens_per_day == pytest.approx(share * tokens)


def test_arrays_are_demands_too():
    day = demand.of_visits(np.array([0.0, 1e9]), 4, 425, np.array([0.2, 0.8]), 4 / 3, peak_to_mean=1.5)
    assert day.questions_per_day.tolist() == [0, 4e9]
    assert day.answer_tokens / day.prompt_tokens == pytest.approx([0.25, 4])
    assert day.peak_questions_per_second == pytest.approx([0, 1.5 * 4e9 / 86400])


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"questions_per_day": -1.0}, "questions_per_day: -1 is out of range; allowed: at least 0"),
        ({"cached": 1.2}, "cached: 1.2 is out of range; allowed: 0 to 1"),
        ({"peak_to_mean": 0.5}, "peak_to_mean: 0.5 is out of range; allowed: at least 1"),
        ({"answer_tokens": float("nan")}, "answer_tokens: nan"),
        ({"prompt_tokens": np.array([1.0, -2.0])}, "prompt_tokens: -2"),
    ],
)
def test_what_can_not_be_is_named(values, message):
    with pytest.raises(DemandError, match=message):
        Demand(**({"questions_per_day": 1.0, "prompt_tokens": 1.0, "answer_tokens": 1.0} | values))


def test_tokens_a_character_are_the_measured_ones():
    assert demand.tokens_per_character("GPT-2/GPT-3 r50k_base") == pytest.approx(12520 / 5582)
    assert demand.tokens_per_character("DeepSeek-V3", "English news") == pytest.approx(51570 / 239700)
    assert set(demand.TEXTS) < set(demand.tokenizer_ratios()["text"])
    words = demand.tokenizer_ratios().dropna(subset="tokens_per_word")
    assert set(words["language"]) == {"English"}
    assert words["tokens_per_word"].between(1.2, 1.9).all()


def test_a_tokenizer_or_text_that_was_not_counted_is_named():
    with pytest.raises(DemandError, match="did you mean 'DeepSeek-V3'"):
        demand.tokens_per_character("deepseek v3")
    with pytest.raises(DemandError, match="did you mean 'English news'"):
        demand.tokens_per_character("DeepSeek-V3", "english")


@pytest.mark.parametrize(("service", "rows"), [("conversation", 27_303_999), ("coding", 16_803_695)])
def test_the_profile_that_was_read_off_a_chart_adds_up_to_the_trace(service, rows):
    """The number of rows is printed beside the chart, so the reading can be checked: within a hundredth."""
    read = demand.facts.read("load_profile")
    week = read[read["service"] == service]
    assert week["hour"].tolist() == list(range(168))
    assert week["requests_per_minute"].sum() * 60 == pytest.approx(rows, rel=0.01)


def test_measured_days():
    weekday, weekend = demand.measured_profile(), demand.measured_profile(days="weekend")
    assert len(weekday) == 24 and weekday.mean() == pytest.approx(1) == pytest.approx(weekend.mean())
    assert 1.3 < demand.peak_to_mean(weekday) < 1.4
    assert demand.peak_to_mean(demand.measured_profile("coding")) > 2
    with pytest.raises(DemandError, match="did you mean 'conversation'"):
        demand.measured_profile("conversations")


@given(peak=st.floats(1, 1.9))
def test_a_profile_has_the_peak_that_was_asked_for(peak):
    weights = demand.profile(peak)
    assert weights.mean() == pytest.approx(1) and weights.max() == pytest.approx(peak) and weights.min() >= 0


def test_a_profile_that_can_not_be_is_refused():
    with pytest.raises(DemandError, match="below nothing with this shape; allowed: 1 to 2"):
        demand.profile(3.0)
    with pytest.raises(DemandError, match="24 weights"):
        demand.profile(1.2, np.ones(7))
    with pytest.raises(DemandError, match="flat shape"):
        demand.profile(1.2, np.ones(24))


def test_lengths_of_requests():
    lengths = demand.request_lengths()
    assert lengths.loc["prompt", "mean_tokens"] > lengths.loc["answer", "mean_tokens"]
    assert 0.5 < lengths.loc["answer", "variation"] < 0.7


def test_published_demand_is_tidy():
    searches = demand.published("searches")
    assert searches["per_day"].iloc[0] == DECK.visits_per_day
    assert searches["per_day"].iloc[-1] == pytest.approx(5e12 / 365)
    tokens = demand.published("tokens")
    assert tokens.loc[tokens["organisation"] == "DeepSeek", "per_day"].tolist() == [776e9]
    assert tokens["per_day"].max() < 1e15 and not tokens.duplicated(["organisation", "product", "date"]).all()
    assert demand.published("messages")["date"].dtype.kind == "M"
    with pytest.raises(DemandError, match="did you mean 'tokens'"):
        demand.published("token")


def test_dates_stand_in_the_middle_of_what_they_name():
    assert demand._middle("2025-02-28") == pd.Timestamp("2025-02-28")
    assert demand._middle("2012/2015").year == 2013
    assert demand._middle("2026-04") == pd.Timestamp("2026-04-15")
