"""Every file of facts holds what its origin record says, and the reference part counts and names it rightly."""

import csv
from collections.abc import Iterator

from analysis import facts, paths
from analysis.report import data_files
from analysis.report.data_files import DataFile

_LICENCES = ("CC BY", "CC0", "MIT", "Apache", "BSD", "GPL", "ODbL", "Public Domain Ded")


def complaints() -> Iterator[str]:
    """Yield what is wrong with `data/`."""
    records = {path.relative_to(paths.DATA).as_posix() for path in paths.DATA.rglob("*.origin.yml")}
    for name in sorted({record.removesuffix(".origin.yml") for record in records} ^ set(facts.names())):
        yield f"data/{name}: there is a record without a file, or a file without a record"
    for name in facts.names():
        try:
            facts.read(name)
        except facts.FactsError as exc:
            yield f"data/{name}.csv: {exc}"
            continue
        for complaint in of_file(name):
            yield f"data/{name}.csv: {complaint}"
    for one in data_files.all_files():
        for complaint in of_listing(one):
            yield f"data/{one.name}.csv: {complaint}"


def of_file(name: str) -> Iterator[str]:
    """Yield what is wrong with a file that can be read."""
    frame = facts.read(name)
    if not len(frame):
        yield "it has no row"
    if not name.startswith((f"{paths.WEIGHTS.name}/", f"{paths.GENERATED.name}/")) and (
        "verified" not in frame or not frame["verified"].isin(facts.VERIFIED).all()
    ):
        yield "not every row says how far it was verified"
    for column, meaning in facts.origin(name).columns.items():
        if meaning.kind == "number" and not meaning.unit:
            yield f"{column} is a number without a unit"


def of_listing(one: DataFile) -> Iterator[str]:
    """Yield what the reference part would say wrongly of a file."""
    with (paths.DATA / f"{one.name}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    marks = {mark: sum(row["verified"] == mark for row in rows) for mark in facts.VERIFIED} if "verified" in rows[0] else {}
    if (one.rows, one.marks) != (len(rows), marks):
        yield f"the reference part counts {one.rows} rows and {one.marks}; the file has {len(rows)} and {marks}"
    # A record that speaks of a licence by a name that the list lacks would be left out of the attributions.
    if len(one.licences) < sum(word in one.record.licence for word in _LICENCES):
        yield f"of its licence, '{one.record.licence}', only {', '.join(one.licences) or 'nothing'} is understood"
