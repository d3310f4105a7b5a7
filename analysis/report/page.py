"""A page of the book's look in one file: nothing beside it, nothing from outside, no script."""

import html

#: The look of such a page; colours are those of analysis/figures/theme.py.
_STYLE = """
:root { color-scheme: light dark; --ink: #1f2430; --soft: #5b6472; --line: #c3c9d2; --ground: #ffffff; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e8ec; --soft: #a9b2c0; --line: #525b68; --ground: #14181e; }
}
body { margin: 0; background: var(--ground); color: var(--ink); line-height: 1.55;
  font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "PingFang SC", "Noto Sans CJK SC",
    "Microsoft YaHei", sans-serif; }
main { max-width: 46rem; margin: 0 auto; padding: 2rem 1rem 4rem; }
h1 { font-size: 1.9rem; line-height: 1.25; } h2 { font-size: 1.35rem; margin-top: 2.4rem; }
p.soft, .vega-source { color: var(--soft); font-size: 0.85rem; }
dl.facts { display: grid; grid-template-columns: max-content 1fr; gap: 0.2rem 1rem; color: var(--soft); font-size: 0.9rem; }
dl.facts dd { margin: 0; }
.scrolls { overflow-x: auto; }
table { border-collapse: collapse; font-size: 0.9rem; }
th, td { text-align: left; vertical-align: top; padding: 0.4rem 0.8rem 0.4rem 0; border-bottom: 1px solid var(--line); }
.number { text-align: right; font-variant-numeric: tabular-nums; }
figure { margin: 1.6rem 0; } figure img { width: 100%; height: auto; }
.vega-title { font-weight: 600; margin: 0 0 0.4rem; line-height: 1.35; }
.vega-subtitle { font-size: 0.9rem; margin: -0.2rem 0 0.4rem; line-height: 1.4; }
"""


def page(title: str, body: str, language: str = "en", style: str = "", above: str = "") -> str:
    """Return a whole HTML page with `title`, a plain text, as its heading; `body` is HTML, as is what stands `above`.

    `style` is CSS of its own.
    """
    name = html.escape(title)
    return (
        f'<!DOCTYPE html>\n<html lang="{language}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{name}</title>'
        f"<style>{_STYLE}{style}</style></head>\n<body>{above}<main><h1>{name}</h1>\n{body}\n</main></body></html>\n"
    )


def scrolling(table: str, label: str) -> str:
    """Return a table, as HTML, in a frame that scrolls where the screen is narrow, by keyboard too."""
    return f'<div class="scrolls" tabindex="0" role="region" aria-label="{html.escape(label)}">{table}</div>'
