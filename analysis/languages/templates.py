"""Texts with their numbers taken out, so that one translation serves whatever is computed: "{1} times as many as"."""

import re
from collections.abc import Mapping
from decimal import Decimal

from analysis.languages.names import names

_MONTHS = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
]  # fmt: skip
_DATE = rf"(?:(?P<day>\d{{1,2}}) )?(?P<month>{'|'.join(_MONTHS)}) (?P<year>\d{{4}})"
_AMOUNT = (
    r"(?P<sign>[−-]?)(?P<dollar>\$?)(?P<digits>\d+(?:,\d{3})*(?:\.\d+)?)"
    r"(?P<power>\s×\s10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)?(?: (?P<word>million|billion|trillion))?"
)
#: A number with the word that counts it, or a date; no part of a name such as GPT-3 or 70B.
_SLOT = re.compile(rf"(?<![\w.,])(?<![A-Za-z]-)(?:{_DATE}|{_AMOUNT})(?![A-Za-z\d]|,\d{3})")
_SIZES = {"million": Decimal(10) ** 6, "billion": Decimal(10) ** 9, "trillion": Decimal(10) ** 12}
_CHINESE = ((Decimal(10) ** 12, "万亿"), (Decimal(10) ** 8, "亿"), (Decimal(10) ** 4, "万"))
#: A text with more numbers than this is translated clause by clause.
_MANY = 6
_BETWEEN = re.compile(r"(, |; |: |\. |\.$)")
_MARKS = {"": "", ", ": "，", "; ": "；", ": ": "：", ". ": "。", ".": "。"}
_GAP = re.compile(r"\{(\d+)\}")


def template(text: str) -> tuple[str, tuple[str, ...]]:
    """Return `text` with "{1}", "{2}" … in place of its numbers, and these as they stand there."""
    numbers: list[str] = []

    def gap(match: re.Match[str]) -> str:
        numbers.append(match[0])
        return f"{{{len(numbers)}}}"

    return _SLOT.sub(gap, text), tuple(numbers)


def chinese(number: str) -> str:
    """Return a number or a date as Chinese writes it: "1750亿", "460万美元", "2026年1月"."""
    parts_of = _SLOT.fullmatch(number)
    if not parts_of:
        raise ValueError(f"{number!r} is no number or date that a result has")
    if parts_of["month"]:
        day = f"{parts_of['day'].lstrip('0')}日" if parts_of["day"] else ""
        return f"{parts_of['year']}年{_MONTHS.index(parts_of['month']) + 1}月{day}"
    digits, unit = parts_of["digits"], ""
    if parts_of["word"]:
        value = Decimal(digits.replace(",", "")) * _SIZES[parts_of["word"]]
        size, unit = next((size, name) for size, name in _CHINESE if value >= size)
        digits = f"{(value / size).normalize():f}"
    return f"{parts_of['sign']}{digits}{parts_of['power'] or ''}{unit}{'美元' if parts_of['dollar'] else ''}"


def with_chinese_numbers(text: str) -> str:
    """Return `text` with its numbers and dates as Chinese writes them."""
    return _SLOT.sub(lambda match: chinese(match[0]), text)


def filled(translation: str, numbers: tuple[str, ...]) -> str:
    """Return the translation of a template with its numbers in Chinese."""
    return _GAP.sub(lambda match: chinese(numbers[int(match[1]) - 1]), translation)


def translated(text: str, catalogue: Mapping[str, str]) -> str | None:
    """Return `text` in Chinese by a catalogue of templates; None where it has none.

    A name stays as it is, and a bare number needs no catalogue; of a list, each part is translated.
    """
    result = []
    for part, between in parts(text):
        key, numbers = template(part)
        if key in catalogue:
            result.append(filled(catalogue[key], numbers))
        elif part in names():
            result.append(part)
        elif needs_words(key):
            return None
        else:
            result.append(filled(key, numbers))
        result.append(between)
    return "".join(result)


def parts(text: str) -> list[tuple[str, str]]:
    """Return the parts of a text that are translated one by one, each with the Chinese mark behind it.

    They are those of a list of short things, or of a description with many numbers; any other text is one part.
    """
    short = text.split(", ")
    if len(short) > 2 and all(len(part.split()) < 3 and "." not in part for part in short):
        return [*((part, "、") for part in short[:-1]), (short[-1], "")]
    if len(_SLOT.findall(text)) > _MANY:
        pieces = _BETWEEN.split(text)
        return [(part, _MARKS[mark]) for part, mark in zip(pieces[::2], [*pieces[1::2], ""], strict=True)]
    return [(text, "")]


def needs_words(key: str) -> bool:
    """Say whether a template has English words: more than numbers, signs and units, and not a name in a Chinese text."""
    bare = _UNITS.sub("", _GAP.sub("", key))
    return bool(re.search(r"[A-Za-z]{2}", bare)) and len(_LATIN.findall(bare)) > 2 * len(_HAN.findall(bare))


_LATIN, _HAN = re.compile(r"[A-Za-z]"), re.compile(r"[\u4e00-\u9fff]")
#: Units and formats that Chinese writes as English does.
_UNITS = re.compile(
    r"\b(?:[kKMGTPE]?(?:B|iB|W|Wh|FLOP|FLOPS|Hz|FLOP/s|B/s)|GiB|ms|FLOPs|BF16|FP16|FP32|TF32|FP8|FP4|INT8|INT4|MXFP4|NVFP4)\b"
)
