"""Run notebooks under a scenario, and know which are still good.

Papermill executes each notebook outside the book's build. What comes out is normalised (no time, no random name), so
that two runs give the same bytes; it carries a receipt: the digests of all that it was made from. A notebook whose
receipt still holds is not run again. Output is written beside the old one and renamed, so a cell that fails leaves
the last good result in place.
"""

import ast
import os
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import nbformat
from jupyter_client.manager import AsyncKernelManager
from jupyter_core.paths import jupyter_runtime_dir

from analysis import paths
from analysis.report import digest
from analysis.scenarios.scenario import Scenario

RECEIPT = "receipt"
_RECEIPT_FIELDS = {"scenario", "title", "parameters", "inputs", "outputs", "digest"}

#: Kernels import the package beside the runner, hash alike in every run, and read no settings of the user's. Each computes on
#: one thread: they run side by side, and threads that wait for each other made small networks ten times slower.
_KERNEL_ENVIRONMENT = {
    "PYTHONPATH": str(paths.ROOT),
    "PYTHONHASHSEED": "0",
    "OPENBLAS_NUM_THREADS": "1",
    "IPYTHONDIR": str(paths.BUILD / "ipython"),
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
}


class RunError(RuntimeError):
    """A notebook that could not be run to its end; the message names the notebook, the cell and the error."""


class LocalKernelManager(AsyncKernelManager):
    """A kernel that is spoken to over sockets in the file system: no open port, and none to collide on."""

    def __init__(self, **options: Any) -> None:
        folder = Path(jupyter_runtime_dir())
        folder.mkdir(parents=True, exist_ok=True)
        super().__init__(transport="ipc", connection_file=str(folder / f"report-{uuid4().hex[:12]}.json"), **options)

    async def start_kernel(self, **options: Any) -> None:
        """Start the kernel; it keeps quiet about being interrupted when it is shut down."""
        await super().start_kernel(**options | {"extra_arguments": ["--IPKernelApp.log_level=CRITICAL"]})


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
    for cell in nbformat.read(notebook, as_version=4).cells:
        if "parameters" in cell.metadata.get("tags", ()):
            assignments = [node for node in ast.parse(cell.source).body if isinstance(node, ast.Assign)]
            return {node.targets[0].id: ast.literal_eval(node.value) for node in assignments}
    raise RunError(f"{paths.shown(notebook)} has no cell with the tag 'parameters'")


def parameters(notebook: Path, scenario: Scenario) -> dict[str, Any]:
    """Return what `notebook` is handed under `scenario`: the values written in it that the notebook has."""
    known = defaults(notebook)
    return {name: value for name, value in scenario.written.items() if name in known}


def run(scenario: Scenario, origin: str, jobs: int, progress: Callable[[Outcome, int, int], None]) -> list[Outcome]:
    """Run every notebook that is not fresh, `jobs` at a time; return what became of each.

    `origin` names the scenario's file in the receipts. `progress` is called for each notebook that is done, with the
    number done and the number in all.
    """
    paths.EXECUTED.mkdir(parents=True, exist_ok=True)
    os.environ.update(_KERNEL_ENVIRONMENT)
    outcomes = []
    pool = ThreadPoolExecutor(max_workers=jobs)
    try:
        shared = digest.shared()
        pending = [pool.submit(_run_one, notebook, scenario, origin, shared) for notebook in notebooks()]
        for future in as_completed(pending):
            outcomes.append(future.result())
            progress(outcomes[-1], len(outcomes), len(pending))
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    return outcomes


def states() -> Iterator[State]:
    """Yield how each notebook stands."""
    shared = digest.shared()
    for notebook in notebooks():
        result = _read(executed(notebook))
        if result is None:
            yield State(notebook.stem, ("never run",), None)
            continue
        receipt = result.metadata[RECEIPT]
        now = digest.inputs(notebook, receipt["parameters"], shared)
        changed = [name for name, value in now.items() if receipt["inputs"].get(name) != value]
        if not _is_untouched(result):
            changed.append("the executed notebook itself")
        yield State(notebook.stem, tuple(changed), receipt["scenario"])


def _run_one(notebook: Path, scenario: Scenario, origin: str, shared: dict[str, str]) -> Outcome:
    """Run `notebook` unless it is fresh; `shared` are the digests from when the run began."""
    try:
        given = parameters(notebook, scenario)
        inputs = digest.inputs(notebook, given, shared)
        result = _read(executed(notebook))
        is_fresh = result is not None and result.metadata[RECEIPT]["inputs"] == inputs and _is_untouched(result)
        if not is_fresh:
            inputs = digest.inputs(notebook, given, digest.shared())  # of now: a run takes minutes
            result = _execute(notebook, given)
        made = _receipt(result, scenario, origin, given, inputs)
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
    os.environ.update(_KERNEL_ENVIRONMENT)
    given = parameters(notebook, scenario)
    # Several of one name may run at a time.
    result = _execute(notebook, given, paths.BUILD / "failed" / f"{notebook.stem}-{uuid4().hex[:8]}.ipynb")
    result.metadata[RECEIPT] = _receipt(result, scenario, origin, given, digest.inputs(notebook, given, digest.shared()))
    return (nbformat.writes(result) + "\n").encode()


def _receipt(
    result: nbformat.NotebookNode, scenario: Scenario, origin: str, given: dict[str, Any], inputs: dict[str, str]
) -> dict[str, Any]:
    # Where the values came from is no part of the digest: a notebook that does not see a change is not run for it.
    return {
        "scenario": origin,
        "title": scenario.title,
        "parameters": given,
        "inputs": inputs,
        "outputs": _outputs_digest(result),
        "digest": digest.of_value(inputs)[: digest.SHORT],
    }


def _is_untouched(result: nbformat.NotebookNode) -> bool:
    """Say whether an executed notebook still is what its receipt was written for."""
    return result.metadata[RECEIPT]["outputs"] == _outputs_digest(result)


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


def _execute(notebook: Path, given: dict[str, Any], failed: Path | None = None) -> nbformat.NotebookNode:
    """Return `notebook` executed with the parameters `given`, normalised; `failed` is where one that fails is left.

    Raises RunError.
    """
    import papermill  # it takes a second to import, which `estimate` should not wait for

    failed = failed or paths.BUILD / "failed" / notebook.name
    failed.parent.mkdir(parents=True, exist_ok=True)
    try:
        result = papermill.execute_notebook(
            notebook,
            failed,
            parameters=given,
            cwd=notebook.parent,
            progress_bar=False,
            kernel_manager_class="analysis.report.runner.LocalKernelManager",
        )
    except papermill.exceptions.PapermillExecutionError as exc:
        message = f"{paths.shown(notebook)}, cell [{exc.exec_count}]: {exc.ename}: {exc.evalue}"
        raise RunError(f"{message}\n  the notebook as far as it got: {paths.shown(failed)}") from exc
    except Exception as exc:  # the kernel did not start, or died
        raise RunError(f"{paths.shown(notebook)}: {type(exc).__name__}: {exc}") from exc
    failed.unlink(missing_ok=True)
    return _normalised(result)


def _normalised(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Return the executed notebook without anything that differs between two runs."""
    notebook.metadata = nbformat.from_dict({"kernelspec": notebook.metadata.kernelspec, "language_info": {"name": "python"}})
    for index, cell in enumerate(notebook.cells):
        cell.id = f"cell-{index}"
        if cell.cell_type == "markdown":  # the executed notebook lies one folder deeper
            cell.source = cell.source.replace("](../", "](../../")
        cell.metadata = nbformat.from_dict({"tags": cell.metadata.get("tags", [])})
        for output in cell.get("outputs", ()):
            if "text" in output:
                output.text = re.sub(r"ipykernel_\d+", "ipykernel", output.text)
    return notebook


def _outputs_digest(notebook: nbformat.NotebookNode) -> str:
    return digest.of_value([dict(cell) for cell in notebook.cells])
