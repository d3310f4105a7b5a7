"""Tooltips as a list of fields."""

import altair as alt


def tips(*fields: str) -> list[alt.Tooltip]:
    """Return a tooltip of `fields`, each written "name:type | title" or "name:type | title | format", as Vega formats numbers."""
    return [alt.Tooltip(*parts[:1], **dict(zip(("title", "format"), parts[1:], strict=False)))
            for parts in (field.split(" | ") for field in fields)]  # fmt: skip
