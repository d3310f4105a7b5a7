"""Settings of MaxText, Megatron, NeMo and torchtitan: the shapes that they name are those of the published models."""

import json

import pytest

from analysis.models import architecture, configuration, ledger
from analysis.models.shape import ArchitectureError

MAXTEXT = """
base_emb_dim: 4096
base_num_query_heads: 32
base_num_kv_heads: 8
base_num_decoder_layers: 32
base_mlp_dim: 14336
head_dim: 128
mlp_activations: ["silu","linear"]
vocab_size: 128256
logits_via_embedding: False
decoder_block: "llama2"
"""
MAXTEXT_DEEPSEEK = """
base_emb_dim: 7168
base_num_query_heads: 128
base_num_kv_heads: 128
base_mlp_dim: 18432
base_moe_mlp_dim: 2048
base_num_decoder_layers: 61
first_num_dense_layers: 3
vocab_size: 129280
num_experts: 256
num_experts_per_tok: 8
shared_experts: 1
routed_bias: True
decoder_block: "deepseek"
attention_type: "mla"
q_lora_rank: 1536
kv_lora_rank: 512
qk_nope_head_dim: 128
qk_rope_head_dim: 64
v_head_dim: 128
"""
MEGATRON = """#!/bin/bash
HIDDEN=4096
MODEL_ARGS=(
    --num-layers ${LAYERS:-32}  # as published
    --hidden-size $HIDDEN
    --ffn-hidden-size 14336 --num-attention-heads 32
    --group-query-attention --num-query-groups 8 \\
    --swiglu --normalization RMSNorm --disable-bias-linear
    --untie-embeddings-and-output-weights
    --seq-length 8192
    --vocab-size 128256
)
"""
GPT3 = """
python pretrain_gpt.py --num-layers 96 --hidden-size 12288 --num-attention-heads 96 \\
  --seq-length 2048 --max-position-embeddings 2048 --vocab-size=50257 --fp16
"""
NEMO = """
trainer: {devices: 8}
model:
  num_layers: 32
  hidden_size: 4096
  ffn_hidden_size: 14336
  num_attention_heads: 32
  num_query_groups: 8
  normalization: rmsnorm
  bias: false
  activation: fast-swiglu
  share_embeddings_and_output_weights: false
  max_position_embeddings: 8192
  vocab_size: 128256
"""
TORCHTITAN = """
[model]
dim = 4096
n_layers = 32
n_heads = 32
n_kv_heads = 8
ffn_dim_multiplier = 1.3
multiple_of = 1024
vocab_size = 128256
"""


def read(folder, name, text):
    path = folder / name
    path.write_text(text)
    return configuration.read(path)


@pytest.mark.parametrize(
    ("name", "text", "published"),
    [
        ("llama.yml", MAXTEXT, "Llama-3.1-8B"),
        ("deepseek.yml", MAXTEXT_DEEPSEEK, "DeepSeek-V3"),
        ("llama.sh", MEGATRON, "Llama-3.1-8B"),
        ("gpt3.sh", GPT3, "GPT-3-175B"),
        ("nemo.yaml", NEMO, "Llama-3.1-8B"),
        ("llama.toml", TORCHTITAN, "Llama-3.1-8B"),
    ],
)
def test_shapes_are_those_of_published_models(tmp_path, name, text, published):
    found, known = read(tmp_path, name, text), architecture.load(published)
    assert ledger.parameters(found) == ledger.parameters(known)
    assert (found.n_heads, found.n_kv_heads, found.n_layers) == (known.n_heads, known.n_kv_heads, known.n_layers)


def test_params_of_llama_checkpoints_are_read(tmp_path):
    """Llama 3.1 405B: 405,853,388,800 parameters."""
    shape = {"dim": 16384, "n_layers": 126, "n_heads": 128, "n_kv_heads": 8, "vocab_size": 128256,
             "ffn_dim_multiplier": 1.2, "multiple_of": 4096, "norm_eps": 1e-5}  # fmt: skip
    assert ledger.parameters(read(tmp_path, "params.json", json.dumps(shape))) == 405_853_388_800


@pytest.mark.parametrize(
    ("name", "text", "field"),
    [
        ("a.yml", MAXTEXT.replace("vocab_size: 128256", ""), "vocab_size is not given"),
        ("a.yml", MAXTEXT.replace("llama2", "llama4"), "decoder_block"),
        ("a.yml", MAXTEXT + "global_parameter_scale: 2", "global_parameter_scale"),
        ("a.yml", MAXTEXT + "num_experts: 8", "num_experts"),
        ("a.yml", MAXTEXT.replace("4096", "'4096'"), "base_emb_dim"),
        ("a.sh", MEGATRON.replace("HIDDEN=4096", ""), "hidden_size = '\\$HIDDEN'"),
        ("a.sh", MEGATRON.replace("--vocab-size 128256", ""), "vocab_size"),
        ("a.sh", MEGATRON + "--window-size 512,0", "window_size"),
        ("a.sh", MEGATRON.replace("--swiglu", ""), "normalization"),
        ("a.sh", "echo hello", "base_emb_dim"),
        ("a.toml", '[model]\nname = "llama3"\nflavor = "8B"', "flavor"),
        ("a.toml", TORCHTITAN + "qk_norm = 3", "qk_norm"),
        ("a.toml", TORCHTITAN.replace("1.3", "nan"), "ffn_dim_multiplier"),
        ("a.toml", "dim = ", "is not toml"),
        ("a.yml", "[" * 5000, "nested too deep"),
        ("a.yml", "- " * 5000, "nested too deep"),
        ("a.yml", "a: &a [*a]", "base_emb_dim"),
        ("a.yml", "!!python/object/apply:os.system ['true']", "a"),
        ("a.yml", "x: 1\n" * 100_000, "300,000 bytes"),
    ],
)
def test_what_leaves_a_shape_open_is_refused_by_field(tmp_path, name, text, field):
    with pytest.raises(ArchitectureError, match=field):
        read(tmp_path, name, text)
