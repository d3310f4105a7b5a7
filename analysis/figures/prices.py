"""Prices of chips: rents by quarter, each seller compared with itself; what is paid to buy; what an owned hour is made of."""

import altair as alt
import pandas as pd

from analysis import numerals
from analysis.economics import ownership, price_index, prices
from analysis.figures.render import figure
from analysis.figures.rows import rows
from analysis.figures.tooltips import tips
from analysis.industry import supply
from analysis.trends import growth_text

#: Chips whose rents are drawn.
DRAWN = ("A100 SXM4 80GB", "H100 SXM5", "B200 SXM (HGX/DGX)")
#: Chips whose owned hours are drawn.
OWNED = ("A100 SXM4 80GB", "H20", "H100 SXM5", "H200 SXM", "B200 SXM (HGX/DGX)")
#: Parts as they are drawn: two share a colour.
_SHOWN = ownership.PARTS | dict.fromkeys(("server", "network"), "Server, network")
_YEARS = [2018, 2020, 2022, 2024, 2026]


def same_seller(chip: str) -> pd.DataFrame:
    """Return the rent by quarter that the index gives: `year` in its middle, `dollars`, `low`, `high`, from the newest level."""
    movement, now = price_index.index_of_chip(chip), prices.level(chip)
    scale = now.dollars / movement.set_index("quarter")["index"].get(now.date, 1.0)
    ends = {"dollars": "index", "low": "low", "high": "high"}
    return pd.DataFrame(
        {"chip": chip, "quarter": movement["quarter"], "year": in_years(movement["quarter"]), "offers": movement["offers"]}
        | {name: movement[column] * scale for name, column in ends.items()}
    )


def in_years(quarters: pd.Series) -> list[float]:
    """Return the middles of quarters ("2026Q3") as years."""
    return [int(quarter[:4]) + (int(quarter[-1]) - 0.5) / 4 for quarter in quarters]


def rents() -> alt.LayerChart:
    """Return rents by quarter: what each cloud asks as points, and lines of each seller compared with itself, with intervals."""
    lines = pd.concat([same_seller(chip) for chip in DRAWN])
    asked = []
    for chip in DRAWN:
        each = prices.by_seller(prices.quotes(prices.named(chip)))
        asked.append(each[each["kind"] == prices.KINDS[0]].assign(chip=chip))
    points = pd.concat(asked)
    points["year"] = in_years(points["quarter"])
    points, lines = (frame[frame["year"] >= 2023] for frame in (points, lines))
    x = alt.X("year:Q", title="Quarter", scale=alt.Scale(zero=False), axis=alt.Axis(format="d", tickMinStep=1))
    scale = alt.Scale(type="log", domain=[1, 12], nice=False)
    y = alt.Y("dollars:Q", title="US dollars for an hour", scale=scale, axis=alt.Axis(values=[1, 2, 3, 5, 8, 12], format="~g"))
    colour = alt.Color("chip:N", title=None, sort=list(DRAWN), legend=alt.Legend(columns=2, symbolOpacity=1))
    low = alt.Y("low:Q", scale=scale, title="US dollars for an hour")
    number = alt.Tooltip("dollars:Q", title="US dollars for an hour", format=".2f")
    dots = alt.Chart(points).mark_point(filled=True, size=30, opacity=0.5).encode(
        x=x, y=y, color=colour,
        tooltip=[alt.Tooltip("chip:N", title="Chip"), alt.Tooltip("seller:N", title="Seller"),
                 alt.Tooltip("quarter:N", title="Quarter"), number],
    )  # fmt: skip
    bands = alt.Chart(lines).mark_area(opacity=0.15).encode(x=x, y=low, y2="high:Q", color=colour)
    drawn = alt.Chart(lines).mark_line(strokeWidth=2.5).encode(
        x=x, y=y, color=colour,
        tooltip=[alt.Tooltip("chip:N", title="Chip"), alt.Tooltip("quarter:N", title="Quarter"), number,
                 alt.Tooltip("offers:Q", title="Offers compared")],
    )  # fmt: skip
    year, before = price_index.trend(price_index.year_before()), price_index.year_before()
    return figure(
        alt.layer(bands, drawn, dots).properties(height=320),
        title="How rents moved, seller by seller",
        subtitle=(
            f"Each seller compared with itself, rents moved by {growth_text(year)} a year since {before}; over all "
            f"{price_index.trend().observations} quotes, by {growth_text(price_index.trend())}."
        ),
        description="Points of what clouds ask for an hour by quarter, logarithmic, and lines of the same-seller index: "
        + "; ".join(
            f"{chip} from {numerals.significant(line['dollars'].iloc[0])} to {numerals.significant(line['dollars'].iloc[-1])}"
            for chip, line in lines.groupby("chip")
        )
        + " US dollars.",
        source=f"prices collected by Epoch AI and by this book, to {prices.quotes()['date'].max()}",
    )


def purchases() -> alt.LayerChart:
    """Return prices to buy an accelerator by date, by generation."""
    frame = supply.bought()
    names = {"V100": "V100", "A100": "A100, A800", "A800": "A100, A800", "H100": "H100, H800", "H800": "H100, H800",
             "H200": "H200", "B200": "B200"}  # fmt: skip
    frame = frame.assign(family=frame["chip"].str[:4].map(names))
    order = list(dict.fromkeys(names.values()))
    low, high = 0.85 * frame["dollars"].min(), 1.15 * frame["dollars"].max()
    points = (
        alt.Chart(frame)
        .mark_point(filled=True, size=50, opacity=0.8)
        .encode(
            x=alt.X("year:Q", title="Date of the price", scale=alt.Scale(zero=False), axis=alt.Axis(format="d", values=_YEARS)),
            y=alt.Y(
                "dollars:Q",
                title="US dollars for one accelerator",
                scale=alt.Scale(type="log", domain=[low, high], nice=False),
                axis=alt.Axis(values=[5000, 10_000, 20_000, 40_000], format=","),
            ),
            color=alt.Color("family:N", title=None, sort=order),
            tooltip=tips("chip:N | Chip", "seller:N | Seller", "date:N | Date", "dollars:Q | US dollars | ,.0f"),
        )
    )
    trend, value = supply.purchase_trend(), supply.purchase_value_trend()
    return figure(
        alt.layer(points).properties(height=260),
        title="What it costs to buy a chip",
        subtitle=(
            f"The price to buy the same chip changed by {growth_text(trend)} a year; the peak that a dollar buys grew "
            f"{growth_text(value)}."
        ),
        description=f"Points of {len(frame)} prices to buy one accelerator, logarithmic, in the groups {'; '.join(order)}: "
        f"from {numerals.words(frame['dollars'].min())} to {numerals.words(frame['dollars'].max())} US dollars.",
        source=f"prices collected by Epoch AI and by this book, sold singly and new, to {frame['date'].max()}",
    )


def owned_hour() -> alt.LayerChart:
    """Return what an hour of an owned chip is made of, by chip; a stroke holds 80% of the draws of its sum."""
    frames = []
    for chip in OWNED:
        parts = ownership.hour_of_chip(chip)
        whole, low, high = (numerals.significant(value) for value in parts.loc["all", ["dollars", "low", "high"]])
        label = f"{chip}: {whole} ({low} to {high})"
        sums = parts["dollars"].drop("all").groupby(_SHOWN, sort=False).sum()
        frames.append(pd.DataFrame({"label": label, "part": sums.index, "dollars": sums.to_numpy(), "rank": range(len(sums))}))
    frame = pd.concat(frames)
    shown = list(dict.fromkeys(_SHOWN.values()))
    chart = rows(
        frame,
        label="label",
        mark="bar",
        x=alt.X("dollars:Q", title="US dollars for an hour in which the chip works"),
        colour=alt.Color("part:N", title=None, sort=shown, scale=alt.Scale(domain=shown), legend=alt.Legend(columns=2)),
        order=alt.Order("rank:Q"),
        tooltip=tips("label:N | Chip", "part:N | Part", "dollars:Q | US dollars | .2f"),
    )
    hour = ownership.hour_of_chip("H100 SXM5")
    chips = (hour.loc["accelerator", "dollars"] + hour.loc["electricity", "dollars"]) / hour.loc["all", "dollars"]
    return figure(
        chart,
        title="What an hour of an owned chip is made of",
        subtitle=(
            f"An hour of an owned H100 costs {numerals.significant(hour.loc['all', 'dollars'])} US dollars; chip and electricity "
            f"alone are {numerals.percent(chips)} of it."
        ),
        description="Bars of what an hour of an owned chip costs, by part: " + "; ".join(dict.fromkeys(frame["label"])) + ".",
        source="prices collected by Epoch AI and by this book [gpu_prices]; other coefficients as in the table below",
    )
