"""Sparse attention beyond an indexer of positions: DeepSeek-V4, Hy 4, MiniMax-M3."""

from typing import Any

from analysis.models.architecture import Architecture
from analysis.models.families.blocks import FULL, attention, decoder, dense, experts, indexer, latent, stream_head
from analysis.models.families.fields import Fields
from analysis.models.families.mixtures import after_first, mixture
from analysis.models.layers import Layer
from analysis.models.residuals import HyperConnections
from analysis.models.sparse_attention import BlockSparseAttention, CompressedAttention, CompressedIndexer

SLIDING, SPARSE, HEAVY = "sliding_attention", "compressed_sparse_attention", "heavily_compressed_attention"
BLOCKS = "minimax_m3_sparse"


def deepseek_v4(f: Fields) -> Architecture:
    """A window and compressed entries, hyper-connections, and experts that the first layers choose by a table."""
    kinds, ratios = compression(f)
    hashed = hash_layers(f)
    beside = (HyperConnections(f.whole("hc_mult")),)
    if f.whole("n_shared_experts", least=0) != 1:
        raise f.refuse("n_shared_experts", "is not 1, the number that the published code has")
    mlps = {by_table: experts(f, correction=not by_table) for by_table in (False, True)}
    width = f.whole("head_dim")
    rotary = f.optional("qk_rope_head_dim", least=1) or width // 8

    def mixer(kind: str) -> CompressedAttention:
        chosen = CompressedIndexer(f.whole("index_n_heads"), f.whole("index_head_dim"), f.whole("index_topk"))
        return CompressedAttention(
            f.heads, width, f.whole("q_lora_rank"), f.whole("o_groups"), f.whole("o_lora_rank"), f.whole("sliding_window"),
            ratios[kind], kind == SPARSE, rotary, chosen if kind == SPARSE else None,
        )  # fmt: skip

    mixers = {kind: mixer(kind) for kind in {*kinds, SLIDING}}
    ends = stream_head(f, f.whole("hc_mult"))
    count = f.optional("num_nextn_predict_layers") or 0
    if count:
        # As a layer of the window alone, with the two matrices and three norms of DeepSeek-V3 and a head of its own.
        extra = 2 * f.d_model**2 + 3 * f.d_model + sum(k * n for _, k, n in ends["extra_matrices"]) + ends["extras"][0][1]
        ends |= {"mtp_layers": ((Layer(mixers[SLIDING], mlps[False], beside=beside), count),), "mtp_extra": count * extra}
    return decoder(f, lambda index: Layer(mixers[kinds[index]], mlps[hashed[index]], beside=beside), **ends)


def compression(f: Fields) -> tuple[list[str], dict[str, int]]:
    """Return the kind of each layer's attention, and each kind's positions an entry."""
    rates = f.inside("compress_rates")
    ratios = {SLIDING: 0, SPARSE: rates.whole(SPARSE, default=4), HEAVY: rates.whole(HEAVY, default=128)}
    kinds = f.kinds("layer_types", known=ratios)
    listed = f.items("compress_ratios", kind=int)
    if kinds is None and listed is not None:
        named = {0: SLIDING, 4: SPARSE, 128: HEAVY}
        if len(listed) < f.n_layers or set(listed) - set(named):
            raise f.refuse("compress_ratios", f"does not give 0, 4 or 128 for each of {f.n_layers} layers")
        kinds = [named[ratio] for ratio in listed[: f.n_layers]]
    return kinds or [HEAVY if index < 2 or index % 2 == 0 else SPARSE for index in range(f.n_layers)], ratios


def hash_layers(f: Fields) -> list[bool]:
    """Return whether each layer's experts are chosen by a table of tokens, which is no weight and has no correction."""
    kinds = f.kinds("mlp_layer_types", known=("hash_moe", "moe"))
    if kinds:
        return [kind == "hash_moe" for kind in kinds]
    first = f.whole("num_hash_layers", default=3, least=0)
    return [index < first for index in range(f.n_layers)]


def hy_v4(f: Fields) -> Architecture:
    """Hy 4: sparse latent attention with sinks and an output gate, and hyper-connections that don't mix streams."""
    kinds = f.kinds("indexer_types", known=("full", "shared"))
    kinds = kinds or ["full" if index == 0 or (index - 1) % 4 == 0 else "shared" for index in range(f.n_layers)]
    streams = f.whole("hc_mult")
    beside = (HyperConnections(streams, mixing=False),)
    mlp = mixture(f, after_first(f, 1), correction=True)

    def layer(index: int) -> Layer:
        chosen = indexer(f, shared=kinds[index] == "shared")
        return Layer(latent(f, indexer=chosen, gate="full", sinks=True), mlp(index), beside=beside)

    return decoder(f, layer, **stream_head(f, streams))


def minimax_m3(f: Fields) -> Architecture:
    """Blocks chosen by index heads in some layers."""
    given: dict[str, Any] = {"sparse": f.inside("sparse_attention_config")}
    inside: Fields = given["sparse"]
    listed = inside.items("sparse_attention_freq", kind=int, length=f.n_layers)
    kinds = f.kinds("layer_types", known=(FULL, BLOCKS))
    if kinds is None:
        kinds = [BLOCKS if sparse else FULL for sparse in listed] if listed else [FULL] * f.n_layers
    full = attention(f, biases=frozenset(), qk_norm="head", rotary=f.optional("rotary_dim") or f.head_dim)
    sizes = {
        "index_heads": ("sparse_num_index_heads", "index_n_heads"),
        "index_dim": ("sparse_index_dim", "index_head_dim"),
        "block": ("sparse_block_size", "index_block_size"),
        "top_blocks": ("sparse_topk_blocks", "index_topk_blocks"),
    }
    chosen: dict[str, Any] = {key: inside.optional(old, least=1) or f.whole(new) for key, (old, new) in sizes.items()}
    sparse = BlockSparseAttention(full.heads, full.kv_heads, full.key_dim, qk_norm="head", rotary=full.rotary, **chosen)
    listed = f.items("moe_layer_freq", kind=int, length=f.n_layers)
    types = f.kinds("mlp_layer_types", known=("dense", "sparse"))
    routed = [kind == "sparse" for kind in types] if types else [bool(routes) for routes in listed or [1] * f.n_layers]
    mlps: dict[bool, Any] = {
        True: experts(f, d_ff=f.whole("intermediate_size"), shared_d_ff=f.whole("shared_intermediate_size"), correction=True),
        False: dense(f, d_ff=f.whole("dense_intermediate_size"), bias=False),
    }
    return decoder(f, lambda index: Layer(sparse if kinds[index] == BLOCKS else full, mlps[routed[index]]))


READERS = {"deepseek_v4": deepseek_v4, "hy_v4": hy_v4, "minimax_m3_vl_text": minimax_m3}
