"""Read quantities as people write them, and write them back.

`read("30 days", "second")` is 2592000.0; `write(2592000.0, "day")` is "30 days". Inside the package every
quantity is a float in the unit that its name or docstring says; this module is the only place where text and
units meet.
"""

import math
import re

import pint

from analysis import numerals

# What a count counts is a dimension of its own, so that tokens can't be given where parameters are asked for.
DEFINITIONS = """
kilo- = 1e3 = k-
mega- = 1e6 = M-
giga- = 1e9 = G-
tera- = 1e12 = T-
peta- = 1e15 = P-
exa- = 1e18 = E-
percent = 0.01 = %
million = 1e6
billion = 1e9
trillion = 1e12
second = [time] = s = sec
millisecond = 0.001 * second = ms
minute = 60 * second = min
hour = 60 * minute = h
day = 24 * hour = d
week = 7 * day
year = 365 * day
FLOP = [computation]
FLOPS = FLOP / second
parameter = [parameter]
token = [token]
character = [character]
question = [question]
visit = [visit]
accelerator = [accelerator]
server = [server]
"""

_registry = pint.UnitRegistry(None, non_int_type=float)
_registry.load_definitions(DEFINITIONS.strip().splitlines())

_NUMBER = r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d+(?:_\d+)*|(?=\.\d))(?:\.\d*)?(?:[eE][+-]?\d+)?"
_QUANTITY = re.compile(rf"({_NUMBER})(?:\s*/\s*({_NUMBER}))?\s*(%|[A-Za-z][A-Za-z/ ]*)?")
_LONGEST = 80


class QuantityError(ValueError):
    """Text that is not a quantity of the unit asked for; the message says what was given and what is allowed."""


def read(text: object, unit: str, example: str | None = None) -> float:
    """Return the quantity that `text` writes, in `unit`.

    `text` is a number (`300e9`, `86,400`, `4/3`) with a unit (`30 days`, `156 TFLOPS`, `50%`). A number alone is
    taken to be in `unit` if that is a count or a fraction; a time or a rate must say its unit. `example` is a valid
    text for the message. Raises QuantityError.
    """
    hint = f"; write for example {example}" if example else ""
    if isinstance(text, bool) or not isinstance(text, (int, float, str)):
        raise QuantityError(f"{text!r} is not a quantity{hint}")
    written = str(text).strip()
    if len(written) > _LONGEST:
        raise QuantityError(f"{written[:30]!r}… is too long for a quantity{hint}")
    match = _QUANTITY.fullmatch(written)
    if not match:
        raise QuantityError(f"{written!r} is not a finite number with a unit{hint}")
    number, denominator, given = match.groups()
    value = _number(number)
    if denominator is not None:
        if _number(denominator) == 0:
            raise QuantityError(f"{written!r} divides by zero{hint}")
        value /= _number(denominator)
    value = value * _factor(written, given, unit, hint)
    if not math.isfinite(value):
        raise QuantityError(f"{written!r} is not a finite number{hint}")
    return value


def write(value: float, unit: str) -> str:
    """Return `value`, a quantity in base units, as people write it in `unit`: "30 days", "156 TFLOPS", "50%"."""
    scaled = value / _registry.Quantity(1.0, unit).to_root_units().magnitude
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


def _factor(written: str, given: str | None, unit: str, hint: str) -> float:
    """Return what a number in the `given` unit is multiplied by to be in `unit`."""
    target = _registry.parse_units(unit)
    try:
        source = _registry.parse_units(given.strip() if given else "")
    except Exception as exc:  # pint raises several kinds for a unit it can't read
        raise QuantityError(f"{written!r}: the unit {given.strip()!r} is not known{hint}") from exc
    bare = source.dimensionless
    if bare and _needs_unit(target):
        raise QuantityError(f"{written!r} has no unit{hint}")
    if given and "%" in given and not target.dimensionless:
        raise QuantityError(f"{written!r} has the wrong unit{hint}")
    if bare:
        return (1.0 * source).to_root_units().magnitude
    # "425 characters" says enough where characters a question are asked for.
    counted = _registry.parse_units(unit.partition("/")[0])
    if not _needs_unit(target) and source.dimensionality == counted.dimensionality:
        return _registry.convert(1.0, source, counted)
    if source.dimensionality != target.dimensionality:
        raise QuantityError(f"{written!r} has the wrong unit{hint}")
    return _registry.convert(1.0, source, target)


def _needs_unit(target: pint.Unit) -> bool:
    """Say whether a bare number would be ambiguous: a time, or an amount or rate of computation."""
    return target.dimensionality == {"[time]": 1} or "[computation]" in target.dimensionality
