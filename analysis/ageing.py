"""How current the facts are: files whose rows grow old, their newest rows, and the day the book speaks of.

The day comes from the files themselves, and never from the clock of the machine: the same facts make the same book.

`python -m analysis.ageing` lists these files. `python -m analysis.ageing NAME`, after a row was added to `data/NAME.csv`,
checks the file against its record and says what is its newest row.
"""

import argparse
import calendar
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

from analysis import facts
from analysis.quote import quote
from analysis.refused import Refused
from analysis.suggest import nearest

_PERIOD = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?| ?Q([1-4])| ?H([12]))?")
#: The longest that a row may lie back and still be called the newest, today's or the present one.
FRESH_DAYS = 366


class AgeingError(Refused):
    """A date that is none, or a file that does not age; the message says which."""


@dataclass(frozen=True)
class Age:
    """One file that ages: until when newer rows were looked for, its newest row, and how rows are used and added."""

    name: str
    title: str
    as_of: date
    newest: str | None
    """The newest row's date as it is written, not after `as_of`; None where rows are not dated."""
    method: str
    extend: str

    def is_fresh(self, clock: date) -> bool:
        """Return whether the newest row may still be called the present one on the day `clock`."""
        return (clock - period(self.newest)[1] if self.newest else clock - self.as_of).days <= FRESH_DAYS


def period(text: str) -> tuple[date, date]:
    """Return the first and the last day of "2026", "2026-03", "2026-03-15", "2026Q2" or "2026H1". Raises AgeingError.

    What follows such a date is not read: "2026-03 (planned)", "2026-03-15 to 2026-04-01".
    """
    match = _PERIOD.match(text)
    if not match:
        raise AgeingError(f"{text!r} is no date; write it as 2026, 2026-03, 2026-03-15, 2026Q2 or 2026H1")
    year, month, day, quarter, half = (int(part) if part else 0 for part in match.groups())
    first, last = (
        (month, month) if month else (3 * quarter - 2, 3 * quarter) if quarter else (6 * half - 5, 6 * half) if half else (1, 12)
    )
    try:
        return date(year, first, day or 1), date(year, last, day or calendar.monthrange(year, last)[1])
    except ValueError as exc:
        raise AgeingError(f"{text!r} is no date: {exc}") from exc


def names() -> tuple[str, ...]:
    """Return the names of the files that age."""
    return tuple(filter(_ages, facts.names()))


def _ages(name: str) -> bool:
    """Say whether a file ages, by its own record alone: who asks of one file doesn't depend on all."""
    return name in facts.names() and facts.origin(name).ageing is not None


@cache
def age_of(name: str) -> Age:
    """Return how current `data/NAME.csv` is. Raises AgeingError for a file that does not age, or a row without a date."""
    if not _ages(name):
        known = ", ".join(names())
        raise AgeingError(f"{quote(name)} is not among the files whose rows age{nearest(name, names())}; they are: {known}")
    record = facts.origin(name)
    about = record.ageing
    assert about is not None
    newest = _newest(name, about) if about.dated else None
    return Age(name, record.title, about.as_of, newest and str(newest[about.dated]), about.method, about.extend)


def _newest(name: str, about: facts.Ageing) -> facts.Row | None:
    """Return the row with the latest date that is not after `as_of`; of several, the last. Raises AgeingError."""
    latest: tuple[date, facts.Row] | None = None
    for number, row in enumerate(facts.rows(name), 1):
        text = row[about.dated]
        if text is None:
            continue
        try:
            first = period(str(text))[0]
        except AgeingError as exc:
            raise AgeingError(f"data/{name}.csv: row {number}, column {about.dated}: {exc}") from exc
        if first <= about.as_of and (latest is None or first >= latest[0]):
            latest = first, row
    return latest and latest[1]


def today() -> date:
    """Return the day that the book speaks of: the last on which anyone looked for newer facts."""
    return max(age_of(name).as_of for name in names())


def dated(source: str) -> str:
    """Return the source line of a chart with the as-of of each file in it that ages.

    Such a file is named in brackets behind the words that a reader knows it by: "makers' data sheets [accelerators]" becomes
    "makers' data sheets (to November 2026)". A path, "data/accelerators.csv", gets its month behind it.
    """
    source = re.sub(r" \[([\w/]+)\]", lambda match: f" (to {age_of(match[1]).as_of:%B %Y})", source)
    return re.sub(r"data/([\w/]+)\.csv", lambda match: match[0] + _month_of(match[1]), source)


def _month_of(name: str) -> str:
    about = facts.origin(name).ageing if _ages(name) else None
    return f" ({about.as_of:%Y-%m})" if about else ""


def month(text: str) -> str:
    """Return the month in which a period begins, as sentences say it: "January 2026". Raises AgeingError."""
    return f"{period(text)[0]:%B %Y}"


def main(arguments: Sequence[str] | None = None) -> None:
    """List the files that age, or check one."""
    parser = argparse.ArgumentParser(prog="python -m analysis.ageing", description="How current the facts are.")
    parser.add_argument("name", nargs="?", metavar="NAME", help="check data/NAME.csv, and show its newest row")
    name = parser.parse_args(arguments).name
    try:
        if name is None:
            for age in map(age_of, names()):
                print(f"{age.name:16} as of {age.as_of}   newest row {age.newest or 'not dated'}")
        else:
            print(checked(name))
    except Refused as exc:
        raise SystemExit(str(exc)) from exc


def checked(name: str) -> str:
    """Return what was found in a file that ages: its rows, marks and newest row. Raises AgeingError and FactsError."""
    age, rows = age_of(name), facts.rows(name)
    about = facts.origin(name).ageing
    assert about is not None
    lines = [f"data/{name}.csv: {len(rows):,} rows hold what its record asks; newer ones were looked for until {age.as_of}."]
    newest = _newest(name, about) if about.dated else None
    if newest:
        filled = "; ".join(f"{column}: {value}" for column, value in newest.items() if value is not None)
        lines.append(f"Newest row: {filled}")
        later = sum(1 for row in rows if row[about.dated] and period(str(row[about.dated]))[0] > age.as_of)
        if later:
            lines.append(f"{later:,} rows are dated later, and count as planned. If they are not, set `as_of` in its record.")
    return "\n".join([*lines, f"To extend it: {age.extend}."])


if __name__ == "__main__":
    main()
