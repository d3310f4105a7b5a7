"""What every notebook calls: `begin` or `settings` after its parameters, `publish` for what chapters quote."""

import ast
from collections.abc import Iterable
from typing import Any

import pandas as pd
from IPython.display import HTML, Math
from myst_nb import glue

from analysis import settings as settings_module
from analysis.figures import render
from analysis.report import lab, used
from analysis.scenarios import reading
from analysis.scenarios.scenario import Scenario
from analysis.suggest import nearest

#: How the cell with a notebook's assumptions or settings begins, and the one that papermill puts behind it.
_ASSUMPTIONS, _SETTINGS, _GIVEN = "# Assumptions", "# Settings", "# Parameters"


def begin(namespace: dict[str, Any]) -> Scenario:
    """Return the scenario of the notebook's parameters: call it first, with `globals()`.

    Every variable that the parameter cells set has to be an assumption, and one of this notebook's own cell, so that what
    papermill was given under a wrong name, or what changes nothing here, is refused and not passed over. Raises ScenarioError.
    """
    _show_charts()
    names = _assigned(namespace["In"], _ASSUMPTIONS)
    if names is None:
        raise reading.ScenarioError(f"run the cell with the assumptions first; it begins with {_ASSUMPTIONS!r}")
    scenario = reading.build({name: namespace[name] for name in names}, "notebook parameters", handed=True)
    _refuse_unused(namespace["In"], names)
    if not scenario.is_settled:
        raise reading.ScenarioError(
            "notebook parameters: a predicted utilization, and the time that a budget buys, take a plan of the training run; "
            "`python -m analysis run SCENARIO` hands their numbers to notebooks: give utilization and training_time here"
        )
    return scenario


def _refuse_unused(history: Iterable[str], names: Iterable[str]) -> None:
    """Raise ScenarioError for an assumption that the notebook was given and does not use."""
    used_here = _assigned([source for source in history if source.startswith(_ASSUMPTIONS)], _ASSUMPTIONS) or []
    for name in names:
        if name not in used_here:
            there = f"it uses: {', '.join(used_here)}" if used_here else "it uses none"
            raise reading.ScenarioError(
                f"notebook parameters: this notebook does not use {name}{nearest(name, used_here)}; {there}"
            )


def settings(namespace: dict[str, Any], model: type[settings_module.Chosen]) -> settings_module.Chosen:
    """Return the notebook's own settings, checked by `model`: call it first, with `globals()`. Raises SettingError."""
    _show_charts()
    names = _assigned(namespace["In"], _SETTINGS)
    if names is None:
        raise settings_module.SettingError(f"run the cell with the settings first; it begins with {_SETTINGS!r}")
    return settings_module.read(model, {name: namespace[name] for name in names})


def _show_charts() -> None:
    render.enable()
    if lab.is_open():
        lab.show_live_charts()


def _assigned(history: Iterable[str], begins: str) -> list[str] | None:
    """Return the names that the parameter cells set, from the cells run so far; of a cell run twice, the last.

    None: the cell was not run. It may have been run and set nothing.
    """
    latest = {mark: source for source in history for mark in (begins, _GIVEN) if source.startswith(mark)}
    if begins not in latest:
        return None
    assignments = [node for source in latest.values() for node in ast.parse(source).body if isinstance(node, ast.Assign)]
    return [target.id for node in assignments for target in node.targets if isinstance(target, ast.Name)]


def publish(**results: object) -> None:
    """Hand results to the chapters, each by its name, and show them; plain texts only where a person runs the notebook.

    A result is a text (a number as it is to be read), a chart, a DataFrame (a table), or an equation in LaTeX
    (an IPython `Math`).
    """
    for name, value in results.items():
        if isinstance(value, str):
            glue(name, value, display=False)
        elif isinstance(value, pd.DataFrame):
            glue(name, HTML(render.table(value)))
        else:
            glue(name, value)
    texts = [f"{name} = {value}" for name, value in results.items() if isinstance(value, str)]
    if texts and not used.is_watching():
        print("\n".join(texts))


def equation(latex: str) -> Math:
    """Return an equation that `publish` takes."""
    return Math(latex)
