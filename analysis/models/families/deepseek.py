"""DeepSeek's kind: latent attention, experts after the first layers, sparse attention by an indexer."""

from typing import Any

from analysis.models.architecture import Architecture
from analysis.models.families.blocks import decoder, indexer, latent, prediction_layers
from analysis.models.families.fields import Fields
from analysis.models.families.mixtures import after_first, mixture
from analysis.models.layers import Layer


def deepseek(f: Fields, *, correction: bool = True, first: int = 0, **changes: Any) -> Architecture:
    """Equal latent attention; `changes` are its."""
    mlp = mixture(f, after_first(f, first), correction=correction)
    mixer = latent(f, **changes)
    ends = prediction_layers(f, f.optional("num_nextn_predict_layers") or 0, Layer(mixer, mlp(f.n_layers)))
    return decoder(f, lambda index: Layer(mixer, mlp(index)), **ends)


def deepseek_v2(f: Fields) -> Architecture:
    changes = {}
    if "q_lora_rank" not in f.given and (rank := f.optional("q_lora_rank")):
        # Files of V2 Lite leave out that it has no latent of queries; the default would hold more than it saves.
        query = f.heads * (f.whole("qk_nope_head_dim") + f.whole("qk_rope_head_dim"))
        if rank * (f.d_model + query) > f.d_model * query:
            changes = {"query_rank": 0}
            f.assumed["q_lora_rank"] = "none, since the default of transformers would save no weights"
    return deepseek(f, correction=f.text("topk_method") == "noaux_tc", **changes)


def glm4_moe_lite(f: Fields) -> Architecture:
    return deepseek(f, first=1)


def deepseek_v32(f: Fields) -> Architecture:
    return deepseek(f, indexer=indexer(f))


def glm_moe_dsa(f: Fields) -> Architecture:
    """GLM-5: some layers take the choice of positions of an earlier one."""
    kinds = indexer_kinds(f)
    mlp = mixture(f, after_first(f, 3), correction=True)
    layers = [Layer(latent(f, indexer=indexer(f, shared=kind == "shared")), mlp(index)) for index, kind in enumerate(kinds)]
    ahead = Layer(latent(f, indexer=indexer(f)), mlp(f.n_layers))  # it has no earlier layer's choice to take
    return decoder(f, layers, **prediction_layers(f, f.optional("num_nextn_predict_layers") or 0, ahead))


def indexer_kinds(f: Fields) -> list[str]:
    """Whether each layer's indexer is its own: listed, as letters, or by a schedule."""
    kinds = f.kinds("indexer_types", known=("full", "shared"))
    if kinds:
        return kinds
    pattern = f.value("index_topk_pattern")
    if isinstance(pattern, str):
        if len(pattern) != f.n_layers or set(pattern) - set("FS"):
            raise f.refuse("index_topk_pattern", f"= {pattern!r:.60} does not say F or S of {f.n_layers} layers")
        return ["full" if letter == "F" else "shared" for letter in pattern]
    every, first = f.whole("index_topk_freq", default=1), f.whole("index_skip_topk_offset", default=2, least=0)
    return ["full" if max(index - first + 1, 0) % every == 0 else "shared" for index in range(f.n_layers)]


READERS = {
    "deepseek_v2": deepseek_v2,
    "deepseek_v3": deepseek,
    "kimi_k2": deepseek,
    "glm4_moe_lite": glm4_moe_lite,
    "deepseek_v32": deepseek_v32,
    "glm_moe_dsa": glm_moe_dsa,
}
