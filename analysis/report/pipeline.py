"""How the book is made, counted: from files of facts and scenarios, by modules and notebooks, to chapters."""

import ast
import re
from collections import Counter
from dataclasses import dataclass
from importlib import metadata

from analysis import paths
from analysis.report import data_files, digest, runner
from analysis.scenarios import scenario_files

_RESULT = re.compile(r"\{result(?:-(?P<kind>chart|table|equation|panel))?\}(?:`| +)(?P<notebook>\w+):(?P<name>\w+)")
#: How what a chapter quotes is called; a result without a kind stands in a sentence.
KINDS = {"chart": "charts", "table": "tables", "equation": "equations", "panel": "panels", None: "results in sentences"}


@dataclass(frozen=True)
class Counts:
    """What the report consists of. `quoted` counts what chapters quote, by the names in `KINDS`."""

    files: int
    rows: int
    scenarios: int
    modules: int
    functions: int
    notebooks: int
    chapters: int
    quoted: dict[str, int]


def counts() -> Counts:
    """Count the parts of the report as they lie on the disk."""
    files = data_files.all_files()
    modules = [ast.parse(path.read_text(encoding="utf-8")) for path in paths.ANALYSIS.rglob("*.py") if path.stem[0] != "_"]
    chapters = sorted((paths.ROOT / "book").glob("*.md"))
    quoted = Counter(match["kind"] for path in chapters for match in _RESULT.finditer(path.read_text(encoding="utf-8")))
    return Counts(
        files=len(files),
        rows=sum(file.rows for file in files),
        scenarios=len(scenario_files.files()),
        modules=len(modules),
        functions=sum(len(_public(module)) for module in modules),
        notebooks=len(runner.notebooks()),
        chapters=len(chapters),
        quoted={title: quoted[kind] for kind, title in KINDS.items() if quoted[kind]},
    )


def digests() -> dict[str, tuple[str, str]]:
    """Return the digest of each whole of which notebooks use parts, with what it covers, by its name."""
    covered = {
        "analysis": ("package", "every module of analysis/"),
        "data": ("data", "everything in data/, scenarios included"),
        "lock": ("lock", "requirements.lock, and the version of Python"),
    }
    return {covered[key][0]: (covered[key][1], text[: digest.SHORT]) for key, text in digest.shared().items()}


def packages() -> dict[str, tuple[str, str]]:
    """Return the version and the summary of each package that requirements.txt asks for, as installed here.

    Raises PackageNotFoundError for one that is missing.
    """
    lines = (paths.ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    names = [match[0] for line in lines if (match := re.match(r"[A-Za-z][\w.-]*", line))]
    return {name: (metadata.version(name), metadata.metadata(name).get("Summary", "")) for name in names}


def locked() -> int:
    """Return how many packages the lock pins, those for other systems and versions of Python included."""
    lines = paths.LOCK.read_text(encoding="utf-8").splitlines()
    return len({line.split("==")[0] for line in lines if "==" in line and not line.startswith("#")})


def _public(module: ast.Module) -> list[str]:
    return [node.name for node in module.body if isinstance(node, ast.FunctionDef) and node.name[0] != "_"]
