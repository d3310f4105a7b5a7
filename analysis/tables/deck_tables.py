"""The deck's statements as tables of text: its errata, and the uses of machine learning that it lists."""

from collections.abc import Collection

import pandas as pd

from analysis import facts, numerals
from analysis.deck import audit
from analysis.tables import estimate_tables


def errata(kinds: Collection[str]) -> pd.DataFrame:
    """Return the deck's errata of some `kinds`, by the names in `analysis.deck.audit.KINDS`."""
    return pd.DataFrame(
        [
            {
                "No.": numerals.whole(row.erratum),
                "The deck says": row.deck_zh,
                "What is wrong, and what is right": f"{row.problem}\n→ {row.correction}\n{estimate_tables.source(row)}",
            }
            for row in audit.errata().itertuples()
            if row.kind in kinds
        ]
    )


def errata_kinds() -> pd.DataFrame:
    """Return how many errata are of each kind, and what that means."""
    counts = audit.errata()["kind"].value_counts()
    return pd.DataFrame(
        [
            {"Kind": kind.capitalize(), "Errata": numerals.whole(counts[kind]), "What it is": meaning}
            for kind, meaning in audit.KINDS.items()
            if kind in counts
        ]
    )


def uses(family: str) -> pd.DataFrame:
    """Return the uses that the deck lists under a `family` of `data/applications.csv`, each with an example before and after.

    Under the second stands how far the sources were read, where that is less than fully.
    """
    frame = facts.read("applications")
    return pd.DataFrame(
        [
            {
                "Use": f"{row.use}\n{row.use_zh}",
                "Then": f"{row.before}\n{row.before_year:.0f}. Source: {row.before_source}.",
                "Since then": f"{row.after}\n{row.after_year:.0f}. Source: {row.after_source}."
                + ("" if row.verified == "yes" else f" Verified: {row.verified}, {row.note}."),
            }
            for row in frame[frame["family"] == family].itertuples()
        ]
    )
