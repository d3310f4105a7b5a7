"""What code imports, on a project of a few lines."""

import json

import pytest

from analysis import paths
from analysis.report import imports
from analysis.report.imports import Imports


@pytest.fixture
def project(tmp_path, monkeypatch):
    """Return an empty project that `paths` leads to."""
    for name in ("ANALYSIS", "DATA", "NOTEBOOKS", "BUILD"):
        monkeypatch.setattr(paths, name, tmp_path / getattr(paths, name).name)
    monkeypatch.setattr(paths, "ROOT", tmp_path)
    paths.NOTEBOOKS.mkdir()
    return tmp_path


def write(project, **sources):
    for name, source in sources.items():
        path = project.joinpath(*name.split("__")).with_suffix(".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        (path.parent / "__init__.py").touch()
        path.write_text(source)


def notebook(project, *cells):
    path = project / "notebooks" / "one.ipynb"
    path.write_text(json.dumps({"cells": [{"cell_type": "code", "source": [cell]} for cell in cells]}))
    return path


def closure(project, *cells):
    modules, others = Imports().closure(notebook(project, *cells))
    return {path.relative_to(project).as_posix() for path in modules}, others


def test_imports_are_followed_through_modules_and_functions(project):
    write(
        project,
        analysis__a="from analysis.b import thing",
        analysis__b="def late():\n    import analysis.deep.c as c\n    return c",
        analysis__deep__c="import numpy.linalg",
        analysis__other="import pandas",
    )
    modules, others = closure(project, "from analysis import a")
    assert modules == {f"analysis/{name}.py" for name in ("__init__", "a", "b", "deep/__init__", "deep/c")}, (
        "and with them the packages that they lie in"
    )
    assert others == {"numpy"}


def test_a_circle_ends(project):
    write(project, analysis__a="import analysis.b", analysis__b="import analysis.a")
    assert closure(project, "import analysis.a")[0] == {"analysis/__init__.py", "analysis/a.py", "analysis/b.py"}


def test_magics_are_no_hindrance_and_what_is_not_python_imports_nothing(project):
    write(project, analysis__a="")
    assert "analysis/a.py" in closure(project, "%matplotlib inline\nfrom analysis import a", "!ls")[0]
    assert closure(project, "from analysis import a\n1 +") == (set(), set())
    write(project, analysis__a="import analysis.b\n\0")
    assert closure(project, "from analysis import a")[0] == {"analysis/__init__.py", "analysis/a.py"}


def test_what_is_remembered_is_used_and_a_changed_source_is_read_anew(project, monkeypatch):
    write(project, analysis__a="import analysis.b", analysis__b="")
    first = Imports()
    first.closure(notebook(project, "import analysis.a"))
    first.save()
    with monkeypatch.context() as patch:
        patch.setattr(imports.ast, "parse", None)
        assert len(Imports().closure(project / "notebooks" / "one.ipynb")[0]) == 3
    write(project, analysis__a="import analysis.c", analysis__c="")
    assert "analysis/c.py" in closure(project, "import analysis.a")[0]
    for broken in ("", "[]", "{"):
        (project / "_build" / "imports.json").write_text(broken)
        assert len(closure(project, "import analysis.a")[0]) == 3


@pytest.mark.parametrize("name", ["notebooks/numpy.py", "random.py", "sitecustomize.py", "notebooks/pandas/__init__.py"])
def test_a_file_that_hides_a_module_of_another_is_found(project, name):
    write(project, analysis__a="", notebooks__helper="", tests__a="")
    assert imports.hiding() == []
    (project / name).parent.mkdir(exist_ok=True)
    (project / name).touch()
    assert [paths.shown(path) for path in imports.hiding()] == [name.removesuffix("/__init__.py")]
