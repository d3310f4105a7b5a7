"""Gemma 3n and 4: caches shared across layers, a second embedding of tokens for every layer, heads of two widths."""

from dataclasses import replace
from typing import Any

from analysis.models.architecture import Architecture
from analysis.models.families.blocks import FULL, SLIDING, attention, decoder, dense, experts, windows
from analysis.models.families.fields import Fields
from analysis.models.feed_forward import Dense
from analysis.models.layers import Layer
from analysis.models.residuals import AlternatingUpdates, LowRank, PerLayerInput


def shared_caches(f: Fields, seen: list[int]) -> list[bool]:
    """Return whether each layer reads the cache of an earlier layer of its kind: the last `num_kv_shared_layers` do."""
    count = f.optional("num_kv_shared_layers") or 0
    if count > len(seen):
        raise f.refuse("num_kv_shared_layers", f"= {count} is more than {len(seen)} layers")
    first = len(seen) - count
    if 0 < first < len(seen) and not {bool(window) for window in seen} <= {bool(window) for window in seen[:first]}:
        raise f.refuse("num_kv_shared_layers", f"= {count} leaves a kind of layer without a cache to read")
    return [index >= first for index in range(len(seen))]


def per_layer_input(f: Fields, width: int) -> tuple[dict[str, Any], tuple[PerLayerInput, ...]]:
    """Return the second embedding, a matrix that adds to it, and what each layer does with its share of `width`."""
    if not width:
        return {}, ()
    whole = f.n_layers * width
    ends = {
        "per_layer_embedding": (f.whole("vocab_size_per_layer_input"), whole),
        "extra_matrices": (("per-layer projection", f.d_model, whole),),
        "extras": (("per-layer norm", width),),
    }
    return ends, (PerLayerInput(width),)


def gemma3n(f: Fields) -> Architecture:
    """Alternating updates of several streams, a low-rank way around attention, and per-layer inputs."""
    seen = windows(f, lambda index: FULL if (index + 1) % 5 == 0 else SLIDING)
    reads = shared_caches(f, seen)
    given = f.value("intermediate_size")
    sizes = f.items("intermediate_size", kind=int, length=f.n_layers) if isinstance(given, list) else None
    ends, per_layer = per_layer_input(f, f.whole("hidden_size_per_layer_input"))
    streams = f.whole("altup_num_inputs")
    more = (streams - 1) * f.d_model
    if more:
        ends["extra_matrices"] += (("streams out of the embedding", f.d_model, more), ("streams into the head", f.d_model, more))
    beside = (AlternatingUpdates(streams), LowRank(f.whole("laurel_rank")), *per_layer)

    def layer(index: int) -> Layer:
        mixer = attention(f, window=seen[index], qk_norm="head", reads_cache_of_another=reads[index])
        return Layer(mixer, dense(f, d_ff=sizes[index] if sizes else None), 2, 2, beside=beside)

    return decoder(f, layer, **ends)


def gemma4(f: Fields) -> Architecture:
    """Layers that see all have wider heads, and may make keys and values by one matrix; experts stand beside an MLP."""
    seen = windows(f, lambda index: SLIDING if (index + 1) % 6 else FULL)
    if seen[-1]:
        seen[-1] = 0  # the class makes the last layer see all
    reads = shared_caches(f, seen)
    ends, beside = per_layer_input(f, f.optional("hidden_size_per_layer_input") or 0)
    same = f.flag("attention_k_eq_v")
    wide = f.optional("global_head_dim", least=1) or 512
    wide_heads = (f.optional("num_global_key_value_heads", least=1) if same else None) or f.kv_heads
    double, d_ff = f.flag("use_double_wide_mlp"), f.whole("intermediate_size")
    routed = None
    if f.flag("enable_moe_block"):
        routed = experts(f, per_token=f.whole("top_k_experts"), d_ff=f.whole("moe_intermediate_size"), shared_d_ff=d_ff)

    listed = f.inside("per_layer_config")  # as transformers writes what it read

    def layer(index: int) -> Layer:
        part = listed.inside(str(index))
        sizes = {} if seen[index] else {"head_dim": wide, "kv_heads": wide_heads, "key_is_value": same}
        for name, field in (("head_dim", "head_dim"), ("kv_heads", "num_key_value_heads")):
            sizes |= {name: part.whole(field)} if part.has(field) else {}
        mixer = attention(f, window=seen[index], qk_norm="head", reads_cache_of_another=reads[index], **sizes)
        width = d_ff * (2 if double and reads[index] else 1)
        if not routed:
            return Layer(mixer, Dense(width), 2, 2, beside=beside)
        scales = (("router scales", f.d_model + routed.n_experts),)
        return Layer(mixer, replace(routed, shared_d_ff=width), 2, 5, beside=beside, extras=scales)

    return decoder(f, layer, **ends)


READERS = {"gemma3n_text": gemma3n, "gemma4_text": gemma4, "gemma4_unified_text": gemma4}
