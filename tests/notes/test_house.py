"""Houses: what a house file may say, what is refused, and how a note in one language reads it."""

import re

import pytest

from analysis import paths
from analysis.notes import NoteError, house
from tests.notes.cases import HOSTILE


@pytest.mark.parametrize("name", ["sell-side", "laboratory"])
@pytest.mark.parametrize("language", house.LANGUAGES)
def test_the_examples_are_houses_in_both_languages(name, language):
    made = house.imprint(name, language, "Example Analyst")
    assert made.name and made.address and made.running_head and made.footer
    assert made.logo.content.startswith(b"<svg")
    assert made.signatures[0].name in ("Example Analyst", "示例分析师")
    assert [part for part, _ in made.closing] == [part for part in house.CLOSING if part in dict(made.closing)]
    assert all(text for _, text in made.closing)


def test_an_author_of_the_house_signs_in_the_notes_language_with_title_and_certificate():
    (signed,) = house.imprint("sell-side", "zh", "Example Analyst").signatures
    assert (signed.name, signed.title, signed.certificate) == ("示例分析师", "电子行业分析师", "S0000000000000")
    assert house.imprint("laboratory", "en", "A. Guest").signatures == (house.Signature("A. Guest"),)


def test_without_a_house_a_note_is_plain_and_signed_by_whom_it_is_said():
    plain = house.imprint(None, "en", "A. Nalyst")
    assert (plain.name, plain.logo, plain.closing, plain.signatures) == ("", None, (), (house.Signature("A. Nalyst"),))
    assert house.imprint(None, "zh").signatures == ()


def test_markup_in_any_field_stays_text(tmp_path):
    (tmp_path / "mine.yml").write_text("\n".join(f"{name}: {quoted(HOSTILE)}" for name in ("name", "footer", "disclaimer")))
    made = house.imprint(str(tmp_path / "mine.yml"), "en")
    assert (made.name, made.footer, made.closing) == (HOSTILE, HOSTILE, (("disclaimer", HOSTILE),))


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("nmae: x", "unknown field 'nmae'; did you mean 'name'?; allowed: name, logo"),
        ("colours:\n  acent: '#000000'", "colours: unknown field 'acent'; did you mean 'accent'?; allowed: text, soft"),
        ("authors:\n  - name: Me\n    tilte: x", "authors: number 1: unknown field 'tilte'; did you mean 'title'?"),
        ("name:\n  de: x", "name: 'de' is no language of notes; allowed: en, zh"),
        ("footer:\n  zh: 页脚", "footer: it is said in zh alone, and the note is in 'en'"),
        # Ratios of WebAIM's contrast checker.
        ("colours:\n  soft: '#777777'", "soft: #777777 on #ffffff has a contrast of 4.47 to 1; WCAG AA asks for 4.5 to 1"),
        ("colours:\n  accent: '#ff0000'", "accent: #ff0000 on #ffffff has a contrast of 3.99 to 1"),
        ("colours:\n  series: ['#000000', '#aaaaaa']", "series, number 2: #aaaaaa on #ffffff has a contrast of 2.32 to 1"),
        ("colours:\n  accent: red", "colours: accent: 'red' is no colour; write it as #0b3a75"),
        ("fonts:\n  text: Helvetica", "fonts: text: 'Helvetica' is not known; allowed: Libertinus Serif, New Computer Modern"),
        ("fonts:\n  chinese: Noto Serif", "did you mean 'Noto Serif SC'?"),
        ("demands: [author]", "the house demands an author: name one under 'authors', or with --author"),
        ("demands: [certificate]", "the house demands an author with a certificate number"),
        ("demands: [certificate]\nauthors:\n  - name: Me", "a certificate number of each author, and 'Me' has none"),
        ("demands: [autor]", "demands: number 1: 'autor' is not known; did you mean 'author'?"),
        (f"name: {'x' * 500}", "name: en: 'xxxxx"),
        ("name: \"a\\x07b\"", "no control characters"),
        ("logo: ../logo.png", "write the name of a file beside the house file, without a folder"),
        ("logo: nothing.png", "logo: 'nothing.png' can't be read: No such file or directory"),
        ("- a", "a house is a list of 'field: value' lines; this is not one"),
        ("", "the file is empty; a house is a list"),
        ("name: a\nname: b", "'name' is given twice"),
        ("name: &a x\nfooter: *a", "the alias *a is not read"),
    ],
)  # fmt: skip
def test_what_a_house_may_not_say_is_named(tmp_path, text, expected):
    path = tmp_path / "mine.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(NoteError, match=re.escape(expected)) as caught:
        house.imprint(str(path), "en")
    assert all(line.startswith(f"--house: {path}: ") for line in str(caught.value).splitlines())


def test_a_house_that_is_not_there_is_answered_with_the_nearest():
    with pytest.raises(NoteError, match="'sell-sid': there is no such file; did you mean 'sell-side'"):
        house.imprint("sell-sid", "en")
    with pytest.raises(NoteError, match="this is a folder"):
        house.imprint(str(paths.HOUSES), "en")


def test_an_author_without_the_certificate_that_the_house_demands_is_answered_with_those_who_have_one():
    with pytest.raises(NoteError, match="'Bob' has none: .*its authors: Example Analyst"):
        house.imprint("sell-side", "en", "Bob")
