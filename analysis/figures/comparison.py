"""What makes one scenario's result differ from another's: a factor a change."""

from collections.abc import Sequence

import altair as alt
import pandas as pd

from analysis import numerals
from analysis.figures.render import figure
from analysis.figures.rows import rows
from analysis.scenarios.comparison import Change, Comparison
from analysis.tables.estimate_tables import assumption_title

#: The results that a comparison explains, as a sentence names them.
WORK = {"training.accelerators_exact": "training", "inference.accelerators_exact": "serving"}


def factors(comparison: Comparison, result: str) -> alt.LayerChart:
    """Return the factor of each change on `result`, alone, largest first. There has to be a change of it."""
    steps = comparison.steps[result]
    changes = {change.name: change for change in comparison.changes}
    frame = pd.DataFrame(
        {
            "change": _change([changes[name] for name in step.names]),
            "factor": step.factor,
            "kind": "More accelerators" if step.factor > 1 else "Fewer accelerators",
        }
        for step in steps
    )
    ratio = next((effect.ratio for effect in comparison.effects if effect.name == result), 1.0)
    first = assumption_title(steps[0].names[0]).lower()
    return figure(
        rows(
            frame,
            label="change",
            mark="point",
            x=alt.X(
                "factor:Q",
                title="Factor on the number of accelerators",
                scale=alt.Scale(type="log", base=2),
                axis=alt.Axis(labelExpr="'× ' + format(datum.value, '~r')", tickCount=5),
            ),
            colour=alt.Color("kind:N", title=None, scale=alt.Scale(domain=["More accelerators", "Fewer accelerators"])),
            value="'× ' + format(datum.factor, '.3~r')",
            tooltip=[
                alt.Tooltip("change:N", title="Change"),
                alt.Tooltip("factor:Q", title="Factor", format=".4~r"),
            ],
            rule=1,
        ),
        title=(
            f"Accelerators for {WORK[result]} change by a factor of {numerals.significant(ratio)}; "
            f"the largest part of it is due to: {first}."
        ),
        description=f"Factors on the accelerators for {WORK[result]}, each change alone: "
        + "; ".join(f"{row.change}, × {numerals.significant(row.factor)}" for row in frame.itertuples())
        + f". Together × {numerals.significant(ratio)}.",
        source="the two scenarios; computed by analysis/scenarios/comparison.py",
    )


def _change(changes: Sequence[Change]) -> str:
    """Return what is changed together: "Utilization: 50% → 35%"; of a chip with its format and peak, just the two."""
    named = [change for change in changes if change.name != "peak"] or changes
    before, after = (", ".join(getattr(change, when) for change in named) for when in ("before_written", "after_written"))
    return f"{before} → {after}" if len(named) > 1 else f"{assumption_title(named[0].name)}: {before} → {after}"
