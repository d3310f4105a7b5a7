"""Tables of the page on the supply of chips."""

import pandas as pd

from analysis import numerals
from analysis.industry import chip_supply

_MARKS = {"yes": "yes", "partly": "partly", "no": "not verified"}


def makers() -> pd.DataFrame:
    """Return what each maker supplied so far, with 90% intervals where they are given, largest first."""
    return pd.DataFrame(
        [
            {
                "Maker": row.maker,
                "By": row.date[:7],
                "Chips, thousand": _interval(row.chips_low, row.chips, row.chips_high),
                "Peak, thousand H100": _interval(row.h100_equivalents_low, row.h100_equivalents, row.h100_equivalents_high),
                "Share of the peak": numerals.percent(row.share),
                "Verified": _MARKS[row.verified],
            }
            for row in chip_supply.standing().itertuples()
        ]
    )


def other_estimates() -> pd.DataFrame:
    """Return what others than the house of `makers` estimate, by maker, with source and mark."""
    return pd.DataFrame(
        [
            {
                "Maker": row.maker,
                "Period": f"{'so far, by' if row.span == 'so far' else 'year to'} {row.date[:7]}",
                "Chips, thousand": _interval(row.chips_low, row.chips, row.chips_high),
                "Whose": row.estimate_of,
                "Verified": _MARKS[row.verified],
                "Source and note": f"{row.source}\n{row.note[0].upper()}{row.note[1:]}",
            }
            for row in chip_supply.estimates().itertuples()
        ]
    )


def _interval(low: float, middle: float, high: float) -> str:
    """Return thousands with their ends where these are known: "931 (790 to 1,090)", "500 to 1,000"."""
    said = {
        name: numerals.significant(value / 1e3) for name, value in (("low", low), ("middle", middle), ("high", high)) if value > 0
    }
    ends = f"{said['low']} to {said['high']}" if "low" in said and "high" in said else ""
    return f"{said['middle']} ({ends})" if ends and "middle" in said else said.get("middle", ends) or "–"
