"""The map of the industry chain: how many companies of each segment, by country or region, with a choice of market."""

import altair as alt
import pandas as pd

from analysis import numerals
from analysis.figures.render import figure
from analysis.figures.rows import rows
from analysis.figures.tooltips import tips
from analysis.industry import companies

_ALL = "All"


def by_segment() -> alt.LayerChart:
    """Return bars of companies by segment and country or region along the chain, with choices of position and market."""
    frame = companies.table()
    position = _choice("chain_position", "Position ", list(companies.POSITIONS))
    market = _choice("chain_market", "Market ", sorted(frame["market_group"].unique()))
    regions = list(frame["region_group"].value_counts().index)
    groups = ["segment", "position", "region_group", "market_group"]
    counts = frame.groupby(groups, sort=False).agg(companies=("company", "size"), names=("company", ", ".join)).reset_index()
    counts["rank"] = counts["region_group"].map(regions.index)
    counts = counts.assign(segment=pd.Categorical(counts["segment"], companies.SEGMENTS)).sort_values(["segment", "rank"])
    counts["label"] = [f"{row.segment} ({row.position})" for row in counts.itertuples()]
    first = counts.groupby("label", observed=True).cumcount() == 0
    chosen = f"({position.name} == '{_ALL}' || datum.position == {position.name})"
    chosen += f" && ({market.name} == '{_ALL}' || datum.market_group == {market.name})"
    chart = rows(
        counts.drop(columns="segment").assign(segment=counts["segment"].astype(str), first=first),
        label="label",
        mark="bar",
        x=alt.X("sum(shown):Q", title="Companies in the map", axis=alt.Axis(tickMinStep=1)),
        colour=alt.Color("region_group:N", title=None, sort=regions),
        order=alt.Order("rank:Q"),
        tooltip=tips(
            "segment:N | Segment", "region_group:N | Country or region", "market_group:N | Market", "names:N | Companies"
        ),
        calculate={"shown": f"{chosen} ? datum.companies : 0"},
    )
    chart.layer[0].encoding.detail = [alt.Detail("market_group:N"), alt.Detail("names:N")]
    sums = frame["region_group"].value_counts()
    unverified = (frame["verified"] != "yes").sum()
    largest = frame["segment"].value_counts()
    return figure(
        chart.add_params(position, market),
        title="Who supplies which part of the chain",
        subtitle=(
            f"{numerals.whole(len(frame))} companies in {numerals.whole(len(companies.SEGMENTS))} segments: "
            f"{numerals.whole(sums['China'])} of China, {numerals.whole(sums['USA'])} of the USA, "
            f"{numerals.whole(sums['Taiwan'])} of Taiwan; {numerals.whole(unverified)} not fully verified."
        ),
        description="Stacked bars of companies by segment along the chain, coloured by country or region: "
        + "; ".join(f"{name}, {companies.in_segment(name)['position'].iloc[0]}, {largest[name]}" for name in companies.SEGMENTS)
        + ".",
        source="data/industry_chain.csv; a selection by those who collected it, not a census",
    )


def _choice(name: str, label: str, options: list[str]) -> alt.Parameter:
    return alt.param(name=name, value=_ALL, bind=alt.binding_select(options=[_ALL, *options], name=label))
