"""What the built book ships that others made: software, fonts, and the licences under which they come."""

from dataclasses import dataclass
from fnmatch import fnmatchcase
from importlib import metadata

from analysis import facts

#: Our own files below `_static`, as patterns.
OURS = (
    "charts.js",
    "folded.js",
    "model-file.js",
    "numbers.js",
    "panel.js",
    "pictures.js",
    "plan.js",
    "planning.js",
    "queue.js",
    "serving.js",
    "tables.js",
    "report.css",
    "favicon.svg",
    "card.png",
    "vendor/chart-themes.js",
    "numbers/*.js",
)


@dataclass(frozen=True)
class Part:
    """One piece of software, or one family of fonts. `files` are patterns below `_static`; a font of the PDFs has none."""

    name: str
    serves: str
    package: str
    licence: str
    holder: str
    url: str
    files: tuple[str, ...]
    verified: str

    @property
    def version(self) -> str:
        """The version of the package that brings it. Raises PackageNotFoundError where it is not installed."""
        return metadata.version(self.package)


def parts() -> list[Part]:
    """Return every part that `data/shipped.csv` lists."""
    columns = ["name", "serves", "package", "licence", "holder", "url", "files", "verified"]
    rows = facts.read("shipped")[columns].fillna("").to_dict("records")
    return [Part(**{**row, "files": tuple(row["files"].split())}) for row in rows]


def unaccounted(files: list[str]) -> list[str]:
    """Return those of `files`, as paths below `_static`, that are neither ours nor of a part that is listed."""
    known = [*OURS, *(pattern for part in parts() for pattern in part.files)]
    return [file for file in files if not any(fnmatchcase(file, pattern) for pattern in known)]
