"""The formula that is told beside a result: its numbers, put together again, are the result."""

import re

import pytest

from analysis.scenarios.derivation import derivation
from analysis.scenarios.estimate import estimate
from analysis.scenarios.reading import build
from analysis.scenarios.scenario import DECK

WORDS = {"trillion": "e12", "billion": "e9", "million": "e6"}
RESULTS = list(estimate(DECK).flat())


@pytest.mark.parametrize(
    "scenario", [DECK, build({"utilization": "37%", "accelerator": "H100 SXM5", "precision": "BF16"}, "test")]
)
@pytest.mark.parametrize("result", RESULTS)
def test_the_numbers_that_are_put_in_make_the_result(result, scenario):
    found = derivation(result, scenario)
    put_in = found.numbers.split(" = ")[0].removeprefix("= ")
    text = re.sub(r" (trillion|billion|million)", lambda match: WORDS[match[1]], put_in.replace(",", ""))
    text = re.sub(r" (FLOP/s|s)\b", "", text).replace("×", "*").replace("÷", "/").replace("\N{NO-BREAK SPACE}", "")
    value = estimate(scenario).flat()[result]
    made = eval(text)
    if result.endswith(("accelerators", "servers")):
        assert value - 1 < made * (1 + 1e-3)
        assert made * (1 - 1e-3) <= value
    else:
        assert made == pytest.approx(value, rel=1e-3)
    assert found.words.count("×") == put_in.count("×")


def test_a_peak_depends_on_its_chip():
    assert {"accelerator", "precision", "peak"} <= set(derivation("training.accelerators", DECK).assumptions)
    assert "accelerator" not in derivation("training.flop", DECK).assumptions
