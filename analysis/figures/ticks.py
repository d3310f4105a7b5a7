"""How axes write large numbers: 10k, 5M, 100B, 2T, and powers of ten beyond; expressions for the option `labelExpr`."""

_DIGITS = "['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹']"
_EXPONENT = "round(log(datum.value) / LN10)"

#: A power of ten of one or two digits, as in 10²³; for axes whose ticks are powers of ten.
POWER = f"'10' + ({_EXPONENT} > 9 ? {_DIGITS}[floor({_EXPONENT} / 10)] : '') + {_DIGITS}[{_EXPONENT} % 10]"

#: A count: B for billion, where SI says G.
COUNT = (
    f"datum.value >= 1e15 ? {POWER} : abs(datum.value) < 1 ? format(datum.value, '~r')"
    " : replace(format(datum.value, '~s'), 'G', 'B')"
)
