import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.models import architecture
from analysis.models.parallelism import Parallelism, ParallelismError
from analysis.steps import links, step
from analysis.training import roofline, step_time
from analysis.training.constants import Constants
from analysis.training.fitted import CONSTANTS
from tests.cases import case

sizes = st.integers(1, 64)


def seconds(**cells):
    return step_time.step_seconds(case(**cells)).item()


@given(pipeline=sizes, virtual=sizes, a_layer=st.floats(1e-4, 1.0))
def test_bubble_of_even_stages_is_narayanans(pipeline, virtual, a_layer):
    """(p - 1) / v stages: the fraction (p - 1) / (v m) of the time of m micro-batches (Narayanan et al. 2021)."""
    layers = 4 * pipeline
    stage = step_time.slowest_stage(layers, pipeline, a_layer, 0.0)
    bubble = step_time.bubble_seconds(layers * a_layer, stage, pipeline, virtual)
    assert bubble == pytest.approx((pipeline - 1) / virtual * stage)


def test_the_slowest_stage_holds_the_vocabulary_or_is_balanced():
    assert step_time.slowest_stage(96, 8, 1.0, 3.0) == 15.0
    assert step_time.slowest_stage(126, 16, 1.0, 2.0) == 8.0


@given(volume=st.floats(1, 1e12), size=sizes)
def test_all_reduce_sends_twice_what_a_gather_does(volume, size):
    assert links.all_reduce_bytes(volume, size) == pytest.approx(2 * volume * (size - 1) / size)
    assert links.all_reduce_bytes(volume, 1) == 0


def test_a_collective_beyond_a_server_is_bound_by_its_ports():
    steps = case(tp="16", dp="1")
    constants = Constants()
    inside = links.group_bandwidth(constants, steps, 1.0, 8.0).item()
    beyond = links.group_bandwidth(constants, steps, 1.0, 16.0).item()
    assert inside == pytest.approx(450e9 * constants.link_share)
    assert beyond == pytest.approx(8 * 50e9 * constants.network_share)


def test_large_matrix_products_come_near_their_ceiling_and_small_ones_do_not():
    steps = case()
    rate = roofline.rate(CONSTANTS, steps, steps.machine.reached_16bit)
    for size, least, most in ((16384, 0.95, 1.0), (1024, 0.4, 0.8)):
        took = roofline.matmul_seconds(CONSTANTS, steps, size, size, size, rate, 2.0)
        assert least < (2 * size**3 / rate / took).item() < most


def _exchange(**cells):
    """Seconds of one exchange of 2,048 tokens of DeepSeek-V3, or a like architecture, over 64 experts' chips."""
    return links.expert_exchange(Constants(), case(model="DeepSeek-V3", dp="64", ep="64", **cells)).item()


def test_an_exchange_sends_a_token_once_to_each_server_that_its_experts_are_on():
    """Against drawing experts: 8 of 256, on 8 servers, among the 4 that score best, as DeepSeek-V3 does."""
    draw = np.random.default_rng(0)
    servers = [len({int(e) // 32 for e in draw.choice(256, 8, replace=False)}) for _ in range(20_000)]
    assert pytest.approx(np.mean(servers), rel=0.03) == 8 * (1 - (1 - 1 / 8) ** 8)
    constants, one = Constants(), case(model="DeepSeek-V3", dp="64", ep="64")
    tokens = one.micro_tokens.item() * 4 * 7168  # there and back, 2 bytes a number each way
    far = tokens * 4 * 7 / 8 / (50e9 * constants.exchange_share)
    near = tokens * 8 * 7 / 8 / (450e9 * constants.link_share)
    assert _exchange() == pytest.approx(far + near + 2 * constants.start_seconds)


def test_software_that_overlaps_the_exchange_hides_it_where_another_micro_batch_runs():
    waits = {"model": "DeepSeek-V3", "dp": "64", "ep": "64", "global_batch": "1024"}
    overlaps = waits | {"note": "expert exchange overlapped"}
    assert seconds(**overlaps) < 0.95 * seconds(**waits)
    alone = {"micro_batch": "1", "global_batch": "64"}
    assert seconds(**overlaps | alone) == seconds(**waits | alone)


@pytest.mark.parametrize("chip", ["A100 SXM4 80GB", "B200 SXM (HGX/DGX)", "TPU v5p", "Instinct MI300X"])
@pytest.mark.parametrize("model", ["Llama-3.1-8B", "DeepSeek-V3", "gpt-oss-120b"])
def test_parts_add_up_and_utilization_is_a_share(chip, model):
    prediction = step_time.predict(case(chip=chip, model=model, dp="64"))
    assert sum(prediction.parts.values()).item() == pytest.approx(prediction.seconds.item())
    assert all(part.item() >= -1e-12 for part in prediction.parts.values())
    assert 0 < prediction.model_flops_utilization.item() <= prediction.hardware_flops_utilization.item() < 1


def test_recomputation_costs_a_third_more_at_most_and_selective_less():
    none, part, whole = (seconds(recompute=kind) for kind in ("none", "selective", "full"))
    assert none < part < whole < 1.36 * none


def test_more_of_anything_is_not_faster():
    """More tokens, layers of a pipeline without more work in flight, or a slower chip."""
    assert seconds(global_batch="1024") > seconds() > seconds(dp="16")
    assert seconds(seq_len="4096", global_batch="256") > seconds(micro_batch="2")
    assert seconds(chip="A100 SXM4 80GB") > seconds(chip="H100 SXM5") > seconds(chip="B200 SXM (HGX/DGX)")
    assert seconds(chip="H100 SXM5 96GB HBM2e (500 W)") > seconds(chip="H100 SXM5") >= seconds(chip="H200 SXM")
    assert seconds(precision="mxfp8") > seconds(precision="fp8")
    assert seconds(precision="fp8") < seconds()


def test_interleaving_shrinks_the_bubble():
    plan = {"pp": "8", "dp": "8"}
    bubbles = [step_time.predict(case(vp=vp, **plan)).parts["pipeline bubble"].item() for vp in ("1", "2", "4")]
    assert bubbles[0] > bubbles[1] > bubbles[2] > 0


def test_each_case_is_predicted_alike_alone_and_among_others():
    steps = case(model="DeepSeek-V3", dp="64", ep="8")
    many = step_time.step_seconds(steps.take(np.zeros(1000, dtype=int)))
    assert many == pytest.approx(np.full(1000, step_time.step_seconds(steps).item()))


def test_a_step_of_a_given_plan_is_that_of_the_row():
    plan = Parallelism(tensor=8, pipeline=4, data=2, virtual_pipeline=2, zero=1)
    given = {"chip": "H100 SXM5", "precision": "bf16", "sequence": 2048, "global_batch": 512}
    arch = architecture.load("GPT-3-175B")
    by_plan = step_time.predict(step.training_step(arch, plan, engine="Megatron-Core", date="2025", **given))
    assert by_plan.seconds.item() == pytest.approx(seconds(tp="8", pp="4", dp="2", vp="2"))
    larger = step_time.step_seconds(step.training_step(arch.with_layers(192), plan, engine="Megatron-Core", date="2025", **given))
    assert larger.item() > 1.8 * by_plan.seconds.item()
    with pytest.raises(ParallelismError, match="heads"):
        step.training_step(arch, Parallelism(tensor=5), **given)
    with pytest.raises(ParallelismError, match="global_batch"):
        step.training_step(arch, Parallelism(data=3), **given)


def test_intervals_of_time_and_utilization_are_one_width_and_experts_are_less_sure():
    dense, experts = (step_time.predict(case(model=model, dp="64")) for model in ("Llama-3.1-8B", "DeepSeek-V3"))
    for prediction in (dense, experts):
        low, high = prediction.seconds_interval
        slow, fast = prediction.model_flops_utilization_interval
        assert (low < prediction.seconds < high).all()
        assert fast * low == pytest.approx(slow * high)
        assert prediction.memory_interval[0] < prediction.memory_bytes < prediction.memory_interval[1]
    assert dense.half_width < experts.half_width
    assumed = step_time.predict(case(model="Llama-3.1-8B", dp="64"), assumed=True)
    assert assumed.half_width > dense.half_width and assumed.seconds == dense.seconds
