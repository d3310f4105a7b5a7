"""The table of *How current is this?*, as a DataFrame of text."""

from datetime import date

import pandas as pd

from analysis import ageing, facts


def files(clock: date | None = None) -> pd.DataFrame:
    """Return every file that ages: as of when, its newest row, how its rows are used, and how one is added.

    `clock` is the day by which a row is called older than a year; by default that of the facts.
    """
    clock = clock or ageing.today()
    return pd.DataFrame(
        [
            {
                "File": f"{age.title}\n{age.name}, {len(facts.rows(age.name)):,} rows",
                "As of": age.as_of.isoformat(),
                "Newest row": (age.newest or "not dated") + ("" if age.is_fresh(clock) else "\nolder than a year"),
                "Method": _sentence(age.method),
                "To extend it": _sentence(age.extend),
            }
            for age in map(ageing.age_of, ageing.names())
        ]
    )


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}"
