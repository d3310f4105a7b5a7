"""The package installed elsewhere, from a wheel: it has the facts, and says what it has not."""

import json
import os
import shutil
import subprocess
import sys

import pytest

from analysis import paths
from tests.conftest import command

#: Several commands in one process, since each would import anew what it needs.
_COMMANDS = """
import io, json, sys
from contextlib import redirect_stderr, redirect_stdout
from analysis import cli, paths
found = {"package": str(paths.ANALYSIS)}
for words in json.loads(sys.argv[1]):
    out, err, status = io.StringIO(), io.StringIO(), 0
    sys.argv = ["analysis", *words]
    with redirect_stdout(out), redirect_stderr(err):
        try:
            cli.main()
        except SystemExit as ended:
            status = ended.code or 0
    found[" ".join(words)] = [status, out.getvalue(), err.getvalue()]
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """Return a folder that has the package as a wheel of the project installs it, and nothing else of the project."""
    folder = tmp_path_factory.mktemp("installed")
    project = folder / "project"
    for name in ("analysis", "data"):
        shutil.copytree(paths.ROOT / name, project / name, ignore=shutil.ignore_patterns("__pycache__", "*.part"))
    for name in ("pyproject.toml", "setup.py", "requirements.txt", "README.md", "LICENSE"):
        shutil.copy(paths.ROOT / name, project / name)
    alone = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    pip, offline = [sys.executable, "-m", "pip"], ["--quiet", "--no-deps", "--no-index", "--disable-pip-version-check"]
    subprocess.run([*pip, "wheel", *offline, "--no-build-isolation", "-w", folder, project], env=alone, check=True)
    (wheel,) = folder.glob("*.whl")
    subprocess.run([*pip, "install", *offline, "--no-compile", "-t", folder / "there", wheel], env=alone, check=True)
    shutil.rmtree(project)
    return folder / "there"


def test_a_wheel_carries_the_facts_and_runs_from_any_folder(installed, tmp_path):
    asked = [["estimate", "deck", "--json"], ["estimate", "notes/h20-serving", "--json"], ["scenarios"]]
    refused = [["run", "deck"], ["check"], ["publish", "deck", "--name", "a", "--author", "A"],
               ["sweep", "deck", "--grid", "utilization=30%:60%:10%", "--notebooks", "--out", "made"]]  # fmt: skip
    environment = os.environ | {"PYTHONPATH": str(installed), "PYTHONDONTWRITEBYTECODE": "1"}
    words = [sys.executable, "-c", _COMMANDS, json.dumps(asked + refused)]
    done = subprocess.run(words, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    assert found["package"] == str(installed / "analysis")
    for one in asked:
        assert found[" ".join(one)] == [0, command(*one).stdout, ""]
    for one in refused:
        status, out, err = found[" ".join(one)]
        assert (status, out) == (2, "") and "needs the notebooks and chapters of the report's repository" in err
    assert not list(tmp_path.iterdir()) and not (installed / "notebooks").exists()


def test_code_that_chapters_show_runs_in_the_installed_package(installed, tmp_path):
    snippets = sorted((paths.ROOT / "book" / "code").glob("*.py"))
    assert snippets
    runs = """if True:
        import pathlib, sys
        for name in sys.argv[1:]:
            cell = {}
            exec(compile(pathlib.Path(name).read_text("utf-8"), name, "exec"), cell)
            assert cell["chart"].to_dict()["title"], name
    """
    environment = os.environ | {"PYTHONPATH": str(installed), "PYTHONDONTWRITEBYTECODE": "1", "PYTHONIOENCODING": "utf-8"}
    words = [sys.executable, "-c", runs, *map(str, snippets)]
    subprocess.run(words, cwd=tmp_path, env=environment, capture_output=True, check=True)
    assert not list(tmp_path.iterdir())


def test_a_wheel_has_every_module_and_every_fact(installed):
    for folder, there in ((paths.ANALYSIS, installed / "analysis"), (paths.DATA, installed / "analysis" / "data")):
        files = [path.relative_to(folder) for path in folder.rglob("*") if path.is_file()]
        wanted = [path for path in files if path.parent.name != "__pycache__" and not path.name.startswith(".")]
        assert [path for path in wanted if not (there / path).is_file()] == []
