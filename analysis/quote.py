"""What a message repeats of what it was given: one short line, whatever that was."""

import reprlib

#: Characters of what was given that a message repeats at the most.
MOST = 60

_short = reprlib.Repr()
_short.maxstring = _short.maxother = _short.maxlong = MOST
_short.maxlevel, _short.maxlist, _short.maxtuple, _short.maxdict = 2, 3, 3, 3


def quote(value: object) -> str:
    """Return `value` as Python would write it, on one line, cut in its middle where it is long."""
    if isinstance(value, int) and value.bit_length() > 4 * MOST:
        return f"a number of some {value.bit_length() * 0.30103:,.0f} digits"  # Python writes no longer one than 4,300
    text = _short.repr(value)
    return text if len(text) <= MOST else f"{text[: MOST - 1]}…"


def printable(text: str) -> str:
    """Return `text` with what a terminal would obey, and not show, as Python would write it."""
    return "".join(character if character.isprintable() else ascii(character)[1:-1] for character in text)
