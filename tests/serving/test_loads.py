from dataclasses import replace

import numpy as np
import pytest

from analysis.inference import deployments, pass_time
from analysis.serving import capacity, loads
from analysis.serving.capacity import Targets
from analysis.serving.loads import Candidates
from analysis.serving.serving_queue import Replica, Requests

CHAT, KEPT = Requests(1155, 211, 0.2, 0.7, 0.7), Targets(2.0, 0.05)
PLANS = [
    deployments.deploy("Llama-3.1-8B", "H100 SXM5"),
    deployments.deploy("Llama-3.1-8B", "H100 SXM5", tensor=2),
    deployments.deploy("DeepSeek-V3", "H800 SXM5", weight_precision="fp8", data=32, expert=32),
]


def candidates(plans, chunk=2048.0):
    return Candidates(deployments.cases(plans), np.full(len(plans), chunk))


@pytest.mark.parametrize("chunk", [512, 2048, 8192])
def test_many_at_once_carry_what_each_carries_alone(chunk):
    many = loads.carried(candidates(PLANS, chunk), CHAT, KEPT)
    for place, plan in enumerate(PLANS):
        alone = capacity.capacity(capacity.of_deployment(plan, chunk), CHAT, KEPT)
        assert many.rate[place] == pytest.approx(alone.rate.item(), rel=2e-3)
        assert many.first_token[place] == pytest.approx(alone.first_token.item(), rel=2e-2)


def test_prompts_alone_carry_what_a_replica_that_reads_carries():
    reading = replace(CHAT, answer_tokens=1.0)
    many = loads.carried(candidates(PLANS, 8192), reading, KEPT)
    for place, plan in enumerate(PLANS):
        alone = capacity.capacity(capacity.of_deployment(plan, 8192), reading, KEPT)
        assert many.rate[place] == pytest.approx(alone.rate.item(), rel=2e-3)


def test_the_largest_load_holds_and_a_little_more_does_not():
    many = candidates(PLANS)
    most = loads.carried(many, CHAT, KEPT).rate
    assert loads.hold(many, CHAT, KEPT, 0.999 * most).all()
    assert not loads.hold(many, CHAT, KEPT, 1.01 * most).any()


def test_under_the_largest_load_a_target_is_just_kept():
    many = candidates(PLANS)
    state = loads.under(many, CHAT, KEPT, loads.carried(many, CHAT, KEPT).rate)
    nearest = np.maximum(state.first_token / KEPT.first_token, state.output_token / KEPT.output_token)
    np.testing.assert_allclose(nearest, 1, atol=2e-3)


def test_drafts_are_steps_of_several_tokens():
    """One token drafted and always accepted: half the steps, each of twice the tokens, and of the layer that drafts."""
    plan = replace(PLANS[0], draft_tokens=1, acceptance=1.0)
    steps = 1 + (CHAT.answer_tokens - 1) / 2
    asked = replace(CHAT, answer_tokens=steps)
    late = CHAT.answer_tokens - steps
    cases, plain = deployments.cases(plan), deployments.cases(PLANS[0])

    def step_seconds(tokens, batch, context):
        at = context + late / 2
        parts = pass_time.decode_parts(plain, batch, at)
        layers = sum(seconds for name, seconds in parts.items() if name not in ("host", "vocabulary"))
        draft = np.where(np.asarray(batch) > 0, layers / PLANS[0].architecture.n_layers + parts["vocabulary"], 0.0)
        return pass_time.step_seconds(cases, tokens, batch, at) + draft

    by_hand = Replica(step_seconds, lambda context: deployments.largest_batch(plain, context + late), 1, 2048)
    expected = capacity.capacity(by_hand, asked, Targets(2.0, 0.1))
    assert loads.carried(candidates([plan]), CHAT, KEPT).rate.item() == pytest.approx(expected.rate.item(), rel=2e-3)


def test_the_estimate_is_near_what_the_queue_finds():
    many = candidates(PLANS)
    np.testing.assert_allclose(loads.fluid_rate(many, CHAT, KEPT) / loads.carried(many, CHAT, KEPT).rate, 1, atol=0.35)


def test_prompts_alone_are_estimated_by_the_time_of_a_chunk():
    reading = replace(CHAT, answer_tokens=1.0)
    many = candidates(PLANS, 8192.0)
    found = loads.fluid_rate(many, reading, KEPT)
    assert (found >= 0.95 * loads.carried(many, reading, KEPT).rate).all()
    assert not loads.fluid_rate(many, reading, Targets(1e-3, 1.0)).any()
