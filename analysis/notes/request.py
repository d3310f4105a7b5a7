"""What a note is asked to be: options of the command line, checked."""

import shlex
from dataclasses import dataclass

from analysis import paths
from analysis.languages.words import TABLES
from analysis.notes import NoteError
from analysis.notes.results import PARTS
from analysis.scenarios.scenario import Scenario, iso_day
from analysis.suggest import nearest

_LONGEST = 120


@dataclass(frozen=True)
class Request:
    """A scenario, what it is held against, the parts of the work that the note is about, and whose note it is.

    `date` is an ISO date, or nothing; `command` repeats the note, and goes into its receipt.
    """

    scenario: Scenario
    base: Scenario
    title: str
    author: str = ""
    date: str = ""
    language: str = "en"
    parts: tuple[str, ...] = PARTS
    command: str = ""


@dataclass(frozen=True)
class Options:
    """The options as they were given: `scenario` and `base` as they were named, None for what was left out."""

    scenario: str
    base: str
    title: str | None
    author: str
    date: str | None
    language: str
    only: str | None
    overrides: tuple[str, ...] = ()


def read(options: Options, scenario: Scenario, base: Scenario) -> Request:
    """Return the request that the options make. Raises NoteError."""
    _one_of("language", options.language, TABLES)
    if options.only is not None:
        _one_of("only", options.only, PARTS)
    day = scenario.date
    if options.date is not None:
        try:
            day = iso_day(options.date)
        except ValueError as exc:
            raise NoteError(f"--date: {exc}") from None
    return Request(
        scenario,
        base,
        _line("title", scenario.title if options.title is None else options.title),
        _line("author", options.author) if options.author else "",
        day,
        options.language,
        PARTS if options.only is None else (options.only,),
        _command(options),
    )


def _one_of(option: str, given: str, allowed) -> None:
    if given not in allowed:
        raise NoteError(f"--{option}: {given!r} is not known{nearest(given, allowed)}; allowed: {', '.join(allowed)}")


def _line(option: str, text: str) -> str:
    """Return one line of text. Raises NoteError."""
    if not text.strip() or not text.isprintable() or len(text) > _LONGEST:
        raise NoteError(f"--{option}: write one line of 1 to {_LONGEST} printable characters, not {text[:40]!r}")
    return text.strip()


def _command(options: Options) -> str:
    """Return the command that repeats the note."""
    words = ["python", "-m", "analysis", "note", paths.shown(paths.scenario(options.scenario))]
    for text in options.overrides:
        words += ["--set", text]
    words += ["--base", paths.shown(paths.scenario(options.base))]
    for name in ("title", "author", "date", "language", "only"):
        if given := getattr(options, name):
            words += [f"--{name}", given]
    return shlex.join([*words, "--out", "note"])
