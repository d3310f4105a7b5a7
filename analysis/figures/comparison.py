"""What makes one scenario's result differ from another's: a factor a change."""

from collections.abc import Sequence

import altair as alt
import pandas as pd

from analysis import numerals
from analysis.figures.render import figure
from analysis.figures.rows import rows
from analysis.languages.words import Words
from analysis.scenarios.comparison import Change, Comparison

#: The results that a comparison explains, and their names among the texts of analysis/languages/english.py.
WORK = {"training.accelerators_exact": "training_accelerators", "inference.accelerators_exact": "inference_accelerators"}


def factors(comparison: Comparison, result: str, words: Words = Words("en")) -> alt.LayerChart:
    """Return the factor of each change on `result`, alone, largest first. There has to be a change of it."""
    steps = comparison.steps[result]
    changes = {change.name: change for change in comparison.changes}
    frame = pd.DataFrame(
        {
            "change": _change([changes[name] for name in step.names], words),
            "factor": step.factor,
            "kind": words("more_accelerators" if step.factor > 1 else "fewer_accelerators"),
        }
        for step in steps
    )
    ratio = next((effect.ratio for effect in comparison.effects if effect.name == result), 1.0)
    said = {"result": words(WORK[result]), "ratio": numerals.significant(ratio)}
    return figure(
        rows(
            frame,
            label="change",
            mark="point",
            x=alt.X(
                "factor:Q",
                title=words("factors_axis"),
                scale=alt.Scale(type="log", base=2),
                axis=alt.Axis(labelExpr="'× ' + format(datum.value, '~r')", tickCount=5),
            ),
            colour=alt.Color(
                "kind:N", title=None, scale=alt.Scale(domain=[words("more_accelerators"), words("fewer_accelerators")])
            ),
            value="'× ' + format(datum.factor, '.3~r')",
            tooltip=[
                alt.Tooltip("change:N", title=words("change")),
                alt.Tooltip("factor:Q", title=words("factor"), format=".4~r"),
            ],
            rule=1,
        ),
        title=words("factors_title", **said),
        subtitle=words("factors_said", first=words.assumption(steps[0].names[0]).lower(), **said),
        description=words(
            "factors_text",
            factors="; ".join(f"{row.change}, × {numerals.significant(row.factor)}" for row in frame.itertuples()),
            **said,
        ),
        source=words("factors_source"),
    )


def _change(changes: Sequence[Change], words: Words) -> str:
    """Return what is changed together: "Utilization: 50% → 35%"; of a chip with its format and peak, just the two."""
    named = [change for change in changes if change.name != "peak"] or changes
    before, after = (
        ", ".join(words.written(change.name, getattr(change, when)) for change in named) for when in ("before", "after")
    )
    return f"{before} → {after}" if len(named) > 1 else f"{words.assumption(named[0].name)}: {before} → {after}"
