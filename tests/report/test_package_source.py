import pandas as pd
import pytest

from analysis.report import package_source
from analysis.scenarios.estimate import Estimate, estimate
from analysis.scenarios.scenario import Scenario


@pytest.mark.parametrize("thing", [Scenario.model_dump, pd.DataFrame.groupby, pd.DataFrame, round, len])
def test_what_others_wrote_is_not_quoted(thing):
    assert package_source.docstring(thing) == ""


def test_own_functions_classes_and_properties_say_what_they_do():
    assert package_source.docstring(estimate).startswith("Return ")
    assert package_source.docstring(Scenario).endswith(".")
    assert package_source.docstring(Scenario.peak_flop_per_second)
    assert Estimate.__module__.startswith("analysis")
