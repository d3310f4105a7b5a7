"""More models whose code was never part of transformers, of unequal layers or of names of their own."""

from dataclasses import replace
from typing import Any

from analysis.models.architecture import Architecture
from analysis.models.attention import Attention
from analysis.models.families.blocks import attention, decoder, experts, prediction_layers
from analysis.models.families.fields import MOST_LAYERS, Fields
from analysis.models.families.hybrids import mamba
from analysis.models.families.llama import qwen2
from analysis.models.feed_forward import Dense
from analysis.models.layers import Layer
from analysis.models.residuals import Matrices


def nemotron_nas(f: Fields) -> Architecture:
    """Llama-Nemotron: attention and MLP of each layer as a search chose them, or a matrix or nothing in their place."""
    blocks = f.items("block_configs", kind=dict, length=f.n_layers)
    if not blocks:
        raise f.refuse("block_configs", "is not given, and leaves the shape open")
    head_dim, layers = f.head_dim, []
    for index, block in enumerate(blocks):
        fields = Fields(f"{f.name}: block_configs[{index}]", block, {})
        mixing, feeding = fields.inside("attention"), fields.inside("ffn")
        mixer, mlp, beside = None, None, []
        if mixing.flag("replace_with_linear"):
            beside.append(Matrices("matrix in place of attention", (("in place of attention", f.d_model, f.d_model),)))
        elif not mixing.flag("no_op"):
            group = mixing.whole("n_heads_in_group")
            mixer = Attention(f.heads, f.divided("n_heads_in_group", f.heads, group), head_dim, rotary=head_dim)
        if feeding.flag("replace_with_linear"):
            beside.append(Matrices("matrix in place of an MLP", (("in place of an MLP", f.d_model, f.d_model),)))
        elif not feeding.flag("no_op"):
            mlp = Dense(_multiple(int(2 * feeding.number("ffn_mult") * f.d_model / 3)))
        norms = tuple(("norm", f.d_model) for _ in beside)
        layers.append(Layer(mixer, mlp, beside=tuple(beside), extras=norms))
    return decoder(f, layers, tied_embeddings=f.flag("tie_word_embeddings"))


def _multiple(width: int, of: int = 256) -> int:
    return -(-width // of) * of


def decilm(f: Fields) -> Architecture:
    """DeciLM: a Llama with a number of key-value heads a layer."""
    heads = f.items("num_key_value_heads_per_layer", kind=int, length=f.n_layers) or [f.kv_heads] * f.n_layers
    mlp = Dense(f.whole("intermediate_size"))
    layers = [Layer(attention(f, kv_heads=max(count, 1)), mlp) for count in heads]
    return decoder(f, layers, tied_embeddings=f.flag("tie_word_embeddings"))


def mimo(f: Fields) -> Architecture:
    """MiMo: Qwen 2, and layers that predict further tokens."""
    made = qwen2(f)
    ahead = prediction_layers(f, f.optional("num_nextn_predict_layers") or 0, made.layers[-1][0])
    return replace(made, tied_embeddings=f.flag("tie_word_embeddings"), **ahead)


def openelm(f: Fields) -> Architecture:
    """OpenELM: heads and width of the MLP grow with depth."""
    count, width = f.whole("num_transformer_layers", most=MOST_LAYERS), f.whole("model_dim")
    queries, groups = (f.items(name, kind=int, length=count) for name in ("num_query_heads", "num_kv_heads"))
    factors = f.value("ffn_multipliers")
    if not queries or not groups or not isinstance(factors, list) or len(factors) != count:
        raise f.refuse("num_query_heads", "and num_kv_heads, ffn_multipliers are not given for each layer: the shape is open")
    head_dim, divisor = f.whole("head_dim"), f.whole("ffn_dim_divisor", default=256)
    layers = []
    for heads, kv_heads, factor in zip(queries, groups, factors, strict=True):
        if isinstance(factor, bool) or not isinstance(factor, int | float) or not 0 < factor < 1000:
            raise f.refuse("ffn_multipliers", f"holds {factor!r:.40}, which is no number above 0")
        # Rounded to a multiple as the published code does: half up, and never down by a tenth.
        d_ff = max(divisor, int(factor * width + divisor / 2) // divisor * divisor)
        d_ff += divisor * (d_ff < 0.9 * factor * width)
        mixer = Attention(heads, kv_heads, head_dim, rotary=head_dim, qk_norm="head")
        layers.append(Layer(mixer, Dense(d_ff)))
    return decoder(f, layers, d_model=width, tied_embeddings=f.flag("share_input_output_layers", default=True),
                   context_length=f.optional("max_context_length") or 0)  # fmt: skip


def grok1(f: Fields) -> Architecture:
    """Grok-1: norms before and after; experts of gated MLPs."""
    mlp = experts(f, d_ff=f.whole("intermediate_size"), shared_d_ff=0)
    layer = Layer(attention(f, biases=frozenset()), mlp, 2, 2)
    return decoder(f, lambda index: layer)


def arctic(f: Fields) -> Architecture:
    """Arctic: experts beside an MLP of the model's width, each with a norm of its own."""
    routed = experts(f, d_ff=f.whole("intermediate_size"), shared_d_ff=f.d_model)
    parallel, every = f.flag("parallel_attn_mlp_res"), f.whole("moe_layer_frequency", default=1)
    mixer, plain = attention(f, biases=frozenset()), Dense(f.whole("intermediate_size"))
    if not parallel:
        raise f.refuse("parallel_attn_mlp_res", "= false is not described")

    def layer(index: int) -> Layer:
        return Layer(mixer, routed, 1, 2) if (index + 1) % every == 0 else Layer(mixer, plain)

    return decoder(f, layer, tied_embeddings=f.flag("tie_word_embeddings"))


def first_mamba(f: Fields) -> Architecture:
    """Mamba's own format: widths in `ssm_cfg`, a vocabulary that is rounded up to a multiple."""
    inside, multiple = f.inside("ssm_cfg"), f.whole("pad_vocab_size_multiple", default=8)
    if inside.text("layer", default="Mamba1") != "Mamba1":
        raise f.refuse("ssm_cfg.layer", f"= {inside.text('layer')!r:.40} is not described")
    renamed = {
        "hidden_size": f.d_model, "num_hidden_layers": f.n_layers, "vocab_size": _multiple(f.vocab_size, multiple),
        "expand": inside.whole("expand", default=2), "state_size": inside.whole("d_state", default=16),
        "conv_kernel": inside.whole("d_conv", default=4), "time_step_rank": inside.value("dt_rank", default="auto"),
        "use_conv_bias": inside.flag("conv_bias", default=True), "use_bias": inside.flag("bias"),
        "tie_word_embeddings": f.flag("tie_embeddings", default=True),
    }  # fmt: skip
    return mamba(Fields(f.name, renamed, {}, outer=renamed))


READERS: dict[str, Any] = {
    "nemotron-nas": nemotron_nas,
    "deci": decilm,
    "mimo": mimo,
    "openelm": openelm,
    "grok-1": grok1,
    "arctic": arctic,
    "state-spaces/mamba": first_mamba,
}
