"""The deck's errata as tables of text."""

from collections.abc import Collection

import pandas as pd

from analysis import numerals
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
