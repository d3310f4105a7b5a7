"""GPT-2's answers as a table of text."""

import pandas as pd

from analysis import numerals
from analysis.history import answers


def surest_answers() -> pd.DataFrame:
    """Return the 30 answers of which GPT-2 was surest."""
    return pd.DataFrame(
        [
            {
                "Question": row.question,
                "GPT-2's answer": row.answer,
                "Right": "yes" if row.right else "no",
                "Probability": numerals.percent(row.probability, 3),
            }
            for row in answers.table().itertuples()
        ]
    )
