import pytest

from analysis.report import notebook as notebook_module
from analysis.scenarios.reading import ScenarioError
from analysis.scenarios.scenario import DECK


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


def test_begin_refuses_an_assumption_that_the_notebook_does_not_use():
    cells = ["", "# Assumptions\nutilization = 0.5", "# Parameters\nparameters = '70e9'"]
    with pytest.raises(ScenarioError, match="this notebook does not use parameters; it uses: utilization"):
        notebook_module.begin({"In": cells, "utilization": 0.5, "parameters": "70e9"})


def test_a_notebook_may_have_no_assumption():
    began = notebook_module.begin({"In": ["", "# Assumptions, as the deck has them."]})
    assert began.utilization == DECK.utilization


def test_begin_wants_the_assumptions_first():
    with pytest.raises(ScenarioError, match="run the cell with the assumptions first"):
        notebook_module.begin({"In": ["", "import os"]})
