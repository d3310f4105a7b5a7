"""Numbers over many powers of ten: the labels of axes and texts in charts, as expressions of Vega, and ticks."""

import math

#: Labels of an axis of counts: "100 million", "10 billion", "1 trillion".
COUNTS = (
    "datum.value >= 1e12 ? datum.value / 1e12 + ' trillion' : datum.value >= 1e9 ? datum.value / 1e9 + ' billion' : "
    "datum.value / 1e6 + ' million'"
)

_DIGITS = "['⁰','¹','²','³','⁴','⁵','⁶','⁷','⁸','⁹']"


def _ten_to(power: str) -> str:
    """Return the text of ten to a `power` from 0 to 99, which is an expression: "10²³"."""
    return f"'10' + ({power} >= 10 ? {_DIGITS}[floor({power} / 10)] : '') + {_DIGITS}[{power} % 10]"


#: Labels of an axis with a tick at powers of ten: "10²³".
POWERS = _ten_to("round(log(datum.value) / LN10)")

#: Labels of an axis of counts where room is short: "10k", "5M", "100B"; SI's G is no reader's billion.
SHORT = (
    f"datum.value >= 1e15 ? {POWERS} : abs(datum.value) < 1 ? format(datum.value, '~r')"
    " : replace(format(datum.value, '~s'), 'G', 'B')"
)


def scientific(value: str) -> str:
    """Return the text of a `value` of one or more, an expression, to three digits: "3.15 × 10²³"."""
    power = f"floor(log({value} / 0.9995) / LN10)"  # from 9.995 on, three digits are 10.0
    return f"format({value} / pow(10, {power}), '.3~r') + ' × ' + {_ten_to(power)}"


def round_values(low: float, high: float) -> list[float]:
    """Return round values between the ends of a logarithmic axis: 1, 2, 5 a decade, or 1 alone where it is long."""
    steps = (1, 2, 5) if high / low < 500 else (1,)
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    return [step * 10.0**decade for decade in decades for step in steps if low <= step * 10.0**decade <= high]
