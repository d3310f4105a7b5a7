"""The runner, on a copy of the project that has one notebook."""

import json
import os
import signal
import subprocess
import sys
import time
from subprocess import PIPE

import nbformat
import pytest

from analysis.scenarios import reading, scenario_files
from analysis.scenarios.estimate import estimate
from tests.built import run

NAME = "training_estimate"


def execute(project, scenario="data/scenarios/deck.yml", *words, check=True):
    return run(project, "-m", "analysis", "run", scenario, *words, check=check)


def executed(project):
    return project / "notebooks" / "executed" / f"{NAME}.ipynb"


def results(project) -> dict[str, str]:
    """Return the texts that the executed notebook publishes."""
    found = {}
    for cell in nbformat.read(executed(project), as_version=4).cells:
        for output in cell.get("outputs", ()):
            name = output.get("metadata", {}).get("scrapbook", {}).get("name")
            found[name] = output.data.get("application/papermill.record/text/plain", "").strip("'")
    return found


def test_runs_are_kept_repeated_and_told_apart(small_project):
    """One run, then what must and what must not cause another."""
    assert "ran " in execute(small_project).stdout
    first = executed(small_project).read_bytes()
    assert results(small_project)["accelerators"] == "1,559"
    for secret in (str(small_project), "start_time", 'papermill": {', "/tmp"):
        assert secret not in first.decode()

    assert "is fresh" in execute(small_project).stdout
    assert executed(small_project).read_bytes() == first

    executed(small_project).unlink()
    execute(small_project)
    assert executed(small_project).read_bytes() == first, "two runs give the same bytes"

    # An assumption that the notebook does not have leaves it alone, though its receipt tells; one that it has does not.
    assert "is fresh" in execute(small_project, "data/scenarios/deck.yml", "--set", "visits_per_day=1e9").stdout
    assert b"visits_per_day=1e9" in executed(small_project).read_bytes()
    assert run(small_project, "-m", "analysis", "check").returncode == 0
    assert "ran " in execute(small_project, "data/scenarios/deck.yml", "--set", "utilization=40%").stdout
    assert results(small_project)["accelerators"] == "1,948"
    execute(small_project)
    assert executed(small_project).read_bytes() == first

    # One character in the package, or in the data, and the output changes.
    for path in (small_project / "analysis" / "numerals.py", small_project / "data" / "demand.csv"):
        content = path.read_bytes()
        path.write_bytes(content + b" " if path.suffix == ".py" else content.replace(b"assumption", b"assumptiom", 1))
        state = run(small_project, "-m", "analysis", "check", check=False)
        assert state.returncode == 1
        assert "stale" in state.stdout
        assert path.parent.name in state.stdout
        assert "ran " in execute(small_project).stdout
        assert executed(small_project).read_bytes() != first
        path.write_bytes(content)
        execute(small_project)
        assert executed(small_project).read_bytes() == first

    # What it does not use may change.
    for name in ("analysis/networks/heads.py", "data/poems.csv", "book/_ext/listing.py"):
        with (small_project / name).open("a") as file:
            file.write("\n")
    state = run(small_project, "-m", "analysis", "check")
    assert state.stdout.split() == ["fresh", NAME]

    # A hand-edited result is noticed, and made anew.
    executed(small_project).write_bytes(first.replace(b"1,559", b"1,558"))
    assert "itself" in run(small_project, "-m", "analysis", "check", check=False).stdout
    assert "ran " in execute(small_project).stdout
    assert executed(small_project).read_bytes() == first


def test_a_failing_cell_leaves_the_last_good_result(small_project):
    execute(small_project)
    good = executed(small_project).read_bytes()
    source = small_project / "notebooks" / f"{NAME}.ipynb"
    notebook = nbformat.read(source, as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell("publish(accelerators='0')\n1 / 0", id="fails"))
    nbformat.write(notebook, source)

    failed = execute(small_project, check=False)
    assert failed.returncode == 1
    assert f"notebooks/{NAME}.ipynb" in failed.stderr
    assert "ZeroDivisionError" in failed.stderr
    assert "cell [" in failed.stderr
    assert executed(small_project).read_bytes() == good
    assert not list(executed(small_project).parent.glob("*.part"))
    assert (small_project / "_build" / "failed" / f"{NAME}.ipynb").is_file()


def test_what_a_user_has_set_up_changes_nothing_and_what_hides_a_module_is_refused(small_project, tmp_path, monkeypatch):
    """Neither start-up files nor settings of IPython are read, nor a module on the user's path, nor another kernel."""
    execute(small_project)
    first = executed(small_project).read_bytes()
    start = tmp_path / "ipython" / "profile_default" / "startup" / "00.py"
    kernel = tmp_path / "jupyter" / "kernels" / "python3" / "kernel.json"
    for path, text in (
        (start, "import analysis.numerals\nanalysis.numerals.count = lambda value: '7'"),
        (start.parents[1] / "ipython_kernel_config.py", "1 / 0"),
        (kernel, '{"argv": ["false"], "display_name": "x", "language": "python"}'),
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv("PYTHONSTARTUP", str(start))
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "jupyter"))
    executed(small_project).unlink()
    execute(small_project)
    assert executed(small_project).read_bytes() == first

    (small_project / "notebooks" / "numpy.py").write_text("")
    refused = execute(small_project, check=False)
    assert refused.returncode == 2
    assert "notebooks/numpy.py would be imported in place of another module" in refused.stderr
    assert executed(small_project).read_bytes() == first


def test_a_module_that_is_used_and_that_no_import_shows_fails_the_run(small_project):
    source = small_project / "notebooks" / f"{NAME}.ipynb"
    notebook = nbformat.read(source, as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell("__import__('analysis.networks.heads')", id="hides"))
    nbformat.write(notebook, source)
    failed = execute(small_project, check=False)
    assert failed.returncode == 1
    assert "used analysis/networks/__init__.py, " in failed.stderr
    assert "analysis/networks/heads.py" in failed.stderr
    assert not executed(small_project).exists()


def test_a_receipt_of_something_else_is_run_over(small_project):
    executed(small_project).parent.mkdir(parents=True)
    other = nbformat.v4.new_notebook(metadata={"receipt": {"x": 1}})
    nbformat.write(other, executed(small_project))
    assert "never run" in run(small_project, "-m", "analysis", "check", check=False).stdout
    assert "ran " in execute(small_project).stdout


def test_an_interrupt_stops_at_once_and_leaves_nothing_half_written(small_project):
    path = small_project / "notebooks" / f"{NAME}.ipynb"
    slow = nbformat.read(path, as_version=4)
    slow.cells[-1].source = "import time\n\ntime.sleep(600)"
    nbformat.write(slow, path)
    words = [sys.executable, "-m", "analysis", "run", "data/scenarios/deck.yml"]
    environment = os.environ | {"PYTHONPATH": str(small_project)}
    process = subprocess.Popen(words, cwd=small_project, env=environment, stdout=PIPE, stderr=PIPE, text=True)
    assert process.stdout.readline().startswith("Scenario:")
    time.sleep(3)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=120)  # long before the cell ends, however slow the machine
    assert process.returncode == 130
    assert "Stopped" in said
    assert not executed(small_project).exists()
    assert not list(executed(small_project).parent.glob("*.part"))


def test_a_folder_that_cannot_be_written_is_named(small_project):
    executed(small_project).parent.write_text("a file stands where the folder should be")
    failed = execute(small_project, check=False)
    assert failed.returncode == 1
    assert "notebooks/executed can't be written" in failed.stderr
    assert "Traceback" not in failed.stderr


def test_a_bad_scenario_file_is_refused_before_anything_is_run(small_project):
    (small_project / "data" / "scenarios" / "bad.yml").write_text("utilisation: 1")
    refused = execute(small_project, check=False)
    assert refused.returncode == 2
    assert "bad.yml" in refused.stderr
    assert not executed(small_project).exists()
    listed = run(small_project, "-m", "analysis", "scenarios", check=False)
    assert listed.returncode == 2
    assert "searches-2025" in listed.stdout


def test_bad_input_runs_and_writes_nothing(small_project):
    refused = execute(small_project, "data/scenarios/deck.yml", "--set", "utilization=120%", check=False)
    assert refused.returncode == 2
    assert refused.stderr.startswith("--set: utilization: '120%' is out of range")
    assert "Traceback" not in refused.stderr
    assert not executed(small_project).exists()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("-p", "utilization", "0.4"), "accelerators = 1,948"),
        (("-p", "utilization", "40%", "-p", "training_time", "60 days"), "accelerators = 974"),
        (("-p", "utilization", "120%"), "utilization: '120%' is out of range; allowed: at least 0.1%, at most 100%"),
        (("-p", "utilisation", "0.4"), "unknown field 'utilisation'; did you mean 'utilization'?"),
    ],
)
def test_plain_papermill(small_project, words, expected):
    notebook, out = f"notebooks/{NAME}.ipynb", small_project / "out.ipynb"
    result = run(small_project, "-m", "papermill", notebook, str(out), "--cwd", ".", *words, check=False)
    assert (result.returncode == 0) == expected.startswith("accelerators = ")
    assert expected in (json.dumps(json.loads(out.read_text())) if result.returncode == 0 else result.stderr)


def test_a_scenario_of_a_group_runs_and_is_checked(small_project):
    """What a stress file gives by `run` is what it gives by the formulas, and `check` finds it fresh."""
    expected = estimate(reading.load(scenario_files.files()["stress/export-rules"])).training.accelerators
    execute(small_project, "stress/export-rules")
    assert results(small_project)["accelerators"] == f"{expected:,}"
    assert "stress/export-rules" in executed(small_project).read_text(encoding="utf-8"), "the receipt names the file"
    assert run(small_project, "-m", "analysis", "check").returncode == 0
