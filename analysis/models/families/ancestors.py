"""Models whose classes were never part of transformers: read as their published code makes them."""

from analysis.models.architecture import Architecture
from analysis.models.families.blocks import ALL, QKV, attention, decoder, dense, experts
from analysis.models.families.fields import Fields
from analysis.models.feed_forward import Dense
from analysis.models.layers import Layer


def internlm(f: Fields) -> Architecture:
    """InternLM: biases on all matrices of attention."""
    mixer = attention(f, biases=ALL if f.flag("bias", default=True) else frozenset())
    mlp = dense(f, bias=False)
    return decoder(f, lambda index: Layer(mixer, mlp), tied_embeddings=f.flag("tie_word_embeddings"))


def internlm2(f: Fields) -> Architecture:
    """InternLM 2: one matrix of queries, keys and values; no biases."""
    mixer = attention(f, biases=ALL if f.flag("bias") else frozenset())
    mlp = dense(f, bias=False)
    return decoder(f, lambda index: Layer(mixer, mlp), tied_embeddings=f.flag("tie_word_embeddings"))


def minicpm(f: Fields) -> Architecture:
    """MiniCPM: a Llama with scaled residuals, or with experts of `intermediate_size`."""
    mixer = attention(f, biases=ALL if f.flag("attention_bias") else frozenset())
    count = f.optional("num_experts") or 0
    mlp = experts(f, d_ff=f.whole("intermediate_size"), shared_d_ff=0) if count else dense(f, bias=False)
    return decoder(f, lambda index: Layer(mixer, mlp))


def qwen(f: Fields) -> Architecture:
    """Qwen 1: biases on queries, keys and values; `intermediate_size` counts both matrices into the MLP."""
    heads, width = f.heads, f.optional("kv_channels", least=1) or f.head_dim
    mixer = attention(f, kv_heads=heads, head_dim=width, biases=QKV)
    mlp = Dense(f.whole("intermediate_size") // 2)
    return decoder(f, lambda index: Layer(mixer, mlp), tied_embeddings=f.flag("tie_word_embeddings"),
                   context_length=f.optional("max_position_embeddings", "seq_length") or 0)  # fmt: skip


READERS = {"internlm": internlm, "internlm2": internlm2, "minicpm": minicpm, "qwen": qwen}
