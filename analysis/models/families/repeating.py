"""Decoders that pass some layers' weights more than once: Zamba's shared blocks, loops of Dory and HRM."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from analysis.models.architecture import Architecture
from analysis.models.attention import Attention
from analysis.models.families.blocks import FULL, LINEAR, SLIDING, attention, decoder, dense
from analysis.models.families.fields import MOST_LAYERS, Fields
from analysis.models.feed_forward import Dense
from analysis.models.layers import Layer
from analysis.models.operation import Norm
from analysis.models.residuals import Matrices
from analysis.models.state_space import Mamba1, Mamba2


def hybrids(f: Fields, default: Callable[[int], bool]) -> list[bool]:
    """Return whether each layer has a shared block of attention before its Mamba."""
    kinds = f.kinds("layers_block_type", known=(LINEAR, "mamba", "hybrid"))
    return [kind == "hybrid" for kind in kinds] if kinds else [default(index) for index in range(f.n_layers)]


def with_shared(
    f: Fields, hybrid: list[bool], shared: Layer, blocks: int, mamba: Any, beside: tuple[Matrices, ...], **ends: Any
) -> Architecture:
    """Mamba in each layer; before a `hybrid` one the next of `blocks` equal `shared` ones, and the layer's own `beside`."""
    layers: list[Layer] = []
    used = 0
    for is_hybrid in hybrid:
        if is_hybrid:
            layers.append(replace(shared, repeated=used >= blocks))
            used += 1
        layers.append(Layer(mamba, None, beside=beside if is_hybrid else ()))
    return decoder(f, layers, **ends)


def zamba(f: Fields) -> Architecture:
    """One block of attention and MLP, of the state and the embedding side by side, before some layers of Mamba."""
    every, first = f.whole("attn_layer_period"), f.whole("attn_layer_offset", least=0)
    hybrid = hybrids(f, lambda index: index == 2 or (index > 2 and (index - 3) % every == first))
    width, rank = f.whole("mamba_expand") * f.d_model, f.value("mamba_dt_rank")
    rank = -(-f.d_model // 16) if rank == "auto" else f.whole_number("mamba_dt_rank", rank, 1)
    mamba = Mamba1(width, f.whole("mamba_d_state"), rank, f.whole("mamba_d_conv"), f.flag("mamba_proj_bias"),
                   f.flag("mamba_conv_bias"))  # fmt: skip
    wide = f.optional("attention_hidden_size", least=1) or 2 * f.d_model
    head_dim = f.optional("attention_head_dim", least=1) or 2 * f.d_model // f.heads
    mixer = Attention(f.heads, f.kv_heads, head_dim, input_dim=wide)
    shared = Layer(mixer, dense(f, bias=False), extras=(("wider part of the norm", wide - f.d_model),))
    beside = (Matrices("shared block's output", (("output of the shared block", f.d_model, f.d_model),)),)
    return with_shared(f, hybrid, shared, 1, mamba, beside, positions="none")


def zamba2(f: Fields) -> Architecture:
    """Several shared blocks in turn, with low-rank adapters of each use; Mamba-2."""
    places = {6, 12, 18, 24, 30, 36, 42, 47, 51}
    if f.n_layers != 54 and f.value("layers_block_type") is None:
        raise f.refuse("layers_block_type", "is not given, and leaves the shape open")
    hybrid, width, bias = hybrids(f, lambda index: index in places), f.d_model, f.flag("add_bias_linear")
    heads, inner = f.whole("n_mamba_heads"), f.whole("mamba_expand") * width
    mamba = Mamba2(
        heads, f.divided("n_mamba_heads", inner, heads), f.whole("mamba_d_state"), f.whole("mamba_ngroups"),
        f.whole("mamba_d_conv"), f.whole("chunk_size"), bias,
    )  # fmt: skip
    d_ff = f.optional("intermediate_size", least=1) or 4 * width
    head_dim = f.divided("num_attention_heads", 2 * width, f.heads)
    mixer = Attention(f.heads, f.kv_heads, head_dim, input_dim=2 * width)
    shared = Layer(mixer, Dense(d_ff, bias=bias), extras=(("wider part of the norm", width),))
    rank = f.whole("adapter_rank")
    matrices = [("output of the shared block", width, width), ("adapter down", width, rank), ("adapter up", rank, 2 * d_ff)]
    if f.flag("use_shared_attention_adapter"):
        matrices += [("attention adapter down", 2 * width, rank), ("attention adapter up", rank, 2 * width)] * 3
    beside = (Matrices("shared block's output and adapters", tuple(matrices)),)
    positions = "rotary" if f.flag("use_mem_rope") else "none"
    return with_shared(f, hybrid, shared, f.whole("num_mem_blocks"), mamba, beside, positions=positions)


def dory(f: Fields) -> Architecture:
    """Weights on a sphere, without norms: scales of queries, gates and residuals; middle layers pass several times."""
    count, kinds = f.n_layers, f.items("layer_types", kind=str)
    first, last = f.whole("n_input_layers", least=0), f.whole("n_output_layers", least=0)
    middle = f.optional("n_recurrent_layers")
    if kinds and "mlp" in kinds:  # published files list attention and MLP one by one
        kinds, count, first, last = kinds[::2], count // 2, first // 2, last // 2
        middle = None if middle is None else middle // 2
    kinds = kinds or [FULL if (index + 1) % 4 == 0 else SLIDING for index in range(count)]
    middle = count - first - last if middle is None else middle
    if len(kinds) != count or set(kinds) - {FULL, SLIDING} or first + middle + last != count:
        raise f.refuse("layer_types", f"and numbers of layers do not say what {count} layers are")
    loops = f.whole("n_recurrent_loops", most=MOST_LAYERS)
    if loops * count > MOST_LAYERS:
        raise f.refuse("n_recurrent_loops", f"= {loops} makes more than {MOST_LAYERS} layers")
    mlp, wide = dense(f), f.heads * f.head_dim
    extras = (("scales on the sphere", 2 * f.d_model + 2 * wide + 2 * mlp.d_ff),)
    window = f.whole("sliding_window")
    layers = [Layer(attention(f, window=0 if kind == FULL else window, gate="full"), mlp, 0, 0, extras=extras) for kind in kinds]
    again = [replace(layer, repeated=True) for layer in layers[first : first + middle]] * (loops - 1)
    listed = [*layers[: first + middle], *again, *layers[first + middle :]]
    return decoder(f, listed, final_norm=False, extras=(("logits' scales", f.vocab_size),))


def hrm_text(f: Fields) -> Architecture:
    """Two stacks of layers, a fast one that passes several times for each pass of a slow one; norms without weights."""
    given, slow, fast = f.optional("num_layers_per_stack", least=1), f.whole("H_cycles"), f.whole("L_cycles")
    count = given or f.n_layers
    if count * slow * (fast + 1) > MOST_LAYERS:
        raise f.refuse("H_cycles", f"= {slow} makes more than {MOST_LAYERS} layers")
    bias = (("gates' biases", f.heads * f.head_dim),) if f.flag("attention_bias") else ()
    layer = Layer(attention(f, gate="full"), dense(f), extras=bias)
    again = replace(layer, repeated=True)
    cycles = [again if cycle or part not in (0, fast) else layer for cycle in range(slow) for part in range(fast + 1)]
    layers = [each for each in cycles for _ in range(count)]
    return decoder(f, layers, norm=Norm(weight=False), extras=(("first state", f.d_model),))


READERS: dict[str, Any] = {"zamba": zamba, "zamba2": zamba2, "dory": dory, "hrm_text": hrm_text}
