from datetime import date

import pytest

from analysis import ageing, facts, paths
from analysis.ageing import Age, AgeingError
from analysis.tables import ageing_tables


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026", date(2026, 1, 1), date(2026, 12, 31)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2026-03-15", date(2026, 3, 15), date(2026, 3, 15)),
        ("2026Q2", date(2026, 4, 1), date(2026, 6, 30)),
        ("2026H2", date(2026, 7, 1), date(2026, 12, 31)),
        ("2026-03 (planned)", date(2026, 3, 1), date(2026, 3, 31)),
    ],
)
def test_a_date_is_as_long_as_it_is_written(text, first, last):
    assert ageing.period(text) == (first, last)


@pytest.mark.parametrize("text", ["soon", "2026-13", "2026-02-30", ""])
def test_what_is_no_date_is_refused(text):
    with pytest.raises(AgeingError, match="is no date"):
        ageing.period(text)


@pytest.mark.parametrize(
    ("newest", "clock", "fresh"),
    [
        ("2025-12", date(2026, 11, 30), True),
        ("2025-11-30", date(2026, 11, 30), True),
        ("2025-10", date(2026, 11, 30), False),
        ("2025", date(2026, 12, 1), True),
        ("2024", date(2026, 12, 1), False),
        (None, date(2026, 12, 1), True),
        (None, date(2028, 1, 1), False),
    ],
)
def test_a_row_is_the_present_one_for_a_year(newest, clock, fresh):
    assert Age("small", "Small", date(2026, 11, 30), newest, "as read", "look").is_fresh(clock) is fresh


@pytest.fixture
def prices(tmp_path, monkeypatch):
    """Return the path of a file that ages, the only one in a folder that stands for `data/`."""
    caches = (facts.origin, facts.rows, ageing.age_of)
    monkeypatch.setattr(paths, "DATA", tmp_path)
    for cached in caches:
        cached.cache_clear()
    (tmp_path / "prices.csv").write_text("day,price\n2026-01,3\n2026-05-02,2\n2027,1\n,9\n")
    (tmp_path / "prices.origin.yml").write_text(
        "title: Prices\nproducer: test\ncitation: test\nurl: test\ndate_published: '2026'\ndate_accessed: 2026-11-01\n"
        "licence: CC0\nageing: {as_of: 2026-11-30, dated: day, method: as read, extend: look}\n"
        "columns:\n  day: {meaning: its day}\n  price: {meaning: its price, unit: USD, kind: number}\n"
    )
    yield tmp_path / "prices.csv"
    for cached in caches:
        cached.cache_clear()


def test_the_newest_row_is_the_last_that_is_not_planned(prices, capsys):
    assert ageing.age_of("prices").newest == "2026-05-02"
    assert ageing.today() == date(2026, 11, 30)
    ageing.main(["prices"])
    said = capsys.readouterr().out
    assert "4 rows hold what its record asks" in said
    assert "Newest row: day: 2026-05-02; price: 2.0" in said
    assert "1 rows are dated later" in said
    ageing.main([])
    assert "prices           as of 2026-11-30   newest row 2026-05-02" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("row", "name", "why"),
    [
        ("soon,2", "prices", r"data/prices.csv: row 5, column day: 'soon' is no date"),
        ("2026-02-31,2", "prices", "row 5, column day: '2026-02-31' is no date"),
        ("2026-02,cheap", "prices", "row 5, column price: 'cheap' is not a number"),
        ("2026-02,2", "price", r"'price' is not among the files whose rows age; did you mean 'prices'\?"),
    ],
)
def test_a_row_that_breaks_the_record_is_named(prices, row, name, why):
    with prices.open("a") as file:
        file.write(f"{row}\n")
    with pytest.raises(SystemExit, match=why):
        ageing.main([name])


def test_a_record_that_is_dated_by_no_column_is_refused():
    ages = {"as_of": "2026-11-30", "dated": "day", "method": "as read", "extend": "look"}
    record = {"title": "abc", "producer": "abc", "citation": "abc", "url": "", "date_published": "", "licence": "abc"}
    columns = {"date": {"meaning": "its date"}}
    with pytest.raises(ValueError, match="no column 'day' dates the rows; there are: date"):
        facts.Origin.model_validate(record | {"date_accessed": "2026-11-30", "columns": columns, "ageing": ages})


def test_every_file_that_ages_has_a_newest_row_on_or_before_its_as_of():
    for name in ageing.names():
        one = ageing.age_of(name)
        assert bool(facts.origin(name).ageing.dated) == (one.newest is not None), name
        assert one.newest is None or ageing.period(one.newest)[0] <= one.as_of <= ageing.today(), name


def test_the_page_s_table_has_each_file_and_says_what_is_old():
    table = ageing_tables.files(date(2030, 1, 1))
    assert len(table) == len(ageing.names())
    dated = table[table["Newest row"].str.startswith("20")]
    assert dated["Newest row"].str.endswith("older than a year").all()


def test_a_source_of_what_ages_says_as_of_when():
    chips, owners = (f"{facts.origin(name).ageing.as_of:%Y-%m}" for name in ("accelerators", "chips_by_owner"))
    source = "data/chips_by_owner.csv (Epoch AI); data/accelerators.csv; data/gpt3_sizes.csv"
    dated = f"data/chips_by_owner.csv ({owners}) (Epoch AI); data/accelerators.csv ({chips}); data/gpt3_sizes.csv"
    assert ageing.dated(source) == dated
    assert ageing.dated("computed by analysis/trends.py") == "computed by analysis/trends.py"
    day = facts.origin("accelerators").ageing.as_of
    assert ageing.dated("makers' data sheets [accelerators]; the deck") == f"makers' data sheets (to {day:%B %Y}); the deck"
    with pytest.raises(ageing.AgeingError):
        ageing.dated("GPT-3's paper [gpt3_sizes]")
