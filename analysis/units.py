"""Read quantities as people write them, and write them back.

`read("30 days", "second")` is 2592000.0; `write(2592000.0, "day")` is "30 days". Inside the package every
quantity is a float in the unit that its name or docstring says; this module is the only place where text and
units meet. The units are few, so that they are a table here: a library of all units takes longer to load than most
commands take.
"""

import math
import re

from analysis import numerals
from analysis.quote import quote

_DAY = 86_400.0
#: What a number may be followed by: words that multiply it. Letters count as of either case.
_SCALES = {
    "k": 1e3, "thousand": 1e3, "mn": 1e6, "million": 1e6, "b": 1e9, "bn": 1e9, "g": 1e9, "billion": 1e9,
    "t": 1e12, "tn": 1e12, "trillion": 1e12,
    "个": 1.0, "千": 1e3, "万": 1e4, "百万": 1e6, "千万": 1e7, "亿": 1e8, "十亿": 1e9, "百亿": 1e10, "千亿": 1e11, "万亿": 1e12,
}  # fmt: skip
#: Units: size, in the unit that the package holds, and that unit. What a count counts is a unit of its own, so that tokens
#: can't be given where parameters are asked for. A month is the deck's: 30 days.
_UNITS = {
    **dict.fromkeys(("second", "sec", "s", "秒"), (1.0, "second")),
    **dict.fromkeys(("millisecond", "ms", "毫秒"), (0.001, "second")),
    **dict.fromkeys(("minute", "min", "分钟"), (60.0, "second")),
    **dict.fromkeys(("hour", "hr", "h", "小时"), (3600.0, "second")),
    **dict.fromkeys(("day", "d", "天", "日"), (_DAY, "second")),
    **dict.fromkeys(("week", "wk", "周", "星期"), (7 * _DAY, "second")),
    **dict.fromkeys(("month", "个月", "月"), (30 * _DAY, "second")),
    **dict.fromkeys(("year", "yr", "年"), (365 * _DAY, "second")),
    **dict.fromkeys(("parameter", "param", "参数"), (1.0, "parameter")),
    **dict.fromkeys(("watt", "w"), (1.0, "watt")),
    **dict.fromkeys(("kilowatt", "kw"), (1e3, "watt")),
    **dict.fromkeys(("usd", "dollar"), (1.0, "dollar")),
    "byte": (1.0, "byte"),
    **{f"{prefix}b": (1e3**power, "byte") for power, prefix in enumerate("kmgtp", 1)},
    **{f"{prefix}ib": (1024.0**power, "byte") for power, prefix in enumerate("kmgtp", 1)},
    "token": (1.0, "token"),
    **dict.fromkeys(("character", "char", "字"), (1.0, "character")),
    **dict.fromkeys(("visit", "次"), (1.0, "visit")),
    "question": (1.0, "question"),
    "prompt": (1.0, "prompt"),
    "answer": (1.0, "answer"),
    "iteration": (1.0, "iteration"),
    "request": (1.0, "request"),
    "user": (1.0, "user"),
    **dict.fromkeys(("accelerator", "chip", "gpu"), (1.0, "accelerator")),
    **dict.fromkeys(("server", "台"), (1.0, "server")),
}

#: A number, as Python, YAML and the page's script read it: commas stand between thousands, and nowhere else.
NUMBER = r"[+-]?(?:[1-9][0-9]{0,2}(?:,[0-9]{3})+|[0-9]+(?:_[0-9]+)*|(?=\.[0-9]))(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?"
_QUANTITY = re.compile(rf"({NUMBER})(?:\s*/\s*({NUMBER}))?\s*(%|[^\W\d_]+(?:[/ ]+[^\W\d_]+)*)?")
#: A number with a comma that may be a decimal one, as both read it.
COMMA = r"([+-]?[0-9][0-9.]*),([0-9]+)(?![0-9,])"
_WORD = re.compile(
    "|".join(sorted((name for name in (*_SCALES, *_UNITS) if not name.isascii()), key=len, reverse=True)) + "|[a-z]+"
)
#: Full-width signs, as Chinese keyboards type them: "５０％".
_HALF_WIDTH = {0xFF01 + place: 0x21 + place for place in range(94)} | {0x3000: 0x20}
_LONGEST = 80


class QuantityError(ValueError):
    """Text that is not a quantity of the unit asked for; the message says what was given and what is allowed."""


def read(text: object, unit: str, example: str | None = None, *, bare: bool = False) -> float:
    """Return the quantity that `text` writes, in `unit`.

    `text` is a number (`300e9`, `86,400`, `4/3`) with a unit (`30 days`, `156 TFLOPS`, `50%`, `175B`, `3.5 亿`). A number
    alone is taken to be in `unit` if that is a count or a fraction; a time or a rate must say its unit, unless `bare`.
    `example` is a valid text for the message. Raises QuantityError.
    """
    hint = f"; write for example {example}" if example else ""
    if isinstance(text, bool) or not isinstance(text, (int, float, str)):
        raise QuantityError(f"{quote(text)} is not a quantity{hint}")
    if len(text) > _LONGEST if isinstance(text, str) else isinstance(text, int) and abs(text) >= 10**_LONGEST:
        raise QuantityError(f"{quote(text)} is too long for a quantity{hint}")
    written = str(text).translate(_HALF_WIDTH).strip()
    match = _QUANTITY.fullmatch(written)
    if not match:
        raise QuantityError(f"{quote(written)} {_comma(written) or 'is not a finite number with a unit'}{hint}")
    number, denominator, given = match.groups()
    value = _number(number)
    if denominator is not None:
        if _number(denominator) == 0:
            raise QuantityError(f"{quote(written)} divides by zero{hint}")
        value /= _number(denominator)
    try:
        value *= _factor(given or "", unit, bare=bare)
    except QuantityError as exc:
        raise QuantityError(f"{quote(written)}{exc}{hint}") from None
    if not math.isfinite(value):
        raise QuantityError(f"{quote(written)} is not a finite number{hint}")
    return value


def write(value: float, unit: str) -> str:
    """Return `value`, a quantity in base units, as people write it in `unit`: "30 days", "156 TFLOPS", "50%"."""
    scaled = value / (0.01 if unit == "%" else _unit(unit)[0])
    plain = scaled == 0 or 1e-3 <= abs(scaled) < 1e6
    text = numerals.plain(scaled) if plain else _engineering(scaled)
    if unit == "%":
        return f"{text}%"
    plural = "" if scaled == 1 or unit.endswith("S") else "s"
    return f"{text} {unit}{plural}".strip() if unit else text


def _engineering(value: float) -> str:
    """Return `value` with an exponent that is a multiple of three: 175e9, not 1.75e11."""
    exponent = 3 * math.floor(math.log10(abs(value)) / 3)
    return f"{value / 10.0**exponent:.6g}e{exponent}"


def _number(text: str) -> float:
    return float(text.replace(",", "").replace("_", ""))


def _comma(written: str) -> str:
    """Return what is wrong with a comma that may be a decimal one, with both of its readings, or ""."""
    match = re.match(COMMA, written)
    if not match:
        return ""
    decimal = f"{match[1].replace('.', '')}.{match[2]}"
    if len(match[2]) == 3 and "." not in match[1]:
        thousands = int(match[1] + match[2])
        return f"can mean {decimal}, with a decimal comma, or {thousands}, with one between thousands; write one of these"
    return f"has a comma that is not between thousands; if it is a decimal comma, write {decimal}"


def _factor(given: str, unit: str, *, bare: bool) -> float:
    """Return what a number in the `given` unit is multiplied by to be in `unit`. Raises QuantityError, for the message's end."""
    size, counted, per = _unit(unit)
    if given == "%":
        if counted:
            raise QuantityError(" has the wrong unit")
        return 0.01
    scale, factor, found_per = _unit(given)
    if not factor and not found_per:
        if counted in ("second", "FLOP") and not (bare and not given):
            raise QuantityError(" has no unit")
        return scale
    # "425 characters" says enough where characters a question are asked for.
    if factor == counted and found_per in (per, "" if counted not in ("second", "FLOP") else per):
        return scale / size if found_per == per else scale
    raise QuantityError(" has the wrong unit")


def _unit(text: str) -> tuple[float, str, str]:
    """Return size, what is counted and what it is counted in, of "billion tokens", "TFLOPS", "visits/day" or ""."""
    above, _, below = re.sub(r"\s+(per|a)\s+", "/", text).partition("/")
    size, counted = _product(above)
    if counted == "FLOPS":
        counted, below = "FLOP", below or "s"
    if not below:
        return size, counted, ""
    size_below, per = _product(below)
    if not counted or not per:
        raise QuantityError(f": the unit {quote(text)} is not known")
    return size / size_below, counted, per


def _product(text: str) -> tuple[float, str]:
    """Return the product of the scales in one side of a unit, and the unit after them, or ""."""
    size, counted = 1.0, ""
    rest = text.strip().casefold()
    words = _WORD.findall(rest)
    if "".join(words) != re.sub(r"\s", "", rest):
        raise QuantityError(f": the unit {quote(text)} is not known")
    for word in words:
        if word == "m":
            word = "million" if "M" in text else ""
        if word in _SCALES and not counted:
            size *= _SCALES[word]
        elif (named := _named(word)) and not counted:
            size *= named[0]
            counted = named[1]
        else:
            raise QuantityError(f": the unit {quote(text)} is not known")
    return size, counted


def _named(word: str) -> tuple[float, str] | None:
    """Return size and name of a unit: as it is, in the plural, or with a prefix: "TFLOPS"."""
    if word in ("flops", "flop"):
        return 1.0, word.upper()
    for name in (word, word.removesuffix("s")):
        if name in _UNITS:
            return _UNITS[name]
    if word[1:] in ("flops", "flop") and word[0] in "kmgtpez":
        return 1e3 ** (1 + "kmgtpez".index(word[0])), word[1:].upper()
    return None
