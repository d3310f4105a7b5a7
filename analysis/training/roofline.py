"""Time of single operations on one accelerator: matrix products, attention, and work that only moves numbers.

A matrix product takes its arithmetic at the rate that the chip's best one reaches, and a share of the time in which its
matrices pass through memory. So small and thin ones are slow without an efficiency curve: with 2 m k n FLOP and about
2 (m k + k n + m n) bytes, the second part grows as 1/m + 1/k + 1/n (Williams et al. 2009 take the larger of the two;
on measured layers, part of the traffic is never hidden).
"""

from dataclasses import dataclass

import numpy as np

from analysis.arrays import PerCase
from analysis.steps.attention import attended, head_share
from analysis.steps.step import Steps
from analysis.training.constants import Constants

#: Share of a memory's data-sheet bandwidth that copying reaches; measured on one H100 SXM: 3.02 of 3.35 TB/s.
BANDWIDTH_SHARE = 0.9
#: Backward over forward FLOP of fused attention: five products where forward has two (Dao et al. 2022).
ATTENTION_BACKWARD = 2.5
#: Bytes by which unfused attention moves each score: scale, mask, softmax and dropout, in 16 bits.
SCORE_BYTES = (10.0, 14.0)
#: Bytes that converting a number from 16 bits moves: read it, write it twice, once for the transposed product.
CONVERSION_BYTES = 4.0
#: Bytes that the loss moves for each score of the vocabulary, fused and eager (which goes through 32 bits).
LOSS_BYTES = (8.0, 24.0)


@dataclass(frozen=True)
class Pass:
    """Seconds of work in the forward and in the backward pass."""

    forward: PerCase
    backward: PerCase
    __array_ufunc__ = None  # so that an array times a Pass is a Pass of arrays

    def __add__(self, other: "Pass") -> "Pass":
        return Pass(self.forward + other.forward, self.backward + other.backward)

    def __mul__(self, factor: PerCase) -> "Pass":
        return Pass(self.forward * factor, self.backward * factor)

    __rmul__ = __mul__


NOTHING = Pass(0.0, 0.0)


def where(condition: PerCase, yes: Pass, no: Pass) -> Pass:
    """Return, case by case, the seconds of `yes` or of `no`."""
    return Pass(np.where(condition, yes.forward, no.forward), np.where(condition, yes.backward, no.backward))


def bandwidth(steps: Steps) -> PerCase:
    """Bytes a second that an accelerator's memory delivers."""
    return BANDWIDTH_SHARE * steps.machine.memory_bandwidth


def rate(constants: Constants, steps: Steps, reached: PerCase) -> PerCase:
    """FLOP/s of large matrix products in training, where the chip's best one gets `reached`."""
    return reached * constants.matmul_share * steps.machine.power_ratio**constants.power_exponent


def matmul_seconds(
    constants: Constants, steps: Steps, m: PerCase, k: PerCase, n: PerCase, flop_per_second: PerCase, element: PerCase
) -> PerCase:
    """Seconds of an m x k by k x n product of numbers of `element` bytes, with a 16-bit result."""
    traffic = (m * k + k * n) * element + m * n * 2
    return 2 * m * k * n / flop_per_second + constants.matmul_traffic * traffic / bandwidth(steps)


def linear(
    constants: Constants, steps: Steps, m: PerCase, k: PerCase, n: PerCase, count: PerCase = 1.0, wide: bool = False
) -> Pass:
    """Seconds of `count` linear layers from width k to n on m tokens each, at the machine's precision or in 16 bits.

    Backward is two products, for the gradients of input and weight. Below 16 bits, inputs and gradients are converted.
    """
    machine = steps.machine
    element = np.full_like(machine.peak, 2.0) if wide else machine.element_bytes
    speed = rate(constants, steps, machine.reached_16bit if wide else machine.reached)
    forward = matmul_seconds(constants, steps, m, k, n, speed, element)
    backward = matmul_seconds(constants, steps, m, n, k, speed, element)
    backward = backward + matmul_seconds(constants, steps, k, m, n, speed, element)
    once = constants.conversion * CONVERSION_BYTES * (element < 2) * (1 + machine.block_scaled) / bandwidth(steps)
    seconds: Pass = Pass(forward + once * m * k, backward + once * m * n) * count
    return seconds


def moved(constants: Constants, steps: Steps, numbers: PerCase) -> Pass:
    """Seconds of elementwise work that moves `numbers` 16-bit numbers forward, and twice that backward."""
    passes = constants.elementwise_passes * np.where(steps.behaviour.eager == 1, constants.eager_passes, 1.0)
    forward = passes * 2 * numbers / bandwidth(steps)
    return Pass(forward, 2 * forward)


def attention(constants: Constants, steps: Steps) -> Pass:
    """Seconds of one layer's attention core on one micro-batch: scores, softmax and the weighted sum of values."""
    core = where(steps.behaviour.fused_attention == 1, _fused_attention(constants, steps), _unfused_attention(constants, steps))
    seconds: Pass = core * (constants.counts_attention * (1 + constants.ring_loss * 2 * (1 - 1 / steps.plan.context)))
    return seconds


def _fused_attention(constants: Constants, steps: Steps) -> Pass:
    """Attention that never writes its scores, forward and backward each with one exponential a score.

    Exponentials add to the products' time: their units did not grow with the matrix units (Shah et al. 2024).
    """
    shape = steps.shape
    scores = steps.micro_tokens * attended(shape, steps.sequence) * shape.n_heads / steps.plan.tensor
    flop = 2 * scores * (shape.query_key_dim + shape.value_dim)
    softmax = scores * steps.machine.seconds_per_exponential
    share = constants.attention_share * constants.older_attention**steps.behaviour.attention_generations_behind
    share = share * head_share(shape)
    seconds = flop / (rate(constants, steps, steps.machine.reached_16bit) * share)
    return Pass(seconds + softmax, ATTENTION_BACKWARD * seconds + softmax)


def _unfused_attention(constants: Constants, steps: Steps) -> Pass:
    """Attention that computes all scores, the masked ones too, and writes them to memory between operations."""
    shape, sequence = steps.shape, steps.sequence
    speed = rate(constants, steps, steps.machine.reached_16bit)
    matrices = steps.plan.micro_batch * shape.n_heads / steps.plan.tensor / steps.plan.context
    products = matrices * (
        matmul_seconds(constants, steps, sequence, shape.query_key_dim, sequence, speed, 2.0)
        + matmul_seconds(constants, steps, sequence, sequence, shape.value_dim, speed, 2.0)
    )
    a_byte = constants.score_passes * matrices * sequence**2 / bandwidth(steps)
    return Pass(products + SCORE_BYTES[0] * a_byte, 2 * products + SCORE_BYTES[1] * a_byte)
