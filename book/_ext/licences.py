"""Directives of the page on licences.

`data-attributions`: the names that the licences of the data ask for. `shipped-parts`: what the built book ships that
others made, with versions and licences.
"""

from listing import (
    address,
    cell,
    code,
    described,
    descriptions,
    label_link,
    outside,
    table,
)
from sphinx.util.docutils import SphinxDirective

from analysis import paths
from analysis.report import data_files, shipped


class DataAttributions(SphinxDirective):
    """One item for each file whose licence asks for a name: what it is, whose, and under which licence."""

    has_content = False

    def run(self):
        items = []
        for one in data_files.all_files():
            self.env.note_dependency(str(paths.DATA / f"{one.name}.origin.yml"))
            if one.asks_for_attribution:
                record = one.record
                lines = {"By": record.producer, "Cited as": record.citation, "At": address(record.url), "Licence": _licence(one)}
                items.append(described([label_link(one.anchor, record.title)], lines))
        return descriptions(items)


class ShippedParts(SphinxDirective):
    """One row for each part: what it is and does, and its version, licence and holder."""

    has_content = False

    def run(self):
        self.env.note_dependency(str(paths.DATA / "shipped.csv"))
        self.env.note_dependency(str(paths.LOCK))
        rows = []
        for part in shipped.parts():
            licence = part.licence if part.verified == "yes" else f"{part.licence} (verified: {part.verified})"
            brought = [code(part.package), f" {part.version}"]
            rows.append([cell([outside(part.name, part.url)], part.serves), cell(licence, f"© {part.holder}", brought)])
        return table(["Part", "Licence, holder, and the package that brings it"], rows)


def _licence(one):
    """Return what the record says of the licence, and the texts of the licences that it names."""
    links = [part for name in one.licences for part in (", ", outside(name, data_files.LICENCES[name]))]
    return [f"{one.record.licence} (", *links[1:], ")"]


def setup(app):
    app.add_directive("data-attributions", DataAttributions)
    app.add_directive("shipped-parts", ShippedParts)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
