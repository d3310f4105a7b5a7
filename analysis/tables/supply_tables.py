"""Tables of the chapter on supply, as DataFrames of text with units in their heads."""

import pandas as pd

from analysis import numerals
from analysis.industry import supply

_MARKS = {"yes": "yes", "partly": "partly", "no": "not verified"}


def work(frame: pd.DataFrame) -> pd.DataFrame:
    """Return `supply.same_work` as text."""
    return pd.DataFrame(
        [
            {
                "Chip": row.chip,
                "Requests at once": _number(row.batch),
                "Prompt, tokens/s": _number(row.prefill),
                "Answer, tokens/s": _number(row.decode),
                "Prompt, USD a million": _price(row.prompt_dollars),
                "Answer, USD a million": _price(row.answer_dollars),
                "Blended, USD a million": _price(row.blended_dollars),
                "Verified": _MARKS[row.verified] + ("\nlinks assumed" if row.link_assumed and row.decode > 0 else ""),
            }
            for row in frame.itertuples()
        ]
    )


def countries() -> pd.DataFrame:
    """Return the known existing clusters by country or region."""
    frame = supply.countries()
    total = frame["h100_equivalents"].sum()
    return pd.DataFrame(
        [
            {
                "Country or region": row.country_or_region[0].upper() + row.country_or_region[1:],
                "Clusters": numerals.whole(row.clusters),
                "Peak, thousand H100": numerals.significant(row.h100_equivalents / 1e3),
                "Share": numerals.percent(row.h100_equivalents / total),
            }
            for row in frame.itertuples()
        ]
    )


def _number(value: float) -> str:
    return "–" if pd.isna(value) else numerals.whole(value)


def _price(value: float) -> str:
    return "–" if pd.isna(value) else f"{value:.2f}"
