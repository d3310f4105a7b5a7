"""GPT and BERT as two masks over one architecture: what each may look at, what it depends on, and what it predicts."""

import altair as alt
import numpy as np
import pandas as pd

from analysis import numerals
from analysis.comparing import Measured, gap
from analysis.figures import walk
from analysis.figures.heatmap import stacked
from analysis.figures.render import figure
from analysis.figures.rows import rows
from analysis.figures.tooltips import tips
from analysis.languages.walks import word
from analysis.networks import poem_gaps, poem_models, poems

_SOURCE = "computed by analysis/networks/poem_gaps.py; weights in data/weights/poem_models.npz"

_GPT = "that of GPT, which sees the left alone"


def masks(text: str) -> alt.LayerChart:
    """Return the masks of both kinds over the characters of `text`: 1 where a row may look at a column."""
    matrices = {kind: poem_models.load(kind).mask(len(text)).astype(float) for kind in poem_models.KINDS}
    seen = {kind: numerals.whole(matrix.sum()) for kind, matrix in matrices.items()}
    return figure(
        stacked(
            matrices, rows=list(text), columns=list(text), row_title="The state at", column_title="may look at",
            value_title="1: may look, 0: may not", written=".0f",
        ),
        title="GPT looks left, BERT looks both ways",
        subtitle=f"Of the looks between {len(text)} tokens, GPT's mask opens {seen['GPT']}, BERT's {seen['BERT']}.",
        description="Two square matrices. GPT's has ones on and below the diagonal and zeros above; BERT's has ones "
        "everywhere.",
        source="analysis/networks/language_model.py",
    )  # fmt: skip


def looks(text: str, start: int, language: str = "en") -> alt.LayerChart:
    """Return which characters of `text` the state at one of them may look at; a slider goes along, a choice takes the model.

    `start` is the place, from 1, at which the walk begins.
    """
    count, kinds = len(text), list(poem_models.KINDS)
    start = min(start, count)
    masks_of = {kind: poem_models.load(kind).mask(count).astype(bool) for kind in kinds}
    here = "datum.kind == walk_mask && datum.place == walk_place"
    pairs = pd.DataFrame(
        [
            {"kind": kind, "place": place + 1, "token": text[place], "seen": seen + 1, "at": text[seen], "up": 0, "down": 1}
            for kind, mask in masks_of.items()
            for place, seen in np.argwhere(mask)
        ]
    )
    said = {
        f"{kind} {place + 1}": word(
            "mask_said", language, kind=kind, token=text[place], place=place + 1, count=count, seen=int(mask[place].sum())
        )
        for kind, mask in masks_of.items()
        for place in range(count)
    }
    letters = pd.DataFrame({"place": range(1, count + 1), "token": list(text)})
    along = alt.Scale(domain=[0.5, count + 0.5], nice=False, zero=False)
    y = alt.Y("up:Q", axis=None, scale=alt.Scale(domain=[1.35, -0.35], nice=False, zero=False))
    drawn = alt.Chart(pairs).transform_filter(here)
    tooltip = tips(f"token:N | {word('state_at', language)}", f"at:N | {word('may_look', language)}")
    below = alt.Y("down:Q", axis=None)
    at_place, at_seen = (alt.X(f"{name}:Q", axis=None, scale=along) for name in ("place", "seen"))
    row = alt.Chart(letters).transform_calculate(up="0", down="1")
    return figure(
        alt.layer(
            drawn.mark_rule(strokeWidth=1.5, opacity=0.6, style="diagram-line", clip=True).encode(
                x=at_place, x2="seen:Q", y=y, y2="down:Q", tooltip=tooltip
            ),
            row.mark_text(fontSize=17, baseline="bottom", dy=-4, opacity=0.35).encode(x=at_place, y=y, text="token:N"),
            row.mark_text(fontSize=17, baseline="top", dy=5, opacity=0.35).encode(x=at_place, y=below, text="token:N"),
            drawn.transform_filter("datum.seen == 1")
            .mark_text(fontSize=17, fontWeight=700, baseline="bottom", dy=-4)
            .encode(x=at_place, y=y, text="token:N"),
            drawn.mark_text(fontSize=17, fontWeight=700, baseline="top", dy=5).encode(
                x=at_seen, y=below, text="at:N", tooltip=tooltip
            ),
        )
        .properties(height=190)
        .add_params(
            walk.choice("walk_mask", word("mask_of", language), kinds, kinds[0]),
            walk.slider("walk_place", word("state_at", language), count, start, first=1),
            walk.said(said, "walk_mask + ' ' + walk_place"),
        ),
        title="Which characters each one may look at",
        subtitle="On top, the state that is computed; under it, in full ink, what it may look at. The mask is all that differs.",
        description="One line of characters twice, joined by lines from a state to what it may look at. "
        + " ".join(said[f"{kind} {start}"] for kind in kinds),
        source="an experiment of this book: the masks of the small GPT and the small BERT",
    )


def influences(influence: dict[str, np.ndarray], text: str) -> alt.LayerChart:
    """Return by how much the prediction of each character depends on each other one, by kind; see `poem_gaps.influence`."""
    above = {kind: matrix[np.triu_indices(len(text), 1)].max() for kind, matrix in influence.items()}
    return figure(
        stacked(
            influence, rows=list(text), columns=list(text), row_title="The prediction of",
            column_title="when this character is replaced", value_title="Change of the prediction, 0 to 1",
        ),
        title="BERT's predictions depend on what follows; GPT's do not",
        subtitle=(
            "Replace a character: of the predictions before it, GPT changes none"
            f"{'' if above['GPT'] < 1e-6 else ' but a little'}, and BERT some by up to "
            f"{numerals.percent(above['BERT'])}."
        ),
        description="Two square matrices of how much the prediction in a row changes when the character of a column is "
        "replaced. GPT's has only zeros on and above the diagonal, BERT's only on it. Largest above the diagonal: "
        + ", ".join(f"{kind} {value:.3f}" for kind, value in above.items())
        + ".",
        source=_SOURCE,
    )  # fmt: skip


def candidates(probabilities: dict[str, np.ndarray], wanted: str, count: int = 5) -> pd.DataFrame:
    """Return the likeliest characters at a gap, by kind, and where the right one stands, as a table."""
    tokens = poems.vocabulary().tokens
    columns: dict[str, list[str]] = {"": [*(str(rank) for rank in range(1, count + 1)), f"Right: {wanted}"]}
    for kind, shares in probabilities.items():
        order = shares.argsort()[::-1]
        place = int((shares > shares[tokens.index(wanted)]).sum()) + 1
        cells = [f"{tokens[row]} {numerals.percent(shares[row])}" for row in order[:count]]
        columns[kind] = [*cells, f"place {place}, {numerals.percent(shares[tokens.index(wanted)])}"]
    return pd.DataFrame(columns)


def right_at_gaps(frame: pd.DataFrame, count: int) -> alt.LayerChart:
    """Return the share of right characters by task and kind; see `poem_gaps.right_at_gaps`."""
    bert = frame[frame["kind"] == "BERT"].set_index("task")
    over = {task: Measured(row["over"], row["over ±"]) for task, row in bert.iterrows()}
    named = frame.assign(
        label=[f"{row.task}: {row.kind}" for row in frame.itertuples()],
        shown=[
            f"{Measured(right, error).written(numerals.percent)}, {Measured(loss, loss_error).written(numerals.significant)} nats"
            for right, error, loss, loss_error in frame[["right", "right ±", "loss", "loss ±"]].itertuples(index=False)
        ],
    ).rename(columns={"right ±": "right_error", "loss ±": "loss_error"})
    return figure(
        rows(
            named,
            label="label",
            mark="bar",
            x=alt.X("right:Q", title="The likeliest character is right", axis=alt.Axis(format="%")),
            colour=alt.Color("kind:N", sort=list(poem_models.KINDS), legend=None),
            value="datum.shown",
            tooltip=tips(
                "task:N | Task",
                "kind:N | Model",
                "right:Q | Right | .1%",
                "right_error:Q | Standard error of it | .1%",
                "loss:Q | Surprise, nats | .2f",
                "loss_error:Q | Standard error of the surprise, nats | .2f",
            ),
        ),
        title="Filling a gap and going on, by BERT and by GPT",
        subtitle=(
            f"With both sides to look at, BERT's surprise is {gap(over[poem_gaps.FILL], 'nats', _GPT)}; "
            f"where nothing follows, it is {gap(over[poem_gaps.CONTINUE], 'nats', _GPT)}."
        ),
        description=f"Bars of the share of {count} characters that are predicted right: "
        + "; ".join(f"{row.label} {row.shown}" for row in named.itertuples())
        + ".",
        source=f"{_SOURCE}; one character in each of {count} poems that neither was trained on",
    )
