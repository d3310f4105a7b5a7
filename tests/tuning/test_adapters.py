"""Adapters' parameters, against counts that others print."""

import pytest

from analysis.models.architecture import load
from analysis.tuning import adapters
from analysis.tuning.adapters import TuningError


@pytest.mark.parametrize(
    ("model", "rank", "targets", "published"),
    [
        ("Llama-2-7B", 8, "q,v", 4_194_304),  # LitGPT, resource-tables.md, as the next two
        ("Llama-2-13B", 8, "q,v", 6_553_600),
        ("Phi-1.5", 8, "q,v", 1_572_864),
        ("Llama-2-7B", 64, "all", 32 * 64 * (4 * (4096 + 4096) + 3 * (4096 + 11_008))),  # by hand
        ("Llama-3.1-8B", 16, "all", 32 * 16 * (2 * (4096 + 4096) + 2 * (4096 + 1024) + 3 * (4096 + 14_336))),
    ],
)
def test_counts_are_those_that_libraries_print(model, rank, targets, published):
    assert adapters.parameters(load(model), rank, targets) == published


def test_gpt3_adapters_are_those_of_the_paper():
    # Hu et al. 2021, section 7.1 and table 5: 18M at rank 8 beside one matrix, 4 beside two, 2 beside four; 35 MB in 16 bits.
    gpt3 = load("GPT-3-175B")
    budget = {adapters.parameters(gpt3, rank, text) for rank, text in ((8, "q"), (4, "q,v"), (2, "attention"))}
    assert len(budget) == 1
    assert budget.pop() // 10**6 == 18
    assert 2 * adapters.parameters(gpt3, 4, "q,v") / 2**20 == pytest.approx(35, rel=0.04)


def test_parameters_are_proportional_to_the_rank_and_grow_with_targets():
    for model in ("Llama-3.1-8B", "DeepSeek-V3", "Qwen3-30B-A3B", "Qwen3-Next-80B-A3B", "Phi-1.5"):
        arch = load(model)
        assert adapters.parameters(arch, 32, "all") == 2 * adapters.parameters(arch, 16, "all")
        parts = [adapters.parameters(arch, 16, text) for text in ("o", "attention", "attention,mlp", "all")]
        assert parts == sorted(parts), model


def test_tensor_parallelism_divides_one_factor_of_each_adapter():
    arch = load("Llama-3.1-8B")
    # q is 4096 x 4096: the factor beside its inputs lies on each chip, the other is divided.
    assert adapters.on_one(arch, 16, "q", 1, 1, 1) == adapters.parameters(arch, 16, "q") == 32 * 16 * (4096 + 4096)
    assert adapters.on_one(arch, 16, "q", 4, 1, 1) == 32 * 16 * (4096 + 1024)
    assert adapters.on_one(arch, 16, "down", 4, 2, 1) == 32 * 16 * (4096 + 14336 / 4) / 2


def test_experts_have_an_adapter_each():
    arch = load("Qwen3-30B-A3B")
    assert adapters.parameters(arch, 1, "gate") == 48 * 128 * (2048 + 768)
    assert adapters.on_one(arch, 1, "gate", 1, 1, 8) == 48 * 128 * (2048 + 768) / 8


@pytest.mark.parametrize(
    ("text", "message"),
    [("qq", "did you mean 'q'"), ("", "targets is empty; valid: q, k, v, o"), ("attention,w1", "'w1' is not known")],
)
def test_a_wrong_target_is_refused_with_what_is_valid(text, message):
    with pytest.raises(TuningError, match=message):
        adapters.targets(text)
