"""A dense model of GPT-3's proportions, of any size: what is planned where only a number of parameters is said.

GPT-3 has 128 times as many widths as layers, heads of 128 and an inner layer four times as wide (Brown et al. 2020,
table 2.1). Layers and heads are kept such that plans divide them; of those near the proportions, the parameters come
nearest. Positions are rotary, so that no context is too long.
"""

import math
from functools import cache
from itertools import product

from analysis import numerals
from analysis.models import architecture, ledger
from analysis.models.architecture import Architecture
from analysis.models.shape import ArchitectureError

#: Widths a layer, and of a head.
_WIDTHS, _HEAD = 128, 128
_VOCABULARY = 50_257
#: How far from GPT-3's proportions layers may be, either way, and what such a distance counts against one of parameters.
_AWAY, _COUNTS = 1.3, 0.1
#: The smallest model that has such a shape.
LEAST = 1e7


@cache
def dense(parameters: float) -> Architecture:
    """Return a dense decoder of about so many `parameters`. Raises ArchitectureError for fewer than have such a shape."""
    if not parameters >= LEAST:
        raise ArchitectureError(
            f"parameters = {parameters:g} are fewer than a model of GPT-3's proportions has; valid: {LEAST:g} or more"
        )
    layers = (parameters / (12 * _WIDTHS**2)) ** (1 / 3)
    step = 1 if layers < 12 else 4
    depths = {max(1, round(layers / step + more) * step) for more in range(-12, 13)}
    depths = {depth for depth in depths if 1 / _AWAY <= depth / layers <= _AWAY} or {max(1, round(layers))}

    def distance(shape: tuple[int, int]) -> float:
        depth, width = shape
        held = 12 * depth * width**2 + _VOCABULARY * width
        return abs(math.log(held / parameters)) + _COUNTS * abs(math.log(depth / layers))

    depth, width = min(product(sorted(depths), _widths(_WIDTHS * layers)), key=distance)
    heads = width // _HEAD if width % _HEAD == 0 else width // (_HEAD // 2)
    return architecture.uniform(
        f"dense {numerals.words(parameters)}", n_layers=depth, d_model=width, n_heads=heads, d_ff=4 * width,
        vocab_size=_VOCABULARY, tied_embeddings=True, norm="layernorm", positions="rotary",
        biases=frozenset(("qkv", "output", "mlp", "norm")),
    )  # fmt: skip


def _widths(about: float) -> list[int]:
    """Return the widths that are tried about one: with a number of heads that plans divide."""
    step = 64 if about < 8 * _HEAD else _HEAD if about < 16 * _HEAD else 8 * _HEAD
    return sorted({max(64, round(about / step + more) * step) for more in range(-6, 7)})


def is_near(parameters: float, model: str) -> bool:
    """Say whether `model` has `parameters`, as people round them: to three digits."""
    return numerals.words(ledger.parameters(architecture.load(model))) == numerals.words(parameters)
