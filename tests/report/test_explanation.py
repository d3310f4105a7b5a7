"""What is told of published numbers, against small notebooks whose dependencies are known."""

import nbformat
import pytest

from analysis.report import runner
from analysis.report.explanation import Story
from analysis.report.formula import Formula, Kind
from analysis.scenarios.estimate import estimate
from analysis.scenarios.scenario import DECK

ASSUMED = '# Assumptions\ntitle = "T"\nparameters = "175e9"\ntraining_tokens = "300e9"\nutilization = "50%"\npeak = None\n'
START = """from analysis import facts, numerals
from analysis.report.notebook import begin, publish
from analysis.scenarios.estimate import estimate
from analysis.scenarios.scenario import DECK
scenario = begin(globals())
result, deck = estimate(scenario).training, estimate(DECK).training"""


@pytest.fixture
def told(tmp_path):
    """Return a function that explains the notebook with the given cells behind the usual beginning."""

    def explain(*cells, parameters=None, outputs=None):
        notebook = nbformat.v4.new_notebook()
        notebook.cells = [
            nbformat.v4.new_code_cell(ASSUMED, metadata={"tags": ["parameters"]}),
            *(nbformat.v4.new_code_cell(source) for source in (START, *cells)),
        ]
        for place, names in (outputs or {}).items():
            notebook.cells[place + 2].outputs = [
                nbformat.v4.new_output("display_data", metadata={"scrapbook": {"name": name}}) for name in names
            ]
        fields = {"scenario": "deck.yml", "title": "T", "inputs": {}, "outputs": "", "digest": "d"}
        notebook.metadata[runner.RECEIPT] = fields | {"parameters": parameters or {}}
        path = tmp_path / "n.ipynb"
        nbformat.write(notebook, path)
        return Story(path).explained()

    return explain


def test_the_code_is_what_the_number_depends_on_and_nothing_else(told):
    found = told(
        "other = 5\nhalf = scenario.utilization / 2\nloose = half + other\nshown = half * 3",
        "publish(a=numerals.plain(shown), b=numerals.plain(other))",
    )
    assert found["a"].code == ("half = scenario.utilization / 2", "shown = half * 3", "numerals.plain(shown)")
    assert found["b"].code == ("other = 5", "numerals.plain(other)")
    assert (found["a"].inputs, found["b"].inputs) == (("utilization",), ())
    assert found["a"].cell == 3


def test_what_changes_a_name_on_the_way_is_kept(told):
    found = told("items = {}\nfor one in (1, 2):\n    items[one] = one\nitems = {**items}", "publish(a=str(len(items)))")
    assert found["a"].code[:2] == ("items = {}", "for one in (1, 2):\n    items[one] = one")


def test_a_result_of_the_estimate_has_its_formula(told):
    found = told(
        "publish(a=numerals.whole(result.accelerators), c=numerals.whole(deck.servers))", parameters={"utilization": "25%"}
    )
    exact = 2 * estimate(DECK).training.accelerators_exact
    assert found["a"].derivation.words == "Accelerators = 6 × parameters × training tokens ÷ (training time × peak × utilization)"
    assert "× 0.25)" in found["a"].derivation.numbers
    assert f"{exact:,.1f}" in found["a"].derivation.numbers
    assert (found["a"].is_decks, found["c"].is_decks) == (False, True)
    assert found["c"].derivation.numbers == "= 1,559 ÷ 8 = 194.875, rounded up to 195"


@pytest.mark.parametrize(
    "value", ["numerals.whole(2 * result.flop)", "numerals.times(result.flop, deck.flop)", "str(result.flop - 1)"]
)
def test_what_is_computed_from_results_has_no_formula_of_theirs(told, value):
    assert told(f"publish(a={value})")["a"].derivation is None


def test_a_whole_scenario_hands_on_every_assumption_of_the_notebook(told):
    found = told("from analysis.deck import audit\npublish(a=audit.check(scenario), b=str(scenario.peak_flop_per_second))")
    assert found["a"].inputs == ("parameters", "training_tokens", "utilization", "peak")
    assert found["b"].inputs == ("peak",)


def test_names_that_are_computed_are_explained_by_the_statement(told):
    """Such as those of a loop: which names there are is known from the notebook's outputs."""
    cell = 'table = {"x": scenario.utilization}\nfor key in table:\n    publish(**{key: str(table[key])}, fixed="1")'
    found = told("loose = 3", cell, outputs={1: ["x", "fixed"]})
    assert set(found) == {"x", "fixed"}
    assert found["x"].code[0] == 'table = {"x": scenario.utilization}'
    assert found["x"].code[1].startswith("for key in table:")
    assert found["x"].inputs == ("utilization",)


def test_a_notebook_with_a_title_of_its_scenario_has_assumptions(told):
    found = told("publish(a=numerals.percent(scenario.utilization / 2))", parameters={"title": "Mine", "utilization": "20%"})
    assert found["a"].inputs == ("utilization",)


def test_facts_and_functions_are_named(told):
    found = told('demand = facts.read("demand")\npublish(a=numerals.whole(len(demand)))')
    assert found["a"].facts == ("demand",)
    assert found["a"].formula == Formula(("A = the number of demand", "demand = the facts on demand"), Kind.FORMULA)


def test_facts_that_functions_read_are_named(told):
    found = told("from analysis.serving import demand\npublish(a=str(demand.measured_profile().max()))")
    assert "load_profile" in found["a"].facts


@pytest.mark.parametrize(
    ("cells", "lines", "kind"),
    [
        (
            ["half = scenario.utilization / 2\npublish(a=numerals.percent(1 - half))"],
            ("A = 1 − half", "half = utilization ÷ 2"),
            Kind.FORMULA,
        ),
        (["publish(a=numerals.percent(scenario.utilization))"], ("A: as it was set",), Kind.INPUT),
        (
            ["from analysis.training import whole_run\npublish(a=str(whole_run.chip_hours(scenario.utilization, 8)))"],
            ("A = utilization × 8 ÷ hour", "hour = 3,600"),
            Kind.FORMULA,
        ),
        (
            ["few = [2]\nfew = few * 3\npublish(a=str(len(few)))"],
            ("A = the number of few", "few = few′ × 3", "few′ = 2"),
            Kind.FORMULA,
        ),
        (
            ['table = {"a": scenario.utilization}\nfor key in table:\n    publish(**{key: str(table[key] * 2)})'],
            ("A = utilization × 2",),
            Kind.FORMULA,
        ),
    ],
)  # fmt: skip
def test_the_formula_is_the_published_expression_in_words(told, cells, lines, kind):
    found = told(*cells, outputs={0: ["a"]})["a"].formula
    assert (found.lines, found.kind) == (lines, kind)
