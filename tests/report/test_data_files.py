"""The reference part lists every file of facts, counts its marks rightly, and names whom its licence asks to name."""

import pytest

from analysis import paths
from analysis.report import data_files

FILES = {one.name: one for one in data_files.all_files()}


def test_every_file_is_listed_once():
    on_disk = {path.relative_to(paths.DATA).with_suffix("").as_posix() for path in paths.DATA.rglob("*.csv")}
    assert set(FILES) == on_disk
    assert len({one.anchor for one in FILES.values()}) == len(FILES)


def test_shares_of_a_file_add_up_to_one():
    shares = data_files.by_mark().groupby("file")["share"].sum()
    assert shares.to_numpy() == pytest.approx(1)


@pytest.mark.parametrize(
    ("name", "licences", "asks"),
    [
        ("clusters", ("CC BY 4.0",), True),
        ("systems", ("CC BY-SA 4.0",), True),
        ("mfu", ("CC BY 4.0", "CC BY-SA 4.0"), True),
        ("china_models", ("Apache-2.0",), True),
        ("poems", ("MIT",), True),
        ("tokenizer_ratios", ("CC0",), False),
        ("runs", (), False),
        ("weights/translator_log", ("CC0",), False),
        ("generated/held_out", (), False),
        ("word_pairs", ("CC BY 4.0",), False),
    ],
)
def test_licences_are_read_from_the_record(name, licences, asks):
    assert FILES[name].licences == licences
    assert FILES[name].asks_for_attribution is asks
