"""Notebooks are thin, stored without outputs, and hold the deck's defaults."""

import ast
from collections.abc import Iterator
from pathlib import Path

import nbformat

from analysis import paths, units
from analysis.report import runner
from analysis.scenarios.scenario import ASSUMPTIONS, DECK, Scenario

#: How many characters of a line of code fit its page.
WIDTH = 88


def complaints() -> Iterator[str]:
    """Yield what is wrong with each notebook."""
    for path in runner.notebooks():
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
        for complaint in (*of_parameters(path, notebook), *of_cells(notebook)):
            yield f"{paths.shown(path)}: {complaint}"


def of_parameters(path: Path, notebook: nbformat.NotebookNode) -> Iterator[str]:
    """Yield what is wrong with the cell of parameters: assumptions have the deck's values, settings are no assumptions."""
    cells = [cell.source for cell in notebook.cells if "parameters" in cell.metadata.get("tags", ())]
    defaults = runner.defaults(path)
    if any(source.startswith("# Assumptions") for source in cells):
        for name, value in defaults.items():
            if name not in Scenario.model_fields:
                yield f"{name} is no assumption"
                continue
            about = ASSUMPTIONS.get(name)
            if about is not None and about.unit is not None and value is not None:
                value = units.read(value, about.unit)
            if value != getattr(DECK, name):
                yield f"{name} is {value!r}; the deck has {getattr(DECK, name)!r}"
    elif not any(source.startswith("# Settings") for source in cells):
        yield "its parameters begin neither with # Assumptions nor with # Settings"
    # A scenario may name a chip that the data lack, if it gives the peak; a notebook that got one alone would refuse it.
    if len(defaults.keys() & {"accelerator", "precision", "peak"}) not in (0, 3):
        yield "accelerator, precision and peak come together"


def of_cells(notebook: nbformat.NotebookNode) -> Iterator[str]:
    """Yield what is wrong with the cells as they are stored."""
    for number, cell in enumerate(notebook.cells, 1):
        if cell.get("outputs") or cell.get("execution_count") is not None:
            yield f"cell {number} is stored with what it computed"
        if extra := cell.metadata.keys() - {"tags"}:
            yield f"cell {number} has metadata: {', '.join(sorted(extra))}"
        if cell.cell_type != "code":
            continue
        if any(isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Lambda) for node in ast.walk(ast.parse(cell.source))):
            yield f"cell {number} defines something; logic belongs into analysis/"
        if any(len(line) > WIDTH for line in cell.source.splitlines()):
            yield f"cell {number} has a line of more than {WIDTH} characters"
