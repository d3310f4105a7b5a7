"""Three models on six chips: the tokens a second that a chip yields within the target, with intervals."""

import altair as alt

from analysis.figures.render import figure
from analysis.figures.tooltips import tips
from analysis.numerals import plain, significant
from analysis.serving import chips_compared
from analysis.serving.chips_compared import ChipsCase

#: Height of one chip's row, which has a line for each model.
_ROW = 84


def by_chip(case: ChipsCase) -> alt.LayerChart:
    """Return one row a chip, in it a point with its interval for each model; chips without an answer have none."""
    frame = chips_compared.best(case).dropna(subset=["speed"])
    counts = chips_compared.published_rows()
    labels = {chip: f"{chip}: {counts[chip]:,} published rows" for chip in chips_compared.CHIPS}
    frame = frame.assign(label=frame["chip"].map(labels), low=frame["low"].clip(lower=1.0))
    models = list(chips_compared.models(case))
    y = alt.Y("label:N", sort=list(labels.values()), axis=None, title=None,
              scale=alt.Scale(type="band", paddingInner=0.42, paddingOuter=0.25))  # fmt: skip
    scale = alt.Scale(type="log", nice=False, padding=6)
    axis = alt.Axis(values=[1, 3, 10, 30, 100, 300, 1000, 3000, 10_000, 30_000], format=",~r")
    x = alt.X("speed:Q", title="Tokens a second and chip", scale=scale, axis=axis)
    colour = alt.Color("model:N", title=None, sort=models, legend=alt.Legend(columns=1, symbolOpacity=1))
    offset = alt.YOffset("model:N", sort=models)
    tooltip = tips(
        "model:N | Model",
        "chip:N | Chip",
        "precision:N | Weights",
        "plan:N | Plan",
        "chips:Q | Chips | ,",
        "batch:Q | Requests | ,",
        "speed:Q | Tokens/s and chip | ,.3~r",
        "low:Q | At least | ,.3~r",
        "high:Q | At most | ,.3~r",
    )
    base = alt.Chart(frame[["label", "model", "chip", "precision", "plan", "chips", "batch", "speed", "low", "high"]])
    base = base.encode(y=y, yOffset=offset, color=colour)
    names = alt.Chart(frame.drop_duplicates("label")[["label"]]).mark_text(align="left", baseline="bottom", dx=2, dy=-26)
    asked = frame[frame["model"] == case.model].sort_values("speed")
    slowest, fastest = asked.iloc[0], asked.iloc[-1]
    return figure(
        alt.layer(
            base.mark_rule(strokeWidth=3, opacity=0.5).encode(x=alt.X("low:Q", scale=scale, axis=axis), x2="high:Q"),
            base.mark_point(filled=True, size=80, opacity=1).encode(x=x, tooltip=tooltip),
            names.encode(y=y, x=alt.value(0), text="label:N"),
        ).properties(height=_ROW * frame["label"].nunique()),
        title="Chips differ widely under one target",
        subtitle=(
            f"Within {plain(case.target_milliseconds)} ms a token, one chip writes from {significant(slowest['speed'])} "
            f"({slowest['chip']}) to {significant(fastest['speed'])} ({fastest['chip']}) tokens of {case.model} a second."
        ),
        description="Tokens a second and chip, with intervals, on a logarithmic axis: "
        + "; ".join(
            f"{row.model} on {row.chip} {significant(row.speed)} ({significant(row.low)} to {significant(row.high)})"
            for row in frame.itertuples()
        )
        + ".",
        source="this book's model of a pass, best plan and format of those tried; chips from their data sheets [accelerators]",
    )
