"""How the loss of the small language models falls with their size and with what they read, and the law that fits it.

`python -m training.poem_scaling` trains them. Kaplan et al. 2020, equation 1.5, for models that stop training when they
begin to over-fit: L(N, D) = ((N_c / N)^(a_N / a_D) + D_c / D)^a_D. N leaves out embeddings and positions.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import optimize

from analysis import facts, trends
from analysis.models import ledger
from analysis.models.architecture import Architecture
from analysis.networks import language_model, poems

NAME = "generated/poem_scaling"
_HEAD = 16  # the width of a head

#: What Kaplan et al. 2020 found for this law (table 2): the exponents of size and of data.
KAPLAN_SIZE, KAPLAN_DATA = 0.076, 0.103


@dataclass(frozen=True)
class Law:
    """The constants of the law: `size` N_c and its exponent, `data` D_c and its exponent."""

    size: float
    size_exponent: float
    data: float
    data_exponent: float

    def loss(self, parameters: Any, tokens: Any) -> Any:
        """Return the loss of a model of `parameters` after reading `tokens`, in nats a token."""
        by_size = (self.size / parameters) ** (self.size_exponent / self.data_exponent)
        return (by_size + self.data / tokens) ** self.data_exponent


@dataclass(frozen=True)
class Slope:
    """The exponent of a straight line through logarithms, with its 90% interval: loss ~ x^-exponent."""

    exponent: float
    low: float
    high: float


def architecture(n_layers: int, d_model: int) -> Architecture:
    """Return the shape of one size."""
    return language_model.architecture(
        f"{n_layers} × {d_model}", vocabulary=len(poems.vocabulary()), context=poems.CONTEXT,
        n_layers=n_layers, d_model=d_model, n_heads=d_model // _HEAD,
    )  # fmt: skip


def parameters(n_layers: int, d_model: int) -> int:
    """Return the parameters of one size, without embeddings and positions, as the ledger counts them."""
    arch = architecture(n_layers, d_model)
    return int(ledger.parameters(arch)) - (arch.vocab_size + arch.learned_positions) * d_model


def runs() -> pd.DataFrame:
    """Return the runs as they were written, with the `parameters` of each."""
    frame = facts.read(NAME)
    frame["parameters"] = [parameters(int(row.n_layers), int(row.d_model)) for row in frame.itertuples()]
    return frame


def fit(frame: pd.DataFrame) -> Law:
    """Return the law that is closest to the losses of `runs`, by least squares on their logarithms."""

    def off(logs: np.ndarray) -> np.ndarray:
        return np.log(Law(*np.exp(logs)).loss(frame["parameters"], frame["tokens"]) / frame["loss"])

    # From a start at which one of the terms is nothing, the search ends in a law of one term: begin with two equal ones.
    half = np.exp(np.log(frame["loss"]).mean() / KAPLAN_DATA) / 2
    size, data = (np.exp(np.log(frame[column]).mean()) for column in ("parameters", "tokens"))
    start = np.log([size * half ** (KAPLAN_DATA / KAPLAN_SIZE), KAPLAN_SIZE, data * half, KAPLAN_DATA])
    return Law(*np.exp(optimize.least_squares(off, start, x_scale=[10, 1, 10, 1], max_nfev=10_000).x).tolist())


def without_each(frame: pd.DataFrame) -> list[Law]:
    """Return the laws that fit when one run after another is left out."""
    return [fit(frame.drop(index=row)) for row in frame.index]


def error(law: Law, frame: pd.DataFrame) -> float:
    """Return by how much the law is off, as the root mean square of the logarithms of its ratios to the losses."""
    return float(np.sqrt((np.log(law.loss(frame["parameters"], frame["tokens"]) / frame["loss"]) ** 2).mean()))


def slope(frame: pd.DataFrame, over: str) -> Slope:
    """Return the exponent of the loss over the column `over`."""
    line = trends.fit(np.log(frame[over]), frame["loss"])
    return Slope(*(-np.log([line.growth, line.high, line.low])).tolist())


def most(frame: pd.DataFrame, column: str) -> pd.DataFrame:
    """Return the runs with the most in a column: the largest model, or all the poems."""
    return frame[frame[column] == frame[column].max()]
