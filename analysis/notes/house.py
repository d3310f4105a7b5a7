"""A house: under whose name a note goes out, how it looks, and what has to stand in it.

A house file is YAML beside its logo; `data/houses/` has examples. What a person wrote there stays text wherever it is shown.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)
from pydantic_core import ErrorDetails

from analysis import paths, yaml_text
from analysis.figures import theme
from analysis.languages.words import Words
from analysis.notes import NoteError, colours, logo
from analysis.notes.logo import Logo
from analysis.quote import quote
from analysis.suggest import nearest

#: Fonts that come with what is installed, so that a note looks the same wherever it is made.
TEXT_FONTS = ("Libertinus Serif", "New Computer Modern", "Noto Sans SC", "Noto Serif SC")
CHINESE_FONTS = ("Noto Serif SC", "Noto Sans SC")
LANGUAGES = ("en", "zh")
_LARGEST_FILE, _LONGEST_LINE, _LONGEST_TEXT, _MOST_LINES = 64 * 1024, 160, 6000, 8
_DEEPEST = 3  # authors, of whom each has a name, in two languages


def _shown(text: str) -> str:
    """Return the text on one line. Raises ValueError for what nobody could read."""
    line = " ".join(text.split())
    if not line or not line.isprintable():
        raise ValueError("write at least one printable character, and no control characters")
    return line


def _both(given: Any) -> Any:
    """Return a text without a language as that of all of them."""
    return dict.fromkeys(LANGUAGES, given) if isinstance(given, str) else given


def _said(longest: int) -> Any:
    text = Annotated[str, StringConstraints(max_length=longest), AfterValidator(_shown)]
    return Annotated[dict[Literal["en", "zh"], text], BeforeValidator(_both), Field(min_length=1)]


#: A line, or a paragraph, in one or both languages; a plain text is said in both.
Line, Paragraph = _said(_LONGEST_LINE), _said(_LONGEST_TEXT)
Short = Annotated[str, StringConstraints(max_length=_LONGEST_LINE), AfterValidator(_shown)]
Colour = Annotated[str, StringConstraints(pattern=r"^#[0-9A-Fa-f]{6}$", to_lower=True)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Colours(_Model):
    """Colours on a light ground: of text, of what is quieter, of headings and bands, and of the series of charts."""

    text: Colour = "#1f2430"
    soft: Colour = "#5b6472"
    accent: Colour = "#1f6fb2"
    ground: Colour = "#ffffff"
    series: tuple[Colour, ...] = Field(theme.LIGHT, min_length=2, max_length=8)

    @model_validator(mode="after")
    def _check_contrast(self) -> "Colours":
        named = [(name, getattr(self, name), colours.TEXT) for name in ("text", "soft", "accent")]
        named += [(f"series, number {place}", colour, colours.GRAPHICS) for place, colour in enumerate(self.series, 1)]
        for name, colour, least in named:
            if (ratio := colours.contrast(colour, self.ground)) < least:
                raise ValueError(
                    f"{name}: {colour} on {self.ground} has a contrast of {int(ratio * 100) / 100:.2f} to 1; "
                    f"WCAG AA asks for {least:g} to 1 at least"
                )
        return self

    def palette(self) -> theme.Palette:
        """Return the series' colours, and the same as they can be told from a dark ground."""
        dark = tuple(colours.readable(colour, theme.DARK_GROUND, colours.GRAPHICS) for colour in self.series)
        return theme.Palette(self.series, dark)


class Fonts(_Model):
    """Fonts of the letters and of Chinese characters."""

    text: Literal[TEXT_FONTS] = "Libertinus Serif"
    chinese: Literal[CHINESE_FONTS] = "Noto Serif SC"


class Author(_Model):
    """Who signs a note."""

    name: Line
    title: Line | None = None
    certificate: Short = ""
    contact: Short = ""


class House(_Model):
    """What a house file says; whatever it leaves out is plain."""

    name: Line | None = None
    logo: Short = ""
    address: Line | None = None
    colours: Colours = Colours()
    fonts: Fonts = Fonts()
    authors: tuple[Author, ...] = Field((), max_length=6)
    demands: tuple[Literal["author", "certificate"], ...] = ()
    certification: Paragraph | None = None
    conflicts: Paragraph | None = None
    disclosures: Paragraph | None = None
    disclaimer: Paragraph | None = None
    running_head: Line | None = None
    footer: Line | None = None


@dataclass(frozen=True)
class Signature:
    """An author as a note in one language names them; "" for what isn't said."""

    name: str
    title: str = ""
    certificate: str = ""
    contact: str = ""

    def line(self, words: Words) -> str:
        """Return the author in one line, as the first page has it."""
        number = words("certificate", number=self.certificate) if self.certificate else ""
        return words("comma").join(filter(None, (self.name, self.title, number, self.contact)))


@dataclass(frozen=True)
class Imprint:
    """A house as a note in one language shows it; "" or nothing for what the house doesn't say.

    `closing` are what stands at the note's end, in order, by the name of its heading in `analysis/languages/`.
    """

    name: str
    logo: Logo | None
    address: str
    colours: Colours
    fonts: Fonts
    signatures: tuple[Signature, ...]
    running_head: str
    footer: str
    closing: tuple[tuple[str, str], ...]


#: The parts of a note's end, in their order.
CLOSING = ("certification", "conflicts", "disclosures", "disclaimer")


def imprint(name: str | None, language: str, author: str = "") -> Imprint:
    """Return the house in the file or of the name `name`, for a note in `language`; None is a plain one.

    `author` signs alone where it is given: one of the house's by name, or another. Raises NoteError.
    """
    if name is None:
        return _imprint(House(), None, "", language, author)
    path = file(name)
    where = f"--house: {paths.shown(path)}"
    house = read(path)
    picture = logo.read(path.parent / _beside(house.logo, where), f"{where}: logo") if house.logo else None
    return _imprint(house, picture, where, language, author)


def file(name: str) -> Path:
    """Return the file of a house: a path, or the name of one in data/houses. Raises NoteError."""
    known = {path.stem: path for path in sorted(paths.HOUSES.glob("*.yml"))}
    if name in known and not Path(name).exists():
        return known[name]
    try:
        path = paths.plain_file(Path(name))
    except FileNotFoundError:
        near = nearest(name, known)
        raise NoteError(f"--house: {quote(name)}: there is no such file{near}; examples: {', '.join(known)}") from None
    except (OSError, ValueError) as exc:
        raise NoteError(f"--house: {quote(name)} can't be read: {getattr(exc, 'strerror', None) or exc}") from exc
    return path


def read(path: Path) -> House:
    """Return what the house file at `path` says. Raises NoteError, which names the field and what is allowed."""
    where = f"--house: {paths.shown(path)}"
    try:
        values = yaml_text.mapping(paths.read_text(path, _LARGEST_FILE), "a house", _DEEPEST)
    except yaml_text.YamlTextError as exc:
        raise NoteError(f"{where}: {exc}") from exc
    except (OSError, ValueError) as exc:
        raise NoteError(f"{where}: the file can't be read: {getattr(exc, 'strerror', None) or exc}") from exc
    try:
        return House.model_validate({name: value for name, value in values.items() if value is not None})
    except ValidationError as exc:
        lines = list(dict.fromkeys(_message(error) for error in exc.errors()))
        more = [f"… and {len(lines) - _MOST_LINES} more"] if len(lines) > _MOST_LINES else []
        raise NoteError("\n".join([*(f"{where}: {line}" for line in lines[:_MOST_LINES]), *more])) from exc


def _imprint(house: House, picture: Logo | None, where: str, language: str, author: str) -> Imprint:
    def said(field: str, given: Mapping[str, str] | None) -> str:
        if given is None:
            return ""
        if language not in given:
            raise NoteError(f"{where}: {field}: it is said in {', '.join(given)} alone, and the note is in {language!r}")
        return given[language]

    def signed(by: Author) -> Signature:
        return Signature(said("authors", by.name), said("authors: title", by.title), by.certificate, by.contact)

    known = [by for by in house.authors if author in by.name.values()]
    signatures = tuple(map(signed, known)) if known else (Signature(author),) if author else tuple(map(signed, house.authors))
    if "author" in house.demands and not signatures:
        raise NoteError(f"{where}: the house demands an author: name one under 'authors', or with --author")
    for signature in signatures:
        if "certificate" in house.demands and not signature.certificate:
            licensed = [said("authors", by.name) for by in house.authors if by.certificate]
            allowed = f"; its authors: {', '.join(licensed)}" if licensed else ""
            raise NoteError(
                f"{where}: the house demands a certificate number of each author, and {quote(signature.name)} has none: "
                f"write it under 'authors'{nearest(signature.name, licensed)}{allowed}"
            )
    if "certificate" in house.demands and not signatures:
        raise NoteError(f"{where}: the house demands an author with a certificate number: name one under 'authors'")
    return Imprint(
        said("name", house.name),
        picture,
        said("address", house.address),
        house.colours,
        house.fonts,
        signatures,
        said("running_head", house.running_head),
        said("footer", house.footer),
        tuple((name, said(name, given)) for name in CLOSING if (given := getattr(house, name)) is not None),
    )


def _beside(name: str, where: str) -> str:
    """Return the name of a file that lies beside the house file. Raises NoteError for one that leads elsewhere."""
    if Path(name).name != name:
        raise NoteError(f"{where}: logo: {quote(name)}: write the name of a file beside the house file, without a folder")
    return name


def _message(error: ErrorDetails) -> str:
    """Return one line for one of pydantic's errors: the field, what was given, what is allowed."""
    place = [str(part) for part in error["loc"]]
    named = ": ".join(f"number {int(part) + 1}" if part.isdigit() else part for part in place)
    given = quote(error["input"])
    if error["type"] == "extra_forbidden":
        model: Any = {"colours": Colours, "fonts": Fonts, "authors": Author}.get(place[0], House) if len(place) > 1 else House
        inside = f"{': '.join(named.split(': ')[:-1])}: " if len(place) > 1 else ""
        known = list(model.model_fields)
        return f"{inside}unknown field {quote(place[-1])}{nearest(place[-1], known)}; allowed: {', '.join(known)}"
    if error["type"] == "value_error":
        return f"{named}: {error['ctx']['error']}"
    if error["type"] == "literal_error":
        if place[-1] == "[key]":
            return f"{': '.join(place[:-2])}: {given} is no language of notes; allowed: {', '.join(LANGUAGES)}"
        allowed = str(error["ctx"]["expected"]).replace(" or ", ", ").replace("'", "").split(", ")
        return f"{named}: {given} is not known{nearest(str(error['input']), allowed)}; allowed: {', '.join(allowed)}"
    if error["type"] == "string_pattern_mismatch":
        return f"{named}: {given} is no colour; write it as #0b3a75"
    if error["type"] == "string_too_long":
        return f"{named}: {given} has more than {error['ctx']['max_length']:,} characters"
    return f"{named}: {given} can't be used: {error['msg'][0].lower()}{error['msg'][1:]}"
