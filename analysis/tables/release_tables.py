"""Lists of language models, one by one, as tables of text."""

import pandas as pd

from analysis import numerals
from analysis.history import releases


def models() -> pd.DataFrame:
    """Return the models of `data/models.csv` since the deck's beginning, the newest first."""
    frame = releases.selected().sort_values("year", ascending=False, kind="stable")
    return pd.DataFrame(
        [
            {
                "Model, and by whom": f"{row.model}\n{row.organization}",
                "Date": row.date.replace("-", "\N{NON-BREAKING HYPHEN}"),
                "Kind": row.kind,
                "Parameters": _count(row.parameters),
                "Training, FLOP": "–" if pd.isna(row.training_flop) else numerals.scientific(row.training_flop, 2),
                "Verified": row.verified + ("" if pd.isna(row.note) or row.verified == "yes" else f": {row.note}"),
            }
            for row in frame.itertuples()
        ]
    )


def china() -> pd.DataFrame:
    """Return the Chinese models of `data/china_models.csv`, in its words."""
    return pd.DataFrame(
        [
            {"Maker": row.company, "Model": row.model, "Place": _text(row.place), "For": row.category, "Note": _text(row.note)}
            for row in releases.china().itertuples()
        ]
    )


def _count(value: float) -> str:
    return "–" if pd.isna(value) else numerals.words(value)


def _text(value: object) -> str:
    return "–" if pd.isna(value) else str(value)
