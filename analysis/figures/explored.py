"""Attention to explore: pick a layer and a token, see where each head looks, and what is written without that head."""

import json

import altair as alt
import pandas as pd

from analysis import numerals
from analysis.figures import walk
from analysis.figures.render import figure
from analysis.figures.tooltips import tips
from analysis.languages.walks import word

_ROW, _HEAD, _CELL = 58, 26, 26  # of a head, of the line above all heads, and of a head's cells, in px


def by_token(frame: pd.DataFrame, written: str, start: tuple[str, int, int], language: str = "en") -> alt.LayerChart:
    """Return the weights of `frame`, of `explored.explored`, for one token of one layer at a time, a row a head.

    `written` is the translation by all heads; `start` is the part, the layer and the place at which the walk begins.
    """
    frame = frame.assign(
        layer_name=[_layer(row.part, row.layer, language) for row in frame.itertuples()], weight=frame["weight"].round(3)
    )
    layers = list(dict.fromkeys(frame["layer_name"]))
    last = int(frame["place"].max())
    frame = _filled(frame, last)
    part, layer, place = start
    pick = walk.choice("walk_layer", word("layer", language), layers, _layer(part, layer, language))
    slider = walk.slider("walk_token", word("token", language), last, place, first=1)
    said = _said(frame, language)
    rows = frame["head"].max()
    here = "datum.layer_name == walk_layer && datum.place == walk_token"
    keys = frame.drop_duplicates("key_place").sort_values("key_place")["key"].tolist()
    names = f"{json.dumps(keys, ensure_ascii=False)}[datum.value - 1]"
    across = alt.X(
        "key_place:O", title=word("key", language),
        axis=alt.Axis(labelExpr=names, labelAngle=-40, labelOverlap=False, domain=False, ticks=False, grid=False),
    )  # fmt: skip
    top = alt.Scale(domain=[rows * _ROW + _HEAD, 0], nice=False, zero=False)
    # A list of layers, each a list of places: written out as rows, the same weights would take ten times the bytes.
    cells = pd.DataFrame(
        {"head": head, "key_place": at, "key": keys[at - 1], "weights": _by_layer(rows, layers)}
        for (head, at), rows in frame.groupby(["head", "key_place"])
    )
    cells = cells.assign(top=_HEAD + cells["head"] * _ROW - _CELL, bottom=_HEAD + cells["head"] * _ROW)
    drawn = alt.Chart(cells).transform_calculate(
        weight=f"datum.weights[indexof({json.dumps(layers, ensure_ascii=False)}, walk_layer)][walk_token - 1]"
    )
    y = alt.Y("top:Q", axis=None, scale=top)
    heads = frame.drop_duplicates(["layer_name", "head"]).assign(
        differs=lambda table: table["without"] != written,
        name=lambda table: [word("head_number", language, head=head) for head in table["head"]],
        text=lambda table: [word("without", language, text=text or word("nothing", language)) for text in table["without"]],
        line=lambda table: _HEAD + table["head"] * _ROW - _CELL - 11,
    )
    texts = alt.Chart(heads[["layer_name", "head", "name", "text", "line", "differs"]]).transform_filter(
        "datum.layer_name == walk_layer"
    )
    at = alt.Y("line:Q", axis=None, scale=top)
    tokens = frame.drop_duplicates(["layer_name", "place"]).assign(
        heading=lambda table: [word("token_looks", language, token=token) for token in table["token"]]
    )
    spoilt = heads[heads["differs"]]
    return figure(
        alt.layer(
            drawn.mark_rect(aria=False, style="cells").encode(
                x=across,
                y=y,
                y2="bottom:Q",
                color=alt.Color("weight:Q", title=word("weight", language), scale=alt.Scale(domain=[0, 1]), legend=None),
                tooltip=tips(
                    f"head:Q | {word('head', language)}",
                    f"key:N | {word('key', language)}",
                    f"weight:Q | {word('weight', language)} | .0%",
                ),
            ),
            texts.mark_text(align="left", baseline="middle", fontWeight=600).encode(x=alt.value(0), y=at, text="name:N"),
            *(
                texts.transform_filter(f"datum.differs == {str(differs).lower()}")
                .mark_text(align="right", baseline="middle", style=style)
                .encode(x=alt.value("width"), y=at, text="text:N")
                for differs, style in ((False, "diagram-detail"), (True, "diagram-warning"))
            ),
            alt.Chart(tokens[["layer_name", "place", "heading"]])
            .transform_filter(here)
            .mark_text(align="left", baseline="middle", style="diagram-name", fontSize=14)
            .encode(x=alt.value(0), y=alt.value(10), text="heading:N"),
        )
        .properties(height=int(rows * _ROW + _HEAD))
        .add_params(pick, slider, walk.said(said, "walk_layer + ' ' + walk_token")),
        title="Where every head looks, and what is lost without it",
        subtitle=f"“{' '.join(keys[:-1])}” becomes {written}. Of {len(heads)} heads, {len(spoilt)} can't be taken out alone "
        "without a wrong numeral.",
        description="A row of cells a head, a cell an English word, darker where the head looks. "
        + said[f"{_layer(part, layer, language)} {place}"]
        + "".join(f" Without {row.name.lower()} of {row.layer_name}: {row.without}." for row in spoilt.itertuples(index=False)),
        source="an experiment of this book: the translator, with each head silenced in turn",
    )


def _filled(frame: pd.DataFrame, last: int) -> pd.DataFrame:
    """Return the weights with as many places in each layer: where one language has fewer tokens, its end stays where it is."""
    ends = frame[frame["place"] == frame.groupby("part")["place"].transform("max")]
    more = [ends[ends["place"] < place].assign(place=place) for place in range(1, last + 1)]
    return pd.concat([frame, *more], ignore_index=True)


def _by_layer(rows: pd.DataFrame, layers: list[str]) -> list[list[float]]:
    """Return the weights of one head and key: by layer, a list over the places that look."""
    by_name = rows.sort_values("place").groupby("layer_name")["weight"].apply(list)
    return [by_name[layer] for layer in layers]


def _layer(part: str, layer: int, language: str) -> str:
    return word(f"layer_{part}", language, layer=layer)


def _said(frame: pd.DataFrame, language: str) -> dict[str, str]:
    """Return what is said of each token in each layer: where every head looks most."""
    most = frame.loc[frame.groupby(["layer_name", "place", "head"], sort=False)["weight"].idxmax()]
    return {
        f"{layer} {place}": word(
            "looks_said",
            language,
            token=rows["token"].iloc[0],
            layer=layer,
            heads="; ".join(
                word("looks_at", language, head=row.head, key=row.key, share=numerals.percent(row.weight, 2))
                for row in rows.itertuples()
            ),
        )
        for (layer, place), rows in most.groupby(["layer_name", "place"], sort=False)
    }
