"""The answers of one iteration: how many, how long, and how their lengths fall off.

Lengths are taken to fall off exponentially up to the longest that is allowed, at which an answer is cut: as many answers end in
each token as in the next, so that two numbers tell all of it, the mean and the longest. A mean near the longest leaves most
answers cut, as a limit that is too tight does.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from analysis.arrays import PerCase
from analysis.bounds import within

_BISECTIONS = 60
#: The mean of the longest of n exponential lengths, in means, is the logarithm of n and this (Euler's constant).
_EULER = 0.5772


class RlError(ValueError):
    """Reinforcement learning that can't be done so; the message names the field, what was given, and what would work."""


@dataclass(frozen=True)
class Batch:
    """`samples` answers to each of `prompts`, of `prompt_tokens` and `answer_tokens` on the mean; none is longer than `longest`
    tokens. Raises RlError when made."""

    prompts: int
    samples: int
    prompt_tokens: float
    answer_tokens: float
    longest: float

    def __post_init__(self) -> None:
        for name, most in (("prompts", 1e9), ("samples", 1e6)):
            value = getattr(self, name)
            if isinstance(value, bool) or not np.isfinite(value) or value % 1 or not 1 <= value <= most:
                raise RlError(f"{name} = {value!r} is not a whole number from 1 to {most:,.0f}")
        within(RlError, "prompt_tokens", self.prompt_tokens, 1, 1e8)
        within(RlError, "answer_tokens", self.answer_tokens, 1, 1e8)
        within(RlError, "longest", self.longest, self.answer_tokens, 1e8)

    @property
    def answers(self) -> int:
        """Answers of an iteration."""
        return int(self.prompts * self.samples)

    @property
    def length(self) -> float:
        """Tokens of a prompt with its answer, on the mean."""
        return self.prompt_tokens + self.answer_tokens

    @property
    def tokens(self) -> float:
        """Tokens of all prompts with their answers, which are scored and learnt from."""
        return self.answers * self.length

    @cached_property
    def falling(self) -> float:
        """Tokens over which so many answers end that a share 1/e is left; infinite where every answer is the longest."""
        if self.answer_tokens >= self.longest * (1 - 1e-9):
            return np.inf
        low, high = 1e-3 * self.answer_tokens, 1e9 * self.longest
        for _ in range(_BISECTIONS):
            middle = np.sqrt(low * high)
            short = -middle * np.expm1(-self.longest / middle) < self.answer_tokens
            low, high = (middle, high) if short else (low, middle)
        return float(high)

    def left(self, tokens: PerCase) -> PerCase:
        """Return the share of answers that are longer than so many `tokens`."""
        return np.exp(-np.asarray(tokens) / self.falling)

    @property
    def last(self) -> float:
        """Tokens of the longest of all answers, as expected."""
        return (
            float(min(self.longest, self.falling * (np.log(self.answers) + _EULER))) if self.answers > 1 else self.answer_tokens
        )
