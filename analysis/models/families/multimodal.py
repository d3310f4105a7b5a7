"""Text models that stand inside models that see and hear, where they are no other type's."""

from dataclasses import replace
from typing import Any

from analysis.models.architecture import Architecture
from analysis.models.families.ancestors import deepseek as deepseek_moe
from analysis.models.families.ancestors import phi3_v
from analysis.models.families.blocks import ALL, FULL, QKV, SLIDING, attention, decoder, dense, experts, windows
from analysis.models.families.compressed import hy_v4
from analysis.models.families.dense import ernie, hunyuan, ungated
from analysis.models.families.fields import Fields
from analysis.models.families.llama import llama, qwen2
from analysis.models.families.mixtures import qwen3_moe
from analysis.models.feed_forward import Dense
from analysis.models.layers import Layer
from analysis.models.residuals import Idle, Matrices


def mllama(f: Fields) -> Architecture:
    """Llama 3.2 Vision: layers of cross-attention to pictures among the others, which a text alone skips."""
    crossing = f.items("cross_attention_layers", kind=int)
    crossing = [3, 8, 13, 18, 23, 28, 33, 38] if crossing is None else crossing
    mixer, mlp, width = attention(f, biases=frozenset()), dense(f, bias=False), f.d_model
    matrices = 2 * width * mixer.key_dim * (mixer.heads + mixer.kv_heads) + 3 * width * mlp.d_ff
    to_pictures = Idle("cross-attention to pictures", matrices + 2 * mixer.key_dim + 2 * width + 2)
    layers = [Layer(beside=(to_pictures,)) if index in crossing else Layer(mixer, mlp) for index in range(f.n_layers)]
    marks = Idle("embeddings of pictures' marks", 8 * width)
    layers[0] = replace(layers[0], beside=(*layers[0].beside, marks))
    return decoder(f, layers, tied_embeddings=False)


def ernie_vl(f: Fields) -> Architecture:
    """ERNIE 4.5 VL: experts of text, and narrower ones of pictures beside them."""
    given = f.value("moe_intermediate_size")
    widths = f.items("moe_intermediate_size", kind=int) if isinstance(given, list) else [1536, 512]
    counts = f.value("moe_num_experts")
    counts = f.items("moe_num_experts", kind=int) if isinstance(counts, list) else [f.whole("moe_num_experts")] * 2
    if not widths or not counts or len(widths) < 2 or len(counts) < 2 or min(*widths[:2], *counts[:2]) < 1:
        raise f.refuse("moe_intermediate_size", f"= {given!r:.40} and moe_num_experts don't say two widths and two numbers")
    shared = (f.optional("moe_num_shared_experts") or 0) * widths[0]
    routed = experts(f, n_experts=counts[0], d_ff=widths[0], per_token=f.whole("moe_k"), shared_d_ff=shared, correction=True)
    pictures = Idle("experts of pictures", counts[1] * (3 * f.d_model * widths[1] + f.d_model + 1))
    kinds = f.kinds("mlp_layer_types", known=("dense", "sparse"))
    first = f.value("moe_layer_start_index")
    first = first[0] if isinstance(first, list) and first else first
    first = 1 if first is None else f.whole_number("moe_layer_start_index", first)
    mixer = attention(f, biases=ALL if f.flag("use_bias") else frozenset())
    mlp = dense(f, bias=f.flag("use_bias"))

    def layer(index: int) -> Layer:
        sparse = kinds[index] == "sparse" if kinds else index >= first
        return Layer(mixer, routed, beside=(pictures,)) if sparse else Layer(mixer, mlp)

    return decoder(f, layer)


def glm4v(f: Fields) -> Architecture:
    return llama(f, norms=(2, 2), biases=QKV)


def glm_ocr(f: Fields) -> Architecture:
    return llama(f, norms=(2, 2), biases=frozenset())


def plain_llama(f: Fields) -> Architecture:
    return llama(f, biases=frozenset())


def cosmos(f: Fields) -> Architecture:
    return ungated(f, bias=f.flag("mlp_bias"))


def muse(f: Fields) -> Architecture:
    """Muse Glimmer: an output gate of attention, norms before and after, norms of queries and keys without weights."""
    last = f.n_layers - 1
    seen = windows(f, lambda index: SLIDING if (last - index) % 4 else FULL)
    mlp, norms = Dense(f.whole("intermediate_size")), {"qk_norm": "head", "qk_norm_vectors": 0, "gate": "full"}
    return decoder(f, lambda index: Layer(attention(f, window=seen[index], **norms), mlp, 2, 2))


def voxtral_realtime(f: Fields) -> Architecture:
    """A gate of low rank by the time that sound is behind."""
    delay = Matrices("gate by delay", (("delay down", f.d_model, 32), ("delay up", 32, f.d_model)))
    layer = Layer(attention(f, biases=frozenset(), window=f.optional("sliding_window") or 0), dense(f, bias=False),
                  beside=(delay,))  # fmt: skip
    return decoder(f, lambda index: layer)


def molmo2(f: Fields) -> Architecture:
    kind = f.text("qk_norm_type")
    more = (("embeddings of further tokens", (f.optional("additional_vocab_size") or 0) * f.d_model),)
    biases = QKV if f.flag("qkv_bias") else frozenset()
    return llama(f, biases=biases, qk_norm="head" if kind == "qwen3" else "width", ends={"extras": more})


def phi4_multimodal(f: Fields) -> Architecture:
    """Phi-4 multimodal: Phi 3 beside towers and low-rank adapters of theirs, which its class makes outside the layers."""
    f.uncounted += ["audio tower"]
    return phi3_v(f)


def deepseek_ocr(f: Fields) -> Architecture:
    return deepseek_moe(f, first=1)


def unlimited_ocr(f: Fields) -> Architecture:
    """The whole of pictures stays in the cache, and of what was written a window."""
    if f.optional("sliding_window"):
        f.uncounted.append("a window over the tokens that it writes (its cache is counted as that of full attention)")
    return deepseek_ocr(f)


READERS: dict[str, Any] = {
    "mllama_text_model": mllama,
    "ernie4_5_vl_moe_text": ernie_vl,
    "glm4v_text": glm4v,
    "glm_ocr_text": glm_ocr,
    "granite4_vision_text": llama,
    "granite_docling_text": llama,
    "hunyuan_vl_text": hunyuan,
    "paddleocr_vl_text": ernie,
    "qwen2_5_omni_text": qwen2,
    "qwen3_omni_moe_text": qwen3_moe,
    "emu3_text_model": plain_llama,
    "deepseek_ocr2_text": deepseek_ocr,
    "unlimited_ocr_text": unlimited_ocr,
    "cosmos3_edge_text": cosmos,
    "muse_glimmer_text": muse,
    "voxtral_realtime_text": voxtral_realtime,
    "molmo2_text": molmo2,
    "hy_v4_vl_text": hy_v4,
    "phi4_multimodal": phi4_multimodal,
}
