"""Releases of language models: what is counted and fitted, against the lists themselves and plain least squares."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis import facts, settings
from analysis.history import releases
from analysis.history.releases import ReleaseError
from analysis.settings import SettingError
from analysis.tables import release_tables


def test_every_word_for_an_architecture_has_one_kind():
    words = [word for words in releases.KINDS.values() for word in words]
    assert len(words) == len(set(words))
    assert set(words) <= set(facts.read("models")["family"])
    kinds = releases.selected().set_index("model")["kind"]
    assert kinds["BERT-Large"] == "Encoder, as BERT"
    assert kinds["T5-11B"] == "Encoder and decoder, as T5"
    assert kinds["GPT-3 175B"] == "Decoder, as GPT"
    assert kinds["DeepSeek-V3"] == "Decoder with experts"
    assert kinds["GLM-130B"] == releases.OTHERS


def test_sizes_of_one_day_are_one_release():
    named = set(releases.releases()["model"])
    assert "GPT-3 175B" in named
    assert "GPT-3 13B" not in named
    assert "Transformer (big)" not in set(releases.selected()["model"]), "published before the deck begins"


@pytest.mark.parametrize("measure", releases.MEASURES)
def test_growth_is_least_squares_over_verified_notable_models(measure):
    frame = facts.read("language_models")
    frame = frame[(frame["notable"] == "yes") & (frame["verified"] != "no") & (frame["date"] >= "2018-06")]
    frame = frame.dropna(subset=measure)
    day = pd.to_datetime(frame["date"])
    line = stats.linregress(day.dt.year + (day.dt.day_of_year - 1) / 365.25, np.log(frame[measure]))
    found = releases.growth(measure)
    assert found.observations == len(frame)
    assert found.growth == pytest.approx(np.exp(line.slope), rel=0.01)
    assert found.low < found.growth < found.high


def test_groups_and_periods_share_the_models_out():
    every = releases.growth("training_flop").observations
    assert sum(releases.growth("training_flop", china=flag).observations for flag in (True, False)) == every
    parts = releases.growth("training_flop", until=2022), releases.growth("training_flop", after=2022)
    assert sum(part.observations for part in parts) == every


def test_rumours_move_no_trend(monkeypatch):
    before, frame = releases.growth("parameters"), releases.trended("parameters")
    frame.loc[frame["verified"] == "no", "value"] *= 1000
    monkeypatch.setattr(releases, "trended", lambda measure: frame)
    assert releases.growth("parameters") == before


def test_rumoured_sizes_are_in_no_figure_of_what_came_after():
    assert "GPT-4" not in set(releases.with_experts()["model"]) | set(releases.contexts()["model"])
    assert facts.read("models").set_index("model").loc["GPT-4", "verified"] == "no"


def test_active_parameters_are_those_that_deepseek_tells():
    row = releases.with_experts().set_index("model").loc["DeepSeek-V3"]
    assert row["active_share"] == pytest.approx(37 / 671)


def test_companies_get_their_laboratories_models_once():
    frame = releases.by_company()
    assert not frame.duplicated(["company", "model"]).any()
    assert "PaLM (540B)" in set(frame.loc[frame["company"] == "Google", "model"])
    assert set(frame["company"]) == set(releases.COMPANIES)
    assert set(frame.loc[frame["home"], "company"]) == releases.CHINESE
    named = {name for row in facts.read("language_models")["organization"].dropna() for name in row.split(", ")}
    assert {name for names in releases.COMPANIES.values() for name in names} <= named


def test_the_years_around_chatgpt_hold_what_their_dates_say():
    frame, around = facts.read("language_models"), releases.around_chatgpt()
    china = frame["country_or_region"].fillna("").str.contains("China|Hong Kong")
    after = (frame["date"] >= "2022-11-30") & (frame["date"] < "2023-11-30")
    assert around["china after"] == (after & china).sum()
    assert around["others after"] == (after & ~china).sum()


def test_shares_of_access_add_up():
    assert releases.access_by_year().groupby("year")["share"].sum().to_numpy() == pytest.approx(1)


def test_china_s_trend_is_later_and_lower():
    """The chapter says why the line through all is flatter than both."""
    every, china, others = (releases.growth("training_flop", china=flag).growth for flag in (None, True, False))
    assert every < min(china, others)
    frame = releases.trended("training_flop")
    assert frame.loc[frame["china"], "year"].mean() > frame.loc[~frame["china"], "year"].mean()


def test_tables_have_every_row_and_say_what_is_not_verified():
    table = release_tables.models()
    assert len(table) == len(releases.selected())
    rumour = table[table["Model, and by whom"] == "GPT-4\nOpenAI"].iloc[0]
    assert rumour["Verified"].startswith("no: RUMOUR")
    assert len(release_tables.china()) == len(facts.read("china_models"))


def test_unknown_names_are_refused():
    with pytest.raises(ReleaseError, match=r"'DeepSeek V3' is not in .*; did you mean 'DeepSeek-V3'\?"):
        releases.model("DeepSeek V3")
    with pytest.raises(ReleaseError, match=r"there is no measure 'parameter'; did you mean 'parameters'\?"):
        releases.growth("parameter")
    with pytest.raises(SettingError, match="model: model 'GPT3 175B .* not in .*; did you mean 'GPT-3 175B"):
        settings.read(releases.Compared, {"model": "GPT3 175B (davinci)"})
    with pytest.raises(SettingError, match="the training compute of 'Claude Opus 4' is not known"):
        settings.read(releases.Compared, {"model": "Claude Opus 4"})
