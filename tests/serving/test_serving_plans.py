import pytest

from analysis.inference import deployments
from analysis.inference.deployments import DeploymentError
from analysis.serving import capacity, serving_plans
from analysis.serving.capacity import Targets
from analysis.serving.serving_queue import Requests, ServingError

CHAT = Requests(500, 200, 0, 0.7, 0.7)


def test_what_is_tried_fits_and_is_of_every_kind():
    dense = serving_plans.tried("Llama-3.1-70B", "H100 SXM5", "fp8")
    assert all(deployments.weight_bytes_on_one(one) <= 80e9 for one in dense)
    assert {one.expert for one in dense} == {1}
    experts = serving_plans.tried("DeepSeek-V3", "H800 SXM5", "fp8")
    assert {one.expert for one in experts} >= {16, 32, 64}
    assert max(one.chips for one in experts) <= serving_plans.MOST_CHIPS


def test_a_model_that_no_plan_holds_is_named():
    with pytest.raises(DeploymentError, match="no plan of up to 64 x L4 holds Kimi-K2"):
        serving_plans.tried("Kimi-K2", "L4")


def test_the_best_carries_at_least_what_any_other_does():
    targets = Targets(2.0, 0.05)
    tried = serving_plans.tried("Llama-3.1-8B", "H100 SXM5")
    best, state = serving_plans.best(tried, CHAT, targets)
    for one in tried:
        other = capacity.capacity(capacity.of_deployment(one), CHAT, targets, refuse=False)
        assert state.rate.item() / best.chips >= other.rate.item() / one.chips


def test_targets_that_none_meets_are_refused_with_the_nearest_miss():
    with pytest.raises(ServingError, match=r"time per output token: 0\.01\d+ s .* no batch can meet it"):
        serving_plans.best(serving_plans.tried("Llama-3.1-70B", "H100 SXM5"), CHAT, Targets(2.0, 0.001))
