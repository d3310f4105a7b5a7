"""Parts of layers as most configurations name them, and the architecture that they make."""

from collections.abc import Callable
from typing import Any

from analysis.models.architecture import Architecture
from analysis.models.attention import Attention
from analysis.models.families.fields import Fields
from analysis.models.feed_forward import Dense, Experts
from analysis.models.latent_attention import Indexer, LatentAttention
from analysis.models.layers import Layer, runs
from analysis.models.operation import Norm

RMS = Norm("rmsnorm")
LAYER_NORM = Norm("layernorm", bias=True)
QKV = frozenset({"query", "key", "value"})
ALL = QKV | {"output"}
FULL, SLIDING, CHUNKED, LINEAR = "full_attention", "sliding_attention", "chunked_attention", "linear_attention"


def decoder(f: Fields, layers: Callable[[int], Layer] | list[Layer], **ends: Any) -> Architecture:
    """Return the architecture of `layers`, listed or by number, its ends as configurations name them."""
    listed = [layers(index) for index in range(f.n_layers)] if callable(layers) else layers
    fields = {
        "name": f.name,
        "d_model": f.d_model,
        "vocab_size": f.vocab_size,
        "layers": runs(listed),
        "norm": RMS,
        "positions": "rotary",
        "tied_embeddings": tied(f),
        "context_length": f.optional("max_position_embeddings", "n_positions", "max_sequence_length", "seq_length") or 0,
        **ends,
    }
    return Architecture(**fields, unsupported=tuple(f.uncounted))


def tied(f: Fields) -> bool:
    """Say whether the head is the embedding's table: the outer configuration's word wins over the inner one's."""
    said = f.outer.get("tie_word_embeddings")
    return said if isinstance(said, bool) else f.flag("tie_word_embeddings", default=True)


def attention(f: Fields, **changes: Any) -> Attention:
    """Return attention by heads, key-value heads and head width; `attention_bias` is on all matrices or on none."""
    head_dim = changes.pop("head_dim", None) or f.head_dim
    fields = {
        "heads": f.heads,
        "kv_heads": f.kv_heads,
        "key_dim": head_dim,
        "rotary": head_dim,
        "biases": ALL if f.flag("attention_bias") else frozenset(),
        **changes,
    }
    return Attention(**fields)


def latent(f: Fields, **changes: Any) -> LatentAttention:
    """Return latent attention as DeepSeek names its sizes."""
    fields = {
        "heads": f.heads,
        "kv_rank": f.whole("kv_lora_rank"),
        "nope_dim": f.whole("qk_nope_head_dim"),
        "rope_dim": f.whole("qk_rope_head_dim", least=0),
        "value_dim": changes.get("value_dim") or f.whole("v_head_dim"),
        "query_rank": f.optional("q_lora_rank") or 0,
        "bias": f.flag("attention_bias"),
        "output_bias": f.flag("attention_bias"),
        **changes,
    }
    return LatentAttention(**fields)


def indexer(f: Fields, *, shared: bool = False, pool: int = 1) -> Indexer:
    """Return DeepSeek's sparse attention's indexer."""
    return Indexer(f.whole("index_n_heads"), f.whole("index_head_dim"), f.whole("index_topk"), shared, pool)


#: Bytes a number of a state, by the name of its type.
STATE_TYPES = {"float32": 4, "float16": 2, "bfloat16": 2}


def state_element(f: Fields) -> dict[str, Any]:
    """Return the bytes a number of a linear mixer's state, FP32 where a file does not say."""
    kind = f.text("mamba_ssm_dtype", "mamba_ssm_cache_dtype", default="float32")
    if kind not in STATE_TYPES:
        raise f.refuse("mamba_ssm_dtype", f"= {kind!r:.40} is not one of {', '.join(STATE_TYPES)}")
    return {"state_element": STATE_TYPES[kind]}


def stream_head(f: Fields, streams: int) -> dict[str, Any]:
    """Return what makes one vector of the `streams` of hyper-connections before the last norm."""
    head = (("stream head", streams * f.d_model, streams),)
    return {"extra_matrices": head, "extras": (("stream head scales", streams + 1),)}


def dense(f: Fields, **changes: Any) -> Dense:
    """Return a gated MLP of `intermediate_size`."""
    fields = {"d_ff": changes.pop("d_ff", None) or f.whole("intermediate_size"), "bias": f.flag("mlp_bias"), **changes}
    return Dense(**fields)


def experts(f: Fields, **changes: Any) -> Experts:
    """Return gated experts by the names that configurations have for their number, width and choice.

    `n_shared_experts` of a routed one's width each are shared.
    """
    d_ff = changes.pop("d_ff", None) or f.whole("moe_intermediate_size", "intermediate_size")
    groups = f.optional("n_group", "num_expert_group") or 0
    fields = {
        "n_experts": changes.get("n_experts")
        or f.whole("n_routed_experts", "num_local_experts", "num_experts", "moe_num_experts"),
        "per_token": changes.get("per_token") or f.whole("num_experts_per_tok", "num_experts_per_token", "moe_k"),
        "d_ff": d_ff,
        "shared_d_ff": (f.optional("n_shared_experts", "num_shared_experts") or 0) * d_ff,
        "groups": groups if groups > 1 else 0,
        "groups_per_token": (f.optional("topk_group") or 0) if groups > 1 else 0,
        **changes,
    }
    return Experts(**fields)


def windows(f: Fields, default: Callable[[int], str] | None = None) -> list[int]:
    """Return each layer's window, 0 where it sees all, by `layer_types`, or by `default` where a file lists none."""
    kinds = f.kinds("layer_types", known=(FULL, SLIDING, CHUNKED))
    if kinds is None:
        kinds = [default(index) if default else FULL for index in range(f.n_layers)]
    if all(kind == FULL for kind in kinds):
        return [0] * len(kinds)
    window = f.optional("sliding_window", "attention_chunk_size") or 0
    return [0 if kind == FULL else window for kind in kinds]


def prediction_layers(f: Fields, count: int, layer: Layer) -> dict[str, Any]:
    """Return `count` layers that predict further tokens, each with the matrix and the three norms of DeepSeek-V3."""
    if not count:
        return {}
    width = f.d_model
    return {"mtp_layers": ((layer, count),), "mtp_extra": count * (2 * width * width + 3 * width)}
