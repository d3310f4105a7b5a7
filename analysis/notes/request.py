"""What a note is asked to be: options of the command line, checked."""

import shlex
from dataclasses import dataclass, field

from analysis import paths
from analysis.languages.words import TABLES, Words
from analysis.notes import NoteError
from analysis.notes import house as houses
from analysis.notes.house import Imprint
from analysis.notes.published import Record, records
from analysis.notes.results import PARTS
from analysis.risk import risks
from analysis.risk.risks import RISKS, RiskError
from analysis.scenarios.scenario import Scenario, iso_day
from analysis.suggest import nearest

_LONGEST = 120
#: Kinds of notes, and what each is for: the words of the command line's help.
KINDS = {
    "estimate": "what the scenario takes to train and to serve",
    "run": "what a training run takes",
    "service": "what a day's demand takes",
    "chips": "the same work on other chips",
    "change": "what differs from the base, change by change",
    "correction": "what a published note had wrong",
    "risk": "what a stress does to the plan, and along the chain",
}
#: How the command line names the scenario that notes are held against where none is said.
DECK_NAME = "deck"
_PARTS_OF = {"run": ("training",), "service": ("inference",)}


@dataclass(frozen=True)
class Request:
    """A scenario, what it is held against, the parts of the work that the note is about, and whose note it is.

    `date` is an ISO date, or nothing; `command` repeats the note, and goes into its receipt. `kind` is one of KINDS; a
    correction `corrects` a published note. A note on a `risk`, one of RISKS, has the scenario under its stress, described by
    `stress`, and as its base the same without.
    """

    scenario: Scenario
    base: Scenario
    title: str
    author: str = ""
    date: str = ""
    language: str = "en"
    parts: tuple[str, ...] = PARTS
    command: str = ""
    kind: str = "estimate"
    corrects: Record | None = None
    risk: str = ""
    stress: str = ""
    house: Imprint = field(default_factory=lambda: houses.imprint(None, "en"), repr=False)

    @property
    def signed(self) -> str:
        """Who signs the note, on one line; "" for nobody."""
        return ", ".join(by.name for by in self.house.signatures) or self.author


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
    kind: str | None = None
    corrects: str | None = None
    risk: str | None = None
    house: str | None = None


def read(options: Options, scenario: Scenario, base: Scenario) -> Request:
    """Return the request that the options make. Raises NoteError."""
    _one_of("language", options.language, TABLES)
    if options.only is not None:
        _one_of("only", options.only, PARTS)
    kind = _kind(options, scenario, base)
    corrected = _corrected(options.corrects)
    day = scenario.date
    if options.date is not None:
        try:
            day = iso_day(options.date)
        except ValueError as exc:
            raise NoteError(f"--date: {exc}") from None
    if kind in (*_PARTS_OF, "correction") and options.base == DECK_NAME:
        base = scenario  # such a note is about one scenario, and held against another only if that is named
    title, stress = scenario.title, ""
    if options.risk is not None:
        base, (scenario, title, stress) = scenario, _stressed(options, scenario)
    author = _line("author", options.author) if options.author else ""
    house = houses.imprint(options.house, options.language, author)
    return Request(
        scenario,
        base,
        _line("title", title if options.title is None else options.title),
        author or ", ".join(by.name for by in house.signatures),
        day,
        options.language,
        _PARTS_OF.get(kind, PARTS if options.only is None else (options.only,)),
        _command(options),
        kind,
        corrected,
        options.risk or "",
        stress,
        house,
    )


def _stressed(options: Options, scenario: Scenario) -> tuple[Scenario, str, str]:
    """Return `scenario` under the stress of the risk asked, the title, and what the stress is. Raises NoteError."""
    assert options.risk is not None
    _one_of("risk", options.risk, RISKS)
    if options.base != DECK_NAME:
        raise NoteError("--base: a note on a risk is held against the scenario without the stress; leave --base out")
    risk, stress = RISKS[options.risk], risks.stress(options.risk)
    try:
        under = risks.applied(scenario, options.risk)
    except RiskError as exc:
        raise NoteError(f"--risk: {exc}") from None
    name = risk.chinese if options.language == "zh" else risk.title
    title = f"{name}{Words(options.language)('colon')}{Words(options.language).quoted(scenario.title)}"
    return under.model_copy(update={"title": scenario.title}), title[:_LONGEST], stress.description


def _kind(options: Options, scenario: Scenario, base: Scenario) -> str:
    """Return the kind of note: that which is asked, else a correction if it corrects one, else an estimate. Raises NoteError."""
    kind = options.kind or ("correction" if options.corrects else "risk" if options.risk is not None else "estimate")
    _one_of("kind", kind, KINDS)
    if options.only is not None and _PARTS_OF.get(kind, (options.only,)) != (options.only,):
        raise NoteError(f"--only: a note of the kind {kind} is about {_PARTS_OF[kind][0]}; leave --only out")
    if kind == "change" and scenario == base:
        raise NoteError("--kind: 'change' tells what differs, and the scenario is its own base; name another with --base")
    if (kind == "correction") != bool(options.corrects):
        raise NoteError("--corrects: a correction, and nothing else, names the published note that it corrects")
    if (kind == "risk") != (options.risk is not None):
        raise NoteError(f"--risk: a note of the kind risk, and no other, names its risk; allowed: {', '.join(RISKS)}")
    return kind


def _corrected(name: str | None) -> Record | None:
    """Return the record of the published note `name`. Raises NoteError."""
    if name is None:
        return None
    known = {record.name: record for record in records()}
    _one_of("corrects", name, known)
    return known[name]


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
    for name in ("kind", "corrects", "risk", "title", "author", "date", "language", "only"):
        if given := getattr(options, name):
            words += [f"--{name}", given]
    if options.house is not None:
        words += ["--house", paths.shown(houses.file(options.house))]
    return shlex.join([*words, "--out", "note"])
