"""What each maker of accelerators supplied, by year."""

import altair as alt

from analysis import numerals
from analysis.figures.render import figure
from analysis.figures.tooltips import tips
from analysis.industry import chip_supply


def by_year() -> alt.LayerChart:
    """Return bars of the peak supplied in each year, stacked by maker, the largest at the bottom."""
    frame = chip_supply.by_year()
    order = [maker for maker in chip_supply.standing()["maker"] if maker in set(frame["maker"])]
    last = frame["until"].max()
    frame = frame.assign(
        millions=frame["h100_equivalents"] / 1e6,
        thousands=frame["chips"] / 1e3,
        rank=frame["maker"].map(order.index),
        period=[f"{year} to Q{(int(last[5:7]) + 2) // 3}" if year == int(last[:4]) else str(year) for year in frame["year"]],
    )
    chart = (
        alt.Chart(frame)
        .mark_bar()
        .encode(
            x=alt.X("period:N", title="Year", axis=alt.Axis(labelAngle=0, labelOverlap=False)),
            y=alt.Y("millions:Q", title="Peak supplied, million H100"),
            color=alt.Color("maker:N", title=None, sort=order),
            order=alt.Order("rank:Q"),
            tooltip=tips(
                "maker:N | Maker",
                "period:N | Year",
                "until:N | Counted until",
                "millions:Q | Peak, million H100 | .3~r",
                "thousands:Q | Chips, thousand | ,.0f",
            ),
        )
    )
    sums = frame.groupby("year")["millions"].sum()
    whole = int(last[:4]) - 1
    standing = chip_supply.standing()
    first = standing.iloc[0]
    return figure(
        alt.layer(chart).properties(height=280),
        title="How much each maker supplied, year by year",
        subtitle=(
            f"In {whole} makers supplied {numerals.significant(sums[whole])} million H100 in peak, "
            f"{numerals.significant(sums[whole] / sums[whole - 1], 2)} times what they did the year before; of all by then, "
            f"{numerals.percent(first['share'])} was {first['maker']}'s."
        ),
        description="Stacked bars of the peak supplied in each year, in million H100: "
        + "; ".join(f"{row.maker} {row.period} {numerals.significant(row.millions)}" for row in frame.itertuples())
        + ".",
        source="Epoch AI, AI Chip Sales [chip_supply]: estimates",
    )
