"""How a next token is drawn: temperature, top-k and top-p over the whole distribution that the small GPT gives."""

import json

import altair as alt
import numpy as np
import pandas as pd

from analysis import numerals
from analysis.figures import sliders, walk
from analysis.figures.render import figure
from analysis.figures.tooltips import tips
from analysis.languages.walks import word
from analysis.networks import sampling

_ROWS, _ROW, _HEAD = 12, 27, 20
_MOST_K = 100
#: Where the walk begins: temperature, k and p.
START = (1.0, 50, 0.9)


def candidates(logits: np.ndarray, tokens: list[str], before: str, language: str = "en") -> alt.LayerChart:
    """Return the likeliest next tokens after `before` with their probabilities; sliders set temperature, k and p.

    `logits` (vocabulary,) are those of all `tokens`, which the page needs to make their probabilities add up to one.
    """
    heat, k, p = START
    params = [
        sliders.slider("walk_temperature", word('temperature', language), heat, 0.1, 3, 0.1),
        walk.slider("walk_k", "top-k ", _MOST_K, k, first=1),
        sliders.slider("walk_p", "top-p", p, 0.05, 1, 0.05),
    ]  # fmt: skip
    order = np.argsort(-logits, kind="stable")
    gaps = (logits[order] - logits.max()).astype(float).round(2)
    names = json.dumps([tokens[token] for token in order[:_ROWS]], ensure_ascii=False)
    drawn = (
        alt.Chart(pd.DataFrame({"gap": [gaps.tolist()]}))
        .transform_flatten(["gap"])
        .transform_window(rank="row_number()")
        .transform_calculate(plain="exp(datum.gap)", raised="exp(datum.gap / walk_temperature)")
        .transform_joinaggregate(all="sum(raised)", all_plain="sum(plain)")
        .transform_calculate(share="datum.raised / datum.all", before="datum.plain / datum.all_plain")
        .transform_window(up_to="sum(share)", sort=[alt.SortField("rank")], frame=[None, 0])
        .transform_calculate(left="datum.rank <= walk_k && datum.up_to - datum.share < walk_p ? 1 : 0")
        .transform_calculate(left_share="datum.left * datum.share")
        .transform_joinaggregate(kept="sum(left)", kept_share="sum(left_share)")
        .transform_calculate(probability="datum.left_share / datum.kept_share")
        .transform_filter(f"datum.rank <= {_ROWS}")
        .transform_calculate(
            token=f"{names}[datum.rank - 1]",
            chance=f"datum.left ? format(datum.probability, '.1%') : {json.dumps(word('cut', language))}",
        )
    )
    y = alt.Y("rank:O", axis=None, scale=alt.Scale(paddingInner=0.25, paddingOuter=0.2))
    across = alt.Scale(domain=[0, 1], range=[{"expr": "30"}, {"expr": "width"}])  # beside the characters
    x = alt.X("probability:Q", title=word("probability", language), scale=across, axis=alt.Axis(format="%"))
    tooltip = tips(
        f"token:N | {word('next_token', language)}",
        f"before:Q | {word('by_the_model', language)} | .2%",
        f"probability:Q | {word('drawn_with', language)} | .2%",
    )
    kept = sampling.kept(gaps, *START)
    drawn_with = sampling.probabilities(gaps, *START)
    listed = ", ".join(f"{tokens[order[at]]} {numerals.probability(drawn_with[at])}" for at in range(4))
    count = json.dumps(word("kept", language, count="@", all=numerals.whole(len(logits))))
    return figure(
        alt.layer(
            drawn.mark_bar().encode(x=x, y=y, tooltip=tooltip),
            drawn.mark_tick(thickness=2.5, size=19, style="diagram-warning").encode(x=alt.X("before:Q"), y=y, tooltip=tooltip),
            drawn.mark_text(align="left", baseline="middle", fontSize=15).encode(x=alt.value(2), y=y, text="token:N"),
            drawn.mark_text(align="right", baseline="middle").encode(x=alt.value("width"), y=y, text="chance:N"),
            drawn.transform_filter("datum.rank == 1")
            .transform_calculate(told=f"replace({count}, '@', format(datum.kept, ','))")
            .mark_text(align="left", baseline="middle", style="diagram-name")
            .encode(x=alt.value(0), y=alt.value(-_HEAD / 2), text="told:N"),
        )
        .properties(height=_ROW * _ROWS)
        .add_params(*params),
        title="Temperature reshapes the odds; top-k and top-p cut the tail",
        subtitle=f"What follows “{before}” by the small GPT. Bars are drawn with; ticks are the model's own probabilities.",
        description=f"Bars of the probability of the next character at temperature {heat:g}, top-k {k} and top-p {p:g}: "
        f"{listed}; {kept} of {numerals.whole(len(logits))} characters are left.",
        source="an experiment of this book: the small GPT, trained on Chinese quatrains",
    )
