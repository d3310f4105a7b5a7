"""A real spreadsheet for the tests: LibreOffice, which computes every formula of a workbook anew."""

import os
import shutil
import subprocess
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from analysis.notes.results import LINES

#: Seconds that starting it and computing a dozen workbooks may take.
_PATIENCE = 300
#: The results of the division, in each of their columns.
LINES_NAMED = tuple(f"{prefix}{line.name}" for prefix in ("", "low_", "high_", "base_") for line in LINES)


def installed() -> str:
    """Return the program's path. Where there is none, skip loudly; in CI, fail."""
    found = shutil.which("soffice") or shutil.which("libreoffice")
    if found is None:
        message = "WORKBOOK TESTS ARE SKIPPED: LibreOffice is not installed (on Debian: libreoffice-calc-nogui)"
        if os.environ.get("CI"):
            pytest.fail(f"CI needs it: {message}")
        warnings.warn(message, stacklevel=1)
        pytest.skip(message)
    return found


def recomputed(
    content: bytes, changes: list[dict[str, Any]], folder: Path, names: Iterable[str] = LINES_NAMED
) -> list[dict[str, Any]]:
    """Return the cells `names` of a workbook, computed by LibreOffice, for each of the `changes`: values by cell's name.

    openpyxl drops every value that the workbook came with, so that none can be taken for a result.
    """
    program = installed()
    (folder / "in").mkdir(parents=True)
    (folder / "original.xlsx").write_bytes(content)
    for number, cells in enumerate(changes):
        book = openpyxl.load_workbook(folder / "original.xlsx")
        for name, value in cells.items():
            _input(book, name).value = value
        book.save(folder / "in" / f"{number:03d}.xlsx")
    files = sorted((folder / "in").glob("*.xlsx"))
    subprocess.run(
        [program, f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless", "--convert-to", "xlsx",
         "--outdir", str(folder / "out"), *map(str, files)],
        check=True, capture_output=True, timeout=_PATIENCE,
    )  # fmt: skip
    books = (openpyxl.load_workbook(folder / "out" / path.name, data_only=True) for path in files)
    return [{name: _cell(book, name).value for name in names if name in book.defined_names} for book in books]


def _cell(book: openpyxl.Workbook, name: str) -> openpyxl.cell.Cell:
    sheet, cell = next(iter(book.defined_names[name].destinations))
    return book[sheet][cell.replace("$", "")]


def _input(book: openpyxl.Workbook, name: str) -> openpyxl.cell.Cell:
    """Return the cell that a person changes: of an assumption, that in front of the one that formulas read."""
    cell = _cell(book, name)
    if name.startswith("planner_"):
        return cell
    return cell.offset(0, -2 if name.startswith("base_") else -3)
