"""Positions as clocks: the hands of two tokens, at several speeds, of which only the angle between them tells the distance."""

import altair as alt
import numpy as np
import pandas as pd

from analysis import numerals
from analysis.figures import walk
from analysis.figures.render import figure
from analysis.figures.tiles import WIDTH
from analysis.languages.walks import word
from analysis.networks import positions

_COLUMNS, _DIALS, _RADIUS, _ROW = 3, 6, 42, 122  # dials in a row and in all; px of a hand and of a row


def hands(width: int, start: tuple[int, int], last: int = 60, language: str = "en") -> alt.LayerChart:
    """Return dials of some of the pairs of a position's vector of `width` components, each with the hands of two tokens.

    `start` is where both tokens stand at first; sliders move each up to position `last`.
    """
    pairs = np.unique(np.linspace(0, width // 2 - 1, _DIALS).round().astype(int))
    turns = positions.wavelengths(width)
    side = WIDTH / _COLUMNS
    dials = pd.DataFrame(
        {
            "pair": pair,
            "speed": float(positions.angle(1, pair, width)),
            "x": (place % _COLUMNS + 0.5) * side,
            "y": (place // _COLUMNS) * _ROW + _RADIUS + 4,
            "caption": (place // _COLUMNS) * _ROW + 2 * _RADIUS + 18,
            "text": word("turn", language, positions=numerals.significant(turns[pair], 2) if turns[pair] < 100 else
                         numerals.whole(round(turns[pair], -1))),
        }
        for place, pair in enumerate(pairs)
    )  # fmt: skip
    centred = [{"expr": f"width / 2 - {WIDTH / 2:.0f}"}, {"expr": f"width / 2 + {WIDTH / 2:.0f}"}]
    x = alt.X("x:Q", axis=None, scale=alt.Scale(domain=[0, WIDTH], nice=False, range=centred))
    height = -(-len(pairs) // _COLUMNS) * _ROW
    scale = alt.Scale(domain=[height, 0], nice=False)
    y = alt.Y("y:Q", axis=None, scale=scale)
    base = alt.Chart(dials)
    names = {"walk_first": word("first_hand", language), "walk_second": word("second_hand", language)}
    drawn = []
    for name, text in names.items():
        turned = base.transform_calculate(
            to_x=f"datum.x + {_RADIUS - 5} * sin({name} * datum.speed)",
            to_y=f"datum.y - {_RADIUS - 5} * cos({name} * datum.speed)",
            hand=f"'{text.replace(chr(39), chr(92) + chr(39))}'",
        )
        colour = alt.Color("hand:N", title=None, scale=alt.Scale(domain=list(names.values())), sort=list(names.values()))
        drawn += [
            turned.mark_rule(strokeWidth=3, strokeCap="round", style="diagram-line").encode(
                x=x, y=y, x2="to_x:Q", y2="to_y:Q", color=colour
            ),
        ]
    first, second = start
    return figure(
        alt.layer(
            base.mark_point(style="diagram-outline", shape="circle", filled=False, size=np.pi * _RADIUS**2, aria=False).encode(
                x=x, y=y
            ),
            *drawn,
            base.mark_text(style="diagram-detail", baseline="middle", fontSize=11).encode(
                x=x, y=alt.Y("caption:Q", axis=None, scale=scale), text="text:N"
            ),
        )
        .properties(height=height)
        .add_params(
            walk.slider("walk_first", word("first_position", language), last, first),
            walk.slider("walk_second", word("second_position", language), last, second),
            walk.told(
                word("clocks_said", language),
                {"@a": "toString(walk_first)", "@b": "toString(walk_second)", "@d": "toString(abs(walk_first - walk_second))"},
            ),
        ),
        title="A position is a set of clocks, fast and slow",
        subtitle=f"{len(pairs)} of the {width // 2} clocks in a vector of {width} numbers. Move both tokens by the same step: "
        "the angle between their hands stays. Each turns once in so many positions.",
        description=f"Dials with two hands each, for tokens at positions {first} and {second}. "
        + "; ".join(f"a dial with {text}" for text in dials["text"])
        + ".",
        source="Vaswani et al. 2017, section 3.5; rotary positions (Su et al. 2021) turn queries and keys by the same angles",
    )
