"""How current the facts are: files whose rows grow old, their newest rows, and the day the book speaks of.

The day comes from the files themselves, and never from the clock of the machine: the same facts make the same book.
"""

import calendar
import re
from dataclasses import dataclass
from datetime import date
from functools import cache

from analysis import facts

_PERIOD = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?| ?Q([1-4])| ?H([12]))?")
#: The longest that a row may lie back and still be called the newest, today's or the present one.
FRESH_DAYS = 366


class AgeingError(ValueError):
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
    found = _PERIOD.match(text)
    if not found:
        raise AgeingError(f"{text!r} is no date; write it as 2026, 2026-03, 2026-03-15, 2026Q2 or 2026H1")
    year, month, day, quarter, half = (int(part) if part else 0 for part in found.groups())
    first, last = (
        (month, month) if month else (3 * quarter - 2, 3 * quarter) if quarter else (6 * half - 5, 6 * half) if half else (1, 12)
    )
    try:
        return date(year, first, day or 1), date(year, last, day or calendar.monthrange(year, last)[1])
    except ValueError as exc:
        raise AgeingError(f"{text!r} is no date: {exc}") from exc


def names() -> list[str]:
    """Return the names of the files that age."""
    return [name for name in facts.names() if facts.origin(name).ageing]


@cache
def of(name: str) -> Age:
    """Return how current `data/NAME.csv` is. Raises AgeingError for a file that does not age, or a row without a date."""
    record = facts.origin(name)
    if record.ageing is None:
        raise AgeingError(f"data/{name}.csv does not age: its origin record has no `ageing`")
    about = record.ageing
    newest = None
    if about.dated:
        dates = [str(row[about.dated]) for row in facts.rows(name) if row[about.dated]]
        newest = max((text for text in dates if period(text)[0] <= about.as_of), key=lambda text: period(text)[0], default=None)
    return Age(name, record.title, about.as_of, newest, about.method, about.extend)


def today() -> date:
    """Return the day that the book speaks of: the last on which anyone looked for newer facts."""
    return max(of(name).as_of for name in names())


def said(name: str) -> str:
    """Return the as-of of a file as charts and sentences say it: "as of November 2026"."""
    return f"as of {of(name).as_of:%B %Y}"


def month(text: str) -> str:
    """Return the month in which a period begins, as sentences say it: "January 2026". Raises AgeingError."""
    return f"{period(text)[0]:%B %Y}"
