"""Encoders that read, and encoder-decoders, after BERT and T5: RoBERTa's kin, ModernBERT, BART's kin."""

from typing import Any

from analysis.models.architecture import Architecture
from analysis.models.attention import Attention
from analysis.models.families.blocks import ALL, FULL, LAYER_NORM, SLIDING, attention, decoder, dense
from analysis.models.families.classic import bert
from analysis.models.families.fields import MOST_LAYERS, Fields
from analysis.models.feed_forward import Dense
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


def both(f: Fields, *, places: int, embedding_norm: bool, final_norm: bool) -> Architecture:
    """An encoder and a decoder with biases everywhere, each with a table of `places` positions of its own."""

    def stack(side: str, crossing: bool) -> list[Layer]:
        heads = f.whole(f"{side}_attention_heads")
        mixer = Attention(heads, heads, f.divided(f"{side}_attention_heads", f.d_model, heads), biases=ALL)
        mlp = Dense(f.whole(f"{side}_ffn_dim"), gated=False, bias=True)
        count = f.whole(f"{side}_layers", most=MOST_LAYERS)
        return [Layer(mixer, mlp, cross_attention=mixer if crossing else None)] * count

    extras = (("decoder's embedding norm", 2 * f.d_model),) if embedding_norm else ()
    return decoder(
        f, stack("decoder", True), encoder_layers=runs(stack("encoder", False)), kind="encoder-decoder", norm=LAYER_NORM,
        positions="learned" if places else "sinusoidal", learned_positions=2 * places, embedding_norm=embedding_norm,
        extras=extras, final_norm=final_norm,
    )  # fmt: skip


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
}
