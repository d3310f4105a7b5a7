"""Two scenarios compared, as a page."""

import html

import pandas as pd

from analysis.figures import comparison as figures
from analysis.figures import render
from analysis.report import page as pages
from analysis.scenarios.comparison import EXPLAINED, Comparison
from analysis.tables import estimate_tables


def page(comparison: Comparison) -> str:
    """Return the comparison as one HTML file."""
    before, after = comparison.before.title, comparison.after.title
    parts = [
        f"<p><strong>{html.escape(scenario.title)}.</strong> {html.escape(scenario.description)}</p>"
        for scenario in (comparison.before, comparison.after)
        if scenario.description
    ]
    if not comparison.changes:
        parts.append("<p>The two scenarios assume the same.</p>")
    else:
        parts += [
            "<h2>What is assumed</h2>",
            _table(estimate_tables.changed_assumptions(comparison), "Changed assumptions"),
            "<h2>What follows</h2>",
            _table(estimate_tables.changed_results(comparison), "Changed results"),
            "<h2>Which change does how much</h2>",
            (
                "<p>Each change is put onto the first scenario alone. The formulas multiply and divide, so the factors "
                "multiply to the whole.</p>"
            ),
        ]
        for name in EXPLAINED:
            if comparison.steps[name]:
                parts.append(render.picture(figures.factors(comparison, name)))
    return pages.page(f"{after}, compared with: {before}", "\n".join(parts))


def _table(frame: pd.DataFrame, label: str) -> str:
    return pages.scrolling(render.table(frame), label)
