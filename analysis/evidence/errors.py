"""How far a prediction lies from what was published."""

from collections.abc import Sequence

import numpy as np

from analysis.arrays import PerCase

#: Metrics, of training and of inference, that grow as a step gets longer; the others shrink.
TIMES = ("step_seconds", "chip_hours", "ttft_seconds", "tpot_seconds")


def log_error(predicted: PerCase, published: PerCase, metrics: Sequence[str]) -> PerCase:
    """Return the logarithm of predicted over published time, whatever the metric: above 0, predicted too slow."""
    ratio = np.log(np.asarray(predicted, dtype=float) / np.asarray(published, dtype=float))
    return np.where(np.isin(np.array(metrics, dtype=object), TIMES), ratio, -ratio)


def shifted(predicted: PerCase, metrics: Sequence[str], offsets: PerCase) -> PerCase:
    """Return predictions without an error that is known, `offsets` as `log_error` has it."""
    longer = np.isin(np.array(metrics, dtype=object), TIMES)
    return np.asarray(predicted, dtype=float) * np.exp(np.where(longer, -1.0, 1.0) * offsets)
