from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.models import architecture, ledger, memory
from analysis.scenarios import sizing

NAMES = ["GPT-3-175B", "Llama-3.1-8B", "DeepSeek-V3", "gpt-oss-120b", "Llama-4-Scout", "T5-11B", "BERT-large"]
AMOUNTS = [
    "forward_flop",
    "backward_flop",
    "forward_bytes_read",
    "forward_bytes_written",
    "backward_bytes_read",
    "backward_bytes_written",
]


def rows(name, *sizes, **options):
    return ledger.ledger(architecture.load(name), *sizes, **options)


def row(operations, name):
    (found,) = [operation for operation in operations if operation.name == name]
    return found


def test_gpt3_operation_by_operation():
    """The order of a forward pass, and 12 d^2 weights a layer."""
    operations = rows("GPT-3-175B", 1, 2048)
    assert [operation.name for operation in operations] == [
        "token embedding",
        "position embedding",
        "attention norm",
        "qkv projection",
        "scores",
        "softmax",
        "weighted values",
        "output projection",
        "attention residual",
        "mlp norm",
        "mlp up",
        "mlp activation",
        "mlp down",
        "mlp residual",
        "final norm",
        "unembedding",
        "vocabulary softmax",
    ]
    matrices = [operation for operation in operations if operation.kind == "matmul" and operation.repeats == 96]
    assert sum(matrix.shape.k * matrix.shape.n for matrix in matrices) == 12 * 12288**2


def test_sizing_formulas_are_sums_of_the_ledger():
    arch = architecture.load("GPT-3-175B")
    operations = rows("GPT-3-175B", 1, 2048)
    layer = [operation for operation in operations if operation.repeats == 96]
    weights = sum(operation.forward_flop for operation in layer if operation.kind == "matmul")
    attention = sum(operation.forward_flop for operation in layer if operation.kind == "attention")
    assert weights == 2048 * sizing.layer_matmul_flop_per_token(arch.d_model)
    assert attention == 2048 * sizing.layer_attention_flop_per_token(arch.d_model, 2048)
    assert row(operations, "unembedding").forward_flop == 2048 * sizing.vocabulary_flop_per_token(arch.d_model, 50257)


@pytest.mark.parametrize("name", architecture.names())
def test_matrix_shapes_give_the_flop(name):
    for operation in rows(name, 3, 700, causal=True):
        assert (operation.shape is not None) == (operation.kind in ledger.PRODUCTS)
        if operation.shape:
            m, k, n, count = (getattr(operation.shape, field) for field in ("m", "k", "n", "count"))
            assert 2 * m * k * n * count == pytest.approx(operation.forward_flop, rel=1e-12)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("causal", [False, True])
def test_arrays_give_what_numbers_give(name, causal):
    batches, sequences = np.array([[1], [7]]), np.array([1, 129, 9000])
    together = rows(name, batches, sequences, causal=causal)
    for i, batch in enumerate([1, 7]):
        for j, sequence in enumerate([1, 129, 9000]):
            for one, many in zip(rows(name, batch, sequence, causal=causal), together, strict=True):
                for amount in AMOUNTS:
                    spread = np.broadcast_to(getattr(many, amount), (2, 3))
                    assert spread[i, j] == pytest.approx(getattr(one, amount), rel=1e-12)


@pytest.mark.parametrize("window", ["sliding", "chunked"])
@given(context=st.integers(1, 60), new=st.integers(1, 60), width=st.integers(1, 70))
def test_causal_attention_computes_the_pairs_that_the_mask_leaves(window, context, new, width):
    new = min(new, context)
    arch = architecture.built(
        replace(architecture.row("GPT-2 Small"), sliding_window=width, window=window, n_full_attention_layers=6)
    )
    queries = np.arange(context - new, context)[:, None]
    keys = np.arange(context)
    causal = keys <= queries
    near = keys > queries - width if window == "sliding" else keys // width == queries // width
    per_pair = 2 * arch.d_model
    scores = {o.layer: o for o in ledger.ledger(arch, 1, new, context, causal=True) if o.name == "scores"}
    assert scores["attention"].forward_flop == pytest.approx(per_pair * causal.sum())
    assert scores["windowed attention"].forward_flop == pytest.approx(per_pair * (causal & near).sum())


def test_full_attention_counts_every_pair_and_an_encoder_is_never_masked():
    full = row(rows("GPT-2 Small", 2, 100), "scores").forward_flop
    assert full == 2 * 2 * 100 * 100 * 768
    assert row(rows("GPT-2 Small", 2, 100, causal=True), "scores").forward_flop == full * 101 / 200
    assert row(rows("BERT-base", 2, 100, causal=True), "scores").forward_flop == full


def test_decoding_reads_the_weights_and_the_cache_once():
    """One token against 1,000 positions: what attention reads beside its query is the key-value cache."""
    for name in ("GPT-3-175B", "Llama-3.1-8B", "gpt-oss-120b", "DeepSeek-V3"):
        arch = architecture.load(name)
        operations = ledger.ledger(arch, 1, 1, 1000, absorbed=True)
        attention = [operation for operation in operations if operation.kind == "attention"]
        queries = sum(2 * o.repeats * o.shape.count * o.shape.k for o in attention if o.name == "scores")
        assert ledger.total(attention, "forward_bytes_read") - queries == memory.kv_cache_bytes(arch, 1000)
        weights = ledger.total(
            [o for o in operations if o.kind == "matmul" and o.split != "expert" and o.name != "unembedding"],
            "forward_bytes_read",
        )
        dense = ledger.active_parameters(arch) - ledger.vocabulary_parameters(arch)
        dense -= ledger.total([o for o in operations if o.split == "expert"], "active_parameters")
        assert weights == pytest.approx(2 * dense, rel=5e-3)


def test_experts_reached_grow_from_those_of_one_token_to_all():
    arch = architecture.load("DeepSeek-V3")
    reached = row(ledger.ledger(arch, np.array([1, 64, 1e5]), 1), "expert up").shape.count
    assert reached[0] == pytest.approx(8)
    assert 8 < reached[1] < 256
    assert reached[2] == pytest.approx(256)


def test_absorbed_latent_attention_does_the_same_in_the_latent_space():
    """Two products of each query with the latent of each position, rather than keys and values for each."""
    arch = architecture.load("DeepSeek-V3")
    operations = ledger.ledger(arch, 1, 1, 4096, absorbed=True)
    assert row(operations, "scores").forward_flop == 2 * 128 * 4096 * (512 + 64)
    assert row(operations, "weighted values").forward_flop == 2 * 128 * 4096 * 512
    assert row(operations, "key-value up").forward_flop == 2 * 512 * 128 * (128 + 128)
    expanded = ledger.ledger(arch, 1, 1, 4096)
    assert row(expanded, "key-value up").forward_flop == 4096 * row(operations, "key-value up").forward_flop


def test_unfused_attention_moves_the_scores():
    fused = rows("GPT-2 Small", 1, 1024)
    moved = rows("GPT-2 Small", 1, 1024, fused_attention=False)
    scores = 2 * 12 * 1024 * 1024
    assert row(moved, "scores").forward_bytes_written - row(fused, "scores").forward_bytes_written == scores
    assert row(moved, "softmax").forward_bytes_read == scores
    assert row(fused, "softmax").forward_bytes_read == 0
    assert ledger.product_flop(fused) == ledger.product_flop(moved)


def test_bytes_of_one_matrix():
    operation = row(rows("GPT-2 Small", 1, 10, weight_bytes=1, activation_bytes=3, gradient_bytes=4), "mlp up")
    weights, inputs, outputs = 768 * 3072, 3 * 10 * 768, 3 * 10 * 3072
    assert operation.forward_bytes_read == weights + inputs
    assert operation.forward_bytes_written == outputs
    assert operation.backward_bytes_read == 2 * outputs + inputs + weights
    assert operation.backward_bytes_written == inputs + 4 * weights


def test_only_scored_positions_are_unembedded():
    assert row(rows("Llama-3.1-8B", 4, 512, scored_positions=1), "unembedding").shape.m == 4


@pytest.mark.parametrize("name", architecture.names())
def test_active_and_vocabulary_parameters_are_parts_of_the_whole(name):
    arch = architecture.load(name)
    whole, active = ledger.parameters(arch), ledger.active_parameters(arch)
    routed = (arch.n_experts - arch.experts_per_token) * arch.n_expert_layers
    one = (3 if arch.gated_mlp else 2) * arch.d_model * arch.d_ff_expert
    one += (arch.d_ff_expert * (2 if arch.gated_mlp else 1) + arch.d_model) if "mlp" in architecture.row(name).biases else 0
    assert whole - active == routed * one
    assert 0 < whole - ledger.vocabulary_parameters(arch) < whole


def test_published_counts_are_shown_beside_the_computed():
    counts = ledger.published_counts()
    assert counts.loc["DeepSeek-V3", "difference"] == 0
    assert counts.loc["Llama-4-Scout", "difference"] == counts.loc["Llama-4-Maverick", "difference"] == -871_932_416
    assert counts["params_differ"].notna().sum() < 30
