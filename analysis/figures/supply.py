"""The supply of computing power: chips over time, the same work, prices, and what is installed."""

import altair as alt
import pandas as pd

from analysis import numerals
from analysis.comparing import said
from analysis.figures.render import figure
from analysis.figures.rows import rows
from analysis.figures.tooltips import tips
from analysis.hardware import accelerators
from analysis.industry import supply
from analysis.trends import growth_text

_GROUPS = {False: "Other chips", True: "Chinese chips"}
_MARKS = {"yes": "Verified", "partly": "Partly verified", "no": "Not verified"}
_ENGINE = "this book's model of a pass, from the makers' data sheets [accelerators]"


def peaks() -> alt.LayerChart:
    """Return the dense 16-bit peak of chips by date, Chinese and others, with the fitted lines."""
    frame = supply.chips()
    frame = frame.assign(
        group=frame["domestic"].map(_GROUPS), tera=frame["flop_per_second"] / 1e12, mark=frame["verified"].map(_MARKS)
    )
    fits = {flag: supply.growth("flop_per_second", domestic=flag) for flag in _GROUPS}
    lines = pd.DataFrame(
        [
            {"year": year, "tera": float(fit.at(year)) / 1e12, "group": _GROUPS[flag]}
            for flag, fit in fits.items()
            for year in (frame["year"].min(), frame["year"].max())
        ]
    )
    x = alt.X("year:Q", title="Release", scale=alt.Scale(zero=False, nice=False), axis=alt.Axis(format="d", tickMinStep=1))
    y = alt.Y(
        "tera:Q",
        title="Dense 16-bit peak, TFLOPS",
        scale=alt.Scale(type="log", domain=[20, 4000], nice=False),
        axis=alt.Axis(values=[30, 100, 300, 1000, 3000], format=","),
    )
    colour = alt.Color("group:N", title=None, sort=list(_GROUPS.values()))
    points = (
        alt.Chart(frame)
        .mark_point(size=70, opacity=0.9)
        .encode(
            x=x,
            y=y,
            color=colour,
            shape=alt.Shape("mark:N", sort=list(_MARKS.values()), legend=None),
            tooltip=tips("chip:N | Chip", "date:N | Release", "tera:Q | Peak, TFLOPS | ,.4~r", "mark:N | Data"),
        )
    )
    chart = alt.layer(alt.Chart(lines).mark_line(strokeDash=[5, 4], strokeWidth=1.5).encode(x=x, y=y, color=colour), points)
    other, chinese = fits[False], fits[True]
    return figure(
        chart.properties(height=320),
        title="The peak of a chip keeps rising",
        subtitle=(
            f"The peak of a chip grew {growth_text(other)} a year; that of Chinese chips {growth_text(chinese)}, "
            f"from {numerals.whole(chinese.observations)} chips."
        ),
        description=f"Points of dense 16-bit peak by release, logarithmic, {len(frame)} chips in two groups, with fitted "
        f"lines: other chips {growth_text(other)} a year, Chinese chips {growth_text(chinese)} a year.",
        source="makers' data sheets [accelerators]; lines fitted without chips that are not verified",
    )


def growth() -> alt.LayerChart:
    """Return the growth a year of each measure of a chip, with its 90% interval, Chinese chips and others."""
    fits = {(measure, flag): supply.growth(measure, domestic=flag) for measure in supply.MEASURES for flag in _GROUPS}
    frame = pd.DataFrame(
        [
            {
                "label": _measure(measure, flag),
                "low": 100 * (fit.low - 1),
                "growth": 100 * (fit.growth - 1),
                "high": 100 * (fit.high - 1),
                "group": _GROUPS[flag],
            }
            for (measure, flag), fit in fits.items()
        ]
    )
    chart = rows(
        frame,
        label="label",
        mark="point",
        x=alt.X("growth:Q", title="Growth a year, %, with 90% interval; dashed: none", axis=alt.Axis(tickCount=4)),
        colour=alt.Color("group:N", title=None, sort=list(_GROUPS.values())),
        rule=0,
        tooltip=tips("label:N | Measure", "growth:Q | Growth a year, % | .0f", "low:Q | Low | .0f", "high:Q | High | .0f"),
    )
    bars = (
        alt.Chart(frame)
        .mark_rule(strokeWidth=2)
        .encode(y=chart.layer[1].encoding.y, x="low:Q", x2="high:Q", color=alt.Color("group:N", sort=list(_GROUPS.values())))
    )
    peak, bandwidth = fits["flop_per_second", False], fits["bandwidth", False]
    # Chip by chip, their ratio tells it: the two errors are not independent.
    ratio = fits["flop_per_byte", False].log_growth
    faster = said(ratio, "faster than", "slower than", "as fast, within noise, as")
    return figure(
        chart + bars,
        title=f"Peaks grew {faster} bandwidth",
        subtitle=(
            f"{growth_text(peak)} against {growth_text(bandwidth)} a year; a watt buys "
            f"{growth_text(fits['flop_per_joule', False])} more each year."
        ),
        description="Points with 90% intervals of growth a year: "
        + "; ".join(f"{_measure(measure, flag)}, {growth_text(fit)}" for (measure, flag), fit in fits.items())
        + ".",
        source="makers' data sheets [accelerators]; lines fitted to them",
    )


def same_work(frame: pd.DataFrame) -> alt.LayerChart:
    """Return tokens a second that each chip decodes of the same work, doubtful data coloured; `supply.same_work`'s."""
    known = frame[frame["decode"].notna()].sort_values("decode", ascending=False)
    shown = known.assign(mark=known["verified"].map(_MARKS))
    best = known.iloc[0]
    domestic = known[known["chip"].map(accelerators.table()["vendor"]).isin(supply.DOMESTIC)].iloc[0]
    return figure(
        rows(
            shown[["chip", "decode", "prefill", "mark"]],
            label="chip",
            mark="bar",
            x=alt.X("decode:Q", title="Tokens decoded, a second and chip"),
            colour=alt.Color("mark:N", title=None, scale=alt.Scale(domain=[_MARKS["yes"], _MARKS["partly"]])),
            value="format(datum.decode, ',.0f')",
            tooltip=tips(
                "chip:N | Chip", "decode:Q | Decoded, tokens/s | ,.0f", "prefill:Q | Prompt, tokens/s | ,.0f", "mark:N | Data"
            ),
        ),
        title="What chips do on the same work",
        subtitle=(
            f"On the same work, the {best['chip']} decodes {numerals.whole(best['decode'])} tokens a second, the fastest "
            f"Chinese chip of the table, the {domestic['chip']}, {numerals.whole(domestic['decode'])}."
        ),
        description=f"Bars of tokens decoded a second and chip, {supply.MODEL} on eight chips: "
        + "; ".join(f"{row.chip} {numerals.whole(row.decode)}, {_MARKS[row.verified].lower()}" for row in known.itertuples())
        + ".",
        source=_ENGINE,
    )


def token_costs(frame: pd.DataFrame) -> alt.LayerChart:
    """Return what a million tokens cost the owner of each chip with a price: prompts and answers; `supply.same_work`'s."""
    kinds = {"prompt_dollars": "Of prompts", "answer_dollars": "Of answers"}
    known = frame[frame["blended_dollars"].notna()].sort_values("blended_dollars")
    order = list(known["chip"])
    long = known.melt("chip", value_vars=list(kinds), var_name="kind", value_name="dollars").replace({"kind": kinds})
    long = long.sort_values("chip", key=lambda chips: chips.map(order.index), kind="stable")
    chart = rows(
        long,
        label="chip",
        mark="bar",
        x=alt.X("dollars:Q", title="US dollars for a million tokens"),
        colour=alt.Color("kind:N", title="A million tokens", sort=list(kinds.values())),
        offset=alt.YOffset("kind:N", sort=list(kinds.values())),
        tooltip=tips("chip:N | Chip", "kind:N | A million tokens", "dollars:Q | US dollars | .3~r"),
    )
    by_chip = known.set_index("chip")
    ratio = by_chip.loc["H20"] / by_chip.loc["H100 SXM5", [*kinds, "blended_dollars"]]
    return figure(
        chart,
        title="What a million tokens cost on each chip",
        subtitle=(
            f"On an H20, a token of a prompt costs {numerals.significant(ratio['prompt_dollars'])} times what it does on an "
            f"H100, one of an answer {numerals.significant(ratio['answer_dollars'])} times; with a quarter of answers, "
            f"{numerals.significant(ratio['blended_dollars'])} times."
        ),
        description=f"Bars of US dollars for a million tokens of {supply.MODEL}, of prompts and of answers: "
        + "; ".join(
            f"{row.chip} {numerals.significant(row.prompt_dollars, 2)} and {numerals.significant(row.answer_dollars, 2)}"
            for row in known.itertuples()
        )
        + ".",
        source="this book's model of a pass and of an owned hour; prices collected by Epoch AI and by this book [gpu_prices]",
    )


def owners() -> alt.LayerChart:
    """Return NVIDIA's accelerators by owner, in H100 equivalents, with 90% intervals."""
    frame = supply.owners()
    frame = frame.assign(
        low=frame["h100_equivalents_low"] / 1e6, middle=frame["h100_equivalents"] / 1e6, high=frame["h100_equivalents_high"] / 1e6
    )
    chart = rows(
        frame[["owner", "low", "middle", "high"]],
        label="owner",
        mark="bar",
        x=alt.X("middle:Q", title="Million H100; strokes: 5th to 95th percentile"),
        value="format(datum.middle, '.2f') + ' million'",
    )
    ends = alt.Chart(frame).mark_rule(strokeWidth=2).encode(y=chart.layer[1].encoding.y, x="low:Q", x2="high:Q")
    by_owner = frame.set_index("owner")
    china = by_owner.loc["China"]
    return figure(
        chart + ends,
        title="Who holds NVIDIA's accelerators",
        subtitle=(
            f"Counted as H100 of the same peak, {by_owner.index[0]} holds {numerals.significant(by_owner['middle'].iloc[0], 2)} "
            f"million; all of China holds {numerals.significant(china['middle'], 2)} million, in "
            f"{numerals.words(china['chips'], 2)} chips."
        ),
        description="Bars of the peak of NVIDIA's accelerators by owner, in H100 equivalents: "
        + "; ".join(f"{row.owner} {numerals.words(row.h100_equivalents)}" for row in frame.itertuples())
        + f", up to {frame['date'].iloc[0]}.",
        source="Epoch AI, AI Chip Sales [chips_by_owner]: estimates, without Google's and Amazon's own chips",
    )


def _measure(measure: str, domestic: bool) -> str:
    return f"{supply.MEASURES[measure][0]}, {'Chinese chips' if domestic else 'others'}"
