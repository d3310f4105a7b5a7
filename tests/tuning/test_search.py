"""Plans that are tried, and what is said where none fits."""

import pytest

from analysis.models.architecture import load
from analysis.tuning import search
from analysis.tuning.adapters import TuningError
from analysis.tuning.method import Tuning

LLAMA = load("Llama-3.1-8B")


def fewest(model, chip, method, **asked):
    return search.least(load(model), chip, Tuning(method), **asked)[0]


def test_the_fewest_chips_that_hold_a_model():
    assert fewest("Llama-3.1-8B", "H100 SXM5", "lora") == 1
    assert 2 <= fewest("Llama-3.1-8B", "H100 SXM5", "full") <= 4  # 128 GB of states
    assert fewest("Llama-3.1-70B", "H100 SXM5", "qlora") == 1
    assert fewest("Llama-2-13B", "A100 SXM4 40GB", "qlora") == 1


def test_cheaper_methods_never_need_more_chips():
    for model in ("Llama-3.1-70B", "Qwen3-30B-A3B"):
        needs = [fewest(model, "A100 SXM4 80GB", method) for method in ("qlora", "lora", "full")]
        assert needs == sorted(needs), model


def test_what_is_given_is_kept():
    some = search.options(LLAMA, "H100 SXM5", Tuning(), 8, sharding="zero2", recompute="full", micro_batch=2)
    assert set(some.steps.plan.zero) == {2} and set(some.steps.plan.recomputation) == {2}
    assert set(some.steps.plan.micro_batch) == {2}
    assert set(some.steps.chips) == {8}


def test_the_best_plan_is_the_fastest_that_fits():
    some = search.options(LLAMA, "H100 SXM5", Tuning(), 4)
    place = search.best(some)
    assert some.fits[place]
    speeds = some.steps.tokens / some.seconds
    assert speeds[place] == speeds[some.fits].max()


def test_a_model_that_fits_nowhere_says_by_how_much():
    with pytest.raises(TuningError, match=r"can't be tuned by full on up to 1 x H100 SXM5: each needs \d+ GB and has 80 GB"):
        search.least(LLAMA, "H100 SXM5", Tuning("full"), counts=(1,))


@pytest.mark.parametrize("chips", [0, 1.5, -2, True])
def test_chips_are_a_whole_number(chips):
    with pytest.raises(TuningError, match=r"chips = .* is not a whole number of at least 1"):
        search.options(LLAMA, "H100 SXM5", Tuning(), chips)


def test_a_batch_that_chips_can_not_share_is_refused_with_one_that_they_can():
    with pytest.raises(TuningError, match="a batch of 35 sequences would do for 7 chips"):
        search.options(LLAMA, "H100 SXM5", Tuning(), 7, batch=32)
