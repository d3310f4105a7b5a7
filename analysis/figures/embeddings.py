"""From words to what enters a Transformer: the vectors looked up, the positions, and their sum."""

from collections.abc import Sequence

import altair as alt
import numpy as np
import pandas as pd

from analysis import numerals
from analysis.figures.heatmap import heatmap, stacked
from analysis.figures.render import figure
from analysis.networks import positions
from analysis.networks.transformer import Stacked

_POSITIONS = "computed by analysis/networks/positions.py"
_TRANSLATOR = "the translator in data/weights/, computed by analysis/networks/transformer.py"


def entering(encoded: Stacked, tokens: Sequence[str]) -> alt.LayerChart:
    """Return the vectors of the `tokens` of one sentence, those of their positions, and the sum that enters the encoder."""
    scaled, places = np.abs(encoded.embedded).mean(), np.abs(encoded.positions).mean()
    width = encoded.embedded.shape[-1]
    return figure(
        stacked(
            {
                "Vector of the token, times √d_model": encoded.embedded,
                "+ vector of the position": encoded.positions,
                "= what enters the encoder": encoded.input,
            },
            rows=tokens,
            row_title=None,
            column_title="Component",
            value_title="Value",
            signed=True,
        ),
        title=(
            f"{len(tokens)} tokens become {len(tokens)} vectors of {width} numbers. Their amounts average "
            f"{numerals.significant(scaled, 2)}, those of the positions {numerals.significant(places, 2)}."
        ),
        description=f"Three heat maps of {len(tokens)} rows, {', '.join(tokens)}, and {width} columns: the vectors of the "
        "tokens, those of the positions, and the sum.",
        source=_TRANSLATOR,
    )


def waves(length: int, width: int) -> alt.LayerChart:
    """Return the vectors of the first `length` positions, each of `width` components."""
    lengths = positions.wavelengths(width)
    return figure(
        heatmap(
            positions.encoding(length, width),
            row_title="Position",
            column_title="Component",
            value_title="Value",
            signed=True,
            limit=1,
            cell_height=max(2, min(12, 360 / length)),
        ),
        title=(
            f"The first pair of components repeats after {numerals.significant(lengths[0])} positions, the last of "
            f"{width // 2} after {numerals.whole(round(lengths[-1], -2))}."
        ),
        description=f"Heat map of the vectors of {length} positions, {width} components each, sine and cosine in turn. To the "
        "left the values change from one position to the next, to the right they hardly change.",
        source=_POSITIONS,
    )


def products(farthest: int, width: int) -> alt.LayerChart:
    """Return the product of the vectors of two positions by their distance, as a share of a position's with itself."""
    shares = positions.encoding(farthest + 1, width) @ positions.encoding(1, width)[0] / (width / 2)
    data = pd.DataFrame({"distance": range(farthest + 1), "share": shares})
    base = alt.Chart(data).encode(
        x=alt.X("distance:Q", title="Distance of two positions"),
        y=alt.Y("share:Q", title="Product of their vectors"),
        tooltip=[alt.Tooltip("distance:Q", title="Distance"), alt.Tooltip("share:Q", title="Product", format=".3f")],
    )
    return figure(
        alt.layer(base.mark_line(), base.mark_point(opacity=1, size=40)).properties(height=220),
        title=(
            f"How alike two positions are depends on their distance alone: {numerals.significant(shares[1], 2)} for neighbours, "
            f"{numerals.significant(shares[10], 2)} at ten apart, where a position with itself has 1."
        ),
        description=f"Line of the product of the vectors of two positions, by their distance from 0 to {farthest}. It falls from 1 "
        "at first fast, then slowly and in waves.",
        source=_POSITIONS,
    )


def shift(offset: int, width: int, shown: int = 8) -> alt.LayerChart:
    """Return the corner, `shown` components wide, of the matrix that turns any position into the one `offset` later."""
    matrix = positions.shift(offset, width)
    return figure(
        heatmap(
            matrix[:shown, :shown],
            row_title=f"Component, {offset} positions later",
            column_title="Component",
            value_title="Entry",
            signed=True,
            limit=1,
            cell_height=30,
            written=".2f",
        ),
        title=(
            f"One matrix leads from any position to the one {offset} later: a turn in each pair, "
            f"{numerals.whole(np.count_nonzero(matrix))} entries that are not 0 of {numerals.whole(width * width)}."
        ),
        description=f"Heat map of the first {shown} rows and columns of the matrix for {offset} positions. Only the blocks of two by "
        "two on the diagonal are not 0: cosine and sine of an angle.",
        source=_POSITIONS,
    )
