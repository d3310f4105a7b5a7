from itertools import product

import numpy as np
import pytest

from analysis.inference import deployments
from analysis.inference.deployments import DeploymentError
from analysis.models import architecture
from analysis.serving import replica_plans

DENSE, EXPERTS = architecture.load("Llama-3.1-70B"), architecture.load("DeepSeek-V3")


def test_replicas_divide_a_group_of_fast_links_or_fill_several():
    assert replica_plans.sizes("H100 SXM5", 32) == [1, 2, 4, 8, 16, 24, 32]
    assert replica_plans.sizes("GB200 (per GPU)") == [1, 2, 3, 4, 6, 8, 9, 12, 18, 24, 36, 72]
    assert max(replica_plans.sizes("TPU v5p")) == replica_plans.MOST_CHIPS


@pytest.mark.parametrize(("model", "groups"), [(DENSE, (1,)), (EXPERTS, range(1, 33))])
def test_every_split_that_divides_is_listed_and_none_besides(model, groups):
    found = {(one.tensor, one.pipeline, one.data, one.expert) for one in replica_plans.splits(model, "H100 SXM5", 32)}
    every = {
        (tensor, pipeline, data, expert)
        for tensor, pipeline, data in product((1, 2, 4, 8), range(1, 33), groups)
        for expert in ({1, tensor * data} if model.n_experts else {1})
        if tensor * pipeline * data in (1, 2, 4, 8, 16, 24, 32) and pipeline <= model.n_layers
    }
    assert found == every


def test_what_fits_is_what_deploy_takes():
    found = replica_plans.fitting(DENSE, "H100 SXM5", "bf16", most_chips=8)
    assert {(one.tensor, one.pipeline) for one in found} == {
        (1, 2),
        (2, 1),
        (1, 4),
        (2, 2),
        (4, 1),
        (1, 8),
        (2, 4),
        (4, 2),
        (8, 1),
    }


def test_a_model_too_large_for_all_is_refused_with_the_reason():
    with pytest.raises(DeploymentError, match="no replica of up to 8 x H100 SXM5 holds DeepSeek-V3: .* do not fit"):
        replica_plans.fitting(EXPERTS, "H100 SXM5", "fp8", most_chips=8)


def test_cases_are_repeated_with_other_fields():
    one = deployments.cases(replica_plans.fitting(DENSE, "H100 SXM5", "fp8", most_chips=4))
    both, of = replica_plans.repeated(one, cache_bytes=[2.0, 1.0], memory_share=[1.0, 1.1])
    assert list(of) == [*range(len(one)), *range(len(one))]
    np.testing.assert_allclose(both.weights_on_one[len(one) :], 1.1 * one.weights_on_one)
    np.testing.assert_allclose(both.request_bytes(1000.0)[len(one) :], one.request_bytes(1000.0) / 2)
