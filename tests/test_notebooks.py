import ast

import nbformat
import pytest

from analysis import units
from analysis.report import notebook as notebook_module
from analysis.report import runner
from analysis.scenarios.reading import ScenarioError
from analysis.scenarios.scenario import ASSUMPTIONS, DECK, Scenario

NOTEBOOKS = runner.notebooks()


def _begins(path, mark):
    """Say whether the parameters cell of a notebook begins with `mark`."""
    cells = nbformat.read(path, as_version=4).cells
    return any(cell.source.startswith(mark) for cell in cells if "parameters" in cell.metadata.get("tags", ()))


@pytest.mark.parametrize("path", [path for path in NOTEBOOKS if _begins(path, "# Assumptions")], ids=lambda path: path.stem)
def test_the_parameters_cell_has_the_scenarios_defaults(path):
    for name, value in runner.defaults(path).items():
        assert name in Scenario.model_fields
        about = ASSUMPTIONS.get(name)
        if about is not None and about.unit is not None and value is not None:
            value = units.read(value, about.unit)
        assert value == getattr(DECK, name), name


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_what_sets_the_peak_comes_together(path):
    """A scenario may name a chip that the data lack, if it gives the peak; a notebook that got one alone would refuse it."""
    assert len(runner.defaults(path).keys() & {"accelerator", "precision", "peak"}) in (0, 3)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_has_assumptions_or_settings_of_its_own(path):
    if not _begins(path, "# Assumptions"):
        assert _begins(path, "# Settings")
        assert not runner.defaults(path).keys() & Scenario.model_fields.keys(), "a scenario would overwrite it"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebooks_are_stored_without_outputs_and_are_thin(path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    for cell in notebook.cells:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None
        assert not cell.metadata.keys() - {"tags"}
        if cell.cell_type == "code":
            kinds = {type(node) for node in ast.walk(ast.parse(cell.source))}
            assert not kinds & {ast.FunctionDef, ast.ClassDef, ast.Lambda}, "logic belongs into analysis/"
            assert max(map(len, cell.source.splitlines())) <= 88, "lines fit the page"


def test_begin_reads_the_cells_that_set_parameters():
    cells = ["", "# Assumptions\nutilization = '40%'", "import os", "# Parameters\nutilization = 0.3"]
    namespace = {"In": cells, "utilization": 0.3, "os": None, "other": 1}
    assert notebook_module.begin(namespace).utilization == 0.3


def test_begin_may_be_run_again_after_a_cell_was_changed():
    cells = ["", "# Assumptions\nutilisation = 0.4", "x = begin(globals())", "# Assumptions\nutilization = 0.4"]
    assert notebook_module.begin({"In": cells, "utilization": 0.4, "utilisation": 0.4, "x": 1}).utilization == 0.4


def test_begin_refuses_what_is_no_assumption():
    cells = ["", "# Assumptions\nutilization = 0.5", "# Parameters\nutilisation = 0.4"]
    with pytest.raises(ScenarioError, match="notebook parameters: unknown field 'utilisation'; did you mean 'utilization'"):
        notebook_module.begin({"In": cells, "utilization": 0.5, "utilisation": 0.4})


def test_a_notebook_may_have_no_assumption():
    began = notebook_module.begin({"In": ["", "# Assumptions, as the deck has them."]})
    assert began.utilization == DECK.utilization


def test_begin_wants_the_assumptions_first():
    with pytest.raises(ScenarioError, match="run the cell with the assumptions first"):
        notebook_module.begin({"In": ["", "import os"]})
