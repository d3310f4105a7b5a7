"""In-context learning: accuracy by number of examples, the two loops of meta-learning, and the heads that do it."""

import altair as alt
import numpy as np
import pandas as pd

from analysis import numerals
from analysis.figures.diagram import Arrow, Box, diagram
from analysis.figures.heatmap import stacked
from analysis.figures.render import figure
from analysis.figures.rows import rows
from analysis.figures.tooltips import tips
from analysis.models import ledger
from analysis.networks import in_context, substitution
from analysis.networks.in_context import ALL, BEFORE, FOUND, NEW, SAME, SHOWN
from analysis.networks.substitution import EXAMPLES, SIZES, VOCABULARY

_SOURCE = "computed by analysis/networks/in_context.py; weights in data/weights/substitution.npz"
_IDEAL = "Ideal learner"
_LISTED = (0, 1, 2, 4, 8, 16, 32)

_OUTER, _INNER = "Outer loop: weights move", "Inner loop: they stay"
_MOST = {SAME: "Most to itself earlier", FOUND: "Most to the capitals it had"}
_TITLES = {
    ALL: "Examples in the prompt teach a rule never seen",
    SHOWN: "A letter that the prompt has shown is copied",
    NEW: "A letter that the prompt has not shown must be guessed",
}
_ASKED = {ALL: "After", SHOWN: "Where the letter was shown: after", NEW: "Where the letter was not shown: after"}


def by_examples(frame: pd.DataFrame, query: str = ALL) -> alt.LayerChart:
    """Return the accuracy of each size by number of examples, for one kind of query, beside that of the ideal learner.

    `frame` is from `in_context.measured`.
    """
    at_query = frame[frame["query"] == query]
    at_query = at_query.assign(name=at_query["size"].map(_names()))
    columns = ["name", "examples", "accuracy", "low", "high", "trials"]
    ideal = pd.DataFrame(
        [
            {"name": _IDEAL, "examples": examples, "accuracy": in_context.ideal(examples)[query]}
            for examples in sorted(at_query["examples"].unique())
        ]
    )
    x = alt.X("examples:Q", title="Examples in the prompt", scale=alt.Scale(domain=[0, EXAMPLES], nice=False),
              axis=alt.Axis(values=list(range(0, EXAMPLES + 1, 4)), format="d"))  # fmt: skip
    top = 1.0 if query != NEW else min(1.0, 1.15 * max(at_query["high"].max(), ideal["accuracy"].max()))
    y = alt.Y("accuracy:Q", title="Capitals named right", scale=alt.Scale(domain=[0, top]), axis=alt.Axis(format=".0%"))
    order = [*_names().values(), _IDEAL]
    legend = alt.Legend(columns=1, symbolOpacity=1)
    colour = alt.Color("name:N", title=None, sort=order, scale=alt.Scale(domain=order), legend=legend)
    tooltip = tips("name:N | Model", "examples:Q | Examples", "accuracy:Q | Right | .1%")
    measured = [
        *tooltip,
        alt.Tooltip("low:Q", title="At least", format=".1%"),
        alt.Tooltip("high:Q", title="At most", format=".1%"),
        alt.Tooltip("trials:Q", title="Queries", format=","),
    ]
    last = int(at_query["examples"].max())
    at = at_query[at_query["examples"] == last].set_index("size")["accuracy"]
    chart = alt.layer(
        alt.Chart(at_query[columns]).mark_area(opacity=0.2, aria=False).encode(x=x, y=alt.Y("low:Q"), y2="high:Q", color=colour),
        alt.Chart(at_query[columns]).mark_line(aria=False).encode(x=x, y=y, color=colour),
        alt.Chart(at_query[columns]).mark_point(size=30, opacity=1, filled=True).encode(x=x, y=y, color=colour, tooltip=measured),
        alt.Chart(ideal).mark_line(strokeDash=[5, 3]).encode(x=x, y=y, color=colour, tooltip=tooltip),
    )
    return figure(
        chart.properties(height=320),
        title=_TITLES[query],
        subtitle=(
            f"{_ASKED[query]} {last} examples of a rule never seen, the share of right capitals is "
            + ", ".join(f"{numerals.percent(at[size])} for the {size} model" for size in SIZES if size in at)
            + f", and {numerals.percent(in_context.ideal(last)[query])} for the ideal learner."
        ),
        description="Accuracy by number of examples, with 90% intervals; the ideal learner's line is dashed. "
        + "; ".join(
            f"{name}: " + ", ".join(
                f"{numerals.percent(row.accuracy)} at {row.examples}" for row in part.itertuples() if row.examples in _LISTED
            )
            for name, part in pd.concat([at_query, ideal]).groupby("name", sort=False)
        )
        + " examples.",
        source=_SOURCE,
    )  # fmt: skip


def loops(size: str, pairs: int = 6) -> alt.LayerChart:
    """Return the two loops of meta-learning as a diagram: two sequences of a size's training, and a prompt that it was not
    trained on, each cut after so many `pairs`, with what the trained model says of the right capitals."""
    cut = substitution.first_batch()[:, : 2 * pairs]
    several = [len(set(row)) > pairs for row in cut.tolist()]  # more than three letters, each with its capital
    training = cut[several & in_context.was_shown(cut)[:, -1]]
    asked = in_context.prompt(pairs - 1)
    boxes = [
        *(
            Box(f"sequence {number}", [f"Sequence {number}: a rule of its own", *_read(size, tokens)], number - 1, kind=_OUTER)
            for number, tokens in enumerate(training[:2], start=1)
        ),
        Box("prompt", ["Prompt: a rule never used in training", *_read(size, asked)], 2, kind=_INNER),
    ]
    arrows = [
        Arrow("sequence 1", "sequence 2", "a step: weights move"),
        Arrow("sequence 2", "prompt", f"… {numerals.whole(substitution.STEPS)} steps"),
    ]
    given = in_context.probabilities(size, asked)
    return diagram(
        boxes,
        arrows,
        title="Training moves the weights; a prompt leaves them alone",
        subtitle=(
            f"Down, the outer loop: {numerals.whole(substitution.trained_rules())} rules change the weights. From left "
            f"to right, the inner loop: at its first coming, the {size} model gives the last letter's capital "
            f"{numerals.probability(given[min(1, pairs - 2)])}; at its second, {numerals.probability(given[-1])}."
        ),
        description="Sequences of training above each other, the weights changed from one to the next; below, a prompt, for "
        "which the weights stay. In each, pairs of letter and capital, and the probability that the trained model gave the "
        "capital.",
        source=_SOURCE,
    )


def shapes() -> pd.DataFrame:
    """Return the sizes as a table."""
    return pd.DataFrame(
        [
            {
                "Size": size,
                "Layers": str(architecture.n_layers),
                "Width": str(architecture.d_model),
                "Heads": str(architecture.n_heads),
                "Parameters": numerals.whole(ledger.parameters(architecture)),
            }
            for size, architecture in substitution.ARCHITECTURES.items()
        ]
    )


def looks() -> pd.DataFrame:
    """Return how much of its attention the strongest head of each size gives to each job, and equal shares would, as a table."""
    tokens = in_context.unseen(in_context.MEASURED)
    columns = {
        SAME: "A letter, to itself earlier",
        FOUND: "A letter, to the capitals it had",
        BEFORE: "A capital, to the letter before",
    }
    table = []
    for size in SIZES:
        best = in_context.strongest(substitution.load(size), tokens)
        table.append(
            {"Model": size}
            | {
                name: f"{numerals.percent(best.loc[job, 'weight'])}\nlayer {best.loc[job, 'layer']}, head {best.loc[job, 'head']}"
                for job, name in columns.items()
            }
        )
    even = in_context.even(tokens)
    table.append({"Model": "equal shares"} | {name: numerals.percent(even[job]) for job, name in columns.items()})
    return pd.DataFrame(table)


def heads_at_work(size: str, tokens: np.ndarray) -> alt.LayerChart:
    """Return the weights of the strongest head of each job over a prompt and its answer, `tokens` (2n,)."""
    many = in_context.unseen(in_context.MEASURED)
    model = substitution.load(size)
    best = in_context.strongest(model, many)
    passes = model(tokens[:-1]).layers
    names = [VOCABULARY.tokens[token] for token in tokens[:-1]]
    places = {job: (int(best.loc[job, "layer"]), int(best.loc[job, "head"])) for job in _MOST}
    blocks = {
        f"{_MOST[job]}: layer {layer}, head {head}": passes[layer - 1].attention.weights[head - 1]
        for job, (layer, head) in places.items()
    }
    (early, earlier), (late, other) = places.values()
    return figure(
        stacked(blocks, rows=names, row_title="This token", columns=names, column_title="looks at", value_title="Weight",
                limit=1, cell_height=15),
        title="One head finds the letter, another its capital",
        subtitle=(
            f"In the {size} model, head {earlier} of layer {early} gives {numerals.percent(best.loc[SAME, 'weight'])} of a "
            f"repeated letter's attention to its earlier places; head {other} of layer {late} gives "
            f"{numerals.percent(best.loc[FOUND, 'weight'])} to the capitals beside them."
        ),
        description="Two heat maps of attention over one prompt, a head each. Shares in the title are means over "
        f"{in_context.MEASURED} sequences. The last letter of the prompt gives most attention to "
        + "; ".join(f"{names[block[-1].argmax()]}, place {block[-1].argmax() + 1}, in {name}" for name, block in blocks.items())
        + ".",
        source=_SOURCE,
    )  # fmt: skip


def without_heads(frame: pd.DataFrame) -> alt.LayerChart:
    """Return how often each size names a capital that was shown, whole and without a head; see `in_context.without_each`."""
    rows_ = []
    for size, part in frame.groupby("size", sort=False):
        rows_.append({"case": f"{size.capitalize()}: whole", "size": size, "right": part["whole"].iloc[0]})
        rows_ += [
            {
                "case": f"{size.capitalize()}: without layer {removed.layer}, head {removed.head}",
                "size": size,
                "right": removed.left,
            }
            for removed in part.itertuples()
        ]
    named = pd.DataFrame(rows_).drop_duplicates("case")  # one head may do most of both
    largest = frame[frame["size"] == SIZES[-1]]
    lost = largest.loc[largest["left"].idxmin()]
    return figure(
        rows(
            named,
            label="case",
            mark="bar",
            x=alt.X("right:Q", title="Shown capitals named right", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format="%")),
            colour=alt.Color("size:N", sort=list(SIZES), legend=None),
            value="format(datum.right, '.1%')",
            tooltip=tips("case:N | Model", "right:Q | Right | .1%"),
        ),
        title="What each model can still copy without one head",
        subtitle=(
            f"Without head {lost['head']} of layer {lost['layer']}, the {SIZES[-1]} model names "
            f"{numerals.percent(lost['left'])} of the capitals that the prompt has shown, instead of "
            f"{numerals.percent(lost['whole'])}."
        ),
        description="Bars of the share of right capitals, for letters that the prompt has shown: "
        + "; ".join(f"{row.case} {numerals.percent(row.right)}" for row in named.itertuples())
        + ".",
        source=_SOURCE,
    )


def _read(size: str, tokens: np.ndarray) -> list[str]:
    """Return a sequence as text, and what a size says of each right capital."""
    given = in_context.probabilities(size, tokens)
    return [substitution.text(tokens), "right with " + " ".join(numerals.percent(share, 1) for share in given)]


def _names() -> dict[str, str]:
    """Return what each size is called, with its parameters."""
    return {
        size: f"{size.capitalize()}, {numerals.whole(ledger.parameters(architecture))} parameters"
        for size, architecture in substitution.ARCHITECTURES.items()
    }
