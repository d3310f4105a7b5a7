"""Each subject of lint finds a seeded fault, and has nothing to say of what is right."""

from dataclasses import replace
from types import SimpleNamespace

import nbformat
import pytest

from analysis.deck import deck_map
from analysis.report import data_files, glossary
from lint import deck_map as maps
from lint import facts, notebooks, references
from lint import glossary as terms

_KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"eprint": "2001.08361", "archiveprefix": "arXiv", "year": "2020"}, None),
        ({"eprint": "2001.08361", "year": "2020"}, "no number of arXiv"),
        ({"eprint": "2101.08361", "archiveprefix": "arXiv", "year": "2020"}, "comes after it"),
        ({"eprint": "2001.8361", "archiveprefix": "arXiv", "year": "2020"}, "digits of another year"),
        ({"eprint": "2013.08361", "archiveprefix": "arXiv", "year": "2020"}, "no number of arXiv"),
        ({"doi": "10.1145/3600006.3613165"}, None),
        ({"doi": "https://doi.org/10.1145/3600006"}, "DOI"),
        ({"url": "https://example.org"}, None),
        ({"title": "Lost"}, "where it can be read"),
    ],
)
def test_references(fields, wrong):
    _says(references.of_entry(fields), wrong)


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({}, None),
        ({"page": "nowhere"}, "no such page"),
        ({"notebook": "nothing"}, "no notebook nothing"),
        ({"label": ""}, "no :name:"),
        ({"function": "analysis.tables.estimate_tables.nothing"}, "no function"),
    ],
)
def test_the_map_of_the_deck(change, wrong):
    one = next(row for row in deck_map.rebuilt() if row.figure == 38)
    row = {"page": one.page, "notebook": one.notebook, "label": one.label, "function": one.function}
    _says(maps.of_row(SimpleNamespace(**row | change)), wrong)


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({}, None),
        ({"page": "nowhere"}, "no page nowhere"),
        ({"deck": ("别的",)}, "none of the Chinese ones"),
        ({"chinese": ("tok",), "deck": ()}, "no Chinese"),
        ({"definition": "a piece of text."}, "no sentence"),
        ({"term": "xylophone", "aliases": ()}, "no chapter uses it"),
    ],
)
def test_the_glossary(change, wrong):
    one = next(term for term in glossary.terms() if term.term == "token")
    chapters = {one.page: "A token is one piece."}
    _says(terms.of_term(replace(one, **change), chapters), wrong)


def test_forms_of_terms():
    one = next(term for term in glossary.terms() if term.term == "token")
    _says(terms.of_forms(one), None)
    _says(terms.of_forms(replace(one, aliases=("x2",))), "'x2' is not found")


@pytest.mark.parametrize(
    ("cell", "wrong"),
    [
        ({}, None),
        ({"outputs": [nbformat.v4.new_output("stream", text="x")]}, "what it computed"),
        ({"execution_count": 1}, "what it computed"),
        ({"metadata": {"editable": False}}, "metadata: editable"),
        ({"source": "double = lambda x: 2 * x"}, "defines something"),
        ({"source": f"x = '{'x' * 88}'"}, "a line of more than 88"),
    ],
)
def test_the_cells_of_notebooks(cell, wrong):
    stored = nbformat.v4.new_code_cell("x = 1")
    stored.update(nbformat.from_dict(cell))
    _says(notebooks.of_cells(nbformat.v4.new_notebook(cells=[stored])), wrong)


@pytest.mark.parametrize(
    ("source", "wrong"),
    [
        ("# Assumptions\nutilization = '50%'", None),
        ("# Assumptions\nutilization = '51%'", "the deck has 0.5"),
        ("# Assumptions\nutilisation = '50%'", "no assumption"),
        ("# Assumptions\npeak = None", "come together"),
        ("# Settings\nwidth = 3", None),
        ("width = 3", "neither"),
    ],
)
def test_the_parameters_of_notebooks(tmp_path, source, wrong):
    cell = nbformat.v4.new_code_cell(source, metadata={"tags": ["parameters"]})
    notebook = nbformat.v4.new_notebook(cells=[cell], metadata=_KERNEL)
    nbformat.write(notebook, tmp_path / "one.ipynb")
    _says(notebooks.of_parameters(tmp_path / "one.ipynb", notebook), wrong)


def test_the_listing_of_facts():
    one = next(file for file in data_files.all_files() if file.marks)
    _says(facts.of_listing(one), None)
    _says(facts.of_listing(replace(one, rows=one.rows + 1)), "the reference part counts")
    _says(facts.of_listing(replace(one, record=SimpleNamespace(licence="BSD"))), "is understood")


def _says(complaints, wrong: str | None) -> None:
    found = list(complaints)
    assert bool(found) == (wrong is not None), found
    assert wrong is None or wrong in found[0], found
