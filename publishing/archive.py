"""A zip of the built book, which opens from disk without a network: `make zip`, or `python -m publishing.archive`.

The same pages give the same bytes: files in the order of their names, with one fixed date.
"""

import io
import sys
import zipfile
from pathlib import Path

from analysis import paths
from analysis.report import downloads

_DATE = (1980, 1, 1, 0, 0, 0)  # the earliest that the format knows
_LEFT_OUT = {".buildinfo", "objects.inv"}


def archive(root: Path) -> bytes:
    """Return the pages below `root` as a zip with one folder. A PDF beside them is within it, an earlier zip is not."""
    files = sorted(path for path in root.rglob("*") if path.is_file() and path.name not in _LEFT_OUT)
    inside = {name: size for name, size in downloads.present(root).items() if not name.endswith(".zip")}
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as opened:
        for path in files:
            name = path.relative_to(root).as_posix()
            if path.parent.name == downloads.FOLDER and path.name not in inside:
                continue
            content = path.read_bytes()
            if name == downloads.OPENING:  # the zip does not link to itself
                content = downloads.with_line(content.decode(), inside).encode()
            entry = zipfile.ZipInfo(f"{downloads.NAME}/{name}", _DATE)
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            opened.writestr(entry, content)
    return target.getvalue()


def main() -> None:
    """Write the zip beside the pages of the built book."""
    root = paths.BUILD / "html"
    if not (root / downloads.OPENING).is_file():
        sys.exit(f"{paths.shown(root)} has no book; run make book first")
    target = downloads.put(root, f"{downloads.NAME}.zip", archive(root))
    print(f"{paths.shown(target)}: {target.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
