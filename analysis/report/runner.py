"""Run notebooks under a scenario, and know which are still good.

Each executed notebook carries a receipt: the digests of all that it was made from. A notebook whose receipt still holds is
not run again. Output is written beside the old one and renamed, so a cell that fails leaves the last good result in place.
"""

import ast
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import nbformat

from analysis import paths
from analysis.plan import of_settings
from analysis.report import digest, imports, parsed
from analysis.report.execution import RunError, execute
from analysis.report.inputs import Now, changed
from analysis.scenarios.scenario import Scenario

RECEIPT = "receipt"
#: How the cell of a notebook's assumptions begins; that of a notebook with settings of its own begins otherwise.
ASSUMPTIONS_MARK = "# Assumptions"
_RECEIPT_FIELDS = {"scenario", "title", "parameters", "inputs", "outputs", "digest"}
_SET = " --set "


@dataclass(frozen=True)
class Outcome:
    """What became of one notebook: "ran", "fresh" or "failed"."""

    name: str
    status: str
    message: str = ""


@dataclass(frozen=True)
class State:
    """What has changed since a notebook was run, and under which scenario it was; nothing has if it is fresh."""

    name: str
    changed: tuple[str, ...]
    scenario: str | None  # None if it was never run


def notebooks() -> list[Path]:
    """Return the notebooks, in the order of their names."""
    return sorted(paths.NOTEBOOKS.glob("*.ipynb"))


def executed(notebook: Path) -> Path:
    """Return where the executed form of `notebook` lies."""
    return paths.EXECUTED / notebook.name


def defaults(notebook: Path) -> dict[str, Any]:
    """Return the values that the notebook's `parameters` cell sets, by name. Raises RunError if there is no such cell."""
    assignments = [node for node in parsed.tree(_parameters_cell(notebook)).body if isinstance(node, ast.Assign)]
    return {node.targets[0].id: ast.literal_eval(node.value) for node in assignments}


def assumptions(notebook: Path) -> dict[str, Any]:
    """Return the assumptions of a scenario that the notebook's `parameters` cell sets; of one with settings of its own, none."""
    return defaults(notebook) if _parameters_cell(notebook).startswith(ASSUMPTIONS_MARK) else {}


def _parameters_cell(notebook: Path) -> str:
    try:
        cells = nbformat.read(notebook, as_version=4).cells
    except (ValueError, nbformat.ValidationError) as exc:
        raise RunError(f"{paths.shown(notebook)} is not a notebook: {str(exc).splitlines()[0]}") from exc
    for cell in cells:
        if "parameters" in cell.metadata.get("tags", ()):
            return str(cell.source)
    raise RunError(f"{paths.shown(notebook)} has no cell with the tag 'parameters'")


def parameters(notebook: Path, scenario: Scenario) -> dict[str, Any]:
    """Return what `notebook` is handed under `scenario`: the values given, or following from these, that the notebook has.

    One with settings of its own is handed those that the scenario says. Raises RunError where there are no such settings.
    """
    if not _parameters_cell(notebook).startswith(ASSUMPTIONS_MARK):
        return of_settings.handed(scenario, notebook.stem, defaults(notebook))
    known = assumptions(notebook)
    return {name: value for name, value in scenario.handed.items() if name in known}


def run(scenario: Scenario, origin: str, jobs: int, progress: Callable[[Outcome, int, int], None]) -> list[Outcome]:
    """Run every notebook that is not fresh, `jobs` at a time; return what became of each.

    `origin` names the scenario's file in the receipts. `progress` is called for each notebook that is done, with the
    number done and the number in all. Raises RunError if a file would be imported in place of another's module.
    """
    _refuse_hiding()
    paths.EXECUTED.mkdir(parents=True, exist_ok=True)
    outcomes = []
    now = Now()
    under = _Under(scenario, origin, now.file(origin.split(_SET)[0]))
    pool = ThreadPoolExecutor(max_workers=jobs)
    try:
        pending = [pool.submit(_run_one, notebook, under, now) for notebook in notebooks()]
        for future in as_completed(pending):
            outcomes.append(future.result())
            progress(outcomes[-1], len(outcomes), len(pending))
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    now.save()
    return outcomes


def states() -> Iterator[State]:
    """Yield how each notebook stands."""
    now = Now()
    hiding = [f"{paths.shown(path)}, which hides another module" for path in imports.hiding()]
    for notebook in notebooks():
        result = _read(executed(notebook))
        if result is None:
            yield State(notebook.stem, ("never run",), None)
            continue
        receipt = result.metadata[RECEIPT]
        origin = str(receipt["scenario"])
        changes = _changed(result, notebook, receipt["parameters"], now.file(origin.split(_SET)[0]), now)
        yield State(notebook.stem, (*hiding, *changes), origin)
    now.save()


@dataclass(frozen=True)
class _Under:
    """What notebooks are run under: a scenario, where it came from, and the digest of its file."""

    scenario: Scenario
    origin: str
    file: str | None


def _refuse_hiding() -> None:
    if hiding := [paths.shown(path) for path in imports.hiding()]:
        raise RunError(f"{', '.join(hiding)} would be imported in place of another module of that name: rename or remove it")


def _run_one(notebook: Path, under: _Under, now: Now) -> Outcome:
    """Run `notebook` unless it is fresh; `now` is how the project lay when the run began."""
    try:
        given = parameters(notebook, under.scenario)
        result = _read(executed(notebook))
        is_fresh = result is not None and not _changed(result, notebook, given, under.file, now)
        if is_fresh:
            made = _receipt(result, under, given, result.metadata[RECEIPT]["inputs"])
        else:
            result, made = _execute(notebook, under, given, paths.BUILD / "failed" / notebook.name)
        if result.metadata.get(RECEIPT) != made:
            result.metadata[RECEIPT] = made
            paths.write(executed(notebook), nbformat.writes(result) + "\n")
    except RunError as exc:
        return Outcome(notebook.stem, "failed", str(exc))
    except OSError as exc:
        return Outcome(notebook.stem, "failed", f"{paths.shown(notebook)}: {exc}")
    return Outcome(notebook.stem, "fresh" if is_fresh else "ran")


def executed_bytes(notebook: Path, scenario: Scenario, origin: str) -> bytes:
    """Return `notebook` executed under `scenario`, with its receipt, as the bytes of a file. Raises RunError."""
    _refuse_hiding()
    given = parameters(notebook, scenario)
    # Several of one name may run at a time.
    failed = paths.BUILD / "failed" / f"{notebook.stem}-{uuid4().hex[:8]}.ipynb"
    result, result.metadata[RECEIPT] = _execute(notebook, _Under(scenario, origin, None), given, failed)
    return (nbformat.writes(result) + "\n").encode()


def _execute(notebook: Path, under: _Under, given: dict[str, Any], failed: Path) -> tuple[nbformat.NotebookNode, dict[str, Any]]:
    """Return the executed `notebook` and its receipt: of the modules as they were before it ran, since a run takes minutes."""
    now, began = Now(), time.time()
    now.inputs(notebook, given, under.file, (), ())
    result, used = execute(notebook, given, failed)
    now.check(notebook, used)
    inputs = now.inputs(notebook, given, under.file, used.files, now.packages(notebook, used))
    inputs["files"] |= {name: None for name in used.files if _was_written(paths.ROOT / name, began)}
    return result, _receipt(result, under, given, inputs)


def _was_written(path: Path, since: float) -> bool:
    """Say whether a file was written after `since`: it is not known then what of it was read."""
    try:
        return path.stat().st_ctime > since
    except OSError:
        return False


def _receipt(result: nbformat.NotebookNode, under: _Under, given: dict[str, Any], inputs: dict[str, Any]) -> dict[str, Any]:
    receipt = {
        "scenario": under.origin,
        "title": under.scenario.title,
        "parameters": given,
        "inputs": inputs,
        "outputs": _outputs_digest(result),
    }
    return receipt | {"digest": _short(receipt)}


def _short(receipt: dict[str, Any]) -> str:
    """Return the digest of all else that a receipt says, as pages show it."""
    return digest.of_value({name: value for name, value in receipt.items() if name != "digest"})[: digest.SHORT]


def _changed(
    result: nbformat.NotebookNode, notebook: Path, given: dict[str, Any], scenario_file: str | None, now: Now
) -> list[str]:
    """Return what has changed since `result` was made of `notebook`; what was edited by hand counts."""
    receipt = result.metadata[RECEIPT]
    before = receipt["inputs"] if isinstance(receipt["inputs"], dict) else {}
    files, packages = (recorded if isinstance(recorded := before.get(kind), dict) else () for kind in ("files", "packages"))
    recorded = changed(before, now.inputs(notebook, given, scenario_file, files, packages))
    if receipt["outputs"] != _outputs_digest(result):
        recorded.append("the executed notebook itself")
    if receipt["digest"] != _short(receipt):
        recorded.append("its receipt")
    return recorded


def read_receipt(path: Path) -> dict[str, Any] | None:
    """Return the receipt of an executed notebook, or None where there is none that can be read."""
    result = _read(path)
    return None if result is None else result.metadata[RECEIPT]


def _read(path: Path) -> nbformat.NotebookNode | None:
    """Return the executed notebook at `path`, or None where there is none that can be read and has a receipt."""
    try:
        result = nbformat.read(path, as_version=4)
    except (OSError, ValueError, nbformat.ValidationError):
        return None
    receipt = result.metadata.get(RECEIPT)
    return result if isinstance(receipt, dict) and receipt.keys() >= _RECEIPT_FIELDS else None


def _outputs_digest(notebook: nbformat.NotebookNode) -> str:
    return digest.of_value([dict(cell) for cell in notebook.cells])
