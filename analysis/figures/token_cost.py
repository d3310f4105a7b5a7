"""What a million tokens costs: by chip, DeepSeek's published day, and published prices over time."""

import altair as alt
import numpy as np
import pandas as pd

from analysis import numerals
from analysis.economics import market
from analysis.economics import prices as rents
from analysis.figures import sliders
from analysis.figures.render import figure
from analysis.figures.rows import ROW_HEIGHT, rows
from analysis.figures.tooltips import tips
from analysis.plan import cost_case
from analysis.plan.cost_case import CostCase
from analysis.serving import token_cost
from analysis.serving.serving_words import dollars

#: Parts of an owned hour, by the columns of `cost_case.by_chip`.
_PARTS = {
    "equipment": "Owned: chip, server, network",
    "site": "Owned: building and its plant",
    "running": "Owned: capital, staff, repair",
    "electricity": "Owned: electricity",
}
_RENT = "Rented"
_SOURCE = "computed by analysis/plan/cost_case.py and analysis/economics/ownership.py; prices: data/gpu_prices.csv"
_WORK = ("Reading prompts", "Writing answers")
#: Sellers that have a colour of their own; the others share one.
_SELLERS = ("OpenAI", "DeepSeek")
_OURS, _SAME = "Our cost of the same model", "GPT-3 at chip and rent of the year"


def by_chip(case: CostCase) -> alt.LayerChart:
    """Return dollars per million tokens by chip, owned and rented, with sliders for electricity and idle hours."""
    table = cost_case.by_chip(case)
    able = table.dropna(subset=["rate"])
    bits = {"fp8": "8 bits", "mxfp4": "4 bits"}
    names = able["chip"] + ", " + able["precision"].map(bits).fillna("16 bits")
    names += np.where(able["rent"].isna(), "; no rental price", "") + pd.Series(
        np.where(able["own"].isna(), "; no purchase price", ""), index=able.index
    )
    use_now = 1 / case.busiest_over_mean
    cents = sliders.slider(
        "token_cents", "Electricity, US cents a kWh", round(100 * market.rates("H100 SXM5").dollars_per_kwh, 2), 2, 30, 0.5
    )
    use = sliders.slider("token_use", "Share of paid hours that is used", round(use_now, 2), 0.05, 1, 0.01)
    frame = pd.concat(
        [
            able.assign(label=names, part=said, base=able[part] * use_now, kwh=able["kilowatt_hours"] * use_now)
            for part, said in _PARTS.items()
        ],
        ignore_index=True,
    )[["label", "part", "base", "kwh"]]  # fmt: skip
    frame = frame.fillna({"base": 0.0})
    shown = [*_PARTS.values(), _RENT]
    x = alt.X("dollars:Q", title="US dollars per million tokens")
    colour = alt.Color("part:N", title=None, sort=shown, scale=alt.Scale(domain=shown),
                       legend=alt.Legend(columns=1, symbolOpacity=1))  # fmt: skip
    bars = rows(
        frame,
        label="label",
        mark="bar",
        x=x,
        colour=colour,
        order=alt.Order("rank:Q"),
        tooltip=tips("label:N | Chip", "part:N | Part", "dollars:Q | Dollars per million tokens | .3~r"),
        calculate={
            "dollars": f"(datum.part == '{_PARTS['electricity']}' ? datum.kwh * token_cents / 100 : datum.base) / token_use",
            "rank": f"indexof({list(_PARTS.values())}, datum.part)",
        },
    )
    rent = pd.DataFrame({"label": names, "part": _RENT, "base": able["rent"] * use_now}).dropna()
    points = alt.Chart(rent).transform_calculate(dollars="datum.base / token_use").mark_point(
        filled=True, shape="diamond", size=130, opacity=1
    ).encode(
        x=x,
        y=alt.Y("label:N", sort=None, axis=None, scale=alt.Scale(type="band", paddingInner=0.72, paddingOuter=0.4)),
        color=colour,
        tooltip=tips("label:N | Chip", "dollars:Q | Rented, dollars per million tokens | .3~r"),
    )  # fmt: skip
    known = able.dropna(subset=["rent"])
    cheapest = known.loc[known["rent"].idxmin()]
    return figure(
        alt.layer(bars, points).add_params(cents, use).properties(height=ROW_HEIGHT * len(able)),
        title="What a million tokens cost, rented and owned",
        subtitle=(
            f"A million tokens of {case.model} cost {dollars(cheapest['rent'])} on rented {cheapest['chip']}, and "
            f"{dollars(cheapest['own'])} on owned ones, of which {numerals.percent(cheapest['electricity'] / cheapest['own'])} "
            "is electricity."
        ),
        description="Dollars per million tokens by chip: "
        + "; ".join(
            f"{name}, rented {dollars(row.rent)}, owned {dollars(row.own)}"
            for name, row in zip(names, able.itertuples(), strict=True)
        )
        + ".",
        source=f"{_SOURCE}, rents of {rents.level(cheapest['chip']).date}",
    )


def deepseek_day() -> alt.LayerChart:
    """Return the nodes of DeepSeek's day by what they do: from its published speeds, and as predicted."""
    said, predicted = token_cost.deepseek_published(), token_cost.deepseek_predicted()
    average = market.facility("DeepSeek V3/R1 inference fleet, average")
    days = {"From DeepSeek's own speeds": said, "Predicted by this report": predicted}
    frame = pd.DataFrame(
        [
            {"label": f"{label}: {numerals.significant(day.nodes, 4)} nodes", "work": work, "nodes": nodes}
            for label, day in days.items()
            for work, nodes in zip(_WORK, (day.reading_nodes, day.writing_nodes), strict=True)
        ]
    )
    chart = rows(
        frame,
        label="label",
        mark="bar",
        x=alt.X("nodes:Q", title="Nodes of eight H800; dashed: reported"),
        colour=alt.Color("work:N", title=None, sort=list(_WORK)),
        order=alt.Order("work:N", sort="ascending"),
        rule=average,
        tooltip=tips("label:N | Day", "work:N | Work", "nodes:Q | Nodes | .1f"),
    )
    return figure(
        chart,
        title="DeepSeek's day, predicted and reported",
        subtitle=(
            f"Predicted, DeepSeek's day takes {numerals.significant(predicted.nodes)} nodes and "
            f"${numerals.rounded(predicted.dollars)}; reported are {numerals.plain(average, 5)} and "
            f"${numerals.whole(said.dollars)}."
        ),
        description="Nodes by work: "
        + "; ".join(f"{row.label}, {row.work.lower()} {numerals.significant(row.nodes)}" for row in frame.itertuples())
        + f"; reported in all: {numerals.plain(average, 5)}.",
        source="data/facility.csv (DeepSeek, open-infra-index, day 6); computed by analysis/serving/token_cost.py",
    )


def prices(case: CostCase) -> alt.LayerChart:
    """Return published prices by date, our cost where a model's shape is public, and what GPT-3 costs year by year."""
    table = cost_case.prices(case)
    table = table.assign(day=table["date"].dt.strftime("%Y-%m-%d"))
    same = cost_case.same_model(case)
    same = same.assign(day=same["year"].astype(str) + "-07-01", kind=_SAME).dropna(subset=["cost"])
    table["kind"] = table["organisation"].where(table["organisation"].isin(_SELLERS), "Others")
    kinds = [*_SELLERS, "Others", _OURS, _SAME]
    colour = alt.Color(
        "kind:N", title=None, sort=kinds, scale=alt.Scale(domain=kinds), legend=alt.Legend(columns=1, symbolOpacity=1)
    )
    x = alt.X("day:T", title="Date", axis=alt.Axis(format="%Y", tickCount="year"))

    def y(column: str) -> alt.Y:
        return alt.Y(
            f"{column}:Q", title="US dollars per million tokens", scale=alt.Scale(type="log", nice=False),
            axis=alt.Axis(values=[0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100], format="~r"),
        )  # fmt: skip

    columns = ["day", "organisation", "model", "blended", "cost", "low", "high", "served_on"]
    tooltip = tips("organisation:N | Seller", "model:N | Model", "day:N | Date")
    sold = alt.Chart(table[[*columns, "kind"]]).mark_point(size=55, opacity=1).encode(
        x=x, y=y("blended"), color=colour,
        tooltip=[*tooltip, alt.Tooltip("blended:Q", title="Price", format="$.3~r")],
    )  # fmt: skip
    cost = alt.Chart(table.dropna(subset=["cost"]).assign(kind=_OURS)[[*columns, "kind"]]).encode(
        x=x, color=colour,
        tooltip=[
            *tooltip, alt.Tooltip("cost:Q", title="Our cost", format="$.3~r"),
            alt.Tooltip("low:Q", title="At least", format="$.3~r"), alt.Tooltip("high:Q", title="At most", format="$.3~r"),
            alt.Tooltip("served_on:N", title="Served on"),
        ],
    )  # fmt: skip
    line = alt.Chart(same[["day", "cost", "kind", "served_on"]]).mark_line(strokeDash=[5, 4], strokeWidth=2, point=False).encode(
        x=x, y=y("cost"), color=colour,
        tooltip=tips("day:N | Date", "cost:Q | Cost of GPT-3 | $.3~r", "served_on:N | Served on"),
    )  # fmt: skip
    first = table.iloc[0]
    low = table.loc[table["blended"].idxmin()]
    begin, end = same.iloc[0], same.iloc[-1]
    return figure(
        alt.layer(
            cost.mark_rule(strokeWidth=3, opacity=0.5).encode(y=y("low"), y2="high:Q"),
            line,
            cost.mark_point(shape="diamond", size=120, opacity=1).encode(y=y("cost")),
            sold,
        ).properties(height=380),
        title="Token prices beside what chips alone would allow",
        subtitle=(
            f"Prices fell from {dollars(first['blended'], 2)} in {first['date'].year} to {dollars(low['blended'], 2)} for the "
            f"cheapest model in {low['date'].year}. By chips and rents alone, GPT-3 costs "
            f"{numerals.significant(end['cost'] / begin['cost'], 2)} times as much to serve as in {begin['year']}."
        ),
        description="Dollars per million tokens, three quarters of them prompts, by date on a logarithmic axis. "
        + "; ".join(
            f"{row.organisation} {row.model} {row.day} {dollars(row.blended)}"
            + (f", our cost {dollars(row.cost)}" if np.isfinite(row.cost) else "")
            for row in table.itertuples()
        )
        + ".",
        source=f"prices: data/api_prices.csv; {_SOURCE}",
    )
