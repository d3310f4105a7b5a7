"""Word analogies: the plane in which one is drawn, and how often the answers are right."""

import altair as alt
import numpy as np
import pandas as pd

from analysis import numerals
from analysis.figures.render import figure
from analysis.figures.rows import rows
from analysis.figures.tooltips import tips
from analysis.networks.word_vectors import WordVectors

_SOURCE = "GloVe (Pennington et al. 2014), by training/word_vectors.py; computed by analysis/networks/word_vectors.py"
#: Candidates drawn besides the three words.
_CANDIDATES = 4
_GIVEN, _TARGET, _CANDIDATE = "Given", "Where the sum lands", "Nearest words"
_ASKED = {
    "right": "Given words left out, as is the custom",
    "right_of_all": "No word left out",
    "right_without_offset": "Third word's neighbour, no difference",
}


def plane(vectors: WordVectors, first: str, second: str, third: str) -> alt.LayerChart:
    """Return the plane through the three words, with second − first + third in it, and the nearest words put down on
    it."""
    data = on_plane(vectors, first, second, third)
    answer, target = data[data["kind"] == _CANDIDATE].iloc[0], data[data["kind"] == _TARGET].iloc[0]
    points = data.set_index("word")
    arrows = pd.DataFrame(
        [
            {"x": start["x"], "y": start["y"], "to_x": end["x"], "to_y": end["y"]}
            for start, end in ((points.loc[first], points.loc[second]), (points.loc[third], target))
        ]
    )
    x = alt.X("x:Q", title=f"Along {second} − {first}", scale=alt.Scale(zero=False, padding=34), axis=alt.Axis(tickCount=5))
    y = alt.Y("y:Q", title=f"Towards {third}", scale=alt.Scale(zero=False, padding=22), axis=alt.Axis(tickCount=5))
    colour = alt.Color("kind:N", title=None, sort=[_GIVEN, _TARGET, _CANDIDATE])
    base = alt.Chart(data).encode(x=x, y=y)
    shown = base.mark_point(filled=True, size=90, opacity=1).encode(
        color=colour,
        shape=alt.Shape("kind:N", sort=[_GIVEN, _TARGET, _CANDIDATE], legend=None),
        tooltip=tips("word:N | Word", "cosine:Q | Cosine to where the sum lands | .3f", "off:Q | Distance from the plane | .2f"),
    )
    chart = alt.layer(
        alt.Chart(arrows).mark_rule(strokeWidth=1.5, strokeDash=[5, 4], aria=False).encode(x=x, y=y, x2="to_x", y2="to_y"),
        shown,
        base.mark_text(dy=-12).encode(text="word:N"),
    )
    return figure(
        chart.properties(height=340),
        title=f"From {third}, {second} − {first} points at {answer['word']}",
        subtitle=(
            f"{second} − {first} + {third} lands {numerals.significant(points.loc[third, 'cosine'], 2)} in cosine from "
            f"{third} and {numerals.significant(answer['cosine'], 2)} from {answer['word']}, the nearest word that "
            "was not "
            f"given, which lies {numerals.significant(answer['off'], 2)} off the plane."
        ),
        description=f"Points in the plane of {first}, {second} and {third}, with an arrow from {first} to {second} "
        "and the "
        f"same arrow from {third}. "
        + "; ".join(f"{row.word} at {row.x:.2f}, {row.y:.2f}, {row.off:.2f} off the plane" for row in data.itertuples()),
        source=_SOURCE,
    )


def on_plane(vectors: WordVectors, first: str, second: str, third: str) -> pd.DataFrame:
    """Return the words with `x` and `y` in the plane through `first`, `second` and `third`, from `first` on.

    `off` is the distance from the plane, `cosine` that to second − first + third, and all vectors have length 1.
    """
    origin, along = vectors.vector(first), vectors.vector(second) - vectors.vector(first)
    target = vectors.vector(third) + along
    along = along / np.linalg.norm(along)
    towards = vectors.vector(third) - origin
    towards = towards - (towards @ along) * along
    towards /= np.linalg.norm(towards)
    candidates = [word for word, _ in vectors.analogy(first, second, third, count=_CANDIDATES)]
    places = [(word, _GIVEN, vectors.vector(word)) for word in (first, second, third)]
    places += [("sum", _TARGET, target)] + [(word, _CANDIDATE, vectors.vector(word)) for word in candidates]
    data = []
    for word, kind, vector in places:
        x, y = (vector - origin) @ along, (vector - origin) @ towards
        off = np.linalg.norm(vector - origin - x * along - y * towards)
        cosine = vector @ target / np.linalg.norm(vector) / np.linalg.norm(target)
        data.append(
            {
                "word": word,
                "kind": kind,
                "x": float(x),
                "y": float(y),
                "off": float(off),
                "cosine": float(cosine),
            }
        )
    return pd.DataFrame(data)


def right_answers(scores: pd.DataFrame) -> alt.LayerChart:
    """Return how often the answers are right, relation by relation, in three ways of asking."""
    ordered = scores.sort_values("right", ascending=False)
    data = ordered.melt(["relation", "questions"], value_vars=list(_ASKED), var_name="way", value_name="share")
    data["asked"] = data["way"].map(_ASKED)
    data["relation"] = data["relation"].str[:1].str.upper() + data["relation"].str[1:]
    best, worst = ordered.iloc[0], ordered.iloc[-1]
    beaten = ordered[ordered["right_without_offset"] >= ordered["right"]]["relation"]
    return figure(
        rows(
            data,
            label="relation",
            mark="point",
            x=alt.X("share:Q", title="Right answers", axis=alt.Axis(format="%"), scale=alt.Scale(domain=[0, 1])),
            colour=alt.Color("asked:N", title=None, sort=list(_ASKED.values()), legend=alt.Legend(columns=1)),
            tooltip=tips(
                "relation:N | Relation", "asked:N | Asked", "share:Q | Right answers | .1%", "questions:Q | Questions | ,"
            ),
        ),
        title="Some relations are found by arithmetic, some are not",
        subtitle=(
            f"From {numerals.percent(best['right'])} right for {best['relation']} down to "
            f"{numerals.percent(worst['right'])} "
            f"for {worst['relation']}; with no word left out, the mean over relations falls from "
            f"{numerals.percent(ordered['right'].mean())} to {numerals.percent(ordered['right_of_all'].mean())}."
        ),
        description="Points by relation. "
        + "; ".join(
            f"{row.relation}: {numerals.percent(row.right)} with the given words left out, "
            f"{numerals.percent(row.right_of_all)} with none left out, "
            f"{numerals.percent(row.right_without_offset)} for the third word's neighbour"
            for row in ordered.itertuples()
        )
        + (f". The difference does not help for {', '.join(beaten)}." if len(beaten) else "."),
        source=_SOURCE + "; pairs: data/word_pairs.csv",
    )
