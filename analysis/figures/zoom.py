"""Real word vectors, from the whole vocabulary down to a few pairs: each zoom has the plane that shows its words best."""

import json

import altair as alt
import numpy as np
import pandas as pd

from analysis import numerals
from analysis.figures import names, walk
from analysis.figures.render import figure
from analysis.figures.tooltips import tips
from analysis.languages.walks import word
from analysis.networks import word_map, word_vectors
from analysis.networks.word_map import Map
from analysis.networks.word_vectors import WordVectors

_HEIGHT = 400  # px of the figure
_ABOVE = -11  # px from a word's point to its name
_NARROW, _WIDE = 290, 620  # px that names are laid out for
_CELLS = (44, 30)  # squares in which all words are counted, across and up
_SECTORS = 12  # directions in each of which one word of the whole vocabulary is named
_MARGIN = 0.09  # of the plane, around the words


def words(vectors: WordVectors, first: str, second: str, relation: list[tuple[str, str]], language: str = "en") -> alt.LayerChart:
    """Return the words around `first` and `second`, which are a pair of the `relation`, one zoom at a time.

    The whole vocabulary is counted in squares; the walk begins where the pairs are.
    """
    maps = word_map.zoom(vectors, first, second, relation)
    pairs = list(zip(maps[-1].words[::2], maps[-1].words[1::2], strict=True))
    kinds = [word("zoom_two", language, first=first, second=second), word("zoom_next", language), word("zoom_rest", language)]
    lower = {b if map_at[b][1] < map_at[a][1] else a for map_at in [_at(maps[-1])] for a, b in pairs}
    tables = [_table(map_, maps[min(place, len(maps) - 1)].words, (first, second), kinds, lower if map_ is maps[-1] else set())
              for place, map_ in enumerate(maps, 1)]  # fmt: skip
    cells = _counted(tables[0])
    tables[0] = tables[0][(tables[0]["kind"] != kinds[2]) | (tables[0]["named"] > 0)]
    frame = pd.concat([table.assign(place=place) for place, table in enumerate(tables, 1)])
    ends = tables[-1].set_index("word")[["x", "y"]]
    lines = pd.DataFrame(
        {"x": ends.x[a], "y": ends.y[a], "to_x": ends.x[b], "to_y": ends.y[b], "kind": kinds[0] if a == first else kinds[1]}
        for a, b in pairs
    )
    cosine = numerals.significant(word_vectors.parallel(vectors, pairs), 2)
    said = {
        str(place): word(
            "zoom_all" if place == 1 else "zoom_pairs" if map_ is maps[-1] else "zoom_near", language, first=first, second=second,
            count=numerals.whole(len(pairs) if map_ is maps[-1] else len(map_.words)), share=numerals.percent(map_.share),
            cosine=cosine,
        )
        for place, map_ in enumerate(maps, 1)
    }  # fmt: skip
    scale = alt.Scale(domain=[0, 1], nice=False)
    x, y = alt.X("x:Q", axis=None, scale=scale), alt.Y("y:Q", axis=None, scale=scale)
    colour = alt.Color("kind:N", title=None, scale=alt.Scale(domain=kinds), legend=alt.Legend(columns=1, symbolOpacity=1))
    here = alt.Chart(frame).transform_filter("datum.place == walk_zoom")
    last, of_two = len(maps), f"datum.kind == {json.dumps(kinds[0], ensure_ascii=False)}"
    shown = f"datum.named == 2 || (datum.named == 1 && width > {_WIDE})"
    return figure(
        alt.layer(
            alt.Chart(cells).transform_filter("walk_zoom == 1").mark_rect(aria=False, opacity=0.6).encode(
                x=x, y=y, x2="to_x:Q", y2="to_y:Q",
                fill=alt.Fill("words:Q", legend=None, scale=alt.Scale(type="sqrt", domain=[1, int(cells["words"].max())])),
                tooltip=tips(f"words:Q | {word('zoom_cell', language)}"),
            ),
            alt.Chart(lines).transform_filter(f"walk_zoom == {last}").mark_rule(strokeWidth=2, aria=False)
            .encode(x=x, y=y, x2="to_x:Q", y2="to_y:Q", color=colour),
            here.transform_filter("datum.named > 0 || walk_zoom > 1 || datum.near")
            .mark_point(filled=True, opacity=0.85)
            .encode(x=x, y=y, color=colour, tooltip=tips(f"word:N | {word('word', language)}"),
                    size=alt.condition("walk_zoom > 2", alt.value(70), alt.value(18))),
            *(
                here.transform_filter(f"datum.below == {below} && {'' if is_middle else '!'}({of_two})")
                .mark_text(dy=_ABOVE * (1 - 2 * below), style=style, fontSize=13 if is_middle else 12)
                .encode(x=x, y=y, text="word:N", opacity=alt.condition(shown, alt.value(1), alt.value(0)))
                for below in (0, 1) for is_middle, style in ((False, "text"), (True, "diagram-name"))
            ),
        )
        .properties(height=_HEIGHT)
        .add_params(walk.slider("walk_zoom", word("zoom", language), last, last, first=1), walk.said(said, "walk_zoom")),
        title=f"From all words down to {first} and {second}",
        subtitle=(
            f"{numerals.whole(len(vectors.words))} vectors of {vectors.vectors.shape[1]} numbers. A plane shows "
            f"{numerals.percent(maps[0].share)} of how all of them differ, and {numerals.percent(maps[-1].share)} of how "
            f"{numerals.whole(len(pairs))} pairs do."
        ),
        description=f"Words as points, at one of {last} zooms. " + " ".join(said.values())
        + " At the last, lines join the pairs: "
        + "; ".join(f"{a} and {b}" for a, b in pairs) + ".",
        source="GloVe (Pennington et al. 2014), the most frequent words; planes by principal components, one each zoom",
    )  # fmt: skip


def _at(map_: Map) -> dict[str, np.ndarray]:
    return dict(zip(map_.words, map_.places, strict=True))


def _table(map_: Map, following: tuple[str, ...], two: tuple[str, str], kinds: list[str], lower: set[str]) -> pd.DataFrame:
    """Return words with their place in the unit square, `kind`, whether they are `near`, and how widely they are `named`.

    The names of the `lower` words stand below them.
    """
    low, high = map_.places.min(axis=0), map_.places.max(axis=0)
    places = _MARGIN + (map_.places - low) / (high - low) * (1 - 2 * _MARGIN)
    near = set(following)
    frame = pd.DataFrame({"word": map_.words, "x": places[:, 0].round(3), "y": places[:, 1].round(3)})
    frame["near"], frame["below"] = frame["word"].isin(near), frame["word"].isin(lower).astype(int)
    frame["kind"] = np.where(frame["word"].isin(two), kinds[0], np.where(frame["near"], kinds[1], kinds[2]))
    if lower:  # a pair has both names or none
        wanted = list(zip(map_.words[::2], map_.words[1::2], strict=True))
    else:
        others = _landmarks(frame) if len(frame) > max(word_map.NEAREST) else map_.words
        wanted = [(name,) for name in dict.fromkeys([*two, *others])]
    up = frame["y"] * _HEIGHT + _ABOVE * (2 * frame["below"] - 1)
    narrow, wide = (dict(zip(frame["word"], zip(frame["x"] * width, up, strict=True), strict=True)) for width in (_NARROW, _WIDE))
    narrow = names.apart(wanted, narrow, _NARROW)
    wide = names.apart([*((name,) for name in narrow), *wanted], wide, _WIDE)
    frame["named"] = np.where(frame["word"].isin(narrow), 2, np.where(frame["word"].isin(wide), 1, 0))
    return frame


def _landmarks(frame: pd.DataFrame) -> list[str]:
    """Return a word far out in each direction from the middle: of the farthest, the one that is nearest to `first`'s words."""
    across, up = frame["x"] - frame["x"].mean(), frame["y"] - frame["y"].mean()
    sector = ((np.arctan2(up, across) / (2 * np.pi) + 0.5) * _SECTORS).astype(int) % _SECTORS
    far = np.hypot(across, up)
    return [frame.loc[far[sector == direction].idxmax(), "word"] for direction in range(_SECTORS) if (sector == direction).any()]


def _counted(frame: pd.DataFrame) -> pd.DataFrame:
    """Return how many words lie in each square that has one."""
    across, up = _CELLS
    columns, rows = (frame["x"] * across).astype(int), (frame["y"] * up).astype(int)
    counts = frame.groupby([columns, rows]).size()
    return pd.DataFrame(
        {"x": round(x / across, 4), "to_x": round((x + 0.9) / across, 4), "y": round(y / up, 4), "to_y": round((y + 0.9) / up, 4),
         "words": int(count)}
        for (x, y), count in counts.items()
    )  # fmt: skip
