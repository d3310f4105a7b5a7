"""Files of training frameworks that name a model's shape, read into the fields of a `config.json`.

`MaxText` (YAML), Megatron and NeMo (arguments in a script, or YAML), torchtitan and Llama's `params.json` (TOML, YAML or
JSON): each is a table of its names of fields. A file is data: nothing in it is run, and what a framework takes from
elsewhere (a flavour, a tokenizer, a variable) is refused by field.
"""

import re
import tomllib
from collections.abc import Mapping
from typing import Any

from analysis.models.families.fields import Fields
from analysis.models.shape import ArchitectureError

SUFFIXES = (".yml", ".yaml", ".toml", ".sh", ".args", ".txt")
#: Bytes of the longest such file that is read.
MOST_BYTES = 300_000
MOST_DEEP = 50

MAXTEXT = {
    "base_emb_dim": "hidden_size",
    "base_num_query_heads": "num_attention_heads",
    "base_num_kv_heads": "num_key_value_heads",
    "base_num_decoder_layers": "num_hidden_layers",
    "head_dim": "head_dim",
    "base_mlp_dim": "intermediate_size",
    "base_moe_mlp_dim": "moe_intermediate_size",
    "vocab_size": "vocab_size",
    "num_experts_per_tok": "num_experts_per_tok",
    "shared_experts": "n_shared_experts",
    "first_num_dense_layers": "first_k_dense_replace",
    "q_lora_rank": "q_lora_rank",
    "kv_lora_rank": "kv_lora_rank",
    "qk_nope_head_dim": "qk_nope_head_dim",
    "qk_rope_head_dim": "qk_rope_head_dim",
    "v_head_dim": "v_head_dim",
    "mtp_num_layers": "num_nextn_predict_layers",
    "sliding_window_size": "sliding_window",
    "logits_via_embedding": "tie_word_embeddings",
    "max_position_embeddings": "max_position_embeddings",
}
#: MaxText's kinds of decoder that are described, as model types of transformers.
MAXTEXT_DECODERS = {
    "llama2": "llama", "mistral": "mistral", "mixtral": "mixtral", "gemma": "gemma", "gemma2": "gemma2",
    "gemma3": "gemma3_text", "qwen2": "qwen2", "qwen3": "qwen3", "qwen3_moe": "qwen3_moe", "deepseek": "deepseek_v3",
    "gpt_oss": "gpt_oss",
}  # fmt: skip
WINDOWED = ("mistral", "gemma2", "gemma3_text", "gpt_oss")
MEGATRON = {
    "hidden_size": "hidden_size",
    "num_layers": "num_hidden_layers",
    "num_attention_heads": "num_attention_heads",
    "num_query_groups": "num_key_value_heads",
    "kv_channels": "head_dim",
    "ffn_hidden_size": "intermediate_size",
    "moe_ffn_hidden_size": "moe_intermediate_size",
    "moe_router_topk": "num_experts_per_tok",
    "max_position_embeddings": "max_position_embeddings",
    "q_lora_rank": "q_lora_rank",
    "kv_lora_rank": "kv_lora_rank",
    "qk_head_dim": "qk_nope_head_dim",
    "qk_pos_emb_head_dim": "qk_rope_head_dim",
    "v_head_dim": "v_head_dim",
    "mtp_num_layers": "num_nextn_predict_layers",
}
TORCHTITAN = {
    "dim": "hidden_size",
    "n_layers": "num_hidden_layers",
    "n_heads": "num_attention_heads",
    "n_kv_heads": "num_key_value_heads",
    "head_dim": "head_dim",
    "hidden_dim": "intermediate_size",
    "vocab_size": "vocab_size",
    "max_seq_len": "max_position_embeddings",
}
#: What changes a shape and is not read, by framework: refused where a file has it on.
NOT_READ = {
    "MaxText": ("global_parameter_scale", "num_vocab_tiling", "use_mrope", "interleave_moe_layer_step",
                "inhomogeneous_layer_cycle_interval", "share_kv_projections", "attention_sink", "nope_layer_interval"),
    "Megatron": ("hybrid_layer_pattern", "hybrid_override_pattern", "is_hybrid_model", "heterogeneous_layers_config_path",
                 "experimental_attention_variant", "linear_attention_freq", "num_attention_heads_per_layer",
                 "retro_add_retriever", "encoder_num_layers", "hidden_dim_multiplier", "squared_relu", "geglu",
                 "attention_output_gate", "window_size", "window_attn_skip_freq"),
    "torchtitan": ("moe", "moe_args", "moe_enabled", "moe_inter_dim", "q_lora_rank", "kv_lora_rank", "num_experts"),
}  # fmt: skip
#: Fields of these whose 1 changes nothing.
ONE = dict.fromkeys(("global_parameter_scale", "inhomogeneous_layer_cycle_interval", "interleave_moe_layer_step"), (1,))


def parsed(text: str, suffix: str, name: str) -> dict[str, Any]:
    """Return what the text of a file holds, by field, those of its `model` beside the others. Raises ArchitectureError."""
    if len(text.encode()) > MOST_BYTES:
        raise ArchitectureError(f"{name}: has more than {MOST_BYTES:,} bytes; a file of a framework's settings has fewer")
    if _too_deep(text):
        raise ArchitectureError(f"{name}: is nested too deep")
    try:
        if suffix == ".toml":
            settings = tomllib.loads(text)
        elif suffix in (".yml", ".yaml"):
            from ruamel.yaml import YAML  # not needed for a config.json

            settings = YAML(typ="safe").load(text)
        else:
            settings = arguments(text)
    except RecursionError as error:
        raise ArchitectureError(f"{name}: is nested too deep") from error
    except Exception as error:  # whatever a parser says of a text that is none of its language
        raise ArchitectureError(f"{name}: is not {suffix[1:]}: {str(error).splitlines()[0]:.100}") from error
    if not isinstance(settings, dict):
        raise ArchitectureError(f"{name}: holds no fields with values")
    for inner in ("model", "config", "model_args", "language_model"):
        if isinstance(settings.get(inner), dict):
            settings = {**{key: value for key, value in settings.items() if key != inner}, **settings[inner]}
    return {str(key): value for key, value in settings.items()}


def _too_deep(text: str) -> bool:
    """Say whether brackets or dashes nest deeper than any settings: parsers need long for such a text."""
    depth = 0
    for sign in re.findall(r"[\[\]{}]", text):
        depth = depth + 1 if sign in "[{" else max(depth - 1, 0)
        if depth > MOST_DEEP:
            return True
    return re.search(rf"(- ){{{MOST_DEEP}}}", text) is not None


def arguments(text: str) -> dict[str, Any]:
    """Return the `--name value` arguments of a script, variables that it sets itself put in; later ones win."""
    text = re.sub(r"\\\r?\n", " ", text)
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    given: dict[str, str] = {}
    words: list[str] = []
    for line in lines:
        assigned = re.match(r"\s*(?:export\s+)?([A-Za-z_]\w*)=([\w.+-]+)\s*(?:#.*)?$", line)
        if assigned:
            given[assigned[1]] = assigned[2]
        words += re.sub(r"[\"'()]", " ", re.sub(r"\s#.*$", "", line)).split()
    settings: dict[str, Any] = {}
    for index, word in enumerate(words):
        flag = re.fullmatch(r"--([A-Za-z][\w-]*)(?:=(.*))?", word)
        if not flag:
            continue
        following = words[index + 1] if index + 1 < len(words) else "--"
        value = flag[2] if flag[2] is not None else "true" if following.startswith("--") else following
        variable = re.fullmatch(r"\$\{?(\w+)(?::?[-=]([\w.]+))?\}?", value)
        if variable:
            value = given.get(variable[1]) or variable[2] or value
        settings[flag[1].replace("-", "_")] = _scalar(value)
    return settings


def _scalar(value: str) -> Any:
    if value in ("true", "True"):
        return True
    if value in ("false", "False"):
        return False
    return int(value) if re.fullmatch(r"-?\d{1,18}", value) else value


def framework(settings: Mapping[str, Any]) -> str:
    """Return which framework's names the fields are, empty if none."""
    if any(name.startswith("base_") for name in settings) or "decoder_block" in settings:
        return "MaxText"
    if "dim" in settings or "n_layers" in settings or "flavor" in settings:
        return "torchtitan"
    return "Megatron" if "num_layers" in settings or "num_query_groups" in settings else ""


def config(settings: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return the fields of a `config.json` that say what these do. Raises ArchitectureError, naming the field."""
    kind = framework(settings)
    if not kind:
        raise ArchitectureError(
            f"{name}: has no field of a shape that is known: base_emb_dim (MaxText), num_layers (Megatron, NeMo), "
            "dim (torchtitan), model_type (a config.json)"
        )
    f = Fields(name, settings, {})
    for field in NOT_READ[kind]:
        if settings.get(field) and settings[field] not in ONE.get(field, ()):
            raise f.refuse(field, f"= {settings[field]!r:.60} changes a {kind} model's shape in a way that is not read")
    return {"MaxText": maxtext, "Megatron": megatron, "torchtitan": torchtitan}[kind](f)


def _taken(f: Fields, table: Mapping[str, str], needed: tuple[str, ...]) -> dict[str, Any]:
    """Return the fields of `table` that a file gives, by their other name. Raises ArchitectureError for one it lacks."""
    for field in needed:
        if not f.has(field):
            raise f.refuse(field, "is not given, and leaves the shape open")
    given = {field: f.given[field] for field in table if f.has(field)}
    for field, value in given.items():
        if table[field] != "tie_word_embeddings":
            f.whole_number(field, value)
    return {table[field]: value for field, value in given.items()}


def maxtext(f: Fields) -> dict[str, Any]:
    """MaxText: `decoder_block` says the family."""
    block = f.text("decoder_block", default="llama2")
    if block not in MAXTEXT_DECODERS:
        raise f.refuse("decoder_block", f"= {block!r:.60} is not one of {', '.join(MAXTEXT_DECODERS)}")
    needed = ("base_emb_dim", "base_num_query_heads", "base_num_kv_heads", "base_num_decoder_layers", "base_mlp_dim",
              "vocab_size")  # fmt: skip
    result = _taken(f, MAXTEXT, needed if block == "deepseek" else (*needed, "head_dim"))
    result.setdefault("tie_word_embeddings", False)
    kind = MAXTEXT_DECODERS[block]
    if result.get("sliding_window") and kind not in WINDOWED:
        raise f.refuse("sliding_window_size", f"is not described for decoder_block = {block!r}")
    experts = f.optional("num_experts") or 1
    if f.flag("use_qk_norm") and kind == "llama":
        kind = "qwen3"
    if experts > 1:
        if kind not in ("mixtral", "qwen3_moe", "deepseek_v3", "gpt_oss"):
            raise f.refuse("num_experts", f"= {experts} is not described for decoder_block = {block!r}")
        result |= {"num_local_experts": experts, "num_experts": experts, "n_routed_experts": experts}
        if kind in ("mixtral", "gpt_oss"):
            result["intermediate_size"] = result.get("moe_intermediate_size", result["intermediate_size"])
        if kind != "deepseek_v3" and result.get("n_shared_experts"):
            raise f.refuse("shared_experts", f"is not described for decoder_block = {block!r}")
    if kind == "deepseek_v3":
        result["q_lora_rank"] = result.get("q_lora_rank") or None
        result["num_key_value_heads"] = result["num_attention_heads"]
        kind = kind if f.flag("routed_bias") else "deepseek_v2"
        if f.text("attention_type", default="mla") != "mla":
            raise f.refuse("attention_type", "is not mla, which decoder_block = 'deepseek' has here")
    return {"model_type": kind, **result}


def megatron(f: Fields) -> dict[str, Any]:
    """Megatron's arguments and NeMo's fields: the family follows from norms, biases and gates."""
    needed = ("hidden_size", "num_layers", "num_attention_heads")
    result = _taken(f, MEGATRON, needed)
    vocabulary = f.optional("padded_vocab_size", "vocab_size", least=1)
    if vocabulary is None:
        raise f.refuse("vocab_size", "is not given, and leaves the shape open: the tokenizer has it")
    result["vocab_size"] = vocabulary
    result["max_position_embeddings"] = (
        result.get("max_position_embeddings") or f.optional("seq_length", "encoder_seq_length") or 0
    )
    activation = f.text("activation", "activation_func").lower()
    gated = f.flag("swiglu") or "swiglu" in activation
    norm = f.text("normalization", default="LayerNorm").lower()
    bias = f.flag("bias", "add_bias_linear", default=True) and not f.flag("disable_bias_linear")
    shared = f.given.get("share_embeddings_and_output_weights")
    result["tie_word_embeddings"] = shared if isinstance(shared, bool) else not f.flag("untie_embeddings_and_output_weights")
    if "kv_channels" not in f.given and result["hidden_size"]:
        result["head_dim"] = f.divided("num_attention_heads", f.whole("hidden_size"), f.whole("num_attention_heads"))
    if not f.flag("group_query_attention") and "group_query_attention" in f.given or not result.get("num_key_value_heads"):
        result["num_key_value_heads"] = result["num_attention_heads"]
    if "intermediate_size" not in result:
        width = 4 * f.whole("hidden_size")
        result["intermediate_size"] = int(width * 2 / 3 / 64) * 64 if gated else width
    kind = _megatron_kind(f, result, gated=gated, norm=norm, bias=bias)
    return {"model_type": kind, **result}


def _megatron_kind(f: Fields, result: dict[str, Any], *, gated: bool, norm: str, bias: bool) -> str:
    experts = f.optional("num_experts", "num_moe_experts") or 0
    qk, qkv = f.flag("qk_layernorm"), f.flag("add_qkv_bias")
    if norm == "layernorm" and not gated and bias and not experts and not qk:
        positions = f.text("position_embedding_type", default="learned_absolute")
        if positions not in ("learned_absolute", "learned"):
            raise f.refuse("position_embedding_type", f"= {positions!r:.60} with LayerNorm and biases is not described")
        if result["num_key_value_heads"] != result["num_attention_heads"]:
            raise f.refuse("num_query_groups", "with LayerNorm and biases is not described")
        names = {"hidden_size": "n_embd", "num_hidden_layers": "n_layer", "num_attention_heads": "n_head",
                 "intermediate_size": "n_inner", "max_position_embeddings": "n_positions"}  # fmt: skip
        result |= {names[field]: result[field] for field in names}
        return "gpt2"
    if norm != "rmsnorm" or not gated or bias:
        raise f.refuse(
            "normalization", f"= {norm!r:.30}, swiglu {gated} and biases {bias} together are not a family that is read"
        )
    if f.flag("multi_latent_attention"):
        if not experts:
            raise f.refuse("num_experts", "is not given: latent attention is read with experts")
        return _megatron_deepseek(f, result, experts)
    if not experts:
        if qk and qkv:
            raise f.refuse("add_qkv_bias", "with qk_layernorm is not described")
        return "qwen3" if qk else "qwen2" if qkv else "llama"
    if f.optional("moe_shared_expert_intermediate_size") or qkv or f.given.get("moe_layer_freq", 1) != 1:
        raise f.refuse(
            "num_experts", "with shared experts, biases or layers without experts is not described without latent attention"
        )
    result |= {"num_experts": experts, "num_local_experts": experts}
    if not qk:
        result["intermediate_size"] = result.get("moe_intermediate_size", result["intermediate_size"])
    return "qwen3_moe" if qk else "mixtral"


def _megatron_deepseek(f: Fields, result: dict[str, Any], experts: int) -> str:
    for field in ("kv_lora_rank", "qk_head_dim", "qk_pos_emb_head_dim", "v_head_dim", "moe_ffn_hidden_size"):
        f.whole(field)
    shared = f.optional("moe_shared_expert_intermediate_size") or 0
    result["n_shared_experts"] = f.divided("moe_shared_expert_intermediate_size", shared, f.whole("moe_ffn_hidden_size"))
    frequency = str(f.given.get("moe_layer_freq", "1")).replace(" ", "")
    dense = re.fullmatch(r"\(?\[0\]\*(\d{1,4})\+\[1\]\*\d{1,4}\)?", frequency)
    if not dense and frequency != "1":
        raise f.refuse("moe_layer_freq", f"= {frequency!r:.60} is not dense layers and then experts")
    result |= {"n_routed_experts": experts, "first_k_dense_replace": int(dense[1]) if dense else 0}
    result["q_lora_rank"] = result.get("q_lora_rank") or None
    return "deepseek_v3" if f.flag("moe_router_enable_expert_bias") else "deepseek_v2"


def torchtitan(f: Fields) -> dict[str, Any]:
    """torchtitan's arguments of Llama and Qwen3, and the `params.json` of Llama's checkpoints."""
    if f.has("flavor") and not f.has("dim"):
        raise f.refuse(
            "flavor", f"= {f.given['flavor']!r:.40} names a shape that torchtitan's code has; give dim, n_layers, n_heads"
        )
    result = _taken(f, TORCHTITAN, ("dim", "n_layers", "n_heads", "vocab_size"))
    if "intermediate_size" not in result:
        width = int(8 * f.whole("dim") / 3)
        if f.has("ffn_dim_multiplier"):
            width = int(f.number("ffn_dim_multiplier") * width)
        multiple = f.whole("multiple_of", default=256)
        result["intermediate_size"] = -(-width // multiple) * multiple
    result["tie_word_embeddings"] = f.flag("enable_weight_tying")
    return {"model_type": "qwen3" if f.flag("qk_norm") else "llama", **result}
