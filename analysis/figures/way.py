"""One token's way through the decoder, station by station: a spine of vectors that each sub-layer reads and adds to."""

import altair as alt
import numpy as np
import pandas as pd

from analysis import numerals
from analysis.figures import walk
from analysis.figures.render import figure
from analysis.figures.tooltips import tips
from analysis.languages.walks import word
from analysis.networks.way import Station, Way

_ROW, _STRIP, _SPINE = 38, 16, 14  # px of a station, of the strip of its vector, and of the spine beside it
_LIMIT = 2.5  # amounts beyond have the strongest colour; few are


def through_decoder(ways: list[Way], start: int, language: str = "en") -> alt.LayerChart:
    """Return the vectors of one of `ways` after each sub-layer; sliders take the token and the station up to which it has come.

    `start` is the token, from 1, at which the walk begins, at the end of its way.
    """
    stations, start = ways[0].stations, min(start, len(ways))
    last = len(stations) - 1
    width = len(stations[0].vector)
    vectors = np.array([[station.vector for station in way.stations] for way in ways]).round(2)
    cells = pd.DataFrame(
        {
            "station": place,
            "component": component,
            "values": vectors[:, place, component].tolist(),
        }
        for place in range(last + 1)
        for component in range(width)
    )
    texts = pd.DataFrame(
        {
            "token": number,
            "station": place,
            "y": place * _ROW + _ROW - _STRIP - 9,
            "name": _name(station, language),
            "looks": _looks(station, language),
        }
        for number, way in enumerate(ways, start=1)
        for place, station in enumerate(way.stations)
    )
    spine = pd.DataFrame({"station": place, "y": (place + 1) * _ROW - _STRIP / 2, "to": (place + 2) * _ROW - _STRIP / 2}
                         for place in range(last + 1))  # fmt: skip
    said = {
        f"{number} {place}": _said(way, place, language)
        for number, way in enumerate(ways, start=1)
        for place in range(last + 1)
    }  # fmt: skip
    passed = alt.condition("datum.station <= walk_station", alt.value(1), alt.value(0.12))
    here = alt.condition("datum.station == walk_station", alt.value(130), alt.value(36))
    across = alt.Scale(domain=[0, width], nice=False, range=[{"expr": str(_SPINE)}, {"expr": "width"}])
    x = alt.X("component:Q", axis=None, scale=across)
    y = alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[(last + 1) * _ROW, 0], nice=False, zero=False))
    colour = alt.Color("value:Q", legend=None, scale=alt.Scale(domain=[-_LIMIT, _LIMIT], domainMid=0, clamp=True,
                                                              range="diverging", interpolate="rgb"))  # fmt: skip
    now = alt.Chart(texts).transform_filter("datum.token == walk_token")
    middle = alt.value(_SPINE / 2 - 1)
    return figure(
        alt.layer(
            alt.Chart(spine[:-1])
            .mark_rule(style="diagram-arrow", strokeWidth=2)
            .encode(x=middle, y=y, y2="to:Q", opacity=passed),
            alt.Chart(spine).mark_point(style="diagram-sample", shape="circle").encode(x=middle, y=y, size=here, opacity=passed),
            alt.Chart(cells)
            .transform_calculate(value="datum.values[walk_token - 1]", right="datum.component + 1")
            .transform_calculate(y=f"datum.station * {_ROW} + {_ROW - _STRIP}", bottom=f"(datum.station + 1) * {_ROW}")
            .mark_rect(stroke=None, aria=False)
            .encode(
                x=x, x2="right:Q", y=y, y2="bottom:Q", color=colour, opacity=passed,
                tooltip=tips(f"component:Q | {word('component', language)}", f"value:Q | {word('value', language)} | .2f"),
            ),
            now.mark_text(align="left", baseline="middle", style="diagram-name").encode(
                x=alt.value(_SPINE), y=y, text="name:N", opacity=passed
            ),
            now.mark_text(align="right", baseline="middle", style="diagram-detail").encode(
                x=alt.value("width"), y=y, text="looks:N", opacity=passed
            ),
        )
        .properties(height=(last + 1) * _ROW)
        .add_params(
            walk.slider("walk_token", word("fed", language), len(ways), start, first=1),
            walk.slider("walk_station", word("station", language), last, last),
            walk.said(said, "walk_token + ' ' + walk_station"),
        ),
        title="One token's way through the decoder",
        subtitle=f"A strip is its vector of {width} numbers, blue positive and orange negative. Each part reads it and adds.",
        description="A spine of stations, each with a strip of cells for the token's vector. " + said[f"{start} {last}"],
        source="an experiment of this book: the translator, while it writes its running example",
    )  # fmt: skip


def _name(station: Station, language: str) -> str:
    return word(f"way_{station.part}", language, layer=station.layer)


def _looks(station: Station, language: str) -> str:
    return word("way_looks", language, key=station.key, share=numerals.percent(station.share, 2)) if station.key else ""


def _said(way: Way, place: int, language: str) -> str:
    station = way.stations[place]
    if place == 0:
        return word("way_begins", language, token=way.token, width=len(station.vector))
    parts = [
        word("way_adds", language, name=_name(station, language), added=numerals.significant(station.added, 2), token=way.token)
    ]
    if station.key:
        parts.append(word("way_read", language, key=station.key, share=numerals.percent(station.share, 2)))
    if place == len(way.stations) - 1:
        parts.append(word("way_ends", language, next=way.next, probability=numerals.probability(way.probability)))
    return (" " if language == "en" else "").join(parts)
