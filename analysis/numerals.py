"""Numbers as text: the only place that decides how a result is written."""

from decimal import Decimal

_TIMES = "\N{NO-BREAK SPACE}×\N{NO-BREAK SPACE}"
_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_WORDS = ((1e12, "trillion"), (1e9, "billion"), (1e6, "million"))


def whole(value: float) -> str:
    """Return a count in full, "412,018", or with a power of ten where nobody could read it in full."""
    return f"{value:,.0f}" if abs(value) < 1e15 else scientific(value, 4)


def significant(value: float, digits: int = 3) -> str:
    """Return `value` to so many significant digits: "1.71", "1,560"; a power of ten stands where nobody would count zeros."""
    if value != 0 and not 1e-6 <= abs(value) < 1e15:
        return scientific(value, digits)
    rounded = Decimal(f"{value:.{digits - 1}e}")
    return f"{rounded:,f}"


def exact(value: float) -> str:
    """Return a count before it is rounded up: "1,558.05"; a power of ten stands where nobody would count zeros."""
    return f"{value:,.2f}" if 0.01 <= abs(value) < 1e12 else scientific(value, 4)


def counted(value: float, noun: str) -> str:
    """Return a count with its noun: "1 accelerator", "412,018 accelerators"."""
    return f"{whole(value)} {plural(value, noun)}"


def plural(value: float, noun: str) -> str:
    """Return the form of `noun` that stands behind a count: "accelerator" behind 1, else "accelerators"."""
    return noun if value == 1 else f"{noun}s"


def readable(value: float, digits: int = 3) -> str:
    """Return `value` as `significant` does, or with a power of ten where nobody would count its zeros."""
    return significant(value, digits) if value == 0 or 1e-4 <= abs(value) < 1e9 else scientific(value, digits)


def signed(value: float, places: int = 2) -> str:
    """Return `value`, which may be negative, to so many decimal places: "2.50", "−0.02"."""
    return f"{round(float(value), places) + 0.0:.{places}f}".replace("-", "−")  # no minus before 0.00


def scientific(value: float, digits: int = 3) -> str:
    """Return `value` to so many significant digits, with a power of ten where it needs one: "3.15 × 10²³"."""
    if 1e-3 <= abs(value) < 1e4 or value == 0:
        return significant(value, digits)
    mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
    return f"{mantissa}{_TIMES}10{str(int(exponent)).translate(_SUPERSCRIPT)}"


def plain(value: float, digits: int = 4) -> str:
    """Return `value` in full up to seven digits, else with a power of ten; never more digits than it needs."""
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        return _short(value, max(digits, len(str(int(abs(value))))))
    mantissa, exponent = scientific(value, digits).split(_TIMES)
    return f"{_short(float(mantissa), digits)}{_TIMES}{exponent}"


def words(value: float, digits: int = 3) -> str:
    """Return a large count with a word: "3.5 billion", "13.7 billion", in full below a million."""
    if abs(value) >= 1e18:
        return scientific(value, digits)
    for size, word in _WORDS:
        if abs(value) >= size:
            return f"{_short(value / size, digits)} {word}"
    return _short(value, digits) if value % 1 else whole(value)


def rounded(value: float, digits: int = 3) -> str:
    """Return a count that is no surer than so many digits, with a word: "377,000", "1.61 million"."""
    return words(float(f"{value:.{digits}g}"), digits)


def percent(share: float, digits: int = 2) -> str:
    """Return a share as a percentage: "50%", "2.8%"."""
    return f"{_short(100 * share, digits)}%"


def probability(share: float) -> str:
    """Return a probability as a percentage, or that it is nearly 0 or 1: "86%", "< 0.01%", "> 99.99%"."""
    if 0 < share < 1e-4:
        return "< 0.01%"
    return "> 99.99%" if 1 - 1e-4 < share < 1 else percent(share)


def times(value: float, reference: float) -> str:
    """Return how `value` stands to `reference`: "as many as", "1.71 times as many as"."""
    ratio = value / reference
    if value == reference:
        return "as many as"
    return "about as many as" if abs(ratio - 1) < 0.005 else f"{plain(ratio, 3)} times as many as"


def _short(value: float, digits: int) -> str:
    text = significant(value, digits)
    return text.rstrip("0").rstrip(".") if "." in text else text
