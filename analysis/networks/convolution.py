"""Convolution (卷积) and pooling (池化): a few weights that slide over the whole image, and a summary of what they found."""

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from analysis.networks.dense import cross_entropy, squared_error
from analysis.networks.linear import Linear

KERNEL = 3
POOL = 2


@dataclass(frozen=True)
class ConvolutionalNetwork:
    """Kernels, the activation max(0, x), pooling, and a linear layer to the classes.

    `kernels` is (KERNEL², channels): each column is one kernel, read row by row; `bias` (channels,).
    """

    kernels: np.ndarray
    bias: np.ndarray
    readout: Linear

    def __call__(self, images: np.ndarray) -> np.ndarray:
        """Return the scores (n, classes) of `images` (n, side, side)."""
        return self.steps(images)[-1]

    def steps(self, images: np.ndarray) -> tuple[np.ndarray, ...]:
        """Return what the kernels find (n, s, s, channels), that after the activation, after pooling (n, s / 2, s / 2,
        channels), and the scores (n, classes), where s is the side of the images less KERNEL - 1."""
        responses = convolve(images, self.kernels) + self.bias
        active = np.maximum(responses, 0)
        pooled = max_pool(active)
        return responses, active, pooled, self.readout(pooled.reshape(len(images), -1))

    @property
    def arrays(self) -> list[np.ndarray]:
        """The weights and biases, which an optimizer changes in place."""
        return [self.kernels, self.bias, self.readout.weight, self.readout.bias]

    @property
    def parameters(self) -> int:
        """The number of weights and biases."""
        return sum(array.size for array in self.arrays)

    def gradients(self, images: np.ndarray, wanted: np.ndarray, squared: bool = False) -> tuple[np.ndarray, list[np.ndarray]]:
        """Return the loss over `images`, cross-entropy or `squared` error, and its derivative by each of `arrays`.

        `wanted` (n, classes) has a 1 at the right class.
        """
        _found, active, pooled, scores = self.steps(images)
        loss, by_scores = (squared_error if squared else cross_entropy)(scores, wanted)
        by_weight = pooled.reshape(len(images), -1).T @ by_scores
        by_pooled = (by_scores @ self.readout.weight.T).reshape(pooled.shape)
        # The gradient goes to the largest of each block that is pooled, and there only where the activation let it pass.
        larger = np.repeat(np.repeat(pooled, POOL, axis=1), POOL, axis=2)
        chosen = (active == larger) & (active > 0)
        by_found = np.repeat(np.repeat(by_pooled, POOL, axis=1), POOL, axis=2) * chosen
        by_kernels = np.tensordot(_windows(images), by_found, axes=((0, 1, 2), (0, 1, 2)))
        return loss, [by_kernels, by_found.sum(axis=(0, 1, 2)), by_weight, by_scores.sum(axis=0)]


def convolve(images: np.ndarray, kernels: np.ndarray) -> np.ndarray:
    """Return the product of each kernel (KERNEL², channels) with each window of `images` (n, side, side):
    (n, s, s, channels) with s = side - KERNEL + 1. As in all such networks, the kernel is not flipped."""
    return _windows(images) @ kernels


def max_pool(maps: np.ndarray) -> np.ndarray:
    """Return the largest of each block of POOL × POOL of `maps` (n, s, s, channels): (n, s / POOL, s / POOL, channels)."""
    count, side, _, channels = maps.shape
    blocks = maps.reshape(count, side // POOL, POOL, side // POOL, POOL, channels)
    return blocks.max(axis=(2, 4))


def _windows(images: np.ndarray) -> np.ndarray:
    windows = sliding_window_view(images, (KERNEL, KERNEL), axis=(1, 2))
    return windows.reshape(*windows.shape[:3], KERNEL * KERNEL)


def initial(channels: int, side: int, classes: int, random: np.random.Generator) -> ConvolutionalNetwork:
    """Return a network of random weights (He et al. 2015) for images (side, side)."""
    pooled = (side - KERNEL + 1) // POOL
    flat = pooled * pooled * channels
    kernels = random.normal(0, (2 / KERNEL**2) ** 0.5, (KERNEL**2, channels)).astype(np.float32)
    readout = random.normal(0, flat**-0.5, (flat, classes)).astype(np.float32)
    return ConvolutionalNetwork(kernels, np.zeros(channels, np.float32), Linear(readout, np.zeros(classes, np.float32)))
