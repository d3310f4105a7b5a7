"""What a convolution saves: its weights beside those of layers that share none, and what comes of equally many."""

import numpy as np
import pandas as pd
from pydantic import Field

from analysis.networks import convolution, dense, digits, learning
from analysis.networks.convolution import KERNEL, ConvolutionalNetwork
from analysis.networks.digits import Digits
from analysis.networks.optimizer import Adam
from analysis.settings import Settings

_RATE, _BATCH = 0.003, 64
#: Kernels of the networks that are compared with dense ones.
CHANNELS = (2, 4, 8, 16)
#: Sides of images, in pixels, for which weights are counted.
SIDES = (8, 16, 32, 64, 128, 224)


class Convolving(Settings):
    """The network that is looked into, and how the compared ones learn."""

    channels: int = Field(8, ge=1, le=32, description="kernels of the network that is shown")
    digit: int = Field(3, ge=0, le=9, description="the digit that is taken through it")
    epochs: int = Field(20, ge=1, le=60, description="passes over the digits")
    seeds: int = Field(3, ge=1, le=8, description="networks of each kind")

    def trained(self, channels: int, seed: int) -> tuple[ConvolutionalNetwork, Digits]:
        """Return a network of so many kernels trained from `seed`, which draws the digits too, and the unseen images."""
        learn, unseen = (part.images for part in digits.split(seed))
        network = convolution.initial(channels, digits.SIDE, digits.CLASSES, np.random.default_rng(seed))
        self._train(network, learn, seed)
        return network, unseen

    def accuracy_of_dense(self, hidden: int, seed: int) -> tuple[float, float]:
        """Return the accuracy of a dense network on unseen digits, and on these moved by a pixel."""
        learn, unseen = digits.split(seed)
        widths = (digits.SIDE**2, *([hidden] if hidden else []), digits.CLASSES)
        network = dense.initial(widths, np.random.default_rng(seed))
        self._train(network, learn, seed)
        moved = Digits(moved_right(unseen.images.x).reshape(unseen.x.shape), unseen.labels)
        return learning.accuracy(network, unseen), learning.accuracy(network, moved)

    def _train(self, network: learning.Network, learn: Digits, seed: int) -> None:
        for _ in learning.train(network, learn, Adam(_RATE), self.epochs, _BATCH, seed):
            pass


def by_kind(side: int, channels: int) -> dict[str, int]:
    """Return the weights and biases of a layer that maps an image of `side` × `side` to `channels` maps of what it finds.

    "Convolution" has the weights of one window for each map; "Windows of their own" has them for each place of each map;
    "Dense" connects every number that comes out with every pixel.
    """
    out = (side - KERNEL + 1) ** 2 * channels
    return {
        "Dense": out * side**2 + out,
        "Windows of their own": out * KERNEL**2 + out,
        "Convolution": channels * KERNEL**2 + channels,
    }


def flop(side: int, channels: int) -> int:
    """Return the FLOP of a convolution of an image of `side` × `side`: two for each weight of each window of each map."""
    return 2 * KERNEL**2 * (side - KERNEL + 1) ** 2 * channels


def hidden_of_equal(weights: int) -> int:
    """Return the hidden units with which a dense network has about so many `weights`; at least one."""
    fixed = dense.parameters((digits.SIDE**2, 0, digits.CLASSES))
    by_unit = dense.parameters((digits.SIDE**2, 1, digits.CLASSES)) - fixed
    return max(1, round((weights - fixed) / by_unit))


def moved_right(images: np.ndarray) -> np.ndarray:
    """Return `images` (n, side, side), moved to the right by a pixel; what leaves them is lost."""
    moved = np.zeros_like(images)
    moved[:, :, 1:] = images[:, :, :-1]
    return moved


def at_equal_weights(convolving: Convolving) -> pd.DataFrame:
    """Return the `accuracy` on unseen digits, and on these `moved` by a pixel, by `kind`, `weights` and `seed`.

    Convolutions and dense networks come in pairs of about equal `weights`; a linear classifier stands for itself.
    """
    rows = []
    for seed in range(convolving.seeds):
        for channels in CHANNELS:
            network, unseen = convolving.trained(channels, seed)
            moved = Digits(moved_right(unseen.x), unseen.labels)
            rows.append(["Convolution", channels, network.parameters, seed,
                         learning.accuracy(network, unseen), learning.accuracy(network, moved)])  # fmt: skip
            hidden = hidden_of_equal(network.parameters)
            rows.append(["Dense", hidden, dense.parameters((digits.SIDE**2, hidden, digits.CLASSES)), seed,
                         *convolving.accuracy_of_dense(hidden, seed)])  # fmt: skip
        rows.append(["No hidden layer", 0, dense.parameters((digits.SIDE**2, digits.CLASSES)), seed,
                     *convolving.accuracy_of_dense(0, seed)])  # fmt: skip
    return pd.DataFrame(rows, columns=["kind", "size", "weights", "seed", "accuracy", "moved"])
