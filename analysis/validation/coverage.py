"""Whether intervals are honest: how many rows they hold, by group, with the doubt of a measurement on few sources."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.uncertainty.intervals import LEVEL

#: Sources are drawn so often, by this seed; the band leaves out as much on either side.
_DRAWS, _SEED, _TAIL = 2000, 20261201, 0.05


def interval_score(error: np.ndarray, half_width: np.ndarray) -> np.ndarray:
    """Return the score of intervals on logarithms, less is better (Gneiting and Raftery 2007, equation 43).

    `error` is how far the published value lies from the interval's middle. Width costs, and so does what lies outside.
    """
    outside = np.maximum(np.abs(error) - half_width, 0.0)
    return 2 * half_width + 2 / (1 - LEVEL) * outside


def band(held: pd.Series, sources: pd.Series) -> tuple[float, float]:
    """Return the band of 90% of the share that is held, every source counting the same: sources are drawn again and again,
    since rows of a source err together (the bootstrap of clusters)."""
    shares = held.groupby(sources).mean().to_numpy()
    drawn = np.random.default_rng(_SEED).integers(len(shares), size=(_DRAWS, len(shares)))
    low, high = np.quantile(shares[drawn].mean(axis=1), [_TAIL, 1 - _TAIL])
    return float(low), float(high)


def by_group(rows: pd.DataFrame, groups: Mapping[str, pd.Series]) -> pd.DataFrame:
    """Return, for each of the `groups` (masks of `rows`), rows, sources, median error, coverage, its band, and score.

    Shares, errors and scores are means over sources. `rows` have `log_error`, `width` and `held`.
    """
    lines = {}
    for name, mask in groups.items():
        chosen = rows[mask]
        if chosen.empty:
            continue
        score = pd.Series(interval_score(chosen["log_error"].to_numpy(), chosen["width"].to_numpy()), chosen.index)
        low, high = band(chosen["held"], chosen["source"])
        lines[name] = {
            "rows": len(chosen),
            "sources": chosen["source"].nunique(),
            "median error": np.expm1(chosen["log_error"].abs()).groupby(chosen["source"]).median().mean(),
            "coverage": chosen["held"].groupby(chosen["source"]).mean().mean(),
            "low": low,
            "high": high,
            "score": score.groupby(chosen["source"]).mean().mean(),
        }
    return pd.DataFrame.from_dict(lines, orient="index")
