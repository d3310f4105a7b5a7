import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.models import architecture, ledger, memory
from analysis.models.memory import Stored
from analysis.models.parallelism import Parallelism

#: What Korthikanti et al. assume: unfused attention, dropout, 16 bits.
PAPER = Stored(fused_attention=False, dropout=True)
GPT3 = architecture.load("GPT-3-175B-V51200")
SEQUENCE, WIDTH, HEADS, LAYERS, VOCABULARY = 2048, 12288, 96, 96, 51200
A_LAYER = SEQUENCE * WIDTH  # s b h with b = 1

names = st.sampled_from(["GPT-3-175B", "Llama-3.1-70B", "Mixtral-8x22B", "DeepSeek-V3", "Llama-4-Maverick", "T5-11B"])
powers = st.sampled_from([1, 2, 4, 8])


@pytest.mark.parametrize("tensor", [1, 8])
@pytest.mark.parametrize(
    "recomputation, sequence_parallel, expected",
    [
        ("none", False, lambda t: 10 + 24 / t + 5 * HEADS * SEQUENCE / (WIDTH * t)),
        ("none", True, lambda t: (34 + 5 * HEADS * SEQUENCE / WIDTH) / t),
        ("selective", False, lambda t: 10 + 24 / t),
        ("selective", True, lambda t: 34 / t),
        ("full", False, lambda t: 2),
        ("full", True, lambda t: 2 / t),
    ],
)
def test_activations_of_a_layer_are_korthikantis_table_2(tensor, recomputation, sequence_parallel, expected):
    plan = Parallelism(tensor=tensor, recomputation=recomputation, sequence_parallel=sequence_parallel)
    assert memory.layer_activations(GPT3, plan, SEQUENCE, 0, PAPER) == pytest.approx(A_LAYER * expected(tensor))


def test_activations_of_the_first_stage_are_korthikantis():
    """Layers' activations as if all lay on the first stage, (1 + (p - 1) / pm) as much interleaved; dropout's mask."""
    layers = A_LAYER * LAYERS * 34 / 8
    mask = A_LAYER * 8 / 8
    plain = Parallelism(tensor=8, pipeline=8, recomputation="selective")
    assert memory.stage_memory(GPT3, plain, SEQUENCE, 0, stored=PAPER).activations == pytest.approx(layers + mask)
    woven = Parallelism(tensor=8, pipeline=8, virtual_pipeline=3, recomputation="selective")
    expected = layers * (1 + 7 / 24) + mask
    assert memory.stage_memory(GPT3, woven, SEQUENCE, 0, stored=PAPER).activations == pytest.approx(expected)


def test_activations_at_the_end_are_korthikantis():
    """Without a pipeline: 4 s b h / t (1 + v / h) for the final norm, the unembedding and its logits."""
    plan = Parallelism(tensor=8, recomputation="selective")
    expected = A_LAYER / 8 * (34 * LAYERS + 4 * (1 + VOCABULARY / WIDTH) + 1)
    assert memory.stage_memory(GPT3, plan, SEQUENCE, 0, stored=PAPER).activations == pytest.approx(expected)


def test_few_micro_batches_fill_no_pipeline():
    plan = Parallelism(pipeline=8)
    full = memory.stage_memory(GPT3, plan, SEQUENCE, 0).activations
    assert memory.stage_memory(GPT3, plan, SEQUENCE, 0, micro_batches=2).activations == pytest.approx(full / 4)


def test_fused_attention_keeps_no_scores():
    plan = Parallelism()
    fused, unfused = (memory.layer_activations(GPT3, plan, SEQUENCE, 0, Stored(fused_attention=f)) for f in (True, False))
    assert unfused - fused == HEADS * SEQUENCE * (2 * SEQUENCE - 4)


def test_selective_recomputation_keeps_the_same_of_fused_and_unfused_attention():
    plan = Parallelism(recomputation="selective")
    kept = [memory.layer_activations(GPT3, plan, SEQUENCE, 0, Stored(fused_attention=fused)) for fused in (True, False)]
    assert kept[0] == kept[1]


def test_gated_and_grouped_layers_by_hand():
    """Llama-3.1-8B, by token: two norms' inputs and outputs, queries and what they make, keys and values, the MLP."""
    arch = architecture.load("Llama-3.1-8B")
    numbers = 4 * 4096 + 2 * 4096 + 2 * 1024 + 3 * 14336
    assert memory.layer_activations(arch, Parallelism(), 100, 0) == 100 * (2 * numbers + 4 * 32)


def test_175b_takes_16_bytes_a_parameter_and_does_not_fit_into_80_gb():
    arch = architecture.load("GPT-3-175B")
    one = memory.training_memory(arch, Parallelism(), 2048)
    assert one.weights + one.gradients + one.optimizer == 16 * ledger.parameters(arch)
    assert one.total > 80e9
    assert one.weights == pytest.approx(349.2e9, rel=1e-3)


@pytest.mark.parametrize("precision, total", [("mixed", 16), ("mixed_fp32_gradients", 18), ("fp32", 16), ("bf16", 8)])
def test_states_by_precision(precision, total):
    assert memory.states(precision).total == total


def test_an_unknown_precision_is_refused():
    with pytest.raises(memory.PrecisionError, match="'fp23' is not known; did you mean 'fp32'.*mixed"):
        memory.training_memory(GPT3, Parallelism(), 1, precision="fp23")


@pytest.mark.parametrize("zero, parts", [(0, (1, 1, 1)), (1, (1, 1, 64)), (2, (1, 64, 64)), (3, (64, 64, 64))])
def test_zero_shares_out_states(zero, parts):
    """Rajbhandari et al. 2020, figure 1: 7.5 B parameters on 64 accelerators take 120, 31.4, 16.6 and 1.9 GB."""
    arch = architecture.load("Megatron-7.5B")
    kept = memory.training_memory(arch, Parallelism(data=64, zero=zero), 2048)
    n = ledger.parameters(arch)
    assert kept.weights == pytest.approx(2 * n / parts[0])
    assert kept.gradients == pytest.approx(2 * n / parts[1])
    assert kept.optimizer == pytest.approx(12 * n / parts[2])
    states = (kept.weights + kept.gradients + kept.optimizer) * 7.5e9 / n
    assert states == pytest.approx({0: 120e9, 1: 31.4e9, 2: 16.6e9, 3: 1.9e9}[zero], rel=0.02)


@given(name=names, tensor=powers, pipeline=powers, virtual=st.integers(1, 2), experts=powers, data=powers)
def test_shards_sum_to_the_whole(name, tensor, pipeline, virtual, experts, data):
    """Over all stages and accelerators, what is shared out is there once, and what is copied as often as there are."""
    arch = architecture.load(name)
    experts = experts if arch.n_experts else 1
    plan = Parallelism(
        tensor=tensor,
        pipeline=pipeline,
        virtual_pipeline=virtual if pipeline > 1 else 1,
        data=data * experts,
        expert=experts,
    )
    held = [memory.held(arch, plan, stage) for stage in range(pipeline)]
    tied = arch.vocab_size * arch.d_model if pipeline > 1 and arch.tied_embeddings else 0
    assert sum(h.split + h.experts + h.copied for h in held) == ledger.parameters(arch) + tied
    on_all = sum(h.dense_on_one(plan) * tensor + h.experts_on_one(plan) * tensor * experts for h in held)
    copies = sum(h.copied for h in held) * (tensor - 1)
    assert on_all == pytest.approx(ledger.parameters(arch) + tied + copies, rel=1e-12)


@given(name=names, tensor=powers, context=powers, recomputation=st.sampled_from(["none", "selective", "full"]))
def test_activations_shared_out_sum_to_the_whole(name, tensor, context, recomputation):
    arch = architecture.load(name)
    for layer in (0, arch.n_layers - 1):
        whole = memory.layer_activations(arch, Parallelism(recomputation=recomputation), 4096, layer)
        shared = Parallelism(tensor=tensor, context=context, recomputation=recomputation)
        assert memory.layer_activations(arch, shared, 4096, layer) * tensor * context == pytest.approx(whole)


@given(name=names, zero=st.sampled_from([1, 2, 3]), data=powers, context=powers)
def test_zero_shards_sum_to_the_whole(name, zero, data, context):
    arch = architecture.load(name)
    kept = memory.training_memory(arch, Parallelism(data=data, context=context, zero=zero), 128)
    assert kept.optimizer * data * context == pytest.approx(12 * ledger.parameters(arch))
    if zero == 3:
        assert kept.weights * data * context == pytest.approx(2 * ledger.parameters(arch))


def test_key_value_heads_are_copied_where_tensor_parallelism_outnumbers_them():
    arch = architecture.load("Llama-3.1-8B")
    one = 2 * 8 * 128 * 4096 * 32
    held = memory.held(arch, Parallelism(tensor=16), 0)
    assert held.split + held.copied == ledger.parameters(arch) + one


def test_full_recomputation_and_zero_3_need_a_layer_to_work_in():
    whole = memory.training_memory(GPT3, Parallelism(), SEQUENCE)
    full = memory.training_memory(GPT3, Parallelism(recomputation="full"), SEQUENCE)
    assert whole.working == 0
    assert full.working == pytest.approx(memory.layer_activations(GPT3, Parallelism(), SEQUENCE, 0))
    gathered = memory.training_memory(GPT3, Parallelism(data=8, zero=3), SEQUENCE).working
    assert gathered == pytest.approx(2 * 12 * WIDTH**2, rel=1e-4)


def test_experts_lie_where_the_ledger_has_them():
    for name in ("DeepSeek-V3", "Llama-4-Maverick", "Mixtral-8x7B", "Llama-3.1-8B"):
        arch = architecture.load(name)
        assert sum("experts" in memory.layer_parts(arch, layer) for layer in range(arch.n_layers)) == arch.n_expert_layers
    deepseek, llama = architecture.load("DeepSeek-V3"), architecture.load("Llama-4-Maverick")
    assert ["experts" in memory.layer_parts(deepseek, layer) for layer in (2, 3)] == [False, True]
    assert ["experts" in memory.layer_parts(llama, layer) for layer in range(4)] == [False, True] * 2


@pytest.mark.parametrize(
    "name, a_token",
    [
        ("GPT-3-175B", 2 * 2 * 96 * 12288),
        ("Llama-3.1-70B", 2 * 2 * 80 * 8 * 128),  # 327,680: a quarter of a megabyte less than its 64 heads would take
        ("StarCoder-15.5B", 2 * 2 * 40 * 128),
        ("DeepSeek-V3", 70_272),  # DeepSeek-AI 2025, Insights into DeepSeek-V3, table 1: 70.272 KB
        ("Llama-3.1-405B", 516_096),  # the same table: 516.096 KB
    ],
)
def test_key_value_cache_of_a_token(name, a_token):
    assert memory.kv_cache_bytes(architecture.load(name), 1) == a_token


def test_a_window_bounds_the_cache():
    arch = architecture.load("gpt-oss-120b")
    cache = memory.kv_cache_bytes(arch, np.array([100, 128, 1000]))
    a_layer = 2 * 2 * 8 * 64
    assert list(cache) == [36 * 100 * a_layer, 36 * 128 * a_layer, (18 * 128 + 18 * 1000) * a_layer]


def test_cross_attention_caches_the_encoders_positions():
    arch = architecture.load("T5-11B")
    assert memory.kv_cache_bytes(arch, 10, encoder_context=30) == 40 * 24 * 2 * 2 * 128 * 128
    assert memory.kv_cache_bytes(architecture.load("BERT-large"), 10) == 0


@pytest.mark.parametrize("name, tensor, parts", [("Llama-3.1-8B", 4, 4), ("Llama-3.1-8B", 16, 8), ("DeepSeek-V3", 8, 1)])
def test_cache_is_shared_out_by_key_value_heads(name, tensor, parts):
    arch = architecture.load(name)
    whole = memory.kv_cache_bytes(arch, 1000, 4)
    assert memory.kv_cache_bytes_on_one(arch, Parallelism(tensor=tensor, pipeline=2), 1000, 4) == whole / (2 * parts)


def test_arrays_give_what_numbers_give():
    sequences = np.array([128, 2048, 8192])
    plan = Parallelism(tensor=4, pipeline=4, recomputation="full")
    together = memory.training_memory(GPT3, plan, sequences).total
    alone = [memory.training_memory(GPT3, plan, sequence).total for sequence in (128, 2048, 8192)]
    assert list(together) == pytest.approx(alone)
    assert all(map(math.isfinite, alone))
