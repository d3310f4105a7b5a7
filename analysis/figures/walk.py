"""Figures that one walks through, place by place: controls that arrow keys move, and a sentence for where they stand.

Each chart holds the data of all places and filters them by its controls; the page's script says the sentence aloud, and the
picture without scripts is the place at which the walk begins.
"""

import json
from collections.abc import Mapping, Sequence

import altair as alt

#: The signal whose text the page shows, and says, below a chart.
SAID = "walk_said"
_AT_ONCE = 3  # options that a phone shows side by side


def slider(name: str, label: str, last: int, start: int, first: int = 0) -> alt.VariableParameter:
    """Return a control named `name` in expressions, and `label` for readers, that stands at a whole number."""
    return alt.param(name=name, value=start, bind=alt.binding_range(min=first, max=last, step=1, name=f"{label} "))


def choice(name: str, label: str, options: Sequence[str], start: str) -> alt.VariableParameter:
    """Return a control that stands at one of the `options`; arrow keys go from one to the next. Many are folded into a list."""
    binding = alt.binding_radio if len(options) <= _AT_ONCE else alt.binding_select
    return alt.param(name=name, value=start, bind=binding(options=list(options), name=f"{label} "))


def typed(name: str, label: str, hint: str, start: str = "") -> alt.VariableParameter:
    """Return a control that one types into; `hint` stands in it while it is empty."""
    return alt.param(name=name, value=start, bind=alt.BindInput(input="text", placeholder=hint, name=f"{label} "))


def said(texts: Mapping[str, str], place: str) -> alt.VariableParameter:
    """Return what is said at each place: the text of `texts` under the text that the expression `place` makes."""
    return alt.param(name=SAID, expr=f"{json.dumps(dict(texts), ensure_ascii=False)}[{place}]")


def told(text: str, gaps: Mapping[str, str]) -> alt.VariableParameter:
    """Return what is said where there are too many places for a text each: `gaps` has an expression for each mark in `text`."""
    expression = json.dumps(text, ensure_ascii=False)
    for mark, value in gaps.items():
        expression = f"replace({expression}, '{mark}', {value})"
    return alt.param(name=SAID, expr=expression)
