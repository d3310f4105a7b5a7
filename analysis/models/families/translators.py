"""Encoders that read, and encoder-decoders, after BERT and T5: RoBERTa's kin, ModernBERT, BART's kin."""

from dataclasses import replace
from typing import Any

from analysis.models.architecture import Architecture
from analysis.models.attention import Attention
from analysis.models.families.blocks import ALL, FULL, LAYER_NORM, SLIDING, attention, decoder, dense, windows
from analysis.models.families.classic import bert, t5
from analysis.models.families.fields import MOST_LAYERS, Fields
from analysis.models.feed_forward import Dense, Experts
from analysis.models.layers import Layer, runs
from analysis.models.operation import Norm


def electra(f: Fields, *, pooler: bool = False) -> Architecture:
    """A narrower embedding, of tokens, kinds and positions alike, widened by a matrix; no pooler."""
    width = f.whole("embedding_size", "input_embedding_size")
    if width == f.d_model and not pooler:
        return bert(f, pooler=False)
    places = f.whole("max_position_embeddings") * width
    return bert(
        f, pooler=pooler, learned_positions=0, embedding_norm=False, embedding_dim=width, embedding_projection_bias=True,
        extras=(("position embedding", places), ("embedding norm", 2 * width)),
    )  # fmt: skip


def rembert(f: Fields) -> Architecture:
    return electra(f, pooler=True)


def before(f: Fields) -> Architecture:
    """BERT with norms before its parts, so one after the last layer, and none after the embedding."""
    return bert(f, embedding_norm=False, final_norm=True)


def roberta_prelayernorm(f: Fields) -> Architecture:
    return bert(f, final_norm=True)


def mpnet(f: Fields) -> Architecture:
    return bert(f, token_types=0, relative_buckets=f.whole("relative_attention_num_buckets"))


def distilbert(f: Fields) -> Architecture:
    """Half of BERT's layers, without token types and pooler."""
    mixer = Attention(f.heads, f.heads, f.divided("n_heads", f.d_model, f.heads), biases=ALL)
    layer = Layer(mixer, Dense(f.whole("hidden_dim"), gated=False, bias=True))
    return decoder(
        f, lambda index: layer, norm=LAYER_NORM, kind="encoder", positions="learned",
        learned_positions=f.whole("max_position_embeddings"), embedding_norm=True, final_norm=False, unembedding=False,
    )  # fmt: skip


def modernbert(f: Fields) -> Architecture:
    """Gated MLPs, rotary positions, a window in two of three layers; no norm before the first attention."""
    every = f.optional("global_attn_every_n_layers", least=1) or 3
    kinds = f.kinds("layer_types", known=(FULL, SLIDING))
    kinds = kinds or [FULL if index % every == 0 else SLIDING for index in range(f.n_layers)]
    window, mlp = f.whole("local_attention"), dense(f)

    def layer(index: int) -> Layer:
        mixer = attention(f, window=0 if kinds[index] == FULL else window)
        return Layer(mixer, mlp, 0 if index == 0 else 1, 1)

    norm = Norm("layernorm", bias=f.flag("norm_bias"))
    return decoder(f, layer, norm=norm, kind="encoder", embedding_norm=True, unembedding=False)


def eurobert(f: Fields) -> Architecture:
    layer = Layer(attention(f), dense(f))
    return decoder(f, lambda index: layer, kind="encoder", unembedding=False)


def both(f: Fields, *, places: int, embedding_norm: bool, final_norm: bool, **changes: Any) -> Architecture:
    """An encoder and a decoder with biases everywhere, each with a table of `places` positions of its own.

    `changes`: `biases` of attention; `experts`, each of a side and a layer's number or None; `encoder_changes`, of its layers.
    """
    biases = changes.pop("biases", ALL)
    experts, encoder_changes = changes.pop("experts", None), changes.pop("encoder_changes", {})
    prefix, suffix = changes.pop("names", ("{}_attention_heads", "{}_layers"))

    def stack(side: str, crossing: bool) -> list[Layer]:
        heads = f.whole(prefix.format(side))
        mixer = Attention(heads, heads, f.divided(prefix.format(side), f.d_model, heads), biases=biases)
        mlp = Dense(f.whole(f"{side}_ffn_dim"), gated=False, bias=True)
        count = f.whole(suffix.format(side), most=MOST_LAYERS)
        parts = [(experts and experts(side, index)) or mlp for index in range(count)]
        return [Layer(mixer, part, cross_attention=mixer if crossing else None) for part in parts]

    extras = (("decoder's embedding norm", 2 * f.d_model),) if embedding_norm else ()
    encoder = [replace(layer, **encoder_changes) for layer in stack("encoder", False)]
    ends = {
        "encoder_layers": runs(encoder), "kind": "encoder-decoder", "norm": LAYER_NORM,
        "positions": "learned" if places else "sinusoidal", "learned_positions": 2 * places, "embedding_norm": embedding_norm,
        "final_norm": final_norm, **changes, "extras": extras + changes.get("extras", ()),
    }  # fmt: skip
    return decoder(f, stack("decoder", True), **ends)


def bart(f: Fields) -> Architecture:
    return both(f, places=f.whole("max_position_embeddings") + 2, embedding_norm=True, final_norm=False)


def mbart(f: Fields) -> Architecture:
    return both(f, places=f.whole("max_position_embeddings") + 2, embedding_norm=True, final_norm=True)


def pegasus(f: Fields) -> Architecture:
    return both(f, places=f.whole("max_position_embeddings"), embedding_norm=False, final_norm=True)


def marian(f: Fields) -> Architecture:
    if not f.flag("share_encoder_decoder_embeddings", default=True):
        raise f.refuse("share_encoder_decoder_embeddings", "= false is not described")
    return both(f, places=f.whole("max_position_embeddings"), embedding_norm=False, final_norm=False)


def m2m(f: Fields) -> Architecture:
    return both(f, places=0, embedding_norm=False, final_norm=True)


def blenderbot_small(f: Fields) -> Architecture:
    return both(f, places=f.whole("max_position_embeddings"), embedding_norm=True, final_norm=False)


def bigbird_pegasus(f: Fields) -> Architecture:
    """Sparse attention of the encoder by blocks, counted as full attention."""
    if f.text("attention_type") == "block_sparse":
        f.uncounted.append("attention to few blocks (its work is counted as that of full attention)")
    biases = ALL if f.flag("use_bias") else frozenset()
    return both(f, places=f.whole("max_position_embeddings"), embedding_norm=False, final_norm=True, biases=biases)


def pegasus_x(f: Fields) -> Architecture:
    """Attention of the encoder within blocks and to some global tokens; no biases in attention."""
    f.uncounted.append("attention within blocks (its work is counted as that of full attention)")
    norm = (("norm of global tokens", 2 * f.d_model),)
    return both(
        f, places=0, embedding_norm=False, final_norm=True, biases=frozenset(), encoder_changes={"extras": norm},
        extras=(("global tokens", f.whole("num_global_tokens") * f.d_model),),
    )  # fmt: skip


def led(f: Fields) -> Architecture:
    """BART with a window in each layer of the encoder, and further matrices for places that see all."""
    width, seen = f.d_model, f.value("attention_window")
    seen = seen if isinstance(seen, list) else [seen] * f.whole("encoder_layers", most=MOST_LAYERS)
    sizes = [f.whole_number("attention_window", window, 1) for window in seen]
    made = both(
        f, places=0, embedding_norm=True, final_norm=False, positions="learned",
        learned_positions=f.whole("max_encoder_position_embeddings") + f.whole("max_decoder_position_embeddings"),
        encoder_changes={"extras": (("projections of global places", 3 * (width * width + width)),)},
        context_length=f.whole("max_encoder_position_embeddings"),
    )  # fmt: skip
    layer = made.encoder_layers[0][0]
    if len(sizes) != made.n_encoder_layers:
        raise f.refuse("attention_window", f"has {len(sizes)} entries, for {made.n_encoder_layers} layers")
    return replace(made, encoder_layers=runs([replace(layer, mixer=replace(layer.mixer, window=size)) for size in sizes]))


def mvp(f: Fields) -> Architecture:
    if f.flag("use_prompt"):
        raise f.refuse("use_prompt", "= true is not described")
    return bart(f)


def fsmt(f: Fields) -> Architecture:
    """A vocabulary for each of the two languages, unless their tables are one."""
    separate = not f.flag("tie_word_embeddings")
    tables = (("source language's embedding", f.whole("src_vocab_size") * f.d_model),) if separate else ()
    return both(
        f, places=f.whole("max_position_embeddings") + 2, embedding_norm=False, final_norm=False,
        tied_embeddings=not separate, extras=tables,
    )  # fmt: skip


def nllb_moe(f: Fields) -> Architecture:
    """M2M with experts in each fourth layer, of which a token passes two."""
    both_sides = {}
    for side in ("encoder", "decoder"):
        count, d_ff = f.whole("num_experts"), f.whole(f"{side}_ffn_dim")
        every = f.whole(f"{side}_sparse_step", least=0)
        mlp = Experts(count, min(2, count), d_ff, gated=False, bias=True, router_bias=f.flag("router_bias"))
        both_sides[side] = every, mlp

    def experts(side: str, index: int) -> Experts | None:
        every, mlp = both_sides[side]
        return mlp if every and (index + 1) % every == 0 else None

    return both(f, places=0, embedding_norm=False, final_norm=True, experts=experts)


def prophetnet(f: Fields) -> Architecture:
    """A decoder that predicts several tokens ahead: each position has as many streams, whose work is not counted."""
    f.uncounted.append("further streams of the decoder (its weights are counted)")
    made = both(
        f, places=f.whole("max_position_embeddings"), embedding_norm=True, final_norm=False,
        names=("num_{}_attention_heads", "num_{}_layers"),
        extras=(("vectors of streams", f.whole("ngram") * f.d_model),),
    )  # fmt: skip
    heads = f.whole("num_decoder_attention_heads") * f.whole("num_buckets")
    buckets = (("relative positions", heads * f.d_model + heads),)
    return replace(made, layers=tuple((replace(layer, extras=buckets), count) for layer, count in made.layers))


def longt5(f: Fields) -> Architecture:
    """T5 with a window in the encoder, and with `transient-global` a sum of each block that all see."""
    kind, heads = f.text("encoder_attention_type"), f.heads
    made, window = t5(f), 2 * f.whole("local_radius") + 1
    layer, count = made.encoder_layers[0]
    layer = replace(layer, mixer=replace(layer.mixer, window=window))
    if kind == "transient-global":
        f.uncounted.append("attention to sums of blocks (its weights are counted)")
        layer = replace(layer, extras=(("norm of blocks' sums", f.d_model),))
        made = replace(made, extras=(("distances' biases of blocks", made.relative_buckets * heads),))
    return replace(made, encoder_layers=((layer, count),), unsupported=tuple(f.uncounted))


def switch_transformers(f: Fields) -> Architecture:
    """T5 with experts, of which a token passes one, in some layers."""
    made = t5(f)
    count, d_ff = f.whole("num_experts"), f.whole("d_ff")
    routed = Experts(count, 1, d_ff, gated=False, router_bias=f.flag("router_bias"))

    def with_experts(side: str, layers: Any) -> Any:
        layer, n = layers[0]
        sparse = f.whole(f"num_sparse_{side}_layers", least=0)
        if sparse > n:
            raise f.refuse(f"num_sparse_{side}_layers", f"= {sparse} is more than the {n} layers")
        every = f.whole(f"{side}_sparse_step", least=0, default=n // sparse if sparse else n)
        chosen = [every > 0 and (index % every == 1 or every == 1) for index in range(n)]
        mlp = Dense(d_ff, gated=False)
        return runs([replace(layer, feed_forward=routed if expert else mlp) for expert in chosen])

    return replace(made, layers=with_experts("decoder", made.layers), encoder_layers=with_experts("encoder", made.encoder_layers))


def t5gemma(f: Fields) -> Architecture:
    """Gemma 2 twice, joined by cross-attention; an embedding each."""
    encoder, target = f.inside("encoder"), f.inside("decoder")
    if encoder.d_model != target.d_model:
        raise f.refuse(
            "encoder.hidden_size", f"= {encoder.d_model} is not the decoder's {target.d_model}, which is not described"
        )

    def stack(side: Fields, crossing: bool) -> list[Layer]:
        seen = windows(side, lambda index: FULL if index % 2 else SLIDING)
        extras = (("norm after cross-attention", side.d_model),) if crossing else ()
        cross = attention(side) if crossing else None
        return [Layer(attention(side, window=window), dense(side, bias=False), 2, 2, cross, extras=extras) for window in seen]

    return decoder(
        target, stack(target, True), encoder_layers=runs(stack(encoder, False)), kind="encoder-decoder",
        vocab_size=target.vocab_size, tied_embeddings=f.flag("tie_word_embeddings", default=True),
        extras=(("encoder's embedding", encoder.vocab_size * encoder.d_model),),
    )  # fmt: skip


def t5gemma2(f: Fields) -> Architecture:
    """Gemma 3 twice: the decoder's attention sees the encoder's output beside its own past, by the same matrices."""
    f.uncounted += ["vision tower", "the decoder's attention to the encoder (it has no weights of its own)"]
    encoder, target = f.inside("encoder").inside("text_config"), f.inside("decoder")

    def stack(side: Fields) -> list[Layer]:
        every = side.optional("sliding_window_pattern", "_sliding_window_pattern", least=1) or 6
        seen = windows(side, lambda index: SLIDING if (index + 1) % every else FULL)
        return [Layer(attention(side, window=window, qk_norm="head"), dense(side, bias=False), 2, 2) for window in seen]

    made = decoder(
        target, stack(target), encoder_layers=runs(stack(encoder)), kind="encoder-decoder",
        tied_embeddings=f.flag("tie_word_embeddings", default=True),
        extras=(("embedding of an image's end", target.d_model),),
    )  # fmt: skip
    return replace(made, unsupported=tuple(f.uncounted))


READERS: dict[str, Any] = {
    "roberta": bert,
    "camembert": bert,
    "xlm-roberta": bert,
    "data2vec-text": bert,
    "ernie": bert,
    "megatron-bert": before,
    "xlm-roberta-xl": before,
    "roberta-prelayernorm": roberta_prelayernorm,
    "rembert": rembert,
    "mpnet": mpnet,
    "electra": electra,
    "distilbert": distilbert,
    "modernbert": modernbert,
    "eurobert": eurobert,
    "bart": bart,
    "plbart": bart,
    "mbart": mbart,
    "pegasus": pegasus,
    "marian": marian,
    "m2m_100": m2m,
    "blenderbot": pegasus,
    "blenderbot-small": blenderbot_small,
    "bigbird_pegasus": bigbird_pegasus,
    "pegasus_x": pegasus_x,
    "led": led,
    "mvp": mvp,
    "fsmt": fsmt,
    "nllb-moe": nllb_moe,
    "prophetnet": prophetnet,
    "longt5": longt5,
    "switch_transformers": switch_transformers,
    "t5gemma": t5gemma,
    "t5gemma2": t5gemma2,
}
