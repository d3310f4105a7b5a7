"""Memory by plan against what papers print."""

import pytest

from analysis.models import architecture, memory
from analysis.models.parallelism import Parallelism
from analysis.training import memory_plans

GPT3 = architecture.load("GPT-3 175B")


def test_states_take_sixteen_bytes_a_parameter():
    # Rajbhandari et al. 2020, section 3.1: 2 + 2 + 12 bytes a parameter in mixed precision.
    row = memory_plans.compare(GPT3, memory_plans.ON_ONE, 2048).iloc[0]
    assert row["weights"] + row["gradients"] + row["optimizer"] == 16 * 174_604_259_328


def test_activations_are_korthikantis():
    # Korthikanti et al. 2022, equations 1 and 6 and table 2: s b h (34 + 5 a s / h) a layer, 34 with scores recomputed.
    s, h, a, layers = 2048, 12_288, 96, 96
    frame = memory_plans.by_part(GPT3, memory_plans.ON_ONE, s)
    frame = frame[frame["part"] == "activations"].set_index("plan")
    ends = 4 * h + 4 * 50_257 + h  # unembedding's input and logits, and the embedding's dropout mask, a token
    none, selective = frame.loc["No recomputation"], frame.loc["Selective recomputation"]
    assert none["linear"] == pytest.approx(layers * 34 * h + ends, rel=1e-9)
    assert none["quadratic"] == pytest.approx(layers * 5 * a, rel=1e-6)
    assert selective["linear"] == pytest.approx(layers * 34 * h + ends, rel=1e-9)
    assert selective["quadratic"] == pytest.approx(0, abs=1e-6)
    # The paper: selective recomputation takes 70% of GPT-3's activations away.
    whole = memory_plans.compare(GPT3, memory_plans.ON_ONE, s).set_index("plan")["activations"]
    assert whole["Selective recomputation"] / whole["No recomputation"] == pytest.approx(0.30, abs=0.01)


@pytest.mark.parametrize("sequence", [1536, 2048])
@pytest.mark.parametrize("micro_batch", [1, 4])
def test_the_sliders_polynomial_is_the_memory(sequence, micro_batch):
    for name, plan in memory_plans.NEAR.items():
        frame = memory_plans.by_part(GPT3, {name: plan}, 2048)
        total = memory_plans.bytes_at(frame["fixed"], frame["linear"], frame["quadratic"], micro_batch, sequence).sum()
        larger = Parallelism(**{**vars(plan), "micro_batch": micro_batch})
        expected = memory.training_memory(GPT3, larger, sequence, stored=memory_plans.UNFUSED).total
        assert total == pytest.approx(expected, rel=1e-6)


def test_plans_over_64_take_64():
    assert {plan.chips for plan in memory_plans.OVER_64.values()} == {64}
    for plan in (memory_plans.OVER_64 | memory_plans.NEAR).values():
        plan.check_architecture(GPT3)
