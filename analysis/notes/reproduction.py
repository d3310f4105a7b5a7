"""Whether today's report still gives a note, and what changed since: the numbers, the facts and the modules."""

import csv
import io
import os
import shlex
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from analysis import paths
from analysis.notes import NoteError, commit, published
from analysis.notes.published import RECORD, Record
from analysis.notes.receipt import Receipt
from analysis.quote import quote
from analysis.report import digest
from analysis.suggest import nearest

_SECONDS = 900
_MOST_SHOWN = 20


@dataclass(frozen=True)
class Reproduction:
    """A note beside what its command gives today.

    `files` are the names of those whose bytes differ, `texts` what it said and says now, by where it stands; "" for what is
    not there. `because` says in sentences what changed in what it was made from.
    """

    record: Record
    files: tuple[str, ...]
    texts: Mapping[str, tuple[str, str]]
    because: tuple[str, ...]

    @property
    def is_same(self) -> bool:
        """Whether the note says today what it said, receipt aside."""
        return not self.texts


def find(name: str) -> Path:
    """Return the record of a note: of a published one by name, or of that in a folder. Raises NoteError."""
    folders = {record.name: paths.NOTES / record.name for record in published.records()} if paths.NOTES.is_dir() else {}
    for folder in (folders.get(name), Path(name), Path(name).parent):
        if folder is not None and (folder / RECORD).is_file() and (folder.name == name or Path(name).exists()):
            return folder / RECORD
    raise NoteError(
        f"{quote(name)}: no note of this name is published, and no folder with a {RECORD} is there{nearest(name, folders)}; "
        f"published: {', '.join(sorted(folders)) or 'none'}"
    )


def reproduce(path: Path) -> Reproduction:
    """Make the note anew whose record lies at `path`, and return what differs. Raises NoteError for one without a receipt."""
    record, folder = _record(path), path.parent
    for name, before in record.digests.items():
        if digest.of_path(folder / name) != before:
            raise NoteError(
                f"{paths.shown(folder / name)} was changed after it was written, or is gone; nothing else was looked at"
            )
    if record.receipt is None:
        raise NoteError(_silent(record))
    made = _made(record.receipt.command, paths.ROOT)
    files = tuple(name for name, before in record.digests.items() if made.digests.get(name) != before)
    texts = {
        name: (record.said.get(name, ""), made.said.get(name, ""))
        for name in dict.fromkeys([*record.said, *made.said])
        if record.said.get(name) != made.said.get(name)
    }
    assert made.receipt is not None
    because = list(_because(record.receipt, made.receipt))
    if texts:
        because += _which(record, made)
    return Reproduction(record, files, texts, tuple(because))


def lines(reproduced: Reproduction) -> Iterator[str]:
    """Yield what a person reads of a reproduction."""
    before = reproduced.record.receipt
    assert before is not None
    yield f"{reproduced.record.title} ({reproduced.record.date or 'undated'})"
    yield f"made from commit {before.commit or 'unknown'}{', with changes that are in no commit' if before.changed else ''}"
    if not reproduced.files:
        yield "The same to the byte."
    elif reproduced.is_same:
        yield f"It says the same. {', '.join(reproduced.files)} differ in what the receipt or the drawing holds."
    else:
        yield f"{len(reproduced.texts)} of {len(reproduced.record.said)} of its texts and numbers differ:"
        for name, (then, now) in list(reproduced.texts.items())[:_MOST_SHOWN]:
            yield f"  {name}: {then or '(not there)'} → {now or '(gone)'}"
        if len(reproduced.texts) > _MOST_SHOWN:
            yield f"  … and {len(reproduced.texts) - _MOST_SHOWN} more"
    yield from reproduced.because


def _record(path: Path) -> Record:
    try:
        return published.read(path)
    except (OSError, ValueError, TypeError, LookupError) as exc:
        raise NoteError(f"{paths.shown(path)} is no record of a note: {exc}") from exc


def _silent(record: Record) -> str:
    return (
        f"{record.name}: its files are as they were published, on {record.date}. Its receipt is of a kind that names no commit "
        "and keeps no numbers, so that it can't be told whether today's report gives the same, nor what changed. Its page has "
        "the command, and short digests of package, data and lock"
    )


def _made(command: str, root: Path) -> Record:
    """Run the command of a note in the project's folder `root`; return the record of what it wrote. Raises NoteError."""
    words = shlex.split(command)
    if words[:4] != ["python", "-m", "analysis", "note"] or words[-2:-1] != ["--out"]:
        raise NoteError(f"the receipt's command is none that writes a note: {quote(command)}")
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, *words[1:-1], folder],
            cwd=root, env=os.environ | {"PYTHONPATH": str(root)}, capture_output=True, text=True, timeout=_SECONDS, check=False,
        )  # fmt: skip
        if done.returncode:
            raise NoteError(f"the note can't be made today: {done.stderr.strip() or command}")
        return published.read(Path(folder) / RECORD)


def _because(before: Receipt, now: Receipt) -> Iterator[str]:
    """Yield what changed in what the note was made from, a sentence a kind."""
    changed = [name for name in before.facts if name in now.facts and before.facts[name].digest != now.facts[name].digest]
    for name in changed:
        dates = before.facts[name].date, now.facts[name].date
        until = f"of {dates[0]}, now {dates[1]}" if dates[0] != dates[1] else f"of {dates[0]}, as now"
        yield f"Facts: data/{name}.csv changed ({until}){_rows(before, name)}."
    for names, what in ((before.facts.keys() - now.facts, "no longer used"), (now.facts.keys() - before.facts, "used since")):
        if names:
            yield f"Facts {what}: {', '.join(sorted(names))}."
    for what, names in {
        "changed": {name for name in before.modules if name in now.modules and before.modules[name] != now.modules[name]},
        "gone": before.modules.keys() - now.modules,
        "new": now.modules.keys() - before.modules,
    }.items():
        if names:
            yield f"Modules {what}: {', '.join(sorted(names)[:_MOST_SHOWN])}{_more(len(names))}."
    if before.lock != now.lock:
        yield f"The lock changed: {before.lock}, now {now.lock}."
    if before.changed:
        names = ", ".join(before.changed[:_MOST_SHOWN])
        yield f"Files that were in no commit when it was made: {names}{_more(len(before.changed))}."


def _more(count: int) -> str:
    return f" and {count - _MOST_SHOWN} more" if count > _MOST_SHOWN else ""


def _rows(before: Receipt, name: str) -> str:
    """Return how many rows of a file of facts came and went, as the end of a sentence; "" where the commit doesn't tell."""
    then = commit.content(before.commit, f"data/{name}.csv")
    if then is None or digest.of_bytes(then)[: digest.SHORT] != before.facts[name].digest:
        return ""
    old, new = (set(map(tuple, csv.reader(io.StringIO(text.decode())))) for text in (then, _now(name)))
    return f": {len(new - old)} rows are new or changed, {len(old - new)} are gone or were otherwise"


def _now(name: str) -> bytes:
    return (paths.DATA / f"{name}.csv").read_bytes()


def _which(record: Record, made: Record) -> Iterator[str]:
    """Say whether facts or modules made the difference: run the modules of then on the facts of now."""
    before, now = record.receipt, made.receipt
    assert before is not None and now is not None
    facts, modules = before.facts != now.facts, before.modules != now.modules or before.lock != now.lock
    if facts and not modules:
        yield "So the facts alone make the difference: nothing else changed."
    elif modules and not facts:
        yield "So the modules or the lock alone make the difference: no fact changed."
    elif not (facts or modules):
        yield "Nothing that the receipt names changed: look at the scenario's file, and at the house's."
    elif before.changed or not commit.is_known(before.commit):
        yield "Whether facts or modules make the difference can't be told: the commit of then is not here, or was not all."
    else:
        mixed = _mixed(before)
        if mixed == made.said:
            yield "The modules of then, on the facts of now, say what today's say: the facts alone make the difference."
        elif mixed == record.said:
            yield "The modules of then, on the facts of now, say what they said: the modules alone make the difference."
        else:
            facts_only = sum(mixed.get(name) != record.said.get(name) for name in record.said)
            yield f"Both make it: the facts of now change {facts_only} texts under the modules of then, and modules the rest."


def _mixed(before: Receipt) -> Mapping[str, str]:
    """Return what the note says by the modules of its commit on the facts of now."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        done = subprocess.run(
            ["git", "-C", str(paths.ROOT), "archive", before.commit], capture_output=True, timeout=_SECONDS, check=True
        )  # fmt: skip
        with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
            archive.extractall(root, filter="data")
        shutil.rmtree(root / "data")
        shutil.copytree(paths.DATA, root / "data")
        try:
            return _made(before.command, root).said
        except NoteError as exc:
            raise NoteError(f"the modules of then can't read the facts of now: {exc}") from exc
