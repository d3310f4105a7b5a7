import pytest

from analysis import facts
from analysis.industry import companies
from analysis.industry.companies import CompanyError


def test_every_company_has_a_place():
    frame = companies.table()
    assert len(frame) == len(facts.read("industry_chain"))
    assert set(frame["position"]) == set(companies.POSITIONS)
    assert (frame.groupby("segment")["position"].nunique() == 1).all(), "a segment has one place in the chain"
    assert list(dict.fromkeys(frame["segment"])) == list(companies.SEGMENTS)
    places = [companies.POSITIONS.index(place) for place in frame["position"]]
    assert places == sorted(places)


def test_listed_companies_have_tickers_and_others_none():
    frame = companies.table()
    without = frame[frame["ticker"].isna() & (frame["market"] != "unlisted")]
    assert without["note"].str.contains("ticker").all(), "a listed company without one says that it was not read"
    assert frame.loc[frame["market"] == "unlisted", "ticker"].isna().all()
    pairs = frame[frame["ticker"].notna()].groupby(["market", "ticker"]).size()
    assert set(pairs[pairs > 1].index) <= {("NASDAQ", "GOOGL")}, "Alphabet makes chips and sells computing"
    mainland = frame[(frame["market_group"] == "Shanghai or Shenzhen") & frame["ticker"].notna()]
    assert mainland["ticker"].str.fullmatch(r"\d{6}").all()
    # Exchanges number their listings: 60 and 68 Shanghai, 00 and 30 Shenzhen.
    shanghai = mainland["market"].str.startswith("Shanghai")
    assert (mainland["ticker"].str[:2].isin(["60", "68"]) == shanghai).all()
    assert (mainland["ticker"].str.startswith("688") == (mainland["market"] == "Shanghai STAR")).all()
    assert (mainland["ticker"].str.startswith("30") == (mainland["market"] == "Shenzhen ChiNext")).all()


def test_nothing_unverified_passes_as_verified():
    frame = companies.table()
    assert not frame["source"].str.contains(r"a public list|\d{9,}").any(), "a source is named, and no bare number"
    assert (frame.loc[frame["source"] == "none found", "verified"] != "yes").all()


def test_an_unknown_segment_is_refused_with_the_nearest():
    with pytest.raises(CompanyError, match=r"segment 'server' is not in the map; did you mean 'Servers'\?"):
        companies.in_segment("server")
    assert len(companies.in_segment("Cloud")) > 5


def test_a_segment_that_the_map_does_not_know_is_refused(monkeypatch):
    frame = facts.read("industry_chain")
    frame.loc[0, "segment"] = "Optical module"
    monkeypatch.setattr(companies.facts, "read", lambda name: frame)
    with pytest.raises(CompanyError, match=r"segment 'Optical module' is not known; did you mean 'Optical modules and"):
        companies.table()


def test_roles_are_in_english_with_names_at_most_in_chinese():
    roles = companies.table()["role"].dropna().str.replace(r"\([^)]*\)", "", regex=True)
    assert not roles[roles.str.contains("[\u4e00-\u9fff]")].to_list()


@pytest.mark.parametrize(
    ("name", "market", "ticker", "listed"),
    [
        # As the exchanges' announcements and prospectuses have them.
        ("摩尔线程", "Shanghai STAR", "688795", "2025-12-05"),
        ("沐曦股份", "Shanghai STAR", "688802", "2025-12-17"),
        ("天数智芯", "Hong Kong", "9903.HK", "2026-01-08"),
        ("CoreWeave", "NASDAQ", "CRWV", "2025-03-28"),
        ("GE Vernova", "NYSE", "GEV", "2024-04-02"),
    ],
)
def test_companies_listed_since_are_there(name, market, ticker, listed):
    row = companies.table().set_index("company").loc[name]
    assert (row["market"], row["ticker"], row["listed"]) == (market, ticker, listed)


def test_kingsoft_office_has_its_own_name():
    assert companies.table().set_index("company").loc["金山办公", "english"] == "Kingsoft Office"
