"""The uses of machine learning that the deck lists, as a table of text."""

import pandas as pd

from analysis import facts


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
