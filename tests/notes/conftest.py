import pytest

from analysis.notes.blocks import Note
from analysis.notes.content import make
from analysis.notes.request import Request
from analysis.scenarios.scenario import DECK
from tests.notes.cases import H20, H100, H100_SERVING


@pytest.fixture(scope="session")
def english() -> Note:
    return make(Request(H100, DECK, "H100 in place of A100", "A. Nalyst", "2026-11-24", command="a command"))


@pytest.fixture(scope="session")
def chinese() -> Note:
    return make(Request(H20, H100_SERVING, "H20与H100", "某人", "2026-11-24", "zh", ("inference",)))
