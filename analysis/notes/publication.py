"""Publishing a note in the book: into a folder that is never written again.

Whatever is refused is refused before anything is computed. Only one process at a time puts a note into place; what one
that was killed left undone, the next one does.
"""

import fcntl
import os
import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from analysis import paths
from analysis.notes import NoteError, commit
from analysis.notes.published import feeds, records
from analysis.notes.request import Request
from analysis.scenarios.scenario import ASSUMPTIONS, DECK, Scenario

_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_LONGEST = 60
_SHOWN = 5


def check_name(name: str, folder: Path = paths.NOTES) -> None:
    """Raise NoteError for a name that is none, or that is taken."""
    if not _NAME.fullmatch(name) or len(name) > _LONGEST:
        raise NoteError(f"--name: {name[:70]!r}: write up to {_LONGEST} small letters, digits and single hyphens")
    if (folder / name).exists():
        with _alone(folder):
            repaired = _write_feed(folder)
        raise _taken(name, "; the feed lacked it, and has it now" if repaired else "")


def check_committed() -> None:
    """Raise NoteError where what a note is computed from is in no commit, so that nobody could repeat it."""
    now = commit.state()
    if not now.commit:
        raise NoteError(
            "the report lies in no git repository, and the receipt could name no commit; to publish nevertheless: --uncommitted"
        )
    if now.changed:
        more = f" and {len(now.changed) - _SHOWN} more" if len(now.changed) > _SHOWN else ""
        raise NoteError(
            f"the working tree has changes that are in no commit: {', '.join(now.changed[:_SHOWN])}{more}; "
            "commit them, so that others can repeat the note, or publish nevertheless: --uncommitted"
        )


def publish(request: Request, name: str, scenarios: Iterable[Path] = (), folder: Path = paths.NOTES) -> Path:
    """Write the note into the folder `name` and the feed anew; return the note's folder.

    `scenarios` are the files that the note was made from; readers have those of data/scenarios alone. Raises NoteError
    for a name that is taken or is none, for a note without a date, and for a scenario that readers do not have or that
    does not say where its values come from.
    """
    check_name(name, folder)
    if not request.author or not request.date:
        raise NoteError("--author and --date: a published note says whose it is, and when it was made")
    for path in scenarios:
        if not path.resolve().is_relative_to(paths.SCENARIOS):
            raise NoteError(f"{path}: put the scenario into data/scenarios, so that readers can repeat the note")
    for scenario in (request.scenario, request.base):
        _check_sources(scenario)
    from analysis.notes import content, writing  # charts and the typesetter take seconds to import

    note = content.make(request)
    target, beside = folder / name, folder / f".{name}{paths.PART}"
    with _alone(folder):
        if target.exists():  # since the name was checked
            raise _taken(name)
        try:
            paths.write_all(beside, writing.all_files(name, note))
            beside.rename(target)
        finally:
            shutil.rmtree(beside, ignore_errors=True)
        _write_feed(folder)
    return target


def _taken(name: str, repaired: str = "") -> NoteError:
    kept = "is published already, and what is published stays as it is; choose another name"
    return NoteError(f"--name: {name!r} {kept}{repaired}")


def _check_sources(scenario: Scenario) -> None:
    """Raise NoteError unless each value that differs from the deck's says where it comes from."""
    changed = [name for name in ASSUMPTIONS if getattr(scenario, name) != getattr(DECK, name)]
    silent = [name for name in changed if name not in scenario.derived and not scenario.sources.get(name, "").strip()]
    if silent:
        raise NoteError(
            f"{scenario.title!r} does not say where {', '.join(silent)} come{'s' * (len(silent) == 1)} from; a published "
            "note does: write it under 'sources' of the scenario, as data/scenarios/h100-sxm-bf16.yml does"
        )


def _write_feed(folder: Path) -> bool:
    """Write the feeds of the notes in `folder` where they are not so already; return whether any was."""
    wrong = {
        name: content
        for name, content in feeds(records(folder)).items()
        if not (folder / name).is_file() or (folder / name).read_bytes() != content
    }
    for name, content in wrong.items():
        paths.write(folder / name, content)
    return bool(wrong)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Let no other process publish into `folder`, and remove what one that was killed left half written."""
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        for part in filter(paths.is_part, folder.iterdir()):
            shutil.rmtree(part) if part.is_dir() else part.unlink()
        yield
    finally:
        os.close(descriptor)
