"""Models whose code was never part of transformers: the counts that their publishers' weights have."""

from random import Random

import pytest

from analysis.models import configuration, ledger, memory
from tests.models import ancestors, shapes_ancestors

LLAMA = {"hidden_size": 4096, "num_hidden_layers": 32, "num_attention_heads": 32, "intermediate_size": 11008}

#: By model: its configuration, and the parameters of its published weights.
PUBLISHED = {
    "ChatGLM-6B": ({
        "model_type": "chatglm", "hidden_size": 4096, "inner_hidden_size": 16384, "num_layers": 28, "num_attention_heads": 32,
        "vocab_size": 130528, "max_sequence_length": 2048,
    }, 6_173_286_400),
    "ChatGLM3-6B": ({
        "model_type": "chatglm", "hidden_size": 4096, "ffn_hidden_size": 13696, "num_layers": 28, "num_attention_heads": 32,
        "kv_channels": 128, "multi_query_attention": True, "multi_query_group_num": 2, "add_qkv_bias": True,
        "add_bias_linear": False, "padded_vocab_size": 65024, "seq_length": 8192, "tie_word_embeddings": False,
    }, 6_243_584_000),
    "Baichuan2-7B": (LLAMA | {"model_type": "baichuan", "vocab_size": 125696}, 7_505_973_248),
    "InternLM-7B": (LLAMA | {"model_type": "internlm", "vocab_size": 103168, "bias": True}, 7_321_948_160),
    "Qwen-7B": (LLAMA | {"model_type": "qwen", "vocab_size": 151936, "intermediate_size": 22016}, 7_721_324_544),
    "DeepSeekMoE-16B": ({
        "model_type": "deepseek", "hidden_size": 2048, "num_hidden_layers": 28, "num_attention_heads": 16,
        "intermediate_size": 10944, "moe_intermediate_size": 1408, "n_routed_experts": 64, "n_shared_experts": 2,
        "num_experts_per_tok": 6, "first_k_dense_replace": 1, "moe_layer_freq": 1, "vocab_size": 102400,
    }, 16_375_728_128),
    "MiniMax-Text-01": ({
        "model_type": "minimax_text_01", "hidden_size": 6144, "intermediate_size": 9216, "num_hidden_layers": 80,
        "num_attention_heads": 64, "num_key_value_heads": 8, "head_dim": 128, "num_local_experts": 32, "num_experts_per_tok": 2,
        "vocab_size": 200064, "attn_type_list": [0, 0, 0, 0, 0, 0, 0, 1] * 10,
    }, 456_089_655_296),
    "mamba-2.8b": ({"d_model": 2560, "n_layer": 64, "vocab_size": 50277, "ssm_cfg": {}}, 2_768_345_600),
    "Falcon-7B, as its first file": ({
        "model_type": "RefinedWebModel", "hidden_size": 4544, "n_head": 71, "n_layer": 32, "vocab_size": 65024,
        "multi_query": True, "parallel_attn": True, "bias": False, "alibi": False,
    }, 6_921_720_704),
    "RecurrentGemma-2B": ({
        "model_type": "recurrent_gemma", "hidden_size": 2560, "intermediate_size": 15360, "num_hidden_layers": 26,
        "num_attention_heads": 10, "num_key_value_heads": 1, "vocab_size": 256000,
    }, 2_682_862_080),
    "RWKV-6-World-1.6B": ({
        "model_type": "rwkv6", "hidden_size": 2048, "head_size": 64, "num_hidden_layers": 24, "vocab_size": 65536,
        "intermediate_size": 7168, "tie_word_embeddings": False,
    }, 1_599_873_024),
}  # fmt: skip


@pytest.mark.parametrize("name", PUBLISHED)
def test_parameters_are_those_of_the_published_weights(name):
    given, expected = PUBLISHED[name]
    assert ledger.parameters(configuration.from_config(given, name)) == expected


@pytest.mark.parametrize("kind", shapes_ancestors.SHAPES)
def test_parameters_are_those_of_the_modules_that_published_code_makes(kind):
    for seed in range(20):
        given = {"model_type": kind, **shapes_ancestors.SHAPES[kind](Random(f"{kind} {seed}"))}
        with ancestors.torch.device("meta"):
            made = ancestors.MODULES[kind](given)
        expected = sum(weight.numel() for module in made for weight in module.parameters())
        assert ledger.parameters(configuration.from_config(given, kind)) == expected, given


def test_a_llama_by_another_name_is_a_llama():
    shape = LLAMA | {"vocab_size": 64000, "tie_word_embeddings": False, "num_key_value_heads": 32}
    plain = configuration.from_config(shape | {"model_type": "llama"}, "a file")
    for kind in ("baichuan", "deepseek", "internlm2", "exaone", "minicpm"):
        read = configuration.from_config(shape | {"model_type": kind}, "a file")
        assert ledger.parameters(read) == ledger.parameters(plain), kind
        assert memory.kv_cache_bytes(read, 10) == memory.kv_cache_bytes(plain, 10), kind
    layer_norms = configuration.from_config(shape | {"model_type": "orion"}, "a file")
    assert ledger.parameters(layer_norms) - ledger.parameters(plain) == (2 * 32 + 1) * 4096


def test_phi_3_vision_is_phi_3_beside_a_tower():
    shape = LLAMA | {"vocab_size": 32064, "tie_word_embeddings": False, "num_key_value_heads": 32}
    text, both = (configuration.from_config(shape | {"model_type": kind}, "a file") for kind in ("phi3", "phi3_v"))
    assert ledger.parameters(both) == ledger.parameters(text)
    assert both.unsupported == ("vision tower",)


def test_first_files_name_widths_in_their_own_way():
    """BLOOM-7B says `n_embed`, and the first Phi-2 that its MLP's width is null: four times the model's."""
    bloom = {"model_type": "bloom", "n_embed": 4096, "n_layer": 30, "num_attention_heads": 32, "vocab_size": 250880}
    assert ledger.parameters(configuration.from_config(bloom, "a file")) == 7_069_016_064
    phi = {"model_type": "phi-msft", "n_embd": 2560, "n_layer": 32, "n_head": 32, "n_inner": None, "vocab_size": 51200}
    assert ledger.parameters(configuration.from_config(phi, "a file")) == 2_779_683_840


def test_mimo_is_published_with_its_layer_that_predicts_a_further_token():
    shape = LLAMA | {"vocab_size": 151680, "num_key_value_heads": 8, "num_hidden_layers": 36, "num_nextn_predict_layers": 1}
    read = configuration.from_config(shape | {"model_type": "mimo", "head_dim": 128}, "a file")
    assert ledger.parameters(read) + ledger.mtp_parameters(read) == 7_833_409_536


def test_what_a_file_says_of_further_tokens_is_counted_or_said():
    """MiMo-V2-Flash's blocks of 0.33 billion are published, and in its file no more than its layers are."""
    shape = LLAMA | {"vocab_size": 1000, "tie_word_embeddings": False, "num_nextn_predict_layers": 2}
    assert configuration.from_config(shape | {"model_type": "llama"}, "a file").unsupported == ("multi-token prediction layers",)
    mimo = {"model_type": "mimo_v2_flash", "hidden_size": 4096, "swa_num_key_value_heads": 8}
    read = configuration.from_config(mimo, "a file")
    assert ledger.mtp_parameters(read) == 3 * 329_273_408
    assert "num_nextn_predict_layers = 3" in read.assumed
