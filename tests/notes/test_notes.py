"""A note: its numbers, its two languages, its page in a real browser, its PDF drawn and read, and what it refuses."""

import math
import os
import re
import shlex
import string
import subprocess
import sys
from xml.etree import ElementTree

import pypdfium2
import pytest
from axe_playwright_python.sync_playwright import Axe
from bs4 import BeautifulSoup

from analysis import paths
from analysis.notes import NoteError, content, published, results
from analysis.notes.page import page
from analysis.notes.pdf import pdf
from analysis.notes.request import Options, Request, read
from analysis.notes.words import TABLES, Words
from analysis.report import digest
from analysis.scenarios.estimate import estimate
from analysis.scenarios.reading import ScenarioError, build, files, load
from analysis.scenarios.scenario import ASSUMPTIONS, DECK
from tests.conftest import run
from tests.test_book import WCAG, Opened

H100 = load(paths.SCENARIOS / "h100-sxm-bf16.yml")
H20, H100_SERVING = (load(paths.SCENARIOS / "notes" / f"{name}-serving.yml") for name in ("h20", "h100"))
HOSTILE = "<script>alert(1)</script> #eval(1) *b* `x` $y$ @z \\ & \"q\" [[]] {{}}"


@pytest.fixture(scope="module")
def english() -> content.Note:
    return content.make(Request(H100, DECK, "H100 in place of A100", "A. Nalyst", "2026-11-24", command="a command"))


@pytest.fixture(scope="module")
def chinese() -> content.Note:
    return content.make(Request(H20, H100_SERVING, "H20与H100", "某人", "2026-11-24", "zh", ("inference",)))


def text_of(note: content.Note) -> str:
    parts = []
    for section in note.sections:
        for block in section.blocks:
            if isinstance(block, content.Text):
                parts.append(block.text)
            elif isinstance(block, content.Table):
                parts += [block.caption, *block.frame.columns, *block.frame.to_numpy().flatten()]
    return "\n".join(map(str, parts))


def test_charts_speak_the_notes_language():
    scenario = H100.model_copy(update={"utilization": 0.3})
    note = content.make(Request(scenario, DECK, "H100", language="zh"))
    charts = [block.chart.to_dict() for section in note.sections for block in section.blocks if isinstance(block, content.Chart)]
    assert len(charts) == 5
    for chart in charts:
        for text in (chart["title"], chart["usermeta"]["description"], chart["usermeta"]["source"]):
            assert re.search("[\u4e00-\u9fff]", text)
            assert not re.search(r"\b(the|of|is|to)\b", text)
        axes = re.findall(r"'title': '([^']+)'", str(chart))
        assert all(re.search("[\u4e00-\u9fff]", text) for text in axes), axes


@pytest.mark.parametrize("path", files().values(), ids=files())
def test_lines_are_the_estimate(path):
    """The lines compute anew what analysis/scenarios/estimate.py computes."""
    scenario = load(path)
    own, expected = results.evaluate(results.inputs(scenario)), estimate(scenario)
    for part, numbers in expected.as_dict().items():
        for name, value in numbers.items():
            line = {"flop_per_second": "rate", "flop_per_day": "flop", "tokens_per_day": "tokens"}.get(name, name)
            assert own[f"{part}_{line}"] == pytest.approx(value, rel=1e-12), name
            assert not isinstance(value, int) or own[f"{part}_{line}"] == value


def test_costs_are_those_done_by_hand():
    given = results.inputs(DECK) | {"dollars_per_chip_hour": 2.0, "chip_watts": 400.0, "server_share": 1.5,
                                    "power_usage_effectiveness": 1.25}  # fmt: skip
    own = results.evaluate(given)
    hours = own["training_accelerators_exact"] * 30 * 24
    assert own["training_chip_hours"] == pytest.approx(hours)
    assert own["training_rent"] == pytest.approx(2 * hours)
    assert own["training_energy"] == pytest.approx(hours * 3600 * 400 * 1.5 * 1.25)
    assert own["inference_rent"] == pytest.approx(412_018 * 24 * 2)
    assert own["inference_token_price"] == pytest.approx(412_018 * 24 * 2 / 7.9333333e12 * 1e6)


def test_the_interval_is_what_published_runs_reached():
    own = results.results(H100)
    for part, one in results.reached(H100).items():
        exact = f"{part}_accelerators_exact"
        assert own.low[exact] * one.high == pytest.approx(own.values[exact] * H100.utilization)
        assert own.high[exact] * one.low == pytest.approx(own.values[exact] * H100.utilization)


def test_a_chip_that_nothing_is_known_of_has_no_costs_and_is_not_compared():
    own = build({"accelerator": "My chip", "peak": "500 TFLOPS"}, "test")
    note = content.make(Request(own, DECK, "A note"))
    assert math.isnan(note.own.values["training_rent"])
    words = Words("en")
    key = next(section for section in note.sections if section.title == words("key"))
    assert words("training_rent") not in list(key.blocks[0].frame[words("result")])
    assert words("work") not in [section.title for section in note.sections]
    assert "nan" not in text_of(note).lower().split()


def test_both_languages_say_the_same_things():
    gaps = {
        language: {name: {gap for _, gap, *_ in string.Formatter().parse(text) if gap} for name, text in table.items()}
        for language, table in TABLES.items()
    }
    assert gaps["en"] == gaps["zh"]
    for name, text in TABLES["zh"].items():
        bare = re.sub(r"\{\w*\}", "", text)
        if name not in ("energy", "flop", "rate", "tokens", "count", "step", "comma", "labelled"):
            assert re.search(r"[\u4e00-\u9fff]", bare), name
        assert not re.search(r"[\u4e00-\u9fff][,;:?(]|[,;:?)][\u4e00-\u9fff]", bare), f"{name}: a Latin mark"


def test_a_note_in_chinese_is_chinese_but_for_names(chinese):
    for section in chinese.sections:
        assert re.search(r"[\u4e00-\u9fff]", section.title)
        for block in section.blocks:
            if isinstance(block, content.Text):
                assert re.search(r"[\u4e00-\u9fff]", block.text), block.text
            if isinstance(block, content.Table):
                assert all(re.search(r"[\u4e00-\u9fff]", head) for head in block.frame.columns)
    assert "30 days" not in text_of(content.make(Request(H100, DECK, "x", language="zh")))


def test_what_is_left_out_is_left_out(chinese):
    text = text_of(chinese)
    for name in ("training_accelerators", "training_flop"):
        assert Words("zh")(name) not in text
    for name in ("training_tokens", "training_time"):
        assert ASSUMPTIONS[name].chinese not in text


def test_sentences_follow_the_numbers(english):
    text = text_of(english)
    assert "246 in place of 1,559, 0.158 times as many" in text
    assert "The deck prints 706,315 accelerators for inference" in text
    assert "1.71 times too high" in text
    assert "the assumption is optimistic" in text
    careful = content.make(Request(build({"utilization": "1%"}, "test"), DECK, "x"))
    assert "the assumption is pessimistic" in text_of(careful)
    same = text_of(content.make(Request(DECK, DECK, "x")))
    assert Words("en")("same") in same
    assert "in place of" not in same


def test_every_assumption_has_its_source_and_every_number_its_formula(english):
    tables = {block.caption: block.frame for section in english.sections for block in section.blocks
              if isinstance(block, content.Table)}  # fmt: skip
    words = Words("en")
    assumptions = tables[words("assumptions_caption")]
    assert len(assumptions) == len(results.assumptions(["training", "inference"]))
    assert assumptions[words("why")].str.len().min() > 3
    assert len(tables[words("method_caption")]) == len(results.LINES)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["english", "chinese"])
def test_the_page_stands_alone_and_is_accessible(browser, request, tmp_path, language, scheme):
    note = request.getfixturevalue(language)
    target = tmp_path / "note.html"
    target.write_text(page(note), encoding="utf-8")
    with Opened(browser, target, color_scheme=scheme) as opened:
        for width in (1280, 390):
            opened.page.set_viewport_size({"width": width, "height": 900})
            assert opened.page.evaluate("document.documentElement.scrollWidth") <= width
            report = Axe().run(opened.page, options=WCAG).response
            assert [(v["id"], [n["target"] for n in v["nodes"]][:3]) for v in report["violations"]] == []
        assert opened.page.evaluate("[...document.images].every(image => image.complete && image.naturalWidth)")
        assert opened.outside == []
        assert opened.said == []
    soup = BeautifulSoup(page(note), "html.parser")
    assert soup.html["lang"] == {"english": "en", "chinese": "zh-CN"}[language]
    assert not soup.find_all(["script", "link", "iframe"])
    assert not re.search(r"(?:src|href|srcset)=\"(?!data:)", page(note))


def test_the_pdf_is_drawn_tagged_and_says_what_the_note_says(english, chinese):
    for note in (english, chinese):
        made = pdf(note)
        assert made == pdf(note), "the same bytes each time"
        document = pypdfium2.PdfDocument(made)
        pages = [one.get_textpage().get_text_range() for one in document]
        text = re.sub(r"\s", "", "".join(pages)).replace("\u200b", "")
        for paragraph in note.summary:
            assert re.sub(r"\s", "", paragraph) in text, "every letter of it has a glyph that can be read back"
        assert document.get_metadata_dict()["Title"] == note.request.title
        assert document.is_tagged()
        fonts = set(re.findall(rb"/(?:FontName|BaseFont) ?/[A-Z]{6}\+([\w-]+)", made))
        assert len(fonts) >= 2, "letters come with the file"
        for one in document:
            image = one.render(scale=1).to_pil().convert("L")
            assert image.getextrema() == (0, 255) or image.getextrema()[0] < 80, "something is drawn"
            kinds = {item.type for item in one.get_objects(max_depth=4)}
            assert pypdfium2.raw.FPDF_PAGEOBJ_IMAGE not in kinds, "figures are vectors"


def test_chinese_letters_are_drawn(chinese):
    """A page of empty boxes would have the same text: two different words must differ in their ink."""
    document = pypdfium2.PdfDocument(pdf(chinese))
    text = document[0].get_textpage()
    found = []
    for index in range(text.count_chars()):
        letter = text.get_text_range(index, 1)
        if letter in ("推", "芯", "摘"):
            left, bottom, right, top = text.get_charbox(index)
            height = document[0].get_height()
            image = document[0].render(scale=6).to_pil().convert("L")
            box = left, height - top, right, height - bottom
            found.append((letter, image.crop([int(6 * edge) for edge in box])))
        if len({letter for letter, _ in found}) == 3:
            break
    pictures = {letter: picture.resize((24, 24)).tobytes() for letter, picture in found}
    assert len(pictures) == len(set(pictures.values())) == 3


def test_what_a_person_wrote_stays_text():
    own = build({"title": HOSTILE, "description": HOSTILE, "utilization": "40%", "sources": {"utilization": HOSTILE}}, "test")
    note = content.make(Request(own, DECK, HOSTILE, author=HOSTILE))
    soup = BeautifulSoup(page(note), "html.parser")
    assert soup.h1.get_text() == soup.title.get_text() == HOSTILE
    assert not soup.find_all("script")
    assert [tag for tag in soup.find_all(True) if any(name.startswith("on") for name in tag.attrs)] == []
    document = pypdfium2.PdfDocument(pdf(note))
    assert document.get_metadata_dict()["Title"] == HOSTILE
    first = re.sub(r"\s", "", document[0].get_textpage().get_text_range())
    assert re.sub(r"\s", "", HOSTILE) in first


OPTIONS = {"scenario": "deck", "base": "deck", "title": None, "author": "", "date": None, "language": "en", "only": None}


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"language": "fr"}, "--language: 'fr' is not known; allowed: en, zh"),
        ({"only": "train"}, "--only: 'train' is not known; did you mean 'training'?; allowed: training, inference"),
        ({"date": "24.11.2026"}, "--date: '24.11.2026' is not a day; write it as 2026-11-24"),
        ({"date": "2026-02-30"}, "is not a day"),
        ({"title": " "}, "--title: write one line"),
        ({"title": "a\nb"}, "--title: write one line"),
        ({"title": "x" * 200}, "--title: write one line"),
        ({"author": "a\x07"}, "--author: write one line"),
    ],
)
def test_bad_options_are_named(options, expected):
    with pytest.raises(NoteError, match=re.escape(expected)):
        read(Options(**OPTIONS | options), DECK, DECK)


def test_the_date_comes_from_the_option_or_the_scenario_and_from_nowhere_else():
    dated = build({"date": "2026-11-24"}, "test")
    assert read(Options(**OPTIONS), dated, DECK).date == "2026-11-24"
    assert read(Options(**OPTIONS | {"date": "2025-01-02"}), dated, DECK).date == "2025-01-02"
    assert read(Options(**OPTIONS), DECK, DECK).date == ""
    with pytest.raises(ScenarioError, match="date: 'soon' is not a day; write it as 2026-11-24"):
        build({"date": "soon"}, "test")


def test_the_command_writes_three_files_and_repeats_itself(tmp_path):
    words = ["note", "notes/frontier-2026", "--only", "training", "--author", "A. Nalyst", "--set", "utilization=25%"]
    run(paths.ROOT, "-m", "analysis", *words, "--out", str(tmp_path / "one"))
    names = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert names == ["note.html", "note.pdf", "note.xlsx"]
    receipt = BeautifulSoup((tmp_path / "one" / "note.html").read_text(encoding="utf-8"), "html.parser").get_text()
    command = re.search(r"python -m analysis (note .*?--out note)", receipt)[1]
    assert "--set utilization=25%" in command
    subprocess.run(
        [sys.executable, "-m", "analysis", *shlex.split(command)[:-1], str(tmp_path / "two")],
        cwd=paths.ROOT, env=os.environ | {"PYTHONPATH": str(paths.ROOT)}, check=True, capture_output=True,
    )  # fmt: skip
    for name in names:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes(), name


def test_bad_input_ends_with_one_message_and_writes_nothing(tmp_path):
    cases = [
        (["note", "dek.yml", "--out", str(tmp_path / "x")], "did you mean 'deck.yml'"),
        (["note", "deck", "--base", "nowhere", "--out", str(tmp_path / "x")], "there is no such file"),
        (["note", "deck", "--language", "de", "--out", str(tmp_path / "x")], "allowed: en, zh"),
        (["note", "deck", "--set", "utilisation=1", "--out", str(tmp_path / "x")], "did you mean 'utilization'"),
    ]
    for words, expected in cases:
        done = run(paths.ROOT, "-m", "analysis", *words, check=False)
        assert (done.returncode, "Traceback" in done.stderr) == (2, False)
        assert expected in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_named_and_a_full_disk_leaves_nothing(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    done = run(paths.ROOT, "-m", "analysis", "note", "deck", "--out", str(tmp_path / "file" / "x"), check=False)
    assert done.returncode == 2
    assert "can't be written" in done.stderr

    written = type(tmp_path).write_bytes

    def full(path, data):
        if path.name.startswith("b"):
            written(path, data[:1])
            raise OSError(28, "No space left on device")
        return written(path, data)

    monkeypatch.setattr(type(tmp_path), "write_bytes", full)
    with pytest.raises(OSError, match="No space"):
        paths.write_all(tmp_path / "new", {"a": b"1", "b": b"2"})
    assert not (tmp_path / "new").exists()
    (tmp_path / "old").mkdir()
    written(tmp_path / "old" / "a", b"before")
    with pytest.raises(OSError, match="No space"):
        paths.write_all(tmp_path / "old", {"a": b"1", "b": b"2"})
    assert [(path.name, path.read_bytes()) for path in (tmp_path / "old").iterdir()] == [("a", b"before")]


# Publication ---------------------------------------------------------------------------------------------------------

ATOM = "{http://www.w3.org/2005/Atom}"


def test_published_notes_are_as_they_were_published():
    found = published.records()
    assert len(found) >= 3
    for record in found:
        folder = paths.NOTES / record.name
        assert sorted(path.name for path in folder.iterdir()) == sorted([published.RECORD, *record.digests])
        for name, expected in record.digests.items():
            assert digest.of_bytes((folder / name).read_bytes()) == expected, f"{record.name}/{name} was changed"
    assert (paths.NOTES / published.FEED).read_bytes() == published.feed(found)


def test_a_note_is_published_once_with_its_entry_in_the_feed(tmp_path):
    asked = Request(DECK, DECK, "A <b>note</b> & more", "A. Nalyst", "2026-11-24", parts=("training",))
    target = published.publish(asked, "first", folder=tmp_path)
    before = {path.name: path.read_bytes() for path in target.iterdir()}
    with pytest.raises(NoteError, match="'first' is published already"):
        published.publish(asked, "first", folder=tmp_path)
    assert before == {path.name: path.read_bytes() for path in target.iterdir()}

    later = Request(DECK, DECK, "大语言模型", "某人", "2026-12-01", "zh", ("training",))
    published.publish(later, "second", folder=tmp_path)
    root = ElementTree.fromstring((tmp_path / published.FEED).read_bytes())
    assert root.tag == f"{ATOM}feed"
    assert root.findtext(f"{ATOM}updated") == "2026-12-01T00:00:00Z"
    entries = root.findall(f"{ATOM}entry")
    assert [entry.findtext(f"{ATOM}title") for entry in entries] == ["大语言模型", "A <b>note</b> & more"]
    identities = [entry.findtext(f"{ATOM}id") for entry in [root, *entries]]
    assert len(set(identities)) == 3
    assert all(identity.startswith("urn:uuid:") for identity in identities)
    for entry in entries:
        assert entry.findtext(f"{ATOM}author/{ATOM}name")
        assert entry.findtext(f"{ATOM}summary")
        for link in entry.findall(f"{ATOM}link"):
            assert (tmp_path / link.get("href")).is_file()
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


@pytest.mark.parametrize(
    ("name", "more", "expected"),
    [
        ("Not A Name", {}, "small letters, digits and single hyphens"),
        ("../up", {}, "small letters, digits and single hyphens"),
        ("x" * 61, {}, "up to 60"),
        ("undated", {"date": ""}, "--author and --date"),
        ("nobody", {"author": ""}, "--author and --date"),
    ],
)
def test_what_cannot_be_published_is_refused(tmp_path, name, more, expected):
    asked = Request(DECK, DECK, "A note", **{"author": "A", "date": "2026-11-24"} | more)
    with pytest.raises(NoteError, match=expected):
        published.publish(asked, name, folder=tmp_path)
    with pytest.raises(NoteError, match="put the scenario into data/scenarios"):
        published.publish(Request(DECK, DECK, "A note", "A", "2026-11-24"), "mine", [tmp_path / "my.yml"], folder=tmp_path)
    assert list(tmp_path.iterdir()) == []
