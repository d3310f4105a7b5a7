"""Execute a notebook by papermill, in a kernel that is the same everywhere, and keep nothing that differs between two runs."""

import json
import os
import re
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from jupyter_client.manager import AsyncKernelManager

from analysis import paths

#: Kernels import the package beside the runner and nothing that lies where they are started, hash alike in every run, and have
#: one clock and one language. Each computes on one thread: they run side by side, and threads that wait for each other made
#: small networks ten times slower; sums also depend on how many threads share them.
_FIXED = {
    "PYTHONPATH": str(paths.ROOT),
    "PYTHONSAFEPATH": "1",
    "PYTHONHASHSEED": "0",
    "PYTHONUTF8": "1",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "TZ": "UTC",
    "LC_ALL": "C.UTF-8",
}
#: What a user's environment may not decide.
_DROPPED = ("PYTHON", "IPYTHON", "LC_", "LANG", "TZ", "MPL")
_LONGEST_FOLDER = 60
#: The last cell of a notebook that is run: it tells what was used.
_ASK = "import json\n\nfrom analysis.report import used\n\nprint(json.dumps(used.recorded()))"


class RunError(RuntimeError):
    """A notebook that could not be run to its end; the message names the notebook, the cell and the error."""


@dataclass(frozen=True)
class Used:
    """What a run used: files and modules of this project by their names from its folder, and what else was imported."""

    files: list[str]
    modules: list[str]
    imported: list[str]


class LocalKernelManager(AsyncKernelManager):
    """A kernel that is spoken to over sockets in the file system: no open port, and none to collide on."""

    def __init__(self, **options: Any) -> None:
        # The address of a socket may have a hundred letters, which a user's own folder can exceed.
        short = "/tmp" if len(tempfile.gettempdir()) > _LONGEST_FOLDER else None
        self._folder = tempfile.TemporaryDirectory(prefix="report-", dir=short)
        super().__init__(transport="ipc", connection_file=str(Path(self._folder.name) / "kernel.json"), **options)

    def format_kernel_cmd(self, extra_arguments: list[str] | None = None) -> list[str]:
        """Return the command of the report's own kernel, whichever kernels are installed."""
        return [sys.executable, "-m", "analysis.report.kernel", "-f", self.connection_file, *(extra_arguments or ())]

    async def start_kernel(self, **options: Any) -> None:
        """Start the kernel; it keeps quiet about being interrupted when it is shut down."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(_DROPPED)}
        more = {"extra_arguments": ["--IPKernelApp.log_level=CRITICAL"], "env": kept | _FIXED}
        await super().start_kernel(**options | more)


def execute(notebook: Path, given: dict[str, Any], failed: Path) -> tuple[nbformat.NotebookNode, Used]:
    """Return `notebook` executed with the parameters `given`, normalised, and what it used.

    `failed` is where one that fails is left. Raises RunError.
    """
    import papermill  # it takes a second to import, which `estimate` should not wait for

    failed.parent.mkdir(parents=True, exist_ok=True)
    source = nbformat.read(notebook, as_version=4)
    source.cells.append(nbformat.v4.new_code_cell(_ASK, id="used"))
    try:
        result = papermill.execute_notebook(
            source,
            failed,
            parameters=given,
            cwd=notebook.parent,
            progress_bar=False,
            kernel_manager_class="analysis.report.execution.LocalKernelManager",
        )
    except papermill.exceptions.PapermillExecutionError as exc:
        _without_last_cell(failed)
        message = f"{paths.shown(notebook)}, cell [{exc.exec_count}]: {exc.ename}: {exc.evalue}"
        raise RunError(f"{message}\n  the notebook as far as it got: {paths.shown(failed)}") from exc
    except Exception as exc:  # the kernel did not start, or died
        raise RunError(f"{paths.shown(notebook)}: {type(exc).__name__}: {exc}") from exc
    failed.unlink(missing_ok=True)
    answer = result.cells.pop()
    return _normalised(result), Used(**json.loads(answer.outputs[-1].text.splitlines()[-1]))


def _without_last_cell(path: Path) -> None:
    result = nbformat.read(path, as_version=4)
    result.cells.pop()
    nbformat.write(result, path)


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
