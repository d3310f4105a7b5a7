from dataclasses import replace

import numpy as np
import pytest

from analysis.training import step_time, training_case
from analysis.training.constants import FITTED
from analysis.training.fitted import CONSTANTS
from analysis.uncertainty import sensitivity
from analysis.uncertainty.sensitivity import Factor
from tests.cases import case


def test_shares_of_a_product_are_those_of_its_logarithm():
    """log of x^3 y: the variances of 3 log x and log y stand as 9 to 1, and nothing interacts."""
    factors = [Factor("x", 1.0, 0.5, 2.0), Factor("y", 1.0, 0.5, 2.0), Factor("idle", 1.0, 0.5, 2.0)]
    shares = sensitivity.variance_shares(lambda v: np.log(v["x"] ** 3 * v["y"]), factors, samples=2**13)
    for column in ("first order", "total"):
        assert shares[column].to_dict() == pytest.approx({"x": 0.9, "y": 0.1, "idle": 0.0}, abs=0.02)


def test_interactions_count_in_the_total_alone():
    """(log x)(log y) with both symmetric about 0 is all interaction: Sobol' indices 0 and 1."""
    factors = [Factor("x", 1.0, 0.5, 2.0), Factor("y", 1.0, 0.5, 2.0)]
    shares = sensitivity.variance_shares(lambda v: np.log(v["x"]) * np.log(v["y"]), factors, samples=2**13)
    assert shares["first order"].abs().max() < 0.05
    assert shares["total"].to_numpy() == pytest.approx([1.0, 1.0], abs=0.05)


@pytest.mark.parametrize("seed", [0, 1])
def test_every_seed_gives_the_same_confidence_again(seed):
    factors = [Factor("x", 1.0, 0.5, 2.0), Factor("y", 1.0, 0.5, 2.0)]
    first, again = (sensitivity.variance_shares(lambda v: v["x"] * v["y"], factors, 64, seed) for _ in range(2))
    assert first.equals(again)


def test_shares_of_ishigamis_function_are_those_of_its_closed_form():
    """sin a + 7 sin² b + 0.1 c⁴ sin a on (-π, π): shares in closed form (Ishigami and Homma 1990)."""
    half = np.pi
    factors = [Factor(name, 1.0, np.exp(-half), np.exp(half)) for name in ("a", "b", "c")]

    def ishigami(values):
        a, b, c = (np.log(values[name]) for name in ("a", "b", "c"))
        return np.sin(a) + 7 * np.sin(b) ** 2 + 0.1 * c**4 * np.sin(a)

    alone_a = (1 + 0.1 * half**4 / 5) ** 2 / 2
    alone_b = 7**2 / 8
    together = 0.1**2 * half**8 * (1 / 18 - 1 / 50)
    variance = alone_a + alone_b + together
    shares = sensitivity.variance_shares(ishigami, factors, samples=2**13).loc[["a", "b", "c"]]
    assert shares["first order"].to_numpy() * variance == pytest.approx([alone_a, alone_b, 0], abs=0.01 * variance)
    totals = [alone_a + together, alone_b, together]
    assert shares["total"].to_numpy() * variance == pytest.approx(totals, abs=0.01 * variance)
    assert (shares["total ±"] < 0.05).all()


def test_a_step_depends_most_on_how_fast_its_matrix_products_are():
    step = case(model="Llama-3.1-70B", tp="8", pp="4", dp="2")
    factors = training_case.constant_factors()

    def result(values):
        cases = step.take(np.zeros(len(values["matmul_share"]), dtype=int))
        return step_time.step_seconds(cases, replace(CONSTANTS, **values))

    table = sensitivity.tornado(result, factors)
    assert set(table.index) == set(FITTED)
    assert table.loc["matmul_share", "at low"] > table.loc["matmul_share", "at high"]
    assert table.loc["kernels_per_expert", "at low"] == table.loc["kernels_per_expert", "at high"]
    shares = sensitivity.variance_shares(result, factors, samples=1024)
    assert "matmul_share" in shares.index[:3]
    assert 0.8 < shares["first order"].sum() < 1.2
