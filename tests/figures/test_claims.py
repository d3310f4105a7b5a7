"""No title says more than its figure shows: its comparing words are held against the chart's own data, in three scenarios."""

import ast
import re

import nbformat
import numpy as np
import pytest

from analysis import paths
from analysis.scenarios.reading import build, load
from analysis.scenarios.scenario import DECK
from tests.figures import charts
from tests.figures.claims import CLAIMS
from tests.figures.drawn import COMPARING, Drawn

SCENARIOS = {
    "deck": DECK,
    "h100": load(paths.SCENARIOS / "h100-sxm-bf16.yml"),
    "hurried": build(
        {"accelerator": "B200 SXM (HGX/DGX)", "precision": "FP8", "utilization": "20%", "training_time": "3 days",
         "training_tokens": "15e12", "visits_per_day": "1e8"}, "test",
    ),
}  # fmt: skip


#: Charts that set a scenario beside the deck's, which needs another.
CHANGES = ("factors", "scenarios")


#: Charts that ask for a scenario.
ASKING = [name for name, draw in charts.CHARTS.items() if "H100" in draw.__code__.co_names]


def cases() -> list[tuple[str, str]]:
    """Return the charts and scenarios: every chart under the deck's, and under the others those that ask for one."""
    under_the_decks = [(name, "deck") for name in charts.CHARTS if name not in CHANGES]
    return under_the_decks + [(name, scenario) for name in ASKING for scenario in SCENARIOS if scenario != "deck"]


@pytest.mark.parametrize(("name", "scenario"), cases())
def test_a_title_says_what_its_figure_shows(name, scenario, monkeypatch):
    if name not in ASKING or scenario == "h100":
        check(name, Drawn(charts.drawn(name)))
        return
    monkeypatch.setattr(charts, "H100", SCENARIOS[scenario])
    check(name, Drawn(charts.CHARTS[name]()))


def check(name: str, drawn: Drawn) -> None:
    """Hold the words of a title that compare against the chart's data; those that no claim covers are refused."""
    rest = drawn.title
    for words, holds in CLAIMS.get(name, []):
        if found := re.search(words, drawn.title):
            assert np.all(holds(drawn, *found.groups())), f"{name}: its data do not say {found[0]!r}"
            rest = rest.replace(found[0], " ")
    assert not COMPARING.findall(rest), f"{name}: {drawn.title!r} compares, and tests/figures/claims.py has no claim of it"


@pytest.mark.parametrize(
    ("name", "said", "instead"),
    [
        ("rent or own", "× B200", "× H100"),
        ("attention", "smallest", "largest"),
        ("gains of examples", "largest", "smallest"),
        ("longest contexts", "Llama 4 Scout", "GPT-4"),
        ("calibration of answers", "more would", "fewer would"),
    ],
)
def test_a_title_that_says_something_else_is_refused(name, said, instead):
    drawn = Drawn(charts.drawn(name))
    assert said in drawn.title
    drawn.title = drawn.title.replace(said, instead)
    with pytest.raises(AssertionError, match="its data do not say|has no claim of it"):
        check(name, drawn)


def test_no_claim_is_of_a_chart_that_is_not_there():
    assert set(CLAIMS) <= set(charts.CHARTS)


@pytest.mark.parametrize("path", sorted(paths.NOTEBOOKS.glob("*.ipynb")), ids=lambda path: path.stem)
def test_a_word_that_compares_is_chosen_by_its_numbers_and_their_errors(path):
    """What a notebook publishes for a sentence goes through `comparing.said`, which knows when it is noise."""
    cells = [cell.source for cell in nbformat.read(path, 4).cells if cell.cell_type == "code"]
    for choice in (node for cell in cells for node in ast.walk(ast.parse(cell)) if isinstance(node, ast.IfExp)):
        words = [part.value for end in (choice.body, choice.orelse) for part in ast.walk(end) if isinstance(part, ast.Constant)]
        assert not any(isinstance(word, str) and COMPARING.search(word) for word in words), ast.unparse(choice)
