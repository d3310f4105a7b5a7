"""Readers of configurations, one a model type of transformers: `READERS[model_type](fields) -> Architecture`.

To add a family, write a reader of a few lines in the module of its kind: it looks up `fields`, makes the mixer and the
feed-forward part of each layer from `blocks`, and hands them to `blocks.decoder`. Name it in that module's `READERS`, and
draw shapes for it in a `tests/models/shapes*.py`, which transformers then counts. `python -m tests.models.write_defaults`
takes its defaults over from transformers. What a reader knows of and does not count it appends to `fields.uncounted`.

`OUTER` says where a multimodal configuration keeps its text model; `analysis.models.towers` counts what reads pictures.
"""

from analysis.models.families import (
    ancestors,
    classic,
    compressed,
    deepseek,
    dense,
    encoders,
    gemma,
    hybrids,
    kimi,
    llama,
    mixtures,
    multimodal,
    newer_mixtures,
    repeating,
    translators,
)

READERS = {
    **llama.READERS,
    **classic.READERS,
    **mixtures.READERS,
    **deepseek.READERS,
    **hybrids.READERS,
    **gemma.READERS,
    **kimi.READERS,
    **compressed.READERS,
    **ancestors.READERS,
    **dense.READERS,
    **newer_mixtures.READERS,
    **translators.READERS,
    **encoders.READERS,
    **repeating.READERS,
    **multimodal.READERS,
}

#: Model types of a whole whose text model is in `text_config`, and its type where that does not say.
OUTER = {
    "llama4": "llama4_text",
    "llava": "llama",
    "gemma3": "gemma3_text",
    "gemma4": "gemma4_text",
    "gemma3n": "gemma3n_text",
    "qwen2_vl": "qwen2_vl_text",
    "qwen2_5_vl": "qwen2_5_vl_text",
    "qwen3_5": "qwen3_5_text",
    "qwen3_5_moe": "qwen3_5_moe_text",
    "qwen3_vl": "qwen3_vl_text",
    "qwen3_vl_moe": "qwen3_vl_moe_text",
    "glm4v_moe": "glm4v_moe_text",
    "kimi_k25": "deepseek_v3",
    "kimi_k3": "kimi_linear",
    "step3p7": "step3p5",
    "step3_vl": "step3_text",
    "ernie4_5_vl_moe": "ernie4_5_vl_moe_text",
    "glm5_next": "glm5_next_text",
    "minimax_m3_vl": "minimax_m3_vl_text",
    "mistral3": "mistral",
}

#: Fields that say how many layers predict further tokens.
AHEAD = ("num_nextn_predict_layers", "num_mtp_modules", "num_mtp_layers", "mtp_num_hidden_layers")

#: Other names of a model type.
ALIASES = {"phi-msft": "phi", "kimi_k2": "deepseek_v3", "deepseek_ref": "deepseek_v4", "gpt-sw3": "gpt2"}


#: Model types of a text model inside another, that are read as a type that stands alone is.
SAME_TEXT = {"qwen3_vl_text", "qwen3_vl_moe_text", "glm4v_moe_text", "kimi_k2"}
