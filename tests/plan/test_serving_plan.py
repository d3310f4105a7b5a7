"""The plan of a service: targets kept, published weights and caches, and movements that can't be otherwise."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import Chip, Model, PlanError, Requests, plan_serving
from analysis.plan import nearest_run


def served(model="Llama-3.1-70B", chip="H100 SXM5", requests=None, **given):
    return plan_serving(Model.load(model), Chip.load(chip), requests or Requests(1155, 211, 400.0), **given)


def test_published_weights_and_caches():
    llama = Model.load("Llama-3.1-8B")
    assert llama.weight_bytes() / 2**30 == pytest.approx(14.96, abs=0.04)  # vLLM's log prints 14.99 GiB with buffers
    assert llama.cache_bytes(1) == 131_072
    assert Model.load("Qwen3-Coder-480B-A35B").cache_bytes(262_144) / 2**30 == pytest.approx(62.0, abs=0.05)


def test_targets_are_kept_and_numbers_hang_together():
    day = served(ttft=2.0, tpot=0.05)
    assert day.ttft <= 2.0 and day.tpot <= 0.05
    assert day.chips.expected == sum(pool.chips for pool in day.way.pools)
    assert day.replicas == sum(pool.replicas for pool in day.way.pools)
    assert day.chips.low <= day.chips.expected <= day.chips.high
    assert all(pool.rate * pool.replicas >= 400 * (1 - 1e-6) for pool in day.way.pools)
    assert day.memory_bytes < day.chip.memory_bytes
    answers_an_hour = 400 * 211 * 3600
    assert day.cost_per_million_tokens.expected == pytest.approx(day.cost_per_hour.rent.expected / answers_an_hour * 1e6)


def test_the_way_that_is_taken_changes_no_answer_and_takes_the_fewest_chips_of_those():
    day = served(ttft=2.0, tpot=0.05)
    plain = [way for way in day.ways if (way.weight_precision, way.cache_precision, way.drafts) == ("bf16", "bf16", None)]
    assert {way.kind for way in plain} == {"together", "apart"}
    assert day.chips.expected == min(way.chips for way in plain)
    assert day.ways[0].chips < day.chips.expected  # with fewer bits
    assert "answers written by chips of their own" in day.sentence
    together = served(ttft=2.0, tpot=0.05, way="together")
    assert together.way.kind == "together" and "by the same chips" in together.sentence
    assert together.chips.expected == together.replicas * together.replica.chips


@pytest.mark.parametrize("tpot", [0.03, 0.1, 1.0])
def test_the_plan_is_never_worse_than_either_way_nor_worse_where_more_is_known(tpot):
    asked = {"tpot": tpot, "model": "Qwen3-30B-A3B"}
    fewest = served(**asked).chips.expected
    assert fewest == min(served(**asked, way=way).chips.expected for way in ("together", "apart"))
    assert served(**asked, requests=Requests(1155, 211, 400.0, cached=0.5)).chips.expected <= fewest


def test_the_lines_that_start_a_plan_are_marked_as_not_run():
    day = served("Llama-3.1-8B", requests=Requests(1155, 211, 1.0))
    (line,) = day.launch("SGLang")
    assert line.startswith("python -m sglang.launch_server --model-path Llama-3.1-8B --tp-size 1")
    assert line.endswith("# not run here")
    with pytest.raises(PlanError, match="did you mean 'vLLM'"):
        day.launch("vllm")


def test_a_way_that_there_is_not_is_refused():
    with pytest.raises(PlanError, match="way 'split' is not one of together, apart"):
        served(way="split")


@settings(max_examples=6, deadline=None)
@given(st.floats(0.03, 0.4), st.floats(1.0, 3.0), st.floats(0.5, 5.0))
def test_a_tighter_target_never_takes_fewer_chips(tpot, times, ttft):
    tight, loose = served(tpot=tpot, ttft=ttft), served(tpot=tpot * times, ttft=ttft * times)
    assert tight.chips.expected >= loose.chips.expected


@settings(max_examples=6, deadline=None)
@given(st.floats(0.0, 0.9), st.floats(0.0, 0.09))
def test_more_cached_never_takes_more_chips(cached, more):
    some = served(requests=Requests(4000, 200, 100.0, cached=cached))
    further = served(requests=Requests(4000, 200, 100.0, cached=cached + more))
    assert further.chips.expected <= some.chips.expected


def test_refusals_say_what_is_nearest():
    with pytest.raises(PlanError, match=r"0\.0\d+ s for 95% of requests even without load"):
        served(tpot=0.002)
    with pytest.raises(PlanError, match="longer than Llama-3.1-70B can attend to"):
        served(requests=Requests(1e6, 211, 1.0))
    with pytest.raises(PlanError, match="did you mean 'vLLM'"):
        served(engine="vllm")
    with pytest.raises(PlanError, match="cached"):
        Requests(100, 10, 1.0, cached=2)


def test_what_was_assumed_of_requests_widens_the_interval():
    sure = served()
    unsure = served(requests=Requests(1155, 211, 400.0, unsure=("prompt_tokens", "answer_tokens")))
    assert unsure.chips.high > sure.chips.high
    assert unsure.chips.expected == sure.chips.expected


def test_the_nearest_server_is_like_it():
    assert nearest_run.of_serving(served()).model.startswith("Llama-3")
