"""The weights of trained networks: `data/weights/NAME.npz`, which `python -m training.NAME` writes."""

import numpy as np

from analysis import paths
from analysis.suggest import nearest


class WeightsError(FileNotFoundError):
    """Weights that are not there; the message says how to make them."""


def names() -> list[str]:
    """Return the networks whose weights are there."""
    return sorted(path.stem for path in paths.WEIGHTS.glob("*.npz"))


def load(name: str) -> dict[str, np.ndarray]:
    """Return the arrays of the trained network `name`, by the name of each. Raises WeightsError."""
    path = paths.WEIGHTS / f"{name}.npz"
    if not path.is_file():
        raise WeightsError(f"{paths.shown(path)} is missing{nearest(name, names())}; `make weights` trains the networks anew")
    with np.load(path) as arrays:
        return {key: arrays[key] for key in arrays.files}
