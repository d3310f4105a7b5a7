from datetime import date

import pytest

from analysis import ageing, facts
from analysis.ageing import Age, AgeingError


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


def test_a_file_that_does_not_age_says_so():
    with pytest.raises(AgeingError, match="gpt3_sizes.csv does not age"):
        ageing.of("gpt3_sizes")


def test_a_record_that_is_dated_by_no_column_is_refused():
    ages = {"as_of": "2026-11-30", "dated": "day", "method": "as read", "extend": "look"}
    record = {"title": "abc", "producer": "abc", "citation": "abc", "url": "", "date_published": "", "licence": "abc"}
    columns = {"date": {"meaning": "its date"}}
    with pytest.raises(ValueError, match="no column 'day' dates the rows; there are: date"):
        facts.Origin.model_validate(record | {"date_accessed": "2026-11-30", "columns": columns, "ageing": ages})


def test_every_file_that_ages_has_a_newest_row_on_or_before_its_as_of():
    for name in ageing.names():
        one = ageing.of(name)
        assert bool(facts.origin(name).ageing.dated) == (one.newest is not None), name
        assert one.newest is None or ageing.period(one.newest)[0] <= one.as_of <= ageing.today(), name
