"""The table of published utilizations, as text."""

import pandas as pd

from analysis import numerals
from analysis.validation import utilization


def published_large() -> pd.DataFrame:
    """Return what the deck's time knew: utilizations of large models on A100, in one convention, lowest first."""
    table = utilization.of_the_deck()
    return pd.DataFrame({
        "Run": table["run"],
        "Published": [date[:7] for date in table["date"]],
        "Chips": [numerals.whole(chips) for chips in table["n_chips"]],
        "As published": [
            f"{numerals.percent(share, 3)} ({quantity.upper()})"
            for share, quantity in zip(table["utilization"], table["quantity"], strict=True)
        ],
        "In one convention": [numerals.percent(share, 3) for share in table["common"]],
        "How": table["how"],
        "Source": table["source"],
        "Verified": table["verified"],
    })  # fmt: skip
