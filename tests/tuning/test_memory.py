"""Memory of tuning: closed forms, and what more of something may not do."""

from dataclasses import replace

import numpy as np
import pytest

from analysis.models.architecture import load
from analysis.models.ledger import parameters
from analysis.models.parallelism import Parallelism
from analysis.steps.step import training_step
from analysis.tuning import search
from analysis.tuning.adapters import TuningError
from analysis.tuning.memory import tuning_memory
from analysis.tuning.method import WEIGHT_BYTES, Tuning

LLAMA = load("Llama-3.1-8B")


def held(tuning, arch=LLAMA, batch=8, **plan):
    steps = training_step(
        arch, Parallelism(**plan), chip="H100 SXM5", precision="bf16", sequence=2048, global_batch=batch, engine="PyTorch"
    )
    return tuning_memory(arch, steps, tuning)


def total(tuning, **plan):
    return held(tuning, **plan).total.item()


def test_nf4_takes_the_bits_that_its_paper_counts():
    # Dettmers et al. 2023, section 3: double quantisation brings the constants from 0.5 to 0.127 bits a weight.
    assert 8 * WEIGHT_BYTES["nf4-single"] == 4.5
    assert 8 * WEIGHT_BYTES["nf4"] == pytest.approx(4.127, abs=5e-4)


def test_full_tuning_keeps_sixteen_bytes_a_parameter():
    parts = held(Tuning("full"))
    states = parts.weights + parts.gradients + parts.optimizer
    assert states.item() == pytest.approx(16 * parameters(LLAMA), rel=1e-3)


def test_adapters_keep_sixteen_bytes_a_parameter_of_theirs_and_the_rest_two():
    parts = held(Tuning("lora", rank=16))
    beside = parts.adapters + parts.gradients + parts.optimizer
    assert beside.item() == 16 * 41_943_040
    assert parts.weights.item() == pytest.approx(2 * parameters(LLAMA), rel=1e-3)


def test_quantised_weights_leave_the_ends_in_sixteen_bits():
    ends = 2 * 128_256 * 4096
    expected = (parameters(LLAMA) - ends) * WEIGHT_BYTES["nf4"] + 2 * ends
    assert held(Tuning("qlora")).weights.item() == pytest.approx(expected, rel=1e-3)


def test_sharding_divides_what_it_shares_out():
    tuning = Tuning("full")
    alone, two, three = held(tuning), held(tuning, batch=64, data=8, zero=2), held(tuning, batch=64, data=8, zero=3)
    assert two.weights.item() == alone.weights.item()
    for part in ("gradients", "optimizer"):
        assert getattr(two, part).item() == pytest.approx(getattr(alone, part).item() / 8)
    assert three.weights.item() == pytest.approx(alone.weights.item() / 8)


def test_gradients_and_activations_meet_only_where_micro_batches_add_up():
    once, added = held(Tuning("full"), batch=1), held(Tuning("full"), batch=8)
    assert added.gradients.item() and added.activations.item()
    assert not (once.gradients.item() and once.activations.item())
    assert once.total.item() < added.total.item()


def test_eight_bit_states_take_a_quarter_and_paged_ones_leave_the_chip():
    wide, narrow = held(Tuning("lora")).optimizer.item(), held(Tuning("lora", optimizer="adamw_8bit")).optimizer.item()
    assert narrow == pytest.approx(wide / 4, rel=0.02)
    assert held(Tuning("lora", optimizer="paged_adamw")).optimizer.item() == 0


@pytest.mark.parametrize(
    "more",
    [{"rank": 64}, {"targets": "all", "rank": 17}, {"optimizer": "adamw"}, {"logits": "whole"}, {"logits": "copied"}],
)
def test_more_of_anything_never_takes_less(more):
    little = Tuning("lora", rank=16, targets="q,v", optimizer="adamw_8bit", logits="chunked")
    assert total(little) <= total(replace(little, **more))


def test_more_chips_never_take_more_memory_each():
    for method in ("full", "lora", "qlora"):
        for zero in (1, 2, 3):
            needs = [total(Tuning(method), batch=64, data=data, zero=zero) for data in (2, 4, 8, 16, 32)]
            assert needs == sorted(needs, reverse=True), (method, zero)


def test_methods_and_recomputation_order_as_they_should():
    needs = [total(Tuning(method)) for method in ("qlora", "lora", "full")]
    assert needs == sorted(needs)
    kept = [total(Tuning("lora"), recomputation=kind) for kind in ("full", "selective", "none")]
    assert kept == sorted(kept)


def test_a_frozen_matrix_without_adapter_spares_its_input():
    whole, some = held(Tuning("lora", targets="all")), held(Tuning("lora", targets="attention"))
    tokens, layers = 2048, 32
    assert (whole.activations - some.activations).item() == pytest.approx(tokens * layers * 2 * (14336 + 4096))


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"method": "lorra"}, "method = 'lorra' is not known; did you mean 'lora'"),
        ({"rank": 0}, "rank = 0 is not valid; valid: a whole number from 1"),
        ({"method": "qlora", "weights": "bf16"}, "weights = 'bf16' is not quantised; valid: int8, nf4"),
        ({"method": "full", "weights": "nf4"}, "can't be trained whole; valid: bf16"),
        ({"optimizer": "adam"}, "valid: adamw, adamw_8bit"),
    ],
)
def test_what_can_not_be_is_refused_with_what_is_valid(asked, message):
    with pytest.raises(TuningError, match=message):
        Tuning(**asked)


def test_arrays_of_cases_give_what_each_gives_alone():
    steps = [
        training_step(LLAMA, Parallelism(data=2, zero=3, micro_batch=size), chip="H100 SXM5", precision="bf16", sequence=2048,
                      global_batch=8) for size in (1, 4)
    ]  # fmt: skip
    both = replace(steps[0], plan=replace(steps[0].plan, micro_batch=np.array([1.0, 4.0]))).take(np.array([0, 0]))
    both = replace(both, plan=replace(both.plan, micro_batch=np.array([1.0, 4.0])))
    together = tuning_memory(LLAMA, both, Tuning()).total
    assert together.tolist() == [tuning_memory(LLAMA, one, Tuning()).total.item() for one in steps]


def test_no_plan_holds_less_than_its_share_of_all_states():
    """However the chips split a mixture of experts, all of them together hold the states of every parameter once at least."""
    model = load("DeepSeek-V3")
    some = search.options(model, "H800 SXM5", Tuning("full"), 64, sequence=2048, batch=1024)
    states = 64 * (some.memory.weights + some.memory.optimizer)
    assert states.min() >= 0.95 * 14 * parameters(model)
    assert not some.fits.any()
