"""One check for numbers and arrays from outside: finite and within bounds, else a message that says what is allowed."""

from typing import Any

import numpy as np


def within(error: type[ValueError], name: str, values: Any, least: float, most: float = np.inf) -> None:
    """Raise `error` where any of `values` is not a finite number from `least` to `most`; it quotes the first."""
    try:
        array = np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        raise error(f"{name}: {str(values)[:40]!r} is not a number") from None
    wrong = ~(np.isfinite(array) & (array >= least) & (array <= most))
    if wrong.any():
        allowed = f"at least {least:g}" if most == np.inf else f"{least:g} to {most:g}"
        raise error(f"{name}: {array[wrong].flat[0]:g} is out of range; allowed: {allowed}")
