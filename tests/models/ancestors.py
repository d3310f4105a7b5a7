"""Ancestors as their published code builds them: the modules of each in PyTorch, or an equal class of transformers.

Each entry of MODULES returns what the code of a model type makes of the fields that `shapes_ancestors` draws.
"""

from typing import Any

from tests.extras import extra

torch = extra("torch")
transformers = extra("transformers")
nn = torch.nn


def linear(inputs: int, outputs: int, bias: bool = False):
    return nn.Linear(inputs, outputs, bias=bias)


def rms(width: int):
    return nn.RMSNorm(width)


def gated(width: int, d_ff: int, bias: bool = False) -> list[Any]:
    return [linear(width, d_ff, bias), linear(width, d_ff, bias), linear(d_ff, width, bias)]


def grouped(g: dict[str, Any], bias: bool = False, output_bias: bool | None = None) -> list[Any]:
    """Queries, keys, values and output of grouped-query attention."""
    heads = g["num_attention_heads"]
    kv, head = g.get("num_key_value_heads", heads), g.get("head_dim") or g["hidden_size"] // heads
    width = g["hidden_size"]
    return [
        linear(width, heads * head, bias), linear(width, kv * head, bias), linear(width, kv * head, bias),
        linear(heads * head, width, bias if output_bias is None else output_bias),
    ]  # fmt: skip


def ends(g: dict[str, Any], norm: Any = rms, tied: bool = False) -> list[Any]:
    width, rows = g["hidden_size"], g.get("vocab_size") or g["padded_vocab_size"]
    return [nn.Embedding(rows, width), norm(width), *([] if tied else [linear(width, rows)])]


def as_llama(g: dict[str, Any], **changes: Any) -> list[Any]:
    """The class of transformers that an ancestor is equal to, whatever its matrices are joined as."""
    return [transformers.LlamaForCausalLM(transformers.LlamaConfig(**{**g, **changes}))]


def minicpm(g: dict[str, Any]) -> list[Any]:
    if not g.get("num_experts"):
        return as_llama(g)
    return [transformers.MixtralForCausalLM(transformers.MixtralConfig(**g, num_local_experts=g["num_experts"]))]


def qwen(g: dict[str, Any]) -> list[Any]:
    """`w1` and `w2` of half the width that the file says."""
    width, half, head = g["hidden_size"], g["intermediate_size"] // 2, g["kv_channels"] * g["num_attention_heads"]
    layer = lambda: [linear(width, 3 * head, True), linear(head, width), rms(width), rms(width), *gated(width, half)]  # noqa: E731
    return [*ends(g), *(part for _ in range(g["num_hidden_layers"]) for part in layer())]


def chatglm(g: dict[str, Any]) -> list[Any]:
    width, head, heads = g["hidden_size"], g["kv_channels"], g["num_attention_heads"]
    groups = g["multi_query_group_num"] if g["multi_query_attention"] else heads
    linear_bias, norm = g["add_bias_linear"], rms if g["rmsnorm"] else nn.LayerNorm
    made = ends(g, norm)
    for _ in range(g["num_layers"]):
        made += [
            linear(width, (heads + 2 * groups) * head, linear_bias or g["add_qkv_bias"]),
            linear(heads * head, width, linear_bias),
            linear(width, 2 * g["ffn_hidden_size"], linear_bias), linear(g["ffn_hidden_size"], width, linear_bias),
            norm(width), norm(width),
        ]  # fmt: skip
    return made


def first_chatglm(g: dict[str, Any]) -> list[Any]:
    width, d_ff = g["hidden_size"], g["inner_hidden_size"]
    made = ends(g, nn.LayerNorm, tied=True)
    for _ in range(g["num_layers"]):
        made += [linear(width, 3 * width, True), linear(width, width, True), linear(width, d_ff, True), linear(d_ff, width, True),
                 nn.LayerNorm(width), nn.LayerNorm(width)]  # fmt: skip
    return made


def orion(g: dict[str, Any]) -> list[Any]:
    width, made = g["hidden_size"], ends(g, nn.LayerNorm)
    for _ in range(g["num_hidden_layers"]):
        made += [*grouped(g, g["attention_bias"]), *gated(width, g["intermediate_size"])]
        made += [nn.LayerNorm(width), nn.LayerNorm(width)]
    return made


def mixture(g: dict[str, Any], routed: bool, count: str = "n_routed_experts", shared: str = "n_shared_experts") -> list[Any]:
    width = g["hidden_size"]
    if not routed:
        return gated(width, g["intermediate_size"])
    made = [linear(width, g[count])]
    for _ in range(g[count]):
        made += gated(width, g["moe_intermediate_size"])
    return made + (gated(width, g[shared] * g["moe_intermediate_size"]) if g.get(shared) else [])


def deepseek(g: dict[str, Any]) -> list[Any]:
    width, made = g["hidden_size"], ends(g)
    for index in range(g["num_hidden_layers"]):
        routed = "n_routed_experts" in g and index >= g["first_k_dense_replace"] and index % g["moe_layer_freq"] == 0
        made += [*grouped(g, g["attention_bias"]), rms(width), rms(width), *mixture(g, routed)]
    return made


def bailing(g: dict[str, Any]) -> list[Any]:
    width, made = g["hidden_size"], ends(g)
    for index in range(g["num_hidden_layers"]):
        made += [*grouped(g, g["use_qkv_bias"], False), rms(width), rms(width)]
        made += mixture(g, index >= g["first_k_dense_replace"], "num_experts", "num_shared_experts")
    return made


def grok(g: dict[str, Any]) -> list[Any]:
    width, made = g["hidden_size"], ends(g, tied=True)
    for _ in range(g["num_hidden_layers"]):
        made += [*grouped(g), linear(width, g["num_experts"]), *(rms(width) for _ in range(4))]
        made += [part for _ in range(g["num_experts"]) for part in gated(width, g["intermediate_size"])]
    return made


def arctic(g: dict[str, Any]) -> list[Any]:
    width, made = g["hidden_size"], ends(g)
    for _ in range(g["num_hidden_layers"]):
        made += [*grouped(g), linear(width, g["num_local_experts"]), *(rms(width) for _ in range(3)), *gated(width, width)]
        made += [part for _ in range(g["num_local_experts"]) for part in gated(width, g["intermediate_size"])]
    return made


def nemotron(g: dict[str, Any]) -> list[Any]:
    width, heads, made = g["hidden_size"], g["num_attention_heads"], ends(g)
    for block in g["block_configs"]:
        mixing, feeding = block["attention"], block["ffn"]
        if mixing["replace_with_linear"]:
            made += [rms(width), linear(width, width)]
        elif not mixing["no_op"]:
            made += [rms(width), *grouped({**g, "num_key_value_heads": heads // mixing["n_heads_in_group"]})]
        if feeding["replace_with_linear"]:
            made += [rms(width), linear(width, width)]
        elif not feeding["no_op"]:
            inner = int(2 * feeding["ffn_mult"] * width / 3)
            made += [rms(width), *gated(width, inner + -inner % 256)]
    return made


def rwkv(g: dict[str, Any]) -> list[Any]:
    """Version 5, and with `low_rank` version 6: a mix of five kinds through 32 numbers each, a decay through 64."""
    width, d_ff, six = g["hidden_size"], g["intermediate_size"], g["model_type"] == "rwkv6"
    made = [*ends(g, nn.LayerNorm), nn.LayerNorm(width)]
    for _ in range(g["num_hidden_layers"]):
        vectors = torch.empty(8 if six else 6, width, device="meta")  # mixes, decay, and what the present token adds
        made += [nn.ParameterList([nn.Parameter(vectors)]), *(linear(width, width) for _ in range(5)), nn.GroupNorm(2, width)]
        made += [linear(width, 160), linear(160, width), linear(width, 64), linear(64, width)] if six else []
        mixes = nn.ParameterList([nn.Parameter(torch.empty(2, width, device="meta"))])
        made += [mixes, linear(width, d_ff), linear(d_ff, width), linear(width, width), nn.LayerNorm(width), nn.LayerNorm(width)]
    return made


MODULES = {
    "internlm": lambda g: as_llama(g, attention_bias=g["bias"], num_key_value_heads=g["num_attention_heads"]),
    "internlm2": lambda g: as_llama(g, attention_bias=g["bias"]),
    "minicpm": minicpm,
    "qwen": qwen,
    "chatglm": lambda g: first_chatglm(g) if "inner_hidden_size" in g else chatglm(g),
    "baichuan": lambda g: as_llama(g, num_key_value_heads=g["num_attention_heads"]),
    "orion": orion,
    "exaone": lambda g: as_llama(g, num_hidden_layers=g["num_layers"]),
    "deepseek": deepseek,
    "phi3_v": lambda g: [transformers.Phi3ForCausalLM(transformers.Phi3Config(**g))],
    "bailing_moe": bailing,
    "grok-1": grok,
    "arctic": arctic,
    "nemotron-nas": nemotron,
    "rwkv5": rwkv,
    "rwkv6": rwkv,
}
