"""The way of a number, from a fact to a sentence."""

import altair as alt

from analysis import numerals
from analysis.figures.diagram import Arrow, Box, diagram
from analysis.report.pipeline import Counts

_READ, _RUN, _WRITTEN = "Read", "Run", "Built"


def way_of_a_number(counts: Counts) -> alt.LayerChart:
    """Return the diagram of the pipeline, with how many there are of each."""
    quoted = numerals.whole(sum(counts.quoted.values()))
    return diagram(
        [
            Box("facts", ["Facts", f"{counts.files} files", f"{numerals.whole(counts.rows)} rows"], 0, kind=_READ),
            Box("scenarios", ["Scenarios", f"{counts.scenarios} files", "one is chosen"], 0, 1, kind=_READ),
            Box(
                "package",
                ["Package analysis", f"{counts.modules} modules, {numerals.whole(counts.functions)} public functions"],
                1,
                span=2,
                kind=_RUN,
            ),
            Box("notebooks", [f"{counts.notebooks} notebooks", "run by papermill, each with a receipt"], 2, span=2, kind=_RUN),
            Box("chapters", [f"{counts.chapters} chapters", f"quote {quoted} results, type none"], 3, span=2, kind=_WRITTEN),
            Box("book", ["Book", "pages that ask no other host"], 4, span=2, kind=_WRITTEN),
        ],
        [
            Arrow("facts", "package", "checked"),
            Arrow("scenarios", "package", "checked"),
            Arrow("package", "notebooks", "called"),
            Arrow("notebooks", "chapters", "published"),
            Arrow("chapters", "book", "glued"),
        ],
        title="Numbers go one way only, from facts to sentences",
        subtitle=f"{quoted} results are quoted in sentences.",
        description="A number goes from facts and a scenario through the package and a notebook into a chapter, and never back.",
        source="counted by analysis/report/pipeline.py when the book was built",
    )
