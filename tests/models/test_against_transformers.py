"""Every reader of a model type against transformers: random small shapes, counted by both, equal to the parameter."""

import importlib
import json
import os
from random import Random

import pytest

from analysis.models import configuration, families, ledger, memory
from tests.extras import extra
from tests.models import shapes, shapes_encoders, write_defaults

torch = extra("torch")
transformers = extra("transformers")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

from transformers.models.auto.configuration_auto import CONFIG_MAPPING  # noqa: E402

#: Shapes of each type; every second one is read without the fields that have the default of its class.
SHAPES_A_TYPE = 20
#: The router's correction of loss-free load balancing, which transformers keeps as a buffer.
CORRECTIONS = ("e_score_correction_bias", "expert_bias", "correction_bias")
#: What reads pictures is counted apart.
TOWERS = ("vision_tower", "multi_modal_projector", "embed_tokens_extend")
ENCODERS = {
    "bert", "glm5_next_text", "roberta", "camembert", "xlm-roberta", "data2vec-text", "electra", "distilbert", "modernbert",
    "eurobert", "ernie", "megatron-bert", "xlm-roberta-xl", "roberta-prelayernorm", "rembert", "mpnet",
    *shapes_encoders.SHAPES,
}  - {"modernbert-decoder"}  # fmt: skip
#: Types whose text model transformers has a class of without a head, which readers count.
BARE = {
    "qwen2_vl_text": "Qwen2VLTextModel",
    "qwen2_5_vl_text": "Qwen2_5_VLTextModel",
    "step3p5": "Step3p7TextModel",
    "mistral4": "Mistral4Model",
    "ernie4_5_vl_moe_text": "Ernie4_5_VLMoeTextModel",
    "glm4v_text": "Glm4vTextModel",
    "glm_ocr_text": "GlmOcrTextModel",
    "granite4_vision_text": "Granite4VisionTextModel",
    "granite_docling_text": "GraniteDoclingTextModel",
    "hunyuan_vl_text": "HunYuanVLTextModel",
    "paddleocr_vl_text": "PaddleOCRTextModel",
    "qwen2_5_omni_text": "Qwen2_5OmniThinkerTextModel",
    "qwen3_omni_moe_text": "Qwen3OmniMoeThinkerTextModel",
    "deepseek_ocr2_text": "DeepseekOcr2TextModel",
    "unlimited_ocr_text": "UnlimitedOcrTextModel",
    "cosmos3_edge_text": "Cosmos3EdgeTextModel",
    "muse_glimmer_text": "MuseGlimmerTextModel",
    "voxtral_realtime_text": "VoxtralRealtimeTextModel",
    "molmo2_text": "Molmo2TextModel",
    "hy_v4_vl_text": "HYV4VLTextModel",
    "mistral_large4_text": "MistralLarge4TextModel",
    "muse_spark_text": "MuseSparkTextModel",
}
#: Types whose class with a head no mapping names.
HEADED = {"mllama_text_model": "MllamaForCausalLM", "emu3_text_model": "Emu3ForCausalLM"}


def built(config):
    """Return the model on the meta device."""
    with torch.device("meta"):
        if name := {**BARE, **HEADED}.get(config.model_type):
            module = importlib.import_module(type(config).__module__.replace("configuration", "modeling"))
            return getattr(module, name)(config)
        if config.model_type in ENCODERS:
            return transformers.AutoModel.from_config(config)
        if getattr(config, "is_encoder_decoder", False):
            return transformers.AutoModelForSeq2SeqLM.from_config(config)
        return transformers.AutoModelForCausalLM.from_config(config)


def counted_parts(module) -> int:
    """Return the parameters, with the router's correction."""
    buffers = sum(buffer.numel() for name, buffer in module.named_buffers() if name.endswith(CORRECTIONS))
    return buffers + sum(weight.numel() for name, weight in module.named_parameters() if not any(t in name for t in TOWERS))


def counted(model) -> int:
    """Return the parameters of a model, with a head where transformers' class has none."""
    config = model.config
    headless = config.model_type in BARE and not getattr(config, "tie_word_embeddings", True)
    return (config.vocab_size * config.hidden_size if headless else 0) + counted_parts(model)


def layers_of(config) -> int:
    """Return the layers, of an encoder-decoder its decoder's; one that passes twice, and a shared block, count as many."""
    names = "num_decoder_layers", "decoder_layers", "num_hidden_layers"
    own = getattr(config, "decoder", None) or config
    count = next(getattr(own, name) for name in names if getattr(own, name, None) is not None)
    again = getattr(config, "n_recurrent_layers", 0) * (getattr(config, "n_recurrent_loops", 1) - 1)
    shared = config.layers_block_type.count("hybrid") if config.model_type.startswith("zamba") else 0
    return count * getattr(config, "inner_group_num", 1) + again + shared


@pytest.mark.parametrize("kind", sorted(shapes.SHAPES))
def test_parameters_equal_those_of_transformers(kind):
    for seed in range(SHAPES_A_TYPE):
        given = shapes.SHAPES[kind](Random(f"{kind} {seed}"))
        config = CONFIG_MAPPING[kind](**given)
        whole = json.loads(config.to_json_string(use_diff=False))
        read = configuration.from_config({"model_type": kind, **given} if seed % 2 else whole, kind)
        assert ledger.parameters(read) == counted(built(config)), given
        assert read.n_layers == layers_of(config)
        assert memory.kv_cache_bytes(read, 1) >= 0


@pytest.mark.parametrize("kind", ["deepseek_v3", "glm4_moe"])
def test_layers_that_predict_further_tokens_equal_those_of_transformers(kind):
    from transformers.modeling_layers import MtpModel

    given = shapes.SHAPES[kind](Random(kind)) | {"num_nextn_predict_layers": 2, "first_k_dense_replace": 1}
    main = built(CONFIG_MAPPING[kind](**given))
    with torch.device("meta"):
        layers = MtpModel(main, 2).layers
    read = configuration.from_config({"model_type": kind, **given}, kind)
    assert ledger.mtp_parameters(read) == counted_parts(layers)


def test_every_reader_is_counted():
    """A type that transformers does not have is one of its ancestors, and has a reader of another's shapes."""
    missing = {kind for kind in families.READERS if kind in CONFIG_MAPPING} - set(shapes.SHAPES) - families.SAME_TEXT
    assert not missing


def test_every_type_of_text_is_read_or_refused_by_name():
    from transformers.models.auto import modeling_auto as auto

    mappings = "CAUSAL_LM", "MASKED_LM", "SEQ_TO_SEQ_CAUSAL_LM", "TEXT_ENCODING", "IMAGE_TEXT_TO_TEXT", "MULTIMODAL_LM"
    kinds = {kind for mapping in mappings for kind in getattr(auto, f"MODEL_FOR_{mapping}_MAPPING_NAMES")}
    wholes = families.wholes
    described = {*families.READERS, *wholes.ALIASES, *wholes.OUTER}
    assert kinds <= described | set(wholes.REFUSED)
    assert not described & set(wholes.REFUSED)
    assert set(wholes.OUTER.values()) <= set(families.READERS) | set(wholes.REFUSED)


def test_defaults_are_those_of_transformers():
    """`python -m tests.models.write_defaults` writes them again."""
    assert configuration.DEFAULTS.read_text(encoding="utf-8") == write_defaults.text()
