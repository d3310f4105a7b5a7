"""The files of facts as the reference part lists them: what each holds, how far it is verified, what its licence asks."""

import re
from dataclasses import dataclass

import pandas as pd

from analysis import facts
from analysis.facts import VERIFIED, Origin

#: Licences that an origin record may name, with their addresses. What stands under none of them is a fact, or our own.
LICENCES = {
    "CC BY 4.0": "https://creativecommons.org/licenses/by/4.0/",
    "CC BY-SA 4.0": "https://creativecommons.org/licenses/by-sa/4.0/",
    "CC0": "https://creativecommons.org/publicdomain/zero/1.0/",
    "Public Domain Dedication and License": "https://opendatacommons.org/licenses/pddl/1-0/",
    "Apache-2.0": "https://www.apache.org/licenses/LICENSE-2.0",
    "MIT": "https://opensource.org/license/mit",
}
#: Those that ask for the name of who made it, and so for an attribution.
_ASKING = ("CC BY 4.0", "CC BY-SA 4.0", "Apache-2.0", "MIT")
_OWN = ("this report", "measured for this report", "generated:")


@dataclass(frozen=True)
class DataFile:
    """One file of facts. `marks` counts its rows by mark of verification; it is empty where rows are our own results."""

    name: str
    record: Origin
    rows: int
    marks: dict[str, int]

    @property
    def anchor(self) -> str:
        """The id of its record on the page."""
        return anchor(self.name)

    @property
    def licences(self) -> tuple[str, ...]:
        """The licences of `LICENCES` that its record names."""
        return tuple(name for name in LICENCES if re.search(rf"\b{re.escape(name)}(?!\w)", self.record.licence))

    @property
    def asks_for_attribution(self) -> bool:
        """Whether others made what it holds, under a licence that asks for their name."""
        others = self.record.url.startswith("http") and not self.record.producer.startswith(_OWN)
        return others and bool(set(self.licences) & set(_ASKING))


def anchor(name: str) -> str:
    """Return the id of the record of a file of facts on the page *Facts and sources*."""
    return f"data-{re.sub(r'[^a-z0-9]+', '-', name.lower())}"


def all_files() -> list[DataFile]:
    """Return every file of facts, by name; results that were made here come last."""
    return [_file(name) for name in sorted(facts.names(), key=lambda name: ("/" in name, name))]


def by_mark() -> pd.DataFrame:
    """Return the rows with marks as one row a file and mark: `file`, `title`, `mark`, `rows`, `share` of the file's."""
    return pd.DataFrame(
        [
            {"file": file.name, "title": file.record.title, "mark": mark, "rows": count, "share": count / file.rows}
            for file in all_files()
            for mark, count in file.marks.items()
        ]
    )


def _file(name: str) -> DataFile:
    frame = facts.read(name)
    counts = frame["verified"].value_counts() if "verified" in frame else {}
    marks = {mark: int(counts.get(mark, 0)) for mark in VERIFIED} if "verified" in frame else {}
    return DataFile(name, facts.origin(name), len(frame), marks)
