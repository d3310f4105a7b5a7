"""Publishing a note in the book: into a folder that is never written again."""

import json
import re
import shutil
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from analysis import paths
from analysis.notes import NoteError
from analysis.notes.content import make
from analysis.notes.published import FEED, RECORD, Record, feed, records
from analysis.notes.request import Request
from analysis.notes.writing import files
from analysis.report import digest

_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_LONGEST = 60


def publish(request: Request, name: str, scenarios: Iterable[Path] = (), folder: Path = paths.NOTES) -> Path:
    """Write the note into the folder `name` and the feed anew; return the note's folder.

    `scenarios` are the files that the note was made from; readers have those of data/scenarios alone. Raises NoteError
    for a name that is taken or is none, for a note without a date, and for a scenario that readers do not have.
    """
    if not _NAME.fullmatch(name) or len(name) > _LONGEST:
        raise NoteError(f"--name: {name[:70]!r}: write up to {_LONGEST} small letters, digits and single hyphens")
    target = folder / name
    if target.exists():
        raise NoteError(f"--name: {name!r} is published already, and what is published stays as it is; choose another name")
    if not request.author or not request.date:
        raise NoteError("--author and --date: a published note says whose it is, and when it was made")
    for path in scenarios:
        if not path.resolve().is_relative_to(paths.SCENARIOS):
            raise NoteError(f"{path}: put the scenario into data/scenarios, so that readers can repeat the note")
    note = make(request)
    made = files(note)
    record = Record(
        name,
        request.title,
        request.author,
        request.date,
        request.language,
        note.summary,
        {key: digest.of_bytes(content) for key, content in made.items()},
    )
    beside = folder / f".{name}.part"
    try:
        paths.write_all(beside, made | {RECORD: f"{json.dumps(asdict(record), indent=1, ensure_ascii=False)}\n".encode()})
        beside.rename(target)
    except OSError:
        shutil.rmtree(beside, ignore_errors=True)
        raise
    paths.write(folder / FEED, feed(records(folder)))
    return target
