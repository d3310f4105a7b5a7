"""GPT-1 to GPT-3 as tables of text: their sizes, and the texts that they were trained on."""

import pandas as pd

from analysis import numerals
from analysis.history import gpt_family
from analysis.models.architecture import load


def family() -> pd.DataFrame:
    """Return the sizes of GPT-1 to GPT-3: the shape as printed, printed and counted parameters."""
    rows = []
    for row in gpt_family.table().itertuples():
        shape = gpt_family.as_printed(row.model)
        rows.append(
            {
                "Model": row.model,
                "Layers": numerals.whole(shape.n_layers),
                "Width": numerals.whole(shape.d_model),
                "Heads": numerals.whole(shape.n_heads),
                "Printed": numerals.words(row.printed_parameters, 4),
                "Counted": numerals.whole(row.counted),
                "Agree": ("yes" if row.agrees else "no") + ("" if row.own else ", with the next paper's"),
            }
        )
    return pd.DataFrame(rows)


def texts() -> pd.DataFrame:
    """Return GPT-1, GPT-2 and GPT-3 with their dates, contexts and the text that each was trained on."""
    frame = gpt_family.table().drop_duplicates("date")
    return pd.DataFrame(
        [
            {
                "Model": " ".join(row.model.split()[:1]),
                "Published": row.date.replace("-", "\N{NON-BREAKING HYPHEN}"),
                "Context, tokens": numerals.whole(load(row.model).learned_positions),
                "Trained on": row.training_text + ("" if pd.isna(row.text_size) else f"\n{row.text_size}"),
            }
            for row in frame.itertuples()
        ]
    )
