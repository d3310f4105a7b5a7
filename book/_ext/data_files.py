"""Directives that list the files of facts, from their origin records.

`data-files`: one row a file, with a link to its record. `data-records`: every record, folded, with its columns, and the
file and the record as downloads.
"""

from listing import add_folded, address, cell, code, folded, table, within
from sphinx import addnodes
from sphinx.util.docutils import SphinxDirective

from analysis import paths
from analysis.report import data_files


class _DataDirective(SphinxDirective):
    has_content = False

    def files(self):
        """Return the files of facts; the page is read again when one of them, or a record, has changed."""
        found = data_files.all_files()
        for one in found:
            for path in _paths(one):
                self.env.note_dependency(str(path))
        return found


class DataFiles(_DataDirective):
    """One row a file: what it holds, its rows, and how many of these carry which mark."""

    def run(self):
        rows = [
            [
                cell([within(one.record.title, one.anchor)], code(one.name)),
                cell(f"{one.rows:,}", " / ".join(f"{count:,}" for count in one.marks.values()) or "computed", numeric=True),
            ]
            for one in self.files()
        ]
        return table(["File", "Rows: yes / partly / no"], rows, classes=["searchable"])


class DataRecords(_DataDirective):
    """Every record: who published the values, when, where, under which licence, and what the columns mean."""

    def run(self):
        return [self._record(one) for one in self.files()]

    def _record(self, one):
        record = one.record
        lines = {
            "Published by": f"{record.producer}; {record.date_published}.",
            "Cite as": record.citation,
            "Read": [
                f"{record.date_accessed.isoformat()}{', at ' if record.url.startswith('http') else '; '}",
                *address(record.url),
            ],
            "Licence": record.licence,
            "Note": record.note,
            "Files": [part for path in _paths(one) for part in (self._download(path), " ")],
        }
        self.env.domains["std"].note_hyperlink_target(one.anchor, self.env.docname, one.anchor, record.title)
        said = f"{one.name}, {one.rows:,} row{'s' if one.rows > 1 else ''}"
        return folded(record.title, said, lines, *_columns(record), anchor=one.anchor)

    def _download(self, path):
        # Sphinx takes a target with a leading slash from the folder of the sources, which is the project's.
        node = addnodes.download_reference("", "", refdoc=self.env.docname, reftarget=f"/{paths.shown(path)}")
        node += code(path.name)
        return node


def _paths(one):
    return [paths.DATA / f"{one.name}{ending}" for ending in (".csv", ".origin.yml")]


def _columns(record):
    """Return what the columns of a file mean, as a table."""
    rows = [
        [cell(code(name)), cell(f"{column.meaning}{f' ({column.unit})' if column.unit else ''}")]
        for name, column in record.columns.items()
    ]
    return table(["Column", "Meaning and unit"], rows)


def setup(app):
    add_folded(app)
    app.add_directive("data-files", DataFiles)
    app.add_directive("data-records", DataRecords)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
