"""What a build of the book costs, beside Jupyter Book's own cached execution of the same notebooks.

    python -m benchmarks.builds

Works on copies in a temporary folder, in one run on one machine; compare the ratios, not the seconds.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from analysis import paths

LEFT_OUT = shutil.ignore_patterns(".git", ".venv", "_build", "executed", "__pycache__", "vendor", ".pytest_cache")
JUPYTER_BOOK = (sys.executable, "-c", "import sys; from jupyter_book.cli.main import main; sys.exit(main())")
QUIET = ("-W", "--keep-going", "-n", "--quiet")


def timed(project: Path, *commands: tuple[str, ...]) -> float:
    """Return the seconds that `commands` take in `project`; a failing one ends the benchmark."""
    environment = os.environ | {"PYTHONPATH": str(project)}
    start = time.perf_counter()
    for command in commands:
        subprocess.run(command, cwd=project, env=environment, check=True, capture_output=True)
    return time.perf_counter() - start


def ours(project: Path, *overrides: str) -> float:
    """Return the seconds of `make book`, without the installation."""
    run = (sys.executable, "-m", "analysis", "run", "data/scenarios/deck.yml", *overrides)
    return timed(project, run, (*JUPYTER_BOOK, "build", ".", *QUIET))


def stock(project: Path) -> float:
    """Return the seconds of a build in which Jupyter Book itself executes the notebooks, with its cache."""
    return timed(project, (*JUPYTER_BOOK, "build", ".", "--quiet"))


def make_stock(project: Path) -> None:
    """Turn the copy into a book of the notebooks alone, which Jupyter Book executes."""
    names = sorted(path.stem for path in (project / "notebooks").glob("*.ipynb"))
    toc = "\n".join(
        ["format: jb-book", f"root: notebooks/{names[0]}", "chapters:", *(f"- file: notebooks/{n}" for n in names[1:])]
    )
    (project / "_toc.yml").write_text(toc + "\n")
    (project / "_config.yml").write_text("title: stock\nonly_build_toc_files: true\nexecute: {execute_notebooks: cache}\n")


def edit(project: Path) -> None:
    """Change what every notebook shows, in a module that they import."""
    path = project / "analysis" / "numerals.py"
    path.write_text(re.sub(r'return f"\{value:,\.0f\}"', 'return f"{value:,.0f}!"', path.read_text()))


def shows_edit(html: Path) -> str:
    """Say whether the built pages show what `edit` changed."""
    return "yes" if any("1,559!" in page.read_text() for page in html.rglob("*.html")) else "no: stale"


def show(name: str, mine: float, first: float, theirs: float | None = None) -> None:
    """Print a line of the table: the seconds of this book and of Jupyter Book's own, and their ratios to `first`."""
    stock_cells = f"{'–':>12}{'–':>8}" if theirs is None else f"{theirs:12.1f}{theirs / first:8.2f}"
    print(f"{name:34}{mine:14.1f}{mine / first:8.2f}{stock_cells}", flush=True)


def main() -> None:
    """Print the table, line by line."""
    argparse.ArgumentParser(description="What a build of the book costs; ten minutes or more.").parse_args()
    with tempfile.TemporaryDirectory() as folder:
        project, other = Path(folder) / "ours", Path(folder) / "stock"
        for copy in (project, other):
            shutil.copytree(paths.ROOT, copy, ignore=LEFT_OUT)
        make_stock(other)

        print(f"{'':34}{'this book, s':>14}{'ratio':>8}{'stock, s':>12}{'ratio':>8}", flush=True)
        first = ours(project)
        show("first build", first, first, stock(other))
        show("nothing changed", ours(project), first, stock(other))
        show("one assumption changed", ours(project, "--set", "utilization=40%"), first)
        ours(project)
        edit(project)
        edit(other)
        show("one line of the package changed", ours(project), first, stock(other))
        fresh = shows_edit(project / "_build" / "html"), shows_edit(other / "_build" / "html")
    print(f"{'the changed line is shown':34}{fresh[0]:>14}{'':8}{fresh[1]:>12}")
    print("Stock is Jupyter Book executing the same notebooks with its own cache, without the chapters; it takes no")
    print("scenario. Ratios are to this book's first build.")


if __name__ == "__main__":
    main()
