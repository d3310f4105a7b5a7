"""What random shapes of model types share: widths, heads, layers, flags, kinds of layer."""

from collections.abc import Callable
from random import Random
from typing import Any

Draw = Callable[[Random], dict[str, Any]]


def common(draw: Random, *, kv: bool = True, head_dim: bool = True) -> dict[str, Any]:
    """Return widths, heads, layers and vocabulary; heads divide the width."""
    heads = draw.choice([2, 4, 6, 8])
    shape = {
        "hidden_size": heads * draw.choice([8, 12, 16, 24]),
        "num_attention_heads": heads,
        "num_hidden_layers": draw.randint(2, 7),
        "intermediate_size": draw.randint(3, 40) * 4,
        "vocab_size": draw.randint(300, 900),
        "max_position_embeddings": draw.choice([128, 512, 1000]),
        "tie_word_embeddings": draw.random() < 0.5,
        "pad_token_id": 0,
    }
    if kv:
        shape["num_key_value_heads"] = draw.choice([n for n in range(1, heads + 1) if heads % n == 0])
    if head_dim:
        shape["head_dim"] = draw.choice([8, 16, 20])
    return shape


def flags(draw: Random, *names: str) -> dict[str, bool]:
    return {name: draw.random() < 0.5 for name in names}


def layer_types(draw: Random, shape: dict[str, Any], *kinds: str) -> dict[str, Any]:
    """Return a kind of each layer, or nothing, so that the default pattern holds."""
    if draw.random() < 0.3:
        return {}
    return {"layer_types": [draw.choice(kinds) for _ in range(shape["num_hidden_layers"])]}


def experts(draw: Random, names: tuple[str, str] = ("num_experts", "num_experts_per_tok"), **more: Any) -> dict[str, Any]:
    count = draw.choice([4, 6, 8])
    return {names[0]: count, names[1]: draw.randint(1, count), "moe_intermediate_size": draw.randint(2, 12) * 4, **more}


def dense(*names: str, **options: Any) -> Draw:
    return lambda draw: common(draw, **options) | flags(draw, *names)


def windowed(*names: str, **fixed: Any) -> Draw:
    def drawn(draw: Random) -> dict[str, Any]:
        shape = common(draw) | flags(draw, *names) | {"sliding_window": draw.choice([16, 64])} | fixed
        return shape | layer_types(draw, shape, "full_attention", "sliding_attention")

    return drawn
