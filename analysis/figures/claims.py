"""The deck's printed numbers against the recomputed ones."""

import altair as alt
import pandas as pd

from analysis import numerals
from analysis.deck.audit import VERDICTS
from analysis.figures.render import figure
from analysis.figures.rows import rows
from analysis.figures.tooltips import tips


def printed_over_recomputed(claims: pd.DataFrame) -> alt.LayerChart:
    """Return the ratio of printed to recomputed, one row a claim that can be recomputed.

    `claims` is what `analysis.deck.audit.claims` returns.
    """
    frame = claims[claims["recomputed"].notna()][["claim_en", "ratio", "verdict"]]
    frame = frame.assign(verdict=frame["verdict"].str.capitalize())
    off = frame[frame["verdict"].isin(["Wrong", "Outdated", "Wrong basis"])]
    wrong = frame[frame["verdict"] == "Wrong"]
    chart = rows(
        frame,
        label="claim_en",
        mark="point",
        x=alt.X(
            "ratio:Q",
            title="Printed ÷ recomputed",
            scale=alt.Scale(type="log", domain=[0.2, 2.2]),
            axis=alt.Axis(values=[0.25, 0.5, 1, 2], format="~g"),
        ),
        colour=alt.Color("verdict:N", title=None, sort=[name.capitalize() for name in VERDICTS], legend=alt.Legend(columns=3)),
        value="format(datum.ratio, '.2f')",
        rule=1,
        tooltip=tips("claim_en:N | Claim", "ratio:Q | Printed ÷ recomputed | .4f", "verdict:N | Verdict"),
    )
    return figure(
        chart,
        title="The wrong numbers share one factor",
        subtitle=(
            f"{numerals.whole(len(frame) - len(off))} of {numerals.whole(len(frame))} recomputed claims agree; "
            f"{numerals.whole(len(wrong))} are wrong by the same factor."
        ),
        description="Printed divided by recomputed, by claim: "
        + "; ".join(f"{row.claim_en}: {row.ratio:.2f}, {row.verdict.lower()}" for row in frame.itertuples())
        + ".",
        source="the deck, recomputed under its own assumptions",
    )
