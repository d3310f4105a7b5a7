"""In-context learning seen: examples come into the prompt one by one, and the probability of the answer moves."""

import altair as alt
import pandas as pd

from analysis import numerals
from analysis.figures import walk
from analysis.figures.render import figure
from analysis.figures.tooltips import tips
from analysis.languages.walks import word

_HERE = "datum.examples == walk_examples && datum.size == walk_size"
_ROW, _HEAD = 17, 42
_PER_LINE = 6  # examples on one line of the prompt, which a phone has room for


def added(answers: pd.DataFrame, start: int, size: str = "large", language: str = "en") -> alt.LayerChart:
    """Return what `answers`, of `one_by_one.answers`, say of each capital; a slider adds examples, and a choice the model."""
    right = answers[answers["right"]]
    last = int(answers["examples"].max())
    slider = walk.slider("walk_examples", word("examples", language), last, start)
    sizes = list(answers["size"].unique())
    model = walk.choice("walk_size", word("size", language), sizes, size)
    kinds = [word(name, language) for name in ("right_capital", "other_capital")]
    said = {f"{row.size} {row.examples}": _said(row, language) for row in right.itertuples()}
    rows = answers.drop(columns=["prompt", "right"]).assign(
        kind=answers["right"].map({True: kinds[0], False: kinds[1]}), probability=answers["probability"].round(4)
    )
    capitals = sorted(answers["capital"].unique())
    lines = [_lines(text) for text in right["prompt"]]
    prompts = right.assign(first=[line for line, _ in lines], second=[line for _, line in lines])
    y = alt.Y("capital:N", title=word("capital", language), sort=capitals,
              axis=alt.Axis(ticks=False, domain=False, labelFont="monospace", labelOverlap=False, orient="left"))  # fmt: skip
    x = alt.X("probability:Q", title=word("probability", language), scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format="%"))
    tooltip = tips(
        f"size:N | {word('size', language)}",
        f"examples:Q | {word('examples', language)}",
        f"capital:N | {word('capital', language)}",
        f"probability:Q | {word('probability', language)} | .1%",
    )
    here = alt.Chart(rows).transform_filter(_HERE)
    ideal = here.transform_filter(f"datum.kind == '{kinds[0]}'").mark_tick(thickness=2, size=_ROW - 1, strokeDash=[3, 2])
    texts = alt.Chart(prompts[["size", "examples", "first", "second"]]).transform_filter(_HERE)
    line = {"align": "left", "baseline": "middle", "font": "monospace", "fontSize": 13, "style": "diagram-name"}
    return figure(
        alt.layer(
            here.mark_bar().encode(
                x=x,
                y=y,
                tooltip=tooltip,
                color=alt.Color(
                    "kind:N", title=None, sort=kinds, scale=alt.Scale(domain=kinds), legend=alt.Legend(orient="bottom", columns=2)
                ),
            ),  # fmt: skip
            ideal.encode(x=alt.X("ideal:Q"), y=y, tooltip=[alt.Tooltip("ideal:Q", title=word("ideal", language), format=".1%")]),
            *(
                texts.mark_text(**line).encode(x=alt.value(0), y=alt.value(-_HEAD + 12 + 18 * number), text=f"{name}:N")
                for number, name in enumerate(("first", "second"))
            ),
        )
        .properties(height=_ROW * len(capitals))
        .add_params(slider, model, walk.said(said, "walk_size + ' ' + walk_examples")),
        title="The large model needs to see a letter only once",
        subtitle="Each example is a letter and its capital, by a rule never seen. The dashed mark is the ideal learner.",
        description=" ".join(said[f"{size} {examples}"] for examples in (0, start, last))
        + " Bars of the probability of each capital.",
        source="an experiment of this book: three small decoders, trained on ciphers",
    )


def _said(row: object, language: str) -> str:
    names = {0: "examples_said_none", 1: "examples_said_one"}
    return word(
        names.get(row.examples, "examples_said"), language,
        examples=row.examples, size=row.size, capital=row.capital, right=numerals.probability(row.probability),
    )  # fmt: skip


def _lines(prompt: str) -> tuple[str, str]:
    """Return a prompt in two lines, the second of which may be empty."""
    pairs = prompt.split(" ")
    return " ".join(pairs[:_PER_LINE]), " ".join(pairs[_PER_LINE:])
