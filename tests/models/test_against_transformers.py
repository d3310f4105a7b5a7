"""Every reader of a model type against transformers: random small shapes, counted by both, equal to the parameter."""

import importlib
import json
import os
from random import Random

import pytest

from analysis.models import configuration, families, ledger, memory
from tests.extras import extra
from tests.models import shapes, write_defaults

torch = extra("torch")
transformers = extra("transformers")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

from transformers.models.auto.configuration_auto import CONFIG_MAPPING  # noqa: E402

#: Shapes of each type; every second one is read without the fields that have the default of its class.
SHAPES_A_TYPE = 20
#: The router's correction of loss-free load balancing, which transformers keeps as a buffer.
CORRECTIONS = ("e_score_correction_bias", "expert_bias", "correction_bias")
ENCODERS = {"bert", "glm5_next_text"}
#: Types whose text model transformers has no class with a head for: the class, and whether readers count a head.
BARE = {"step3p5": ("Step3p7TextModel", True)}


def built(config):
    """Return the model on the meta device."""
    with torch.device("meta"):
        if config.model_type in BARE:
            module = importlib.import_module(type(config).__module__.replace("configuration", "modeling"))
            return getattr(module, BARE[config.model_type][0])(config)
        if config.model_type in ENCODERS:
            return transformers.AutoModel.from_config(config)
        if getattr(config, "is_encoder_decoder", False):
            return transformers.AutoModelForSeq2SeqLM.from_config(config)
        return transformers.AutoModelForCausalLM.from_config(config)


def counted(model) -> int:
    """Return the parameters, with the router's correction."""
    config = model.config
    head = config.model_type in BARE and BARE[config.model_type][1] and not config.tie_word_embeddings
    buffers = head * config.vocab_size * config.hidden_size
    buffers += sum(buffer.numel() for name, buffer in model.named_buffers() if name.endswith(CORRECTIONS))
    return buffers + sum(weight.numel() for weight in model.parameters())


@pytest.mark.parametrize("kind", sorted(shapes.SHAPES))
def test_parameters_equal_those_of_transformers(kind):
    for seed in range(SHAPES_A_TYPE):
        given = shapes.SHAPES[kind](Random(f"{kind} {seed}"))
        config = CONFIG_MAPPING[kind](**given)
        whole = json.loads(config.to_json_string(use_diff=False))
        read = configuration.of({"model_type": kind, **given} if seed % 2 else whole, kind)
        assert ledger.parameters(read) == counted(built(config)), given
        assert read.n_layers == getattr(config, "num_decoder_layers", None) or read.n_layers == config.num_hidden_layers
        assert memory.kv_cache_bytes(read, 1) >= 0


def test_every_reader_is_counted():
    """A type that transformers does not have is one of its ancestors, and has a reader of another's shapes."""
    missing = {kind for kind in families.READERS if kind in CONFIG_MAPPING} - set(shapes.SHAPES) - families.SAME_TEXT
    assert not missing


def test_defaults_are_those_of_transformers():
    """`python -m tests.models.write_defaults` writes them again."""
    assert configuration.DEFAULTS.read_text(encoding="utf-8") == write_defaults.text()
