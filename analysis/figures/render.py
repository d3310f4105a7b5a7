"""Charts and tables as HTML that needs no network.

A chart is a static SVG with its specification beside it; where JavaScript runs, the page draws the specification
over the picture and makes it interactive. Title and source are HTML, so that they wrap on a phone.
"""

import base64
import hashlib
import html
import json
import re

import altair as alt
import pandas as pd
import vl_convert

from analysis import ageing
from analysis.figures import theme

VEGALITE = "6.4"
SOURCE = "Source: "
_STATIC_WIDTH = 680  # a picture has no page to take its width from
_NARROW_SCREEN, _NARROW_WIDTH = 540, 320


def figure(chart: alt.TopLevelMixin, *, title: str, subtitle: str = "", description: str, source: str) -> alt.TopLevelMixin:
    """Return `chart` with its title, its text alternative, and the source of what it shows, dated where it ages.

    `title` is one message in at most twelve plain words; `subtitle` has its numbers.
    """
    about = {"description": description, "source": ageing.dated(source)} | ({"subtitle": subtitle} if subtitle else {})
    return chart.properties(title=title, usermeta=about, width="container")


def vega(value: object) -> str:
    """Return a formula's result as a Vega expression: what it is when it was called with Altair parameters."""
    return value.to_dict()["expr"] if isinstance(value, alt.ParameterExpression) else repr(value)


def bundle(spec: dict, **_options: object) -> dict[str, str]:
    """Return the MIME bundle of a chart: HTML with a static picture, and its description as text."""
    title, meta = spec.get("title"), spec.get("usermeta", {})
    if not title or not meta.get("description") or not meta.get("source"):
        raise ValueError("a chart needs a title, a description and a source: return it from `figure`")
    spec = {key: value for key, value in spec.items() if key not in ("config", "title", "usermeta")}
    about = meta | {"title": title, "source": f"{SOURCE}{meta['source']}"}
    return {"text/html": html_of(spec, about), "text/plain": f"{_said(title, meta)} {meta['description']}"}


def html_of(spec: dict, about: dict[str, str]) -> str:
    """Return a chart as HTML with a static picture; `about` has its title, subtitle if any, description and source line."""
    text = json.dumps(spec, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    key = hashlib.sha256(text.encode()).hexdigest()[:12]
    return (
        f'<div class="vega-figure" id="chart-{key}">'
        f"{_heading(about['title'], about)}"
        f'<div class="vega-host"><img alt="{html.escape(about["description"])}"'
        f' src="{_data(_static(spec))}"></div>'
        f'<p class="vega-source">{html.escape(about["source"])}</p>'
        f'<script type="application/json">{text.replace("<", chr(92) + "u003c")}</script></div>'
    )


def enable() -> None:
    """Make Altair draw charts in this way, here and in every notebook that calls it."""
    alt.renderers.register("book", bundle)
    alt.renderers.enable("book")
    alt.data_transformers.disable_max_rows()


def table(frame: pd.DataFrame) -> str:
    """Return `frame` as an HTML table; columns that are numeric are set to the right."""
    numeric = [is_numeric(frame[column]) for column in frame.columns]
    head = "".join(
        f'<th scope="col"{_class(right)}>{html.escape(str(name))}</th>' for name, right in zip(frame, numeric, strict=True)
    )
    body = "".join(
        "<tr>" + "".join(f"<td{_class(right)}>{_lines(cell)}</td>" for cell, right in zip(row, numeric, strict=True)) + "</tr>"
        for row in frame.itertuples(index=False)
    )
    return f'<table class="result-table table"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'


def picture(
    chart: alt.TopLevelMixin, source: str = "Source: {text}", label: str = "", palette: theme.Palette = theme.BOOK
) -> str:
    """Return a chart as HTML that needs no script: title, picture and source; the picture follows theme and width.

    `source` says how the source is introduced, `label` numbers the picture.
    """
    spec = chart.to_dict()
    title, meta = " ".join(filter(None, (label, spec.pop("title")))), spec.pop("usermeta")
    spec.pop("config", None)
    sources = "".join(
        f'<source media="{media}" srcset="{_data(_static(spec, dark=dark, width=width, palette=palette))}">'
        for media, dark, width in (
            (f"(prefers-color-scheme: dark) and (max-width: {_NARROW_SCREEN}px)", True, _NARROW_WIDTH),
            (f"(max-width: {_NARROW_SCREEN}px)", False, _NARROW_WIDTH),
            ("(prefers-color-scheme: dark)", True, _STATIC_WIDTH),
        )
    )
    return (
        f'<figure class="picture">{_heading(title, meta)}<picture>{sources}'
        f'<img alt="{html.escape(meta["description"])}" src="{_data(_static(spec, palette=palette))}"></picture>'
        f'<p class="vega-source">{html.escape(source.format(text=meta["source"]))}</p></figure>'
    )


def drawn(chart: alt.TopLevelMixin, font: str, palette: theme.Palette = theme.BOOK) -> tuple[str, str, str, str, str]:
    """Return a chart's title, subtitle, SVG, description and source, for a document whose letters are those of `font`."""
    spec = chart.to_dict()
    title, meta = spec.pop("title"), spec.pop("usermeta")
    spec.pop("config", None)
    return title, meta.get("subtitle", ""), _static(spec, font=font, palette=palette), meta["description"], meta["source"]


def _said(title: str, meta: dict[str, str]) -> str:
    return " ".join(filter(None, (title, meta.get("subtitle"))))


def _heading(title: str, meta: dict[str, str]) -> str:
    subtitle = f'<p class="vega-subtitle">{html.escape(meta["subtitle"])}</p>' if "subtitle" in meta else ""
    return f'<p class="vega-title">{html.escape(title)}</p>{subtitle}'


def _data(svg: str) -> str:
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"


def _static(
    spec: dict, *, dark: bool = False, width: int = _STATIC_WIDTH, font: str = theme.FONT, palette: theme.Palette = theme.BOOK
) -> str:
    # As text, since a dictionary may not hold a whole number of more than 128 bits.
    text = json.dumps({**spec, "width": width, "config": theme.config(dark=dark, palette=palette) | {"font": font}})
    svg = vl_convert.vegalite_to_svg(text, vl_version=VEGALITE)
    # The renderer numbers clip paths and gradients through the whole process; here each picture counts its own.
    numbers: dict[str, str] = {}
    return re.sub(r"\b(clip|gradient_)\d+", lambda match: numbers.setdefault(match[0], f"{match[1]}{len(numbers)}"), svg)


def is_numeric(column: pd.Series) -> bool:
    """Say whether all texts of a column begin with a digit, behind a minus, "×" or "$" at most: they are set to the right."""
    numbers = (re.sub(r"^[−$]|^×\s*", "", str(cell)) for cell in column)
    return all(number[:1].isdigit() or number in ("", "–") for number in numbers) and any(map(str, column))


def _lines(cell: object) -> str:
    return html.escape(str(cell)).replace("\n", "<br>")


def _class(right: bool) -> str:
    return ' class="number"' if right else ""
