"""Readers of configurations, one a model type of transformers: `READERS[model_type](fields) -> Architecture`.

To add a family, write a reader of a few lines in the module of its kind: it looks up `fields`, makes the mixer and the
feed-forward part of each layer from `blocks`, and hands them to `blocks.decoder`. Name it in that module's `READERS`, and
draw shapes for it in a `tests/models/shapes*.py`, which transformers then counts. `python -m tests.models.write_defaults`
takes its defaults over from transformers. What a reader knows of and does not count it appends to `fields.uncounted`.

`wholes` says where a multimodal configuration keeps its text model, and which types are refused; `analysis.models.towers`
counts what reads pictures.
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
    published,
    recent,
    recurrences,
    repeating,
    translators,
    wholes,
)

__all__ = ["AHEAD", "READERS", "SAME_TEXT", "wholes"]

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
    **published.READERS,
    **recurrences.READERS,
    **recent.READERS,
}

#: Fields that say how many layers predict further tokens.
AHEAD = ("num_nextn_predict_layers", "num_mtp_modules", "num_mtp_layers", "mtp_num_hidden_layers")

#: Model types of a text model inside another, that are read as a type that stands alone is.
SAME_TEXT = {"qwen3_vl_text", "qwen3_vl_moe_text", "glm4v_moe_text", "kimi_k2"}
