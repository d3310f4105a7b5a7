"""From words to what enters a Transformer: the vectors looked up, the positions, and their sum."""

from collections.abc import Sequence

import altair as alt
import numpy as np
import pandas as pd

from analysis import numerals
from analysis.figures.heatmap import heatmap, stacked
from analysis.figures.render import figure
from analysis.figures.rows import rows
from analysis.figures.tooltips import tips
from analysis.networks import number_words, positions, translator
from analysis.networks.transformer import Stacked, Transformer

_POSITIONS = "computed by analysis/networks/positions.py"
_TRANSLATOR = "the translator in data/weights/, computed by analysis/networks/transformer.py"


def entering(encoded: Stacked, tokens: Sequence[str]) -> alt.LayerChart:
    """Return the vectors of the `tokens` of one sentence, those of their positions, and the sum that enters the
    encoder."""
    scaled, places = np.abs(encoded.embedded).mean(), np.abs(encoded.positions).mean()
    width = encoded.embedded.shape[-1]
    return figure(
        stacked(
            {
                f"Vector of the token, times √{width}": encoded.embedded,
                "+ vector of the position": encoded.positions,
                "= what enters the encoder": encoded.input,
            },
            rows=tokens,
            row_title=None,
            column_title="Component",
            value_title="Value",
            signed=True,
        ),
        title="A token's vector and its position's are added",
        subtitle=(
            f"{len(tokens)} tokens become {len(tokens)} vectors of {width} numbers. Their amounts average "
            f"{numerals.significant(scaled, 2)}, those of the positions {numerals.significant(places, 2)}."
        ),
        description=f"Three heat maps of {len(tokens)} rows, {', '.join(tokens)}, and {width} columns: the vectors "
        "of the "
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
        title="Positions are told by waves of many lengths",
        subtitle=(
            f"The first pair of components repeats after {numerals.significant(lengths[0])} positions, the last of "
            f"{width // 2} after {numerals.whole(round(lengths[-1], -2))}."
        ),
        description=f"Heat map of the vectors of {length} positions, {width} components each, sine and cosine in "
        "turn. To the "
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
        tooltip=tips("distance:Q | Distance", "share:Q | Product | .3f"),
    )
    return figure(
        alt.layer(base.mark_line(), base.mark_point(opacity=1, size=40)).properties(height=220),
        title="How alike two positions are depends on distance alone",
        subtitle=(
            f"The likeness is {numerals.significant(shares[1], 2)} for "
            "neighbours, "
            f"{numerals.significant(shares[10], 2)} at ten apart, where a position with itself has 1."
        ),
        description=f"Line of the product of the vectors of two positions, by their distance from 0 to {farthest}. "
        "It falls from 1 "
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
        title="One rotation shifts every position by the same step",
        subtitle=(
            f"One matrix leads from any position to the one {offset} later: a turn in each pair, "
            f"{numerals.whole(np.count_nonzero(matrix))} entries that are not 0 of {numerals.whole(width * width)}."
        ),
        description=f"Heat map of the first {shown} rows and columns of the matrix for {offset} positions. Only the "
        "blocks of two by "
        "two on the diagonal are not 0: cosine and sine of an angle.",
        source=_POSITIONS,
    )


def across_languages(model: Transformer) -> alt.LayerChart:
    """Return how alike the vectors of English and Chinese digits are, from the table that both languages share."""
    english, chinese = number_words.UNITS[1:10], number_words.DIGITS[1:10]
    cosines = digits_alike(model)
    same, others = np.diag(cosines), cosines[~np.eye(len(cosines), dtype=bool)]
    nearest = sum(row.argmax() == place for place, row in enumerate(cosines))
    return figure(
        heatmap(
            cosines,
            rows=english,
            columns=list(chinese),
            row_title=None,
            column_title=None,
            value_title="Cosine",
            signed=True,
            limit=1,
            written=".1f",
        ),
        title="Do digits have like vectors in both languages?",
        subtitle=(
            f"The cosine of a digit in English and the same in Chinese is {numerals.signed(same.mean())} on average, that "
            "of two different "
            f"ones {numerals.signed(others.mean())}; for {nearest} of {len(english)} the right numeral is the nearest."
        ),
        description="Heat map of the cosines between the vectors of nine English digits and nine Chinese ones. "
        + "; ".join(
            f"{word} and {numeral} {numerals.signed(value)}" for word, numeral, value in zip(english, chinese, same, strict=True)
        ),
        source=_TRANSLATOR,
    )


def in_context(alike: pd.DataFrame, word: str, occurrences: int) -> alt.LayerChart:
    """Return how alike the vectors of one word are over many sentences, stage by stage, from
    `context.alike_by_stage`."""
    first, last = alike.iloc[0], alike.iloc[-1]
    return figure(
        rows(
            alike,
            label="stage",
            mark="bar",
            x=alt.X("cosine:Q", title="Mean cosine of any two occurrences", scale=alt.Scale(domain=[0, 1])),
            value="format(datum.cosine, '.2f')",
            tooltip=tips("stage:N | Stage", "cosine:Q | Cosine | .3f"),
        ),
        title="A word's vector takes on its context, layer by layer",
        subtitle=(
            f"Looked up, “{word}” is the same vector in every sentence; after the last layer the cosine of two "
            "occurrences is "
            f"{numerals.signed(last['cosine'])} on average."
        ),
        description=f"Bars of the mean cosine between the vectors of {word} in {occurrences} places, from "
        f"{first['stage'].lower()} "
        f"to {last['stage'].lower()}. "
        + "; ".join(f"{row.stage.lower()} {numerals.signed(row.cosine)}" for row in alike.itertuples()),
        source=_TRANSLATOR,
    )


def digits_alike(model: Transformer) -> np.ndarray:
    """Return the cosines of the vectors of the digits 1 to 9, English (rows) and Chinese (columns), (9, 9)."""
    rows, columns = (
        model.embedding[translator.VOCABULARY.numbers(words)] for words in (number_words.UNITS[1:10], number_words.DIGITS[1:10])
    )
    rows, columns = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True) for vectors in (rows, columns))
    return rows @ columns.T
