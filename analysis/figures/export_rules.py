"""Rules on exports: chips by what the rules measure, with the bounds of each rule, and what was sold to China."""

from collections.abc import Sequence
from datetime import date

import altair as alt
import pandas as pd

from analysis import ageing, numerals
from analysis.figures.render import figure
from analysis.figures.tooltips import tips
from analysis.hardware import accelerators
from analysis.industry import export_rules, supply

_GROUPS = {False: "Other chips", True: "Chinese chips"}
#: Chips of the first rule's two measures, and domestic ones beside them.
LINKED = ("A100 SXM4 80GB", "A800 SXM4 80GB", "H100 SXM5", "H800 SXM5", "H20", "Ascend 910B2", "Ascend 910C")
#: Chips of the later rules' measures: those made for China, those they replace, and the newest.
MEASURED = (
    "L20", "H20", "A800 SXM4 80GB", "H800 SXM5", "H200 SXM", "Instinct MI325X", "B200 SXM (HGX/DGX)", "B300 SXM",
    "VR200 (per GPU)", "Ascend 910C", "Ascend 950DT",
)  # fmt: skip
_ASIDE = {"A100": -13, "A800": -13, "Ascend 910B2": 14}
_SIDES = {"H20": "below", "H200": "above", "B200": "left", "VR200": "left", "910C": "below", "950DT": "below"}
_STANDING = {
    "free": "No licence",
    "case by case": "Case by case",
    "licence": "Denial presumed",
}
_HOME = "Made in China"
_LARGE = 1e9
#: Seen on a light page and on a dark one.
_LINE = "#808997"


def links() -> alt.LayerChart:
    """Return chips by total processing performance and link bandwidth, with the bounds of the rules of 2022 and 2023."""
    frame = _measured(LINKED)
    frame["name"] = frame["chip"].str.split().str[:2].str.join(" ").str.replace(r" SXM\d?", "", regex=True)
    first = export_rules.rule("October 2022").limbs[0]
    later = export_rules.rule("October 2023").limbs[0]["tpp_from"]
    across = alt.Scale(type="log", domain=[1800, 40_000], nice=False)
    up = alt.Scale(domain=[300, 1000], zero=False)
    x = alt.X(
        "performance:Q",
        title="Total processing performance, TOPS × bit",
        scale=across,
        axis=alt.Axis(values=[2000, 5000, 10_000, 20_000], format=","),
    )
    y = alt.Y("link:Q", title="Links, GB/s, both directions", scale=up)
    points = (
        alt.Chart(frame)
        .mark_point(filled=True, size=100, opacity=1)
        .encode(x=x, y=y, color=alt.Color("group:N", title=None, sort=list(_GROUPS.values())))
    )
    # Names of neighbours stand above and below their points, out of each other's way.
    names = [
        alt.Chart(frame[frame["name"].map(lambda name: _ASIDE.get(name, 0)) == dy])
        .mark_text(align="left", dx=0 if dy else 9, dy=dy)
        .encode(x=x, y=y, text="name:N")
        for dy in (0, -13, 14)
    ]
    limits = alt.Chart(pd.DataFrame([{}])).mark_rule(strokeDash=[4, 4], aria=False)
    vertical = limits.encode(x=alt.XDatum(float(later), scale=across))
    level = limits.encode(y=alt.YDatum(float(first["link_from"]), scale=up))
    h20 = export_rules.measures("H20").performance
    return figure(
        alt.layer(vertical, level, points, *names).properties(height=300),
        title="The first rule left a gap",
        subtitle=(
            f"It asked for performance of {numerals.whole(later)} and links of {numerals.whole(first['link_from'])} GB/s at "
            f"once, so chips with slower links passed. The second rule asks for performance alone, of which the H20 has "
            f"{numerals.whole(h20)}."
        ),
        description="Points of total processing performance, logarithmic, and link bandwidth: "
        + "; ".join(
            f"{row.chip} {numerals.whole(row.performance)}, {numerals.whole(row.link)} GB/s" for row in frame.itertuples()
        )
        + ". Dashed: the thresholds.",
        source="makers' data sheets [accelerators]; the rules' texts [export_rules]",
    )


def memory(day: date | None = None) -> alt.LayerChart:
    """Return chips by total processing performance and memory bandwidth, with the bounds of the later rules.

    Colours tell what the rules make of a chip on `day`, by default the one until which rules were looked for.
    """
    day = day or ageing.age_of("export_rules").as_of
    frame = _measured(MEASURED)
    frame["standing"] = [_STANDING[export_rules.standing(chip, day)] for chip in frame["chip"]]
    frame["standing"] = frame["standing"].mask(frame["group"] == _GROUPS[True], _HOME)
    frame["name"] = frame["chip"].str.replace(r" \(.*\)| SXM\d?.*|Instinct |Ascend ", "", regex=True)
    frame["side"] = frame["name"].map(_SIDES).fillna("right")
    bounds = pd.DataFrame(_bounds())
    x = alt.X(
        "performance:Q",
        title="Total processing performance, TOPS × bit",
        scale=alt.Scale(type="log", domain=[1500, 250_000], nice=False),
        axis=alt.Axis(values=[2000, 5000, 20_000, 100_000], format=","),
    )
    y = alt.Y(
        "memory:Q",
        title="Memory, TB/s",
        scale=alt.Scale(type="log", domain=[0.7, 30], nice=False),
        axis=alt.Axis(values=[1, 2, 5, 10, 20]),
    )
    lines = alt.Chart(bounds).mark_line(strokeWidth=1.5, strokeDash=[4, 4], color=_LINE, clip=True)
    lines = lines.encode(x=x, y=y, detail="line:N", order="step:Q")
    said = [
        alt.Chart(pd.DataFrame([{"performance": across, "memory": up, "rule": rule}]))
        .mark_text(align=align, dx=dx, dy=dy)
        .encode(x=x, y=y, text="rule:N")
        for rule, across, up, align, dx, dy in _said()
    ]
    points = (
        alt.Chart(frame)
        .mark_point(filled=True, size=90, opacity=1)
        .encode(
            x=x,
            y=y,
            color=alt.Color("standing:N", title=f"To China, in {day:%B %Y}", sort=[*_STANDING.values(), _HOME]),
            tooltip=tips(
                "chip:N | Chip",
                "performance:Q | Performance, TOPS × bit | ,.0f",
                "memory:Q | Memory, TB/s | .2f",
                "standing:N | By its measures",
            ),
        )
    )
    sides = {"right": ("left", 8, 0), "left": ("right", -8, 0), "below": ("center", 0, 14), "above": ("center", 0, -17)}
    names = [
        alt.Chart(frame[frame["side"] == side]).mark_text(align=align, dx=dx, dy=dy).encode(x=x, y=y, text="name:N")
        for side, (align, dx, dy) in sides.items()
    ]
    newest = export_rules.rule("January 2026").limbs[0]
    by_name = frame.set_index("chip")
    return figure(
        alt.layer(lines, *said, points, *names).properties(height=340),
        title="Which chips fit the box of January 2026",
        subtitle=(
            f"The H200, at {numerals.whole(by_name.loc['H200 SXM', 'performance'])}, lies within the box of January 2026, "
            f"below {numerals.whole(newest['tpp_below'])} and {numerals.significant(newest['memory_below'] / 1e3)} TB/s; the "
            f"B200, at {numerals.whole(by_name.loc['B200 SXM (HGX/DGX)', 'performance'])}, lies outside."
        ),
        description="Points of total processing performance and memory bandwidth, both logarithmic: "
        + "; ".join(
            f"{row.chip} {numerals.whole(row.performance)}, {row.memory:g} TB/s, {row.standing.lower()}"
            for row in frame.itertuples()
        )
        + ". Lines: the bounds of each rule.",
        source="makers' data sheets [accelerators]; the rules' texts [export_rules]",
    )


def to_china() -> alt.LayerChart:
    """Return the accelerators made for China that were sold by quarter."""
    frame = supply.sold_to_china()
    frame = frame.assign(thousands=frame["chips"] / 1e3)
    order = ["A800", "H800", "H20"]
    total = supply.stock(order)
    chart = (
        alt.Chart(frame)
        .mark_bar()
        .encode(
            x=alt.X("date:T", title="Quarter", timeUnit="yearquarter", axis=alt.Axis(format="%Y", tickCount="year")),
            y=alt.Y("sum(thousands):Q", title="Accelerators sold, thousand"),
            color=alt.Color("chip:N", title=None, sort=order),
            tooltip=tips("chip:N | Chip", "date:N | Quarter to", "thousands:Q | Sold, thousand | ,.0f"),
        )
    )
    share = total.loc["H20", "h100_equivalents"] / total["h100_equivalents"].sum()
    return figure(
        alt.layer(chart).properties(height=260),
        title="What was made for China, and sold",
        subtitle=(
            f"Chips made for China: {numerals.rounded(total['chips'].sum())} sold, "
            f"{numerals.rounded(total['h100_equivalents'].sum())} H100 in peak; {numerals.percent(share)} of that peak are H20."
        ),
        description="Stacked bars of accelerators sold by quarter: "
        + "; ".join(
            f"{name} {numerals.rounded(total.loc[name, 'chips'])} in all, {numerals.rounded(total.loc[name, 'chips_low'])} to "
            f"{numerals.rounded(total.loc[name, 'chips_high'])}"
            for name in order
        )
        + ".",
        source="Epoch AI, AI Chip Sales [chips_by_type]: estimates",
    )


def _measured(chips: Sequence[str]) -> pd.DataFrame:
    """Return what the rules measure of chips, memory in TB/s, and whether they are Chinese."""
    measured = [(chip, export_rules.measures(chip)) for chip in chips]
    vendor = accelerators.table()["vendor"]
    return pd.DataFrame(
        [
            {
                "chip": chip,
                "performance": measures.performance,
                "link": measures.link,
                "memory": measures.memory / 1e3,
                "group": _GROUPS[vendor[chip] in supply.DOMESTIC],
            }
            for chip, measures in measured
        ]
    )


def _bounds() -> list[dict[str, object]]:
    """Return the corners of the lines that bound each rule, in the chart's units."""
    alone = export_rules.rule("October 2023").limbs[0]["tpp_from"]
    letter = export_rules.rule("Letter on H20, April 2025").limbs[0]["memory_from"]
    newest = export_rules.rule("January 2026").limbs[0]
    corners = {
        "October 2023": [[(alone, 0.1), (alone, 100)]],
        "April 2025, a letter": [[(1, letter / 1e3), (_LARGE, letter / 1e3)]],
        "January 2026": [
            [(1, newest["memory_below"] / 1e3), (newest["tpp_below"], newest["memory_below"] / 1e3), (newest["tpp_below"], 0.1)]
        ],
        "Tariff, January 2026": [
            [(low, bottom), (high, bottom), (high, top), (low, top), (low, bottom)]
            for low, high, bottom, top in (
                (limb["tpp_from"], limb["tpp_below"], limb["memory_above"] / 1e3, limb["memory_below"] / 1e3)
                for limb in export_rules.rule("Tariff, January 2026").limbs
            )
        ],
    }
    return [
        {"rule": rule, "line": f"{rule} {number}", "step": step, "performance": across, "memory": up}
        for rule, lines in corners.items()
        for number, line in enumerate(lines)
        for step, (across, up) in enumerate(line)
    ]


def _said() -> list[tuple[str, float, float, str, int, int]]:
    """Return the name of each rule with its place by its line: across, up, and how the text stands there."""
    alone = export_rules.rule("October 2023").limbs[0]["tpp_from"]
    letter = export_rules.rule("Letter on H20, April 2025").limbs[0]["memory_from"] / 1e3
    newest = export_rules.rule("January 2026").limbs[0]
    return [
        ("October 2023", alone, 26, "left", 5, 0),
        ("April 2025", 250_000, letter, "right", -3, -9),
        ("January 2026", 1500, newest["memory_below"] / 1e3, "left", 3, -9),
    ]
