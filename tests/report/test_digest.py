import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import paths
from analysis.report import digest

plain = st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=5) | st.none(), max_size=5)


@given(plain, plain)
def test_values_have_one_digest_whatever_their_order(first, second):
    assert digest.of_value(first) == digest.of_value(dict(reversed(first.items())))
    assert (digest.of_value(first) == digest.of_value(second)) == (first == second)


def test_a_file_counts_by_name_and_content(tmp_path):
    (tmp_path / "a").write_text("1")
    before = digest.of_files([tmp_path / "a"], tmp_path)
    (tmp_path / "a").write_text("2")
    changed = digest.of_files([tmp_path / "a"], tmp_path)
    (tmp_path / "a").rename(tmp_path / "b")
    (tmp_path / "b").write_text("1")
    renamed = digest.of_files([tmp_path / "b"], tmp_path)
    assert len({before, changed, renamed}) == 3


@pytest.mark.parametrize(
    ("folder", "name", "digested"),
    [("ANALYSIS", "figures/new.py", digest.package), ("DATA", "scenarios/new.yml", digest.data), ("DATA", "x.csv", digest.data)],
)
def test_a_new_file_anywhere_counts(tmp_path, monkeypatch, folder, name, digested):
    monkeypatch.setattr(paths, folder, tmp_path)
    before = digested()
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("")
    assert digested() != before
