"""Hybrids: linear mixers in most layers, attention in some."""

from collections.abc import Callable
from typing import Any

from analysis.models.architecture import Architecture
from analysis.models.families.blocks import FULL, LINEAR, SLIDING, attention, decoder, dense, experts, state_element
from analysis.models.families.fields import MOST_LAYERS, Fields
from analysis.models.families.mixtures import mixture, qwen_expert_layers
from analysis.models.feed_forward import Dense, Experts
from analysis.models.layers import Layer
from analysis.models.parallel_mixers import ParallelMixers
from analysis.models.recurrent import GatedDeltaNet, ShortConvolution
from analysis.models.state_space import Mamba1, Mamba2


def gated_delta_net(f: Fields) -> GatedDeltaNet:
    return GatedDeltaNet(
        f.whole("linear_num_key_heads"), f.whole("linear_num_value_heads"), f.whole("linear_key_head_dim"),
        f.whole("linear_value_head_dim"), f.whole("linear_conv_kernel_dim"), **state_element(f),
    )  # fmt: skip


def linear_or_full(f: Fields, every: int) -> list[bool]:
    """Return whether each layer is linear: by `layer_types`, or all but each `every`th."""
    kinds = f.kinds("layer_types", known=(LINEAR, FULL))
    return [kind == LINEAR for kind in kinds] if kinds else [(index + 1) % every != 0 for index in range(f.n_layers)]


def qwen_hybrid(f: Fields, ahead: int, feed_forward: Callable[[int], Any]) -> Architecture:
    """Gated delta nets, and attention with an output gate in each fourth layer; `ahead` more predict further tokens."""
    linear = linear_or_full(f, f.optional("full_attention_interval", least=1) or 4)
    mixers = {True: gated_delta_net(f), False: attention(f, qk_norm="head", gate="full")}
    ends: dict[str, Any] = {}
    if ahead:
        ends = {"mtp_layers": ((Layer(mixers[False], feed_forward(f.n_layers - 1)), ahead),),
                "mtp_extra": 2 * f.d_model**2 + 3 * f.d_model}  # fmt: skip
    return decoder(f, lambda index: Layer(mixers[linear[index]], feed_forward(index)), **ends)


def qwen3_next(f: Fields) -> Architecture:
    shared = f.whole("shared_expert_intermediate_size")
    # Files of Qwen3-Next don't say that its published weights have a layer that predicts a further token.
    ahead = f.optional("mtp_num_hidden_layers", "num_nextn_predict_layers")
    ahead = f.assume("mtp_num_hidden_layers", 1) if ahead is None else ahead
    return qwen_hybrid(f, ahead, mixture(f, qwen_expert_layers(f), shared_d_ff=shared, shared_gate=True))


def qwen3_5(f: Fields) -> Architecture:
    mlp = dense(f)
    return qwen_hybrid(f, f.optional("mtp_num_hidden_layers") or 0, lambda index: mlp)


def qwen3_5_moe(f: Fields) -> Architecture:
    mlp = experts(f, shared_d_ff=f.whole("shared_expert_intermediate_size"), shared_gate=True)
    return qwen_hybrid(f, f.optional("mtp_num_hidden_layers") or 0, lambda index: mlp)


#: The letters of `hybrid_override_pattern`, and the names of `layers_block_type`.
NEMOTRON = {
    "M": "mamba", "*": "attention", "E": "moe", "-": "mlp",
    "linear_attention": "mamba", "full_attention": "attention", "mamba": "mamba", "attention": "attention",
    "moe": "moe", "mlp": "mlp",
}  # fmt: skip


def nemotron_h(f: Fields) -> Architecture:
    """Layers of one part each: Mamba-2, attention, experts or an MLP."""
    pattern = f.text("hybrid_override_pattern")
    kinds = list(pattern) if pattern else f.items("layers_block_type", kind=str) or []
    for kind in kinds:
        if kind not in NEMOTRON:
            raise f.refuse("hybrid_override_pattern", f"names {kind!r}, which is not one of {', '.join(NEMOTRON)}")
    if not 1 <= len(kinds) <= MOST_LAYERS:
        raise f.refuse("hybrid_override_pattern", f"names {len(kinds)} layers")
    made: dict[str, Layer] = {}
    for kind in {NEMOTRON[kind] for kind in kinds}:
        made[kind] = _nemotron_layer(f, kind)
    return decoder(f, [made[NEMOTRON[kind]] for kind in kinds], tied_embeddings=False, **_nemotron_ahead(f))


def _nemotron_ahead(f: Fields) -> dict[str, Any]:
    """Layers that predict further tokens: blocks of one part each, by `mtp_layers_block_type`, joined as DeepSeek's are."""
    count = f.optional("num_nextn_predict_layers") or 0
    if not count:
        return {}
    pattern = f.text("mtp_hybrid_override_pattern")
    kinds = list(pattern) if pattern else f.items("mtp_layers_block_type", kind=str) or ["attention", "moe"]
    if set(kinds) - set(NEMOTRON):
        raise f.refuse("mtp_layers_block_type", f"names another kind than {', '.join(NEMOTRON)}")
    layers = tuple((_nemotron_layer(f, NEMOTRON[kind]), count) for kind in kinds)
    return {"mtp_layers": layers, "mtp_extra": count * (2 * f.d_model**2 + 3 * f.d_model)}


def _nemotron_layer(f: Fields, kind: str) -> Layer:
    if kind == "attention":
        return Layer(attention(f, rotary=0), None)
    if kind == "mamba":
        bias = f.flag("use_bias", "mamba_proj_bias")
        mixer = Mamba2(
            f.whole("mamba_num_heads"), f.whole("mamba_head_dim"), f.whole("ssm_state_size"), f.whole("n_groups"),
            f.whole("conv_kernel"), f.whole("chunk_size"), bias, convolution_bias=f.flag("use_conv_bias"), **state_element(f),
        )  # fmt: skip
        return Layer(mixer, None)
    if kind == "mlp":
        return Layer(None, Dense(f.whole("intermediate_size"), gated=False, bias=f.flag("mlp_bias")))
    shared = (f.optional("n_shared_experts") or 0) and f.whole("moe_shared_expert_intermediate_size")
    latent = f.optional("moe_latent_size") or 0
    bias = f.flag("mlp_bias")
    return Layer(
        None,
        experts(
            f,
            gated=False,
            shared_gated=False,
            shared_d_ff=shared,
            latent=latent,
            correction=True,
            shared_bias=bias,
            latent_bias=bias,
        ),
    )


def jamba(f: Fields) -> Architecture:
    """Mamba, attention in each eighth layer; experts in each second."""
    every, first = f.whole("attn_layer_period"), f.whole("attn_layer_offset", least=0)
    expert_every, expert_first = f.whole("expert_layer_period"), f.whole("expert_layer_offset", least=0)
    width = f.whole("mamba_expand") * f.d_model
    rank = f.value("mamba_dt_rank")
    rank = -(-f.d_model // 16) if rank == "auto" else f.whole_number("mamba_dt_rank", rank, 1)
    mamba = Mamba1(
        width, f.whole("mamba_d_state"), rank, f.whole("mamba_d_conv"), f.flag("mamba_proj_bias"),
        f.flag("mamba_conv_bias"), norms=True,
    )  # fmt: skip
    mixers = {True: attention(f, biases=frozenset(), rotary=0), False: mamba}
    plain: dict[bool, Dense | Experts] = {False: dense(f, bias=False)}
    plain[True] = experts(f, d_ff=f.whole("intermediate_size")) if f.whole("num_experts") > 1 else plain[False]

    def layer(index: int) -> Layer:
        return Layer(mixers[index % every == first], plain[index % expert_every == expert_first])

    return decoder(f, layer, positions="none")


def mamba(f: Fields, **changes: Any) -> Architecture:
    rank = f.value("time_step_rank")
    rank = -(-f.d_model // 16) if rank == "auto" else f.whole_number("time_step_rank", rank, 1)
    width = f.optional("intermediate_size") or f.whole("expand") * f.d_model
    mixer = Mamba1(
        width, f.whole("state_size"), rank, f.whole("conv_kernel"), f.flag("use_bias"), f.flag("use_conv_bias"), **changes
    )
    return decoder(f, lambda index: Layer(mixer, None), positions="none")


def falcon_mamba(f: Fields) -> Architecture:
    return mamba(f, norms=True, norm_weights=False)


def mamba2(f: Fields) -> Architecture:
    heads, width = f.whole("num_heads"), f.whole("head_dim")
    mixer = Mamba2(
        heads, width, f.whole("state_size"), f.whole("n_groups"), f.whole("conv_kernel"), f.whole("chunk_size"),
        f.flag("use_bias"), convolution_bias=f.flag("use_conv_bias"),
    )  # fmt: skip
    return decoder(f, lambda index: Layer(mixer, None), positions="none")


def olmo_hybrid(f: Fields) -> Architecture:
    """Norms lie before the parts of linear layers, and after those of the others."""
    heads = f.optional("linear_num_key_heads", least=1) or f.heads
    values = f.optional("linear_num_value_heads", least=1) or f.heads
    key = f.optional("linear_key_head_dim", least=1) or int(0.75 * f.d_model / heads)
    width = f.optional("linear_value_head_dim", least=1) or 2 * key
    delta = GatedDeltaNet(heads, values, key, width, f.whole("linear_conv_kernel_dim"))
    kinds = f.kinds("layer_types", known=(LINEAR, FULL))
    linear = [kind == LINEAR for kind in kinds] if kinds else [index % 4 != 3 for index in range(f.n_layers)]
    if not kinds and all(linear):
        linear[-1] = False
    mixers = {True: delta, False: attention(f, qk_norm="width")}
    mlp = dense(f, bias=False)
    return decoder(f, lambda index: Layer(mixers[linear[index]], mlp))


def mamba_by_head(f: Fields) -> Mamba2:
    """Return Mamba-2 as Bamba and Granite name its sizes."""
    width, heads = f.whole("mamba_expand") * f.d_model, f.whole("mamba_n_heads")
    return Mamba2(
        heads, f.divided("mamba_n_heads", width, heads), f.whole("mamba_d_state"), f.whole("mamba_n_groups"),
        f.whole("mamba_d_conv"), f.whole("mamba_chunk_size"), f.flag("mamba_proj_bias"),
        convolution_bias=f.flag("mamba_conv_bias"),
    )  # fmt: skip


def granite_hybrid(f: Fields) -> Architecture:
    """Granite 4: Mamba-2 or attention, experts beside an MLP that all tokens pass, or that MLP alone."""
    names = {"mamba": True, LINEAR: True, "attention": False, FULL: False}
    kinds = f.kinds("layer_types", "layers_block_type", known=names)
    linear = [names[kind] for kind in kinds] if kinds else [True] * f.n_layers
    rotated = f.text("position_embedding_type") == "rope"
    mixers = {True: mamba_by_head(f), False: attention(f, **({} if rotated else {"rotary": 0}))}
    shared = f.whole("shared_intermediate_size")
    mlp: Any = Dense(shared)
    if f.whole("num_local_experts", "num_experts", least=0):
        mlp = experts(f, d_ff=f.whole("intermediate_size"), shared_d_ff=shared)
    return decoder(f, lambda index: Layer(mixers[linear[index]], mlp), positions="rotary" if rotated else "none")


def lfm2_moe(f: Fields) -> Architecture:
    """Gated short convolutions and attention; experts after the first `num_dense_layers`."""
    kinds = f.kinds("layer_types", known=("conv", FULL))
    if kinds is None:
        raise f.refuse("layer_types", "is not given, and leaves the shape open")
    mixers = {"conv": ShortConvolution(f.d_model, f.whole("conv_L_cache"), f.flag("conv_bias")),
              FULL: attention(f, biases=frozenset(), qk_norm="head")}  # fmt: skip
    first = f.whole("num_dense_layers", least=0)
    mlp = mixture(f, lambda index: index >= first, correction=f.flag("use_expert_bias"), dense_bias=False)
    tied = f.value("tie_embedding")
    ends = {"tied_embeddings": tied} if isinstance(tied, bool) else {}
    return decoder(f, lambda index: Layer(mixers[kinds[index]], mlp(index)), **ends)


def lfm2(f: Fields) -> Architecture:
    """Gated short convolutions and attention; the MLP's width is two thirds of what is given, rounded up."""
    kinds = f.kinds("layer_types", known=("conv", FULL))
    if kinds is None:
        full = f.items("full_attn_idxs", kind=int)
        kinds = ["conv" if full is not None and index not in full else FULL for index in range(f.n_layers)]
    mixers = {"conv": ShortConvolution(f.d_model, f.whole("conv_L_cache"), f.flag("conv_bias")),
              FULL: attention(f, biases=frozenset(), qk_norm="head")}  # fmt: skip
    d_ff = f.whole("block_ff_dim", "intermediate_size")
    if f.flag("block_auto_adjust_ff_dim"):
        multiple = f.whole("block_multiple_of")
        d_ff = int(f.number("block_ffn_dim_multiplier", default=1.0) * int(2 * d_ff / 3))
        d_ff = -(-d_ff // multiple) * multiple
    mlp = Dense(d_ff)
    return decoder(f, lambda index: Layer(mixers[kinds[index]], mlp))


def bamba(f: Fields) -> Architecture:
    """Mamba-2, and attention in the layers that `attn_layer_indices` names."""
    full = set(f.items("attn_layer_indices", kind=int) or ())
    mixers, mlp = {True: attention(f), False: mamba_by_head(f)}, dense(f)
    return decoder(f, lambda index: Layer(mixers[index in full], mlp))


def falcon_h1(f: Fields) -> Architecture:
    """Attention and Mamba-2 side by side in each layer."""
    width = f.optional("mamba_d_ssm", least=1) or f.whole("mamba_expand") * f.d_model
    heads = f.whole("mamba_n_heads")
    mamba = Mamba2(
        heads, f.divided("mamba_n_heads", width, heads), f.whole("mamba_d_state"), f.whole("mamba_n_groups"),
        f.whole("mamba_d_conv"), f.whole("mamba_chunk_size"), f.flag("mamba_proj_bias"), f.flag("projectors_bias"),
        convolution_bias=f.flag("mamba_conv_bias"), norm=f.flag("mamba_rms_norm"),
    )  # fmt: skip
    layer = Layer(ParallelMixers((attention(f), mamba)), dense(f))
    return decoder(f, lambda index: layer)


def lfm3(f: Fields) -> Architecture:
    """Short convolutions, windowed attention and full attention, with norms after them and a gate a head."""
    kinds = f.kinds("layer_types", known=("conv", FULL, SLIDING))
    kinds = kinds or [FULL if n % 4 == 2 else SLIDING if n % 4 == 0 and n else "conv" for n in range(f.n_layers)]
    settings = {"qk_norm": "head", "gate": "head" if f.flag("use_attention_gate") else ""}
    mixers = {"conv": ShortConvolution(f.d_model, f.whole("conv_L_cache"), f.flag("conv_bias")),
              FULL: attention(f, **settings), SLIDING: attention(f, window=f.whole("sliding_window"), **settings)}  # fmt: skip
    norms = (2, 2) if f.flag("use_sandwich_norm") else (1, 1)
    mlp = dense(f, bias=False)
    return decoder(f, lambda index: Layer(mixers[kinds[index]], mlp, *norms))


def lara_mini(f: Fields) -> Architecture:
    """Gated delta nets, windowed attention and full attention, all with experts."""
    pattern = (LINEAR, SLIDING, LINEAR, FULL, SLIDING)
    kinds = f.kinds("layer_types", known=pattern) or [pattern[index % 5] for index in range(f.n_layers)]
    mixers = {LINEAR: gated_delta_net(f), FULL: attention(f, qk_norm="head"),
              SLIDING: attention(f, qk_norm="head", window=f.whole("sliding_window"))}  # fmt: skip
    mlp = experts(f, shared_d_ff=f.whole("shared_expert_intermediate_size"))
    return decoder(f, lambda index: Layer(mixers[kinds[index]], mlp))


READERS = {
    "lfm3": lfm3,
    "lara_mini": lara_mini,
    "falcon_h1": falcon_h1,
    "lfm2": lfm2,
    "bamba": bamba,
    "olmo_hybrid": olmo_hybrid,
    "granitemoehybrid": granite_hybrid,
    "lfm2_moe": lfm2_moe,
    "qwen3_next": qwen3_next,
    "qwen3_5_text": qwen3_5,
    "qwen3_5_moe_text": qwen3_5_moe,
    "nemotron_h": nemotron_h,
    "jamba": jamba,
    "mamba": mamba,
    "falcon_mamba": falcon_mamba,
    "mamba2": mamba2,
}
