import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.models import architecture
from analysis.models.parallelism import Parallelism, ParallelismError

REFUSED = [
    ({"tensor": 0}, ["tensor = 0", "at least 1"]),
    ({"tensor": 1.5}, ["tensor = 1.5", "whole number"]),
    ({"data": "eight"}, ["data = 'eight'", "whole number"]),
    ({"micro_batch": float("nan")}, ["micro_batch = nan", "whole number"]),
    ({"zero": 4}, ["zero = 4", "0, 1, 2, 3"]),
    ({"recomputation": "fully"}, ["recomputation = 'fully'", "did you mean 'full'"]),
    ({"virtual_pipeline": 2}, ["virtual_pipeline = 2", "pipeline above 1"]),
    ({"expert": 8, "data": 4}, ["expert = 8", "4 accelerators of one stage"]),
]


@pytest.mark.parametrize("values, told", REFUSED, ids=lambda part: part[0] if isinstance(part, list) else "")
def test_a_plan_that_cant_be_is_refused(values, told):
    with pytest.raises(ParallelismError) as refused:
        Parallelism(**values)
    assert all(part in str(refused.value) for part in told)


def test_a_plan_has_to_multiply_to_the_chips():
    plan = Parallelism(tensor=8, pipeline=12, data=16)
    plan.check_chips(1536)
    with pytest.raises(ParallelismError, match="8 x 12 x 16 x 1 = 1536, not the 1920 chips given; data = 20 would fit"):
        plan.check_chips(1920)
    with pytest.raises(ParallelismError, match="not the 1000 chips given; 1000 is not a multiple of .* 96"):
        plan.check_chips(1000)


def test_a_batch_has_to_divide():
    plan = Parallelism(data=16, micro_batch=2)
    assert plan.micro_batches(1536) == 48
    with pytest.raises(ParallelismError, match="global_batch = 1530 .* 16 x 2 = 32; valid near it: 1504 or 1536"):
        plan.micro_batches(1530)
    for wrong in (8, 0, -32, 32.5, float("nan"), "many"):
        with pytest.raises(ParallelismError, match="global_batch = .* valid near it: 32"):
            plan.micro_batches(wrong)


@pytest.mark.parametrize(
    "name, values, told",
    [
        ("GPT-3-175B", {"tensor": 7}, "tensor = 7 does not divide the 96 heads"),
        ("Llama-4-Scout", {"tensor": 5}, "tensor = 5 does not divide the 8 key-value heads"),
        ("GPT-3-175B", {"pipeline": 50, "virtual_pipeline": 2}, "more than the 96 layers"),
        ("Mixtral-8x7B", {"expert": 16, "data": 16}, "expert = 16 does not divide the 8 experts"),
        ("GPT-3-175B", {"expert": 2, "data": 2}, "expert = 2 does not divide the 0 experts"),
    ],
)
def test_a_plan_has_to_divide_the_architecture(name, values, told):
    with pytest.raises(ParallelismError, match=told):
        Parallelism(**values).check_architecture(architecture.load(name))


@given(pipeline=st.integers(1, 16), virtual=st.integers(1, 6))
def test_each_layer_lies_on_one_stage(pipeline, virtual):
    arch = architecture.load("Llama-3.1-405B")
    plan = Parallelism(pipeline=pipeline, virtual_pipeline=virtual if pipeline > 1 else 1)
    stages = [plan.stage_layers(arch, stage) for stage in range(pipeline)]
    assert sorted(layer for stage in stages for layer in stage) == list(range(126))
    assert max(map(len, stages)) - min(map(len, stages)) <= plan.virtual_pipeline


def test_embedding_and_loss_are_placed_as_layers_where_only_so_the_plan_divides():
    """Llama 3 405B has 126 layers so that with embedding and loss 16 stages hold as many each (Grattafiori et al. 2024)."""
    arch, plan = architecture.load("Llama-3.1-405B"), Parallelism(pipeline=16, virtual_pipeline=8)
    plan.check_architecture(arch)
    stages = [plan.stage_layers(arch, stage) for stage in range(16)]
    assert sorted(layer for stage in stages for layer in stage) == list(range(126))
    assert [len(stage) for stage in stages] == [7, *[8] * 14, 7]


def test_interleaved_stages_hold_chunks_in_turn():
    plan = Parallelism(pipeline=2, virtual_pipeline=2)
    assert plan.stage_layers(architecture.load("GPT-2 Small"), 0) == (0, 1, 2, 6, 7, 8)


def test_what_holds_the_same_weights():
    plan = Parallelism(tensor=2, pipeline=4, data=8, context=2, expert=4, expert_tensor=1)
    assert (plan.chips, plan.stage_chips, plan.replicas, plan.expert_replicas) == (128, 32, 16, 8)
