import pytest

from analysis import paths


def test_a_full_disk_leaves_what_was_there(tmp_path, monkeypatch):
    written = type(tmp_path).write_bytes

    def full(path, data):
        if path.name.startswith("b"):
            written(path, data[:1])
            raise OSError(28, "No space left on device")
        return written(path, data)

    monkeypatch.setattr(type(tmp_path), "write_bytes", full)
    with pytest.raises(OSError, match="No space"):
        paths.write_all(tmp_path / "new", {"a": b"1", "b": b"2"})
    assert not (tmp_path / "new").exists()
    (tmp_path / "old").mkdir()
    written(tmp_path / "old" / "a", b"before")
    with pytest.raises(OSError, match="No space"):
        paths.write_all(tmp_path / "old", {"a": b"1", "b": b"2"})
    assert [(path.name, path.read_bytes()) for path in (tmp_path / "old").iterdir()] == [("a", b"before")]
