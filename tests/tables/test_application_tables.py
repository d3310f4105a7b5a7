"""The uses that the deck lists, each in its table."""

import pytest

from analysis.deck import coverage
from analysis.tables import application_tables


@pytest.mark.parametrize(
    ("family", "count", "section"),
    [
        ("machine learning", 8, "machine-learning#what-it-is-used-for"),
        ("convolution", 7, "convolution-recurrence#what-became-of-both"),
        ("recurrence", 5, "convolution-recurrence#what-became-of-both"),
    ],
)
def test_each_use_of_the_deck_is_a_row_that_names_its_sources(family, count, section):
    table = application_tables.uses(family)
    assert len(table) == count
    assert table["Then"].str.contains("Source: ").all()
    assert table["Since then"].str.contains("Source: ").all()
    treated = [one for one in coverage.statements() if coverage.place(section) in one.places and " used " in one.claim]
    assert len(treated) >= count


def test_a_row_whose_source_was_not_fully_read_says_so():
    cells = application_tables.uses("recurrence").set_index("Use")["Since then"]
    assert "Verified: partly" in cells["Machine translation\n机器翻译"]
    assert "Verified" not in cells["Speech recognition\n语音识别"]
