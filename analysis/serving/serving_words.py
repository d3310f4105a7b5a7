"""Chips, dollars, times, plans and intervals of serving as people write them, in charts, tables and the terminal."""

import numpy as np

from analysis import numerals
from analysis.inference.deployments import Deployment
from analysis.scenarios.estimate import whole


def count(chips: float) -> str:
    """Return a number of chips as text, to three digits; one that is infinite as words."""
    return numerals.rounded(chips) if np.isfinite(chips) else "no number that is enough"


def written(key: str, accelerators: float) -> str:
    """Return a step's accelerators as text: whole where the deck's formula gives them, else to three digits."""
    exact = key in ("printed", "slip", "scenario")
    return numerals.whole(whole(accelerators)) if exact else count(accelerators)


def dollars(value: float, digits: int = 3) -> str:
    """Return dollars as text; "–" where they are not known."""
    return f"${numerals.significant(value, digits)}" if np.isfinite(value) else "–"


def seconds(value: float) -> str:
    """Return a time as people write it: "41.5 ms", "2 s"."""
    return f"{numerals.plain(1000 * value, 3)} ms" if value < 1 else f"{numerals.plain(value, 3)} s"


def stands(value: float, low: float, high: float) -> str:
    """Return where `value` stands to an interval: "below", "inside" or "above"."""
    return "below" if value < low else "above" if value > high else "inside"


def within(ratio: float, half_width: float) -> str:
    """Return whether a prediction over what was reported is "within" or "outside" an interval, as a logarithm."""
    return "within" if abs(np.log(ratio)) <= half_width else "outside"


def shared(deployment: Deployment) -> str:
    """Return in words how a deployment shares a model out."""
    parts = []
    if deployment.expert > 1:
        parts.append(f"experts spread over {deployment.expert} chips")
    if deployment.tensor > 1:
        parts.append(f"each matrix on {deployment.tensor} chips")
    if deployment.pipeline > 1:
        parts.append(f"layers in {deployment.pipeline} stages")
    return ", ".join(parts) or "all on one chip"
