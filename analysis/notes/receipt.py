"""What a note was made from: commit, lock, modules, facts with their dates, and the command that makes it again."""

import ast
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from analysis import ageing, facts, paths
from analysis.notes import commit
from analysis.report import digest, parsed
from analysis.report.imports import Imports

#: The modules that make a note; whatever they import counts too.
_MAKERS = ("analysis.notes.content", "analysis.notes.writing")


@dataclass(frozen=True)
class Fact:
    """A file of facts: its digest, and the day until which newer rows were looked for, or on which it was read."""

    digest: str
    date: str


@dataclass(frozen=True)
class Receipt:
    """What one note was made from. Digests are short; files are named from the project's folder.

    `commit` is "" where the package lies in no repository; `changed` are files that differed from it.
    """

    command: str
    commit: str
    changed: tuple[str, ...]
    lock: str
    modules: Mapping[str, str]
    facts: Mapping[str, Fact]

    def as_dict(self) -> dict[str, Any]:
        """Return the receipt as plain values."""
        return asdict(self)


def receipt(command: str) -> Receipt:
    """Return the receipt of a note that `command` makes from what is there now."""
    now = commit.state()
    modules, names = _used()
    return Receipt(
        command,
        now.commit,
        now.changed,
        digest.lock()[: digest.SHORT],
        {_named(path): _short(path) for path in modules},
        {name: Fact(_short(paths.DATA / f"{name}.csv"), _looked(name)) for name in names},
    )


def of_dict(values: Mapping[str, Any]) -> Receipt:
    """Return the receipt that `as_dict` wrote down."""
    dated = {name: Fact(**fact) for name, fact in values["facts"].items()}
    return Receipt(**{**values, "changed": tuple(values["changed"]), "facts": dated})


def newest(names: Iterable[str] = ()) -> tuple[str, str]:
    """Return the date of the newest row of the facts that notes rest on, as it is written, and the name of its file.

    `names` are the files that are looked at; left out, all that notes use.
    """
    dated = [
        (ageing.period(age.newest)[0], age.newest, name)
        for name in names or _used()[1]
        if name in ageing.names() and (age := ageing.age_of(name)).newest
    ]
    return max(dated)[1:]


def is_before_facts(day: str) -> bool:
    """Say whether the ISO date `day` lies before the newest row of the facts, which nobody can have known on it."""
    return bool(day) and date.fromisoformat(day) < ageing.period(newest()[0])[0]


@cache
def _used() -> tuple[tuple[Path, ...], tuple[str, ...]]:
    """Return the modules that make notes, and the files of facts that these name, both sorted.

    What lies in a folder of `data/` is named behind the folder's own name: f"{folder}/held_out".
    """
    imports = Imports()
    modules, _ = imports.closure(paths.ANALYSIS / "notes" / "__init__.py", _MAKERS)
    imports.save()
    records = paths.DATA.rglob("*.origin.yml")
    known = {path.relative_to(paths.DATA).as_posix().removesuffix(".origin.yml") for path in records}
    trees = (parsed.tree(path.read_bytes()) for path in modules)
    constants = {node.value for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    return tuple(sorted(modules)), tuple(sorted(name for name in known if {name, f"/{name.rpartition('/')[2]}"} & constants))


def _looked(name: str) -> str:
    about = facts.origin(name)
    return (about.ageing.as_of if about.ageing else about.date_accessed).isoformat()


def _named(path: Path) -> str:
    return path.relative_to(paths.ROOT).as_posix()


def _short(path: Path) -> str:
    return digest.of_bytes(path.read_bytes())[: digest.SHORT]
