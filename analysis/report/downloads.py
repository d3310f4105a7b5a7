"""The book as files beside its pages, and the line of the opening page that links to them."""

import re
from pathlib import Path

from analysis import paths

#: Below the built pages, as is the opening page.
FOLDER = "downloads"
OPENING = "book/index.html"
NAME = "llm-compute-report"
_KINDS = {f"{NAME}.pdf": "PDF of the chapters", f"{NAME}.zip": "this site as a zip, to read offline"}
_LINE = re.compile(r'<p class="downloads"[^>]*>.*?</p>', re.DOTALL)


def line(files: dict[str, int]) -> str:
    """Return the line that links to `files`, each with its size in bytes, as HTML; an unseen one if there are none."""
    links = [f'<a href="../{FOLDER}/{name}">{_KINDS[name]}</a> ({size / 1e6:.1f} MB)' for name, size in files.items()]
    return f'<p class="downloads">Download: {", ".join(links)}.</p>' if links else '<p class="downloads" hidden></p>'


def present(root: Path) -> dict[str, int]:
    """Return the names and sizes of the files that are beside the pages of `root`."""
    return {name: path.stat().st_size for name in _KINDS if (path := root / FOLDER / name).is_file()}


def with_line(page: str, files: dict[str, int]) -> str:
    """Return the opening page with the line for `files`. Raises ValueError if the page has no place for it."""
    changed, count = _LINE.subn(lambda _: line(files), page, count=1)
    if not count:
        raise ValueError(f"{OPENING} has no place for downloads: the directive `downloads` is not on it")
    return changed


def put(root: Path, name: str, content: bytes) -> Path:
    """Put a file beside the pages of `root`, link to it on the opening page, and return where it is."""
    target = root / FOLDER / name
    paths.write(target, content)
    opening = root / OPENING
    paths.write(opening, with_line(opening.read_text(encoding="utf-8"), present(root)))
    return target
