from concurrent.futures import ThreadPoolExecutor

import pytest

from analysis import paths


@pytest.fixture
def full_disk(tmp_path, monkeypatch):
    """A disk that takes one whole file, and of each other the first byte."""
    written = type(tmp_path).write_bytes
    count = iter(range(100))

    def full(path, data):
        if next(count):
            written(path, data[:1])
            raise OSError(28, "No space left on device")
        return written(path, data)

    monkeypatch.setattr(type(tmp_path), "write_bytes", full)
    return written


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def test_a_full_disk_leaves_what_was_there(tmp_path, full_disk):
    with pytest.raises(OSError, match="No space"):
        paths.write_all(tmp_path / "further" / "new", {"a": b"11", "b": b"22"})
    assert not list(tmp_path.iterdir())
    (tmp_path / "old").mkdir()
    full_disk(tmp_path / "old" / "a", b"before")
    with pytest.raises(OSError, match="No space"):
        paths.write_all(tmp_path / "old", {"a": b"11", "b": b"22"})
    assert contents(tmp_path / "old") == {"a": b"before"}
    with pytest.raises(OSError, match="No space"):
        paths.write(tmp_path / "old" / "a", "after")
    assert contents(tmp_path / "old") == {"a": b"before"}


def test_a_blocked_target_leaves_the_others(tmp_path):
    (tmp_path / "a").write_bytes(b"before")
    (tmp_path / "b").mkdir()
    with pytest.raises(OSError, match="b is there, and is no file"):
        paths.write_all(tmp_path, {"a": b"1", "b": b"2", "c": b"3"})
    assert contents(tmp_path) == {"a": b"before"}


@pytest.mark.parametrize("raised", [PermissionError(1, "Operation not permitted"), KeyboardInterrupt()])
def test_what_was_put_in_place_before_a_failure_is_taken_back(tmp_path, monkeypatch, raised):
    (tmp_path / "a").write_bytes(b"before")
    replace = paths.os.replace

    def blocked(part, target):
        if target.name == "c":
            raise raised
        replace(part, target)

    monkeypatch.setattr(paths.os, "replace", blocked)
    with pytest.raises(type(raised)):
        paths.write_all(tmp_path, {"a": b"1", "b": b"2", "c": b"3"})
    assert contents(tmp_path) == {"a": b"before"}


def test_several_that_write_one_path_never_tear_it(tmp_path):
    path = tmp_path / "one"
    whole = {bytes([letter]) * 3_000_000 for letter in b"abcd"}

    def write(content):
        for _ in range(10):
            paths.write(path, content)
            assert path.read_bytes() in whole

    with ThreadPoolExecutor(len(whole)) as pool:
        list(pool.map(write, whole))
    assert [one.name for one in tmp_path.iterdir()] == ["one"]
