"""Kimi delta attention in most layers, latent attention in the rest: Kimi Linear and K3, Ling's hybrids, GLM-5-Next."""

from analysis.models.architecture import Architecture
from analysis.models.families.blocks import FULL, LINEAR, decoder, indexer, latent, prediction_layers
from analysis.models.families.deepseek import indexer_kinds
from analysis.models.families.fields import Fields
from analysis.models.families.mixtures import after_first, mixture
from analysis.models.latent_attention import LatentAttention
from analysis.models.layers import Layer
from analysis.models.recurrent import KimiDeltaAttention
from analysis.models.residuals import DepthAttention, HyperConnections

INDEXED = "indexed_attention"


def delta_attention(f: Fields, *, full_rank_gate: bool = False, by_number: bool = False) -> KimiDeltaAttention:
    """Return the linear mixer by `linear_attn_config`, as checkpoints have it, or by `linear_*` fields."""
    inside = f.inside("linear_attn_config")
    width = inside.optional("head_dim", least=1) or f.whole("linear_head_dim")
    return KimiDeltaAttention(
        inside.optional("num_heads", least=1) or f.whole("linear_num_heads"),
        width,
        inside.optional("short_conv_kernel_size", least=1) or f.whole("linear_conv_kernel_dim"),
        full_rank_gate=full_rank_gate,
        rates=width if by_number else 0,
    )


def linear_layers(f: Fields) -> list[bool]:
    """Return whether each layer is linear: by the lists of `linear_attn_config`, which count from 1, or `layer_types`."""
    inside = f.inside("linear_attn_config")
    full, linear = (inside.items(name, kind=int) for name in ("full_attn_layers", "kda_layers"))
    kinds = f.kinds("layer_types", known=(LINEAR, FULL))
    if kinds:
        return [kind == LINEAR for kind in kinds]
    if full is None or linear is None:
        return [index % 4 != 0 or index == 0 for index in range(f.n_layers)]
    if sorted([*full, *linear]) != list(range(1, f.n_layers + 1)):
        raise f.refuse("linear_attn_config", f"does not name each of {f.n_layers} layers once")
    return [index + 1 in set(linear) for index in range(f.n_layers)]


def kimi_linear(f: Fields) -> Architecture:
    """Kimi Linear; and K3, with experts in a narrower space, output gates, and attention over earlier layers' sums."""
    linear = linear_layers(f)
    whole_gate = f.inside("linear_attn_config").flag("use_full_rank_gate")
    # K3's published weights hold one decay rate for each number of a head, not one for each head.
    delta = delta_attention(f, full_rank_gate=whole_gate, by_number=whole_gate)
    gate = "full" if f.flag("mla_use_output_gate") else ""
    mixers = {True: delta, False: latent(f, bias=False, output_bias=False, gate=gate)}
    width = f.optional("routed_expert_hidden_size") or 0
    norm = (("latent norm", width),) if width and f.flag("latent_moe_use_norm") else ()
    is_expert = after_first(f, 1)
    mlp = mixture(f, is_expert, correction=True, latent=width)
    every = f.optional("attn_res_block_size") or 0
    beside = (DepthAttention(-(-f.n_layers // every)),) if every else ()
    extras = (("last attention residual", 2 * f.d_model),) if every else ()

    def layer(index: int) -> Layer:
        return Layer(mixers[linear[index]], mlp(index), beside=beside, extras=norm if is_expert(index) else ())

    return decoder(f, layer, extras=extras, tied_embeddings=False)


def bailing_hybrid(f: Fields) -> Architecture:
    """Ling: gates at full rank in linear layers, one a head in the others."""
    kinds = f.kinds("layer_types", known=(LINEAR, FULL))
    every = f.whole("layer_group_size")
    linear = [kind == LINEAR for kind in kinds] if kinds else [(index + 1) % every != 0 for index in range(f.n_layers)]
    width = f.optional("linear_head_dim", "head_dim", least=1) or f.whole("head_dim")
    delta = KimiDeltaAttention(f.heads, width, f.whole("linear_conv_kernel_dim", "short_conv_kernel_size"), True, True)
    mixers = {True: delta, False: latent(f, gate="head")}
    mlp = mixture(f, after_first(f, 2), correction=True)
    count = f.optional("num_nextn_predict_layers", "num_mtp_layers") or 0
    ends = prediction_layers(f, count, Layer(mixers[False], mlp(f.n_layers)))
    return decoder(f, lambda index: Layer(mixers[linear[index]], mlp(index)), tied_embeddings=False, **ends)


def glm5_next(f: Fields) -> Architecture:
    """Linear layers, sparse latent attention whose indexer scores pooled keys, and hyper-connections."""
    listed = f.kinds("layer_types", known=(LINEAR, FULL, INDEXED))
    kinds = listed or [LINEAR if index % 4 != 3 else INDEXED for index in range(f.n_layers)]
    choices = indexer_kinds(f)
    pool = f.whole("index_kpool")
    streams = f.whole("hc_mult")
    delta = delta_attention(f)
    mlp = mixture(f, after_first(f, 3), correction=True)

    def mixer(index: int) -> KimiDeltaAttention | LatentAttention:
        if kinds[index] == LINEAR:
            return delta
        return latent(f, indexer=indexer(f, shared=choices[index] == "shared", pool=pool))

    beside = (HyperConnections(streams),)
    # Transformers' class of the text model alone has no head; the whole model has.
    head = f.outer.get("model_type") != "glm5_next_text"
    return decoder(f, lambda index: Layer(mixer(index), mlp(index), beside=beside), unembedding=head)


READERS = {
    "kimi_linear": kimi_linear,
    "bailing_hybrid": bailing_hybrid,
    "glm5_next_text": glm5_next,
}
