"""What the charts of released models share: the axis of years, marks of verification, groups and choices."""

import altair as alt

MARKS = {"yes": "Verified", "partly": "Partly verified", "no": "Not verified: rumour or estimate"}
GROUPS = {False: "Elsewhere", True: "China"}
ALL = "All"
SELECTION = "data/models.csv, a selection"
LIST = "data/language_models.csv (Epoch AI, CC BY 4.0)"
_YEARS = [2018, 2020, 2022, 2024, 2026]


def year_axis(title: str, field: str = "year") -> alt.X:
    """Return the axis of years from 2018 on; the column `field` has the date as a year with a fraction."""
    return alt.X(
        f"{field}:Q",
        title=title,
        scale=alt.Scale(domain=[2018, 2027], nice=False),
        axis=alt.Axis(format="d", values=_YEARS),
    )


def mark_shape() -> alt.Shape:
    """Return the shape of a point by the column `mark`, how far the row was verified."""
    return alt.Shape("mark:N", sort=list(MARKS.values()), legend=None)


def choice(name: str, label: str, options: list[str]) -> alt.Parameter:
    """Return a choice among `options` and all of them."""
    return alt.param(name=name, value=ALL, bind=alt.binding_select(options=[ALL, *options], name=label))
