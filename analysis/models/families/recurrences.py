"""Models without attention, or with a window of it: RecurrentGemma, RWKV 4 to 6, xLSTM."""

from typing import Any

from analysis.models.architecture import Architecture
from analysis.models.attention import Attention
from analysis.models.families.blocks import LAYER_NORM, QKV, decoder
from analysis.models.families.fields import Fields
from analysis.models.feed_forward import Dense
from analysis.models.gated_recurrence import GatedLinearUnit, MatrixMemory, Rwkv
from analysis.models.layers import Layer
from analysis.models.operation import Norm
from analysis.models.residuals import Matrices


def recurrent_gemma(f: Fields) -> Architecture:
    """Griffin: two layers of RG-LRU, then one of windowed attention, again and again."""
    pattern = f.items("block_types", "_block_types", kind=str) or []
    if not pattern or set(pattern) - {"recurrent", "attention"}:
        raise f.refuse("block_types", f"= {pattern!r:.60} does not say recurrent or attention of each layer of a cycle")
    width = f.optional("lru_width", least=1) or f.d_model
    head_dim = f.divided("num_attention_heads", f.d_model, f.heads)
    f.divided("num_attention_heads", width, f.heads)
    biases = (QKV if f.flag("attention_bias") else frozenset()) | {"output"}
    mixers: dict[str, Any] = {
        "recurrent": GatedLinearUnit(width, f.heads, f.whole("conv1d_width")),
        "attention": Attention(f.heads, f.kv_heads, head_dim, window=f.whole("attention_window_size"), biases=biases,
                               rotary=head_dim // 2),
    }  # fmt: skip
    mlp = Dense(max(f.whole("intermediate_size") // 2, 1), bias=True)
    return decoder(f, lambda index: Layer(mixers[pattern[index % len(pattern)]], mlp))


def _rwkv(f: Fields, mixer: Rwkv, d_ff: int) -> Architecture:
    """Time mixing, and an MLP whose output a receptance gates; one more norm after the embedding."""
    receptance = Matrices("receptance of the MLP", (("receptance", f.d_model, f.d_model),))
    layer = Layer(
        mixer, Dense(d_ff, gated=False), beside=(receptance,), extras=(("MLP's mix with the last token", 2 * f.d_model),)
    )
    return decoder(f, lambda index: layer, norm=LAYER_NORM, positions="none", embedding_norm=True,
                   tied_embeddings=f.flag("tie_word_embeddings"), context_length=f.optional("context_length") or 0)  # fmt: skip


def _width(f: Fields) -> int:
    return f.optional("attention_hidden_size", least=1) or f.d_model


def rwkv(f: Fields) -> Architecture:
    width = _width(f)
    return _rwkv(f, Rwkv(width, 3 * f.d_model + 2 * width), f.optional("intermediate_size", least=1) or 4 * f.d_model)


def _later(f: Fields, vectors: int, low_rank: tuple[tuple[str, int, int], ...] = ()) -> Architecture:
    width, head_dim = _width(f), f.whole("head_size", default=64)
    f.divided("head_size", width, head_dim)
    mixer = Rwkv(width, vectors, head_dim, gate=True, norm=True, low_rank=low_rank)
    # Three and a half widths, as a multiple of 32, where a file does not say.
    d_ff = f.optional("intermediate_size", least=1) or max(int(3.5 * f.d_model) // 32 * 32, 1)
    return _rwkv(f, mixer, d_ff)


def rwkv5(f: Fields) -> Architecture:
    return _later(f, 4 * f.d_model + 2 * _width(f))


def rwkv6(f: Fields) -> Architecture:
    """Mix and decay depend on the token, through matrices of low rank."""
    width, large = f.d_model, f.d_model == 4096
    mix, decay = 64 if large else 32, 128 if large else 64
    low_rank = (
        ("mix down", width, 5 * mix), ("mix up", 5 * mix, width),
        ("decay down", width, decay), ("decay up", decay, _width(f)),
    )  # fmt: skip
    return _later(f, 6 * width + 2 * _width(f), low_rank)


def xlstm(f: Fields) -> Architecture:
    heads, width, multiple = f.whole("num_heads"), f.whole("hidden_size", "embedding_dim"), f.whole("ffn_round_up_to_multiple_of")
    key_dim, value_dim = (
        f.divided("num_heads", int(width * f.number(name)), heads) for name in ("qk_dim_factor", "v_dim_factor")
    )
    bias = f.flag("use_bias")
    d_ff = int((f.number("ffn_proj_factor") * width + multiple - 1) // multiple) * multiple
    # The class gives its matrices' biases to the norms of layers, too, and has a head of its own whatever the file says.
    layer = Layer(MatrixMemory(heads, key_dim, value_dim, bias), Dense(max(d_ff, 1), bias=bias), norm=Norm(bias=bias))
    return decoder(f, lambda index: layer, positions="none", tied_embeddings=False)


READERS: dict[str, Any] = {
    "recurrent_gemma": recurrent_gemma,
    "rwkv": rwkv,
    "rwkv5": rwkv5,
    "rwkv6": rwkv6,
    "xlstm": xlstm,
}
