"""Activation functions: the bends that networks put between their linear layers."""

import numpy as np
import pandas as pd
from scipy.special import erf, expit

#: Each activation by its name, from arrays to arrays of the same shape.
KINDS = {
    "ReLU": lambda x: np.maximum(x, 0),
    "Leaky ReLU": lambda x: np.where(x > 0, x, 0.01 * x),
    "GELU": lambda x: x * (1 + erf(x / np.sqrt(2))) / 2,
    "SiLU (Swish)": lambda x: x * expit(x),
}


def values(low: float = -4, high: float = 4, points: int = 161) -> pd.DataFrame:
    """Return each activation at `points` inputs from `low` to `high`: columns `activation`, `input`, `output`."""
    inputs = np.linspace(low, high, points)
    return pd.concat(
        pd.DataFrame({"activation": name, "input": inputs, "output": function(inputs)}) for name, function in KINDS.items()
    ).reset_index(drop=True)
