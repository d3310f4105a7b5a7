from pathlib import Path

import pytest

from lint import names


def test_the_code_names_what_it_holds():
    assert not list(names.complaints())


@pytest.mark.parametrize(
    ("text", "line", "name"),
    [
        ("rows = []\nfound = rows[0]", 2, "found"),
        ("pairs = [\n    one.name\n    for one in rows\n]", 3, "one"),
        ("def chips(own: int) -> int:\n    return 1", 1, "own"),
        ("class Day:\n    own: int", 2, "own"),
        ("self.found = 1", 1, "found"),
        ("if (found := rows):\n    pass", 1, "found"),
        ("def price():\n    def of(chip):\n        pass", 2, "of"),
        ("async def found():\n    pass", 1, "found"),
        ("import numpy as one", 1, "one"),
        ("match rows:\n    case [own]:\n        pass", 2, "own"),
    ],
)
def test_a_vague_name_is_told_with_its_place(text, line, name):
    (complaint,) = names.of_module(Path("analysis/seeded.py"), text)
    assert complaint.startswith(f"analysis/seeded.py:{line}: {name!r} ")


@pytest.mark.parametrize(
    "text", ['words("list", one=1)', 'table["own"]', "row.own", "def of_chip(owned):\n    pass", "of = 1", '"found"', "# own"]
)
def test_columns_strings_and_longer_names_are_no_such_names(text):
    assert not list(names.of_module(Path("analysis/seeded.py"), text))
