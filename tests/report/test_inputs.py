"""When an executed notebook is fresh, on a project of a few lines whose receipts are written here, and none is run."""

import json
from importlib import metadata

import nbformat
import pytest

from analysis import paths
from analysis.report import inputs, runner
from analysis.report.execution import RunError, Used
from analysis.report.inputs import Now
from analysis.scenarios.scenario import DECK

MODULES = {"a": "from analysis.b import x", "b": "x = 1", "c": "y = 2", "d": ""}
NOTEBOOKS = {"one": "from analysis import a", "two": "import analysis.c\nimport numpy as np"}
SCENARIO = "data/scenarios/deck.yml"


@pytest.fixture
def project(tmp_path, monkeypatch):
    """Return a project with two executed notebooks: `one` read a file of facts, `two` listed their folder."""
    names = ("ANALYSIS", "DATA", "NOTEBOOKS", "EXECUTED", "BUILD", "LOCK")
    moved = {name: tmp_path / getattr(paths, name).relative_to(paths.ROOT) for name in names}
    for name, path in (moved | {"ROOT": tmp_path}).items():
        monkeypatch.setattr(paths, name, path)
    for name, source in (MODULES | {"__init__": ""}).items():
        write(paths.ANALYSIS / f"{name}.py", source)
    for name in ("facts.csv", "other.csv", "scenarios/deck.yml"):
        write(paths.DATA / name, name)
    write(paths.LOCK, "numpy==1\n")
    used = {"one": ["data/facts.csv"], "two": ["data/"]}
    for name, source in NOTEBOOKS.items():
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source, id="x")])
        write(paths.NOTEBOOKS / f"{name}.ipynb", nbformat.writes(notebook))
        given = {"utilization": "50%"} if name == "one" else {}
        under, now = runner._Under(DECK, SCENARIO, Now().file(SCENARIO)), Now()
        path = paths.NOTEBOOKS / f"{name}.ipynb"
        made = now.inputs(path, given, under.file, used[name], ["numpy"] if name == "two" else [])
        notebook.metadata[runner.RECEIPT] = runner._receipt(notebook, under, given, made)
        write(paths.EXECUTED / f"{name}.ipynb", nbformat.writes(notebook))
    return tmp_path


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def stale():
    return {one.name: list(one.changed) for one in runner.states() if one.changed}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("analysis/a.py", {"one"}),
        ("analysis/b.py", {"one"}),
        ("analysis/c.py", {"two"}),
        ("analysis/d.py", set()),
        ("analysis/__init__.py", {"one", "two"}),
        ("data/facts.csv", {"one"}),
        ("data/other.csv", set()),
        ("data/scenarios/deck.yml", {"one"}),
        ("requirements.lock", {"one", "two"}),
        ("notebooks/one.ipynb", {"one"}),
    ],
)
def test_what_a_notebook_uses_makes_it_stale_and_nothing_else_does(project, name, expected):
    assert stale() == {}
    content = (project / name).read_bytes()
    (project / name).write_bytes(content + b" ")
    names = {"data/scenarios/deck.yml": "scenario", "requirements.lock": "lock", "notebooks/one.ipynb": "notebook"}
    assert stale() == dict.fromkeys(expected, [names.get(name, name)])
    (project / name).write_bytes(content)
    assert stale() == {}


def test_a_file_that_appears_counts_where_its_folder_was_listed(project):
    (project / "data" / "new.csv").touch()
    assert stale() == {"two": ["data/"]}


def test_files_and_modules_that_vanish_or_come_count(project):
    (project / "data" / "facts.csv").unlink()
    (project / "analysis" / "b.py").unlink()
    assert stale() == {"one": ["analysis/b.py", "data/facts.csv"], "two": ["data/"]}
    write(project / "analysis" / "c.py", "import analysis.d")
    assert stale()["two"] == ["analysis/c.py", "analysis/d.py", "data/"]


def test_an_upgrade_of_a_package_that_was_loaded_counts(project, monkeypatch):
    monkeypatch.setattr(metadata, "version", lambda name: "9.9")
    assert stale() == {"two": ["numpy"]}


def test_a_file_that_hides_a_module_makes_all_stale_and_stops_a_run(project):
    (project / "notebooks" / "numpy.py").touch()
    said = "notebooks/numpy.py, which hides another module"
    assert stale() == {"one": [said], "two": [said]}
    with pytest.raises(RunError, match=r"notebooks/numpy\.py would be imported in place of another"):
        runner.run(DECK, SCENARIO, 1, print)


@pytest.mark.parametrize("edited", ["title", "scenario", "digest", "outputs"])
def test_an_edited_receipt_is_not_fresh(project, edited):
    edit(project, lambda receipt: receipt | {edited: receipt[edited] + "!"})
    assert "its receipt" in stale()["one"]


def test_a_receipt_with_other_parameters_is_not_fresh(project):
    edit(project, lambda receipt: receipt | {"parameters": {"utilization": "51%"}})
    assert {"parameters", "its receipt"} <= set(stale()["one"])


@pytest.mark.parametrize("bad", [{}, None, [], "x", {"modules": None}, {"files": ["x"], "packages": 1, "modules": 2}])
def test_a_receipt_without_inputs_is_not_fresh_though_its_own_digest_holds(project, bad):
    def without(receipt):
        receipt = receipt | {"inputs": bad}
        return receipt | {"digest": runner._short(receipt)}

    edit(project, without)
    assert {"notebook", "lock", "modules"} <= set(stale()["one"])


def edit(project, change):
    path = project / "notebooks" / "executed" / "one.ipynb"
    notebook = json.loads(path.read_text())
    notebook["metadata"]["receipt"] = change(notebook["metadata"]["receipt"])
    path.write_text(json.dumps(notebook))


def test_a_module_that_no_import_shows_is_refused(project):
    notebook = project / "notebooks" / "one.ipynb"
    Now().check(notebook, Used([], ["analysis/a.py", "analysis/b.py"], []))
    with pytest.raises(RunError, match=r"notebooks/one\.ipynb used analysis/d\.py, which no import statement"):
        Now().check(notebook, Used([], ["analysis/a.py", "analysis/d.py"], []))


def test_packages_that_count_are_locked_or_imported(project, monkeypatch):
    names = {"numpy": {"numpy"}, "yaml": {"pyyaml"}, "hypothesis": {"hypothesis"}, "own": {"own"}}
    monkeypatch.setattr(inputs, "distributions", lambda: names)
    write(paths.LOCK, "# comment\nPyYAML==6.0 ; python_version > '3'\nnot-loaded==1\n")
    write(project / "analysis" / "a.py", "def late():\n    import own")
    found = Now().packages(project / "notebooks" / "one.ipynb", Used([], [], ["yaml", "hypothesis", "own", "numpy"]))
    assert found - {"papermill", "nbclient", "nbformat"} == {"pyyaml", "own"}
