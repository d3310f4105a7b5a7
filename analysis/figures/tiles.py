"""Small images in a grid, each with a caption: pixels are squares at any width of the page."""

from collections.abc import Sequence

import altair as alt
import numpy as np
import pandas as pd

from analysis.figures.tooltips import tips

#: The width of the grid in px, which fits on a phone; on a wider page it stands in the middle.
WIDTH = 320
_CAPTION, _BETWEEN = 34, 8


def tiles(images: Sequence[np.ndarray], captions: Sequence[str], columns: int) -> alt.LayerChart:
    """Return `images`, each (side, side), in rows of `columns`, without a title: wrap it in `figure`.

    A caption's lines are parted by "\\n". A pixel's strength is its amount over the largest of its image; negative
    amounts have a colour of their own.
    """
    side = (WIDTH - _BETWEEN * (columns - 1)) / columns
    cells, texts, frames = [], [], []
    for number, (image, caption) in enumerate(zip(images, captions, strict=True)):
        left = (number % columns) * (side + _BETWEEN)
        top = (number // columns) * (side + _CAPTION)
        size = side / image.shape[0]
        largest = float(np.abs(image).max()) or 1.0
        frames.append({"x": left, "right": left + side, "y": top, "bottom": top + side})
        cells += [
            {
                "x": left + column * size,
                "right": left + (column + 1) * size,
                "y": top + row * size,
                "bottom": top + (row + 1) * size,
                "image": caption.replace("\n", "; "),
                "row": row,
                "column": column,
                "value": round(float(value), 4),
                "strength": round(abs(float(value)) / largest, 4),
                "sign": "Negative" if value < 0 else "Positive",
            }
            for (row, column), value in np.ndenumerate(image)
        ]
        texts += [
            {"x": left + side / 2, "y": top + side + 9 + 13 * line, "text": text} for line, text in enumerate(caption.split("\n"))
        ]
    height = -(-len(images) // columns) * (side + _CAPTION)
    # The range is an expression of the page's width, so that the grid keeps its shape and stands in the middle.
    x = alt.X(
        "x:Q",
        axis=None,
        scale=alt.Scale(
            domain=[0, WIDTH],
            nice=False,
            range=[{"expr": f"width / 2 - {WIDTH / 2:.0f}"}, {"expr": f"width / 2 + {WIDTH / 2:.0f}"}],
        ),
    )
    y = alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[height, 0], nice=False))
    signs = [sign for sign in ("Positive", "Negative") if any(cell["sign"] == sign for cell in cells)]
    legend = alt.Legend(title=None, symbolType="square") if len(signs) > 1 else None
    return alt.layer(
        alt.Chart(pd.DataFrame(frames))
        .mark_rect(style="diagram-outline", filled=False, aria=False)
        .encode(x=x, x2="right:Q", y=y, y2="bottom:Q"),
        alt.Chart(pd.DataFrame(cells))
        .mark_rect(stroke=None, aria=False)
        .encode(
            x=x,
            x2="right:Q",
            y=y,
            y2="bottom:Q",
            opacity=alt.Opacity("strength:Q", scale=alt.Scale(domain=[0, 1], range=[0, 1]), legend=None),
            color=alt.Color("sign:N", scale=alt.Scale(domain=signs), legend=legend),
            tooltip=tips("value:Q | Value"),
            # What the file of the chart's data holds; the picture needs none of it.
            detail=[
                alt.Detail("image:N", title="Image"),
                alt.Detail("row:Q", title="Row"),
                alt.Detail("column:Q", title="Column"),
                alt.Detail("value:Q", title="Value"),
            ],
        ),
        alt.Chart(pd.DataFrame(texts)).mark_text(fontSize=11, baseline="middle").encode(x=x, y=y, text="text:N"),
    ).properties(height=height)
