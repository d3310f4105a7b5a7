"""FLOP of linear mixers, sparse attention and residual streams against what PyTorch counts of transformers' own code.

Its code without kernels computes whole chunks where the ledger leaves out one diagonal, and solves triangular systems and
sends tokens to experts by calls that PyTorch does not count: each case says by how much.
"""

import pytest

from analysis.models import configuration, ledger
from tests.extras import extra

torch = extra("torch")
transformers = extra("transformers")
flop_counter = extra("torch.utils.flop_counter")

TOKENS = 64
SMALL = {
    "hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 4, "num_key_value_heads": 4, "head_dim": 8,
    "intermediate_size": 24, "vocab_size": 50, "pad_token_id": 0, "tie_word_embeddings": False,
}  # fmt: skip
LATENT = {"kv_lora_rank": 8, "qk_nope_head_dim": 8, "qk_rope_head_dim": 4, "v_head_dim": 8, "mlp_layer_types": ["dense"]}
LINEAR = {"layer_types": ["linear_attention"]}
STATE_SPACE = {"hidden_size": 32, "state_size": 8, "num_hidden_layers": 1, "vocab_size": 50, "tie_word_embeddings": False,
               "expand": 2}  # fmt: skip


def delta_rule(heads, key, value):
    """What is not seen of a delta rule: the solution of its triangular system, but for the diagonal left out of the rest."""
    solution = 2 * (key + value) * TOKENS
    return heads * TOKENS * (6 * key + 4 * value - solution)


#: By model type: its configuration, and the FLOP that PyTorch counts beyond those of the ledger.
CASES = {
    "qwen3_5_text": (SMALL | LINEAR | {
        "linear_num_key_heads": 2, "linear_num_value_heads": 2, "linear_key_head_dim": 16, "linear_value_head_dim": 8,
    }, delta_rule(2, 16, 8)),
    "kimi_linear": (SMALL | LATENT | LINEAR | {"linear_head_dim": 16, "linear_num_heads": 2}, delta_rule(2, 16, 16)),
    "bailing_hybrid": (SMALL | LATENT | LINEAR, delta_rule(4, 8, 8)),
    "mamba": (STATE_SPACE | {"time_step_rank": 5}, 0),
    # A diagonal of scores and of values; and decays from each chunk to each, the first state among them, as one product.
    "mamba2": (STATE_SPACE | {"num_heads": 4, "head_dim": 16, "n_groups": 4, "chunk_size": 64},
               TOKENS * 2 * (4 * 8 + 64) + 2 * 2**2 * 64 * 8),
    "gemma3n_text": (SMALL | {
        "layer_types": ["full_attention"], "num_kv_shared_layers": 0, "hidden_size_per_layer_input": 8,
        "vocab_size_per_layer_input": 40, "laurel_rank": 4, "altup_num_inputs": 2,
    }, 0),
    # The sum of two index heads' scores, which kernels add up as they go.
    "hy_v4": (SMALL | LATENT | {
        "q_lora_rank": 8, "index_topk": 64, "index_head_dim": 16, "index_n_heads": 2, "hc_mult": 2,
    }, 2 * 2 * TOKENS**2),
    "minimax_m3_vl_text": (SMALL | {
        "layer_types": ["minimax_m3_sparse"], "mlp_layer_types": ["dense"], "dense_intermediate_size": 24,
        "index_n_heads": 4, "index_head_dim": 16, "index_block_size": 4, "index_topk_blocks": 16, "rotary_dim": 8,
    }, 0),
    # The expert's three matrices.
    "deepseek_v4": ({
        "hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 4, "vocab_size": 50, "pad_token_id": 0,
        "head_dim": 16, "q_lora_rank": 8, "n_routed_experts": 1, "num_experts_per_tok": 1, "moe_intermediate_size": 12,
        "sliding_window": 64, "hc_mult": 2, "o_groups": 2, "o_lora_rank": 4, "index_n_heads": 2, "index_head_dim": 8,
        "index_topk": 16, "num_hash_layers": 0, "layer_types": ["compressed_sparse_attention"],
        "compress_rates": {"compressed_sparse_attention": 4, "heavily_compressed_attention": 16},
    }, -3 * 2 * TOKENS * 32 * 12),
}  # fmt: skip


@pytest.mark.parametrize("kind", CASES)
def test_flop_are_those_of_pytorch(kind):
    given, beyond = CASES[kind]
    config = transformers.AutoConfig.for_model(kind, **given)
    config._attn_implementation = "eager"
    model = transformers.AutoModelForCausalLM.from_config(config).eval()
    with torch.no_grad(), flop_counter.FlopCounterMode(display=False) as counter:
        model(torch.zeros(1, TOKENS, dtype=torch.long), use_cache=False)
    by_kind = counter.get_flop_counts()["Global"]
    products = sum(flop for name, flop in by_kind.items() if name != torch.ops.aten.convolution)
    read = configuration.from_config({"model_type": kind, **given}, kind)
    assert products == ledger.product_flop(ledger.ledger(read, 1, TOKENS))[0] + beyond
