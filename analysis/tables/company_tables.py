"""Tables of the industry chain's companies."""

import pandas as pd

from analysis.industry import companies

_MARKS = {"yes": "yes", "partly": "partly", "no": "not verified"}


def company_table() -> pd.DataFrame:
    """Return every company of the map with its listing, role, source and mark."""
    return pd.DataFrame(
        [
            {
                "Company": row.company if pd.isna(row.english) else f"{row.company}\n{row.english}",
                "Ticker": "–" if pd.isna(row.ticker) else row.ticker,
                "Market, country or region": "\n".join(dict.fromkeys([row.market, row.country_or_region])),
                "Listed": "–" if pd.isna(row.listed) else row.listed,
                "Segment": f"{row.segment}\n{row.position} ({companies.CHINESE[row.position]})",
                "Role": row.role,
                "Verified": _MARKS[row.verified],
                "Source and note": row.source if pd.isna(row.note) else f"{row.source}\n{row.note[0].upper()}{row.note[1:]}",
            }
            for row in companies.table().itertuples()
        ]
    )


def unverified() -> pd.DataFrame:
    """Return the companies whose listing was not fully verified."""
    frame = companies.table()
    return frame[frame["verified"] != "yes"]
