import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from analysis.economics import coefficients
from analysis.economics.coefficients import Coefficient
from analysis.risk import correlated, joint
from analysis.risk.correlated import Correlation, CorrelationError
from analysis.scenarios.scenario import DECK


def pair(first, second, value):
    return Correlation(first, second, value, "test", "no")


def made(name, low, expected, high, **more):
    return Coefficient(name, name, low, expected, high, "ratio", "test", "no", **more)


def test_the_nearest_matrix_is_highams():
    """The example of Higham 2002, section 4: to four digits, as printed there."""
    given = np.array([[1, 1, 0], [1, 1, 1], [0, 1, 1]])
    expected = [[1, 0.7607, 0.1573], [0.7607, 1, 0.7607], [0.1573, 0.7607, 1]]
    assert correlated.nearest(given) == pytest.approx(np.array(expected), abs=6e-5)


@given(st.integers(2, 6), st.integers(0, 10_000))
def test_the_nearest_matrix_is_a_correlation_matrix_and_leaves_one_alone(size, seed):
    draw = np.random.default_rng(seed)
    given = np.eye(size)
    rows, columns = np.triu_indices(size, 1)
    given[rows, columns] = given[columns, rows] = draw.uniform(-1, 1, len(rows))
    found = correlated.nearest(given)
    assert np.diag(found) == pytest.approx(np.ones(size))
    assert np.linalg.eigvalsh(found)[0] > -1e-6
    # No mixture of the nearest with the identity, which is a correlation matrix, is nearer.
    distance = np.linalg.norm(found - given)
    for share in (0.01, 0.1, 1):
        assert np.linalg.norm((1 - share) * found + share * np.eye(size) - given) >= distance - 1e-6
    factors = draw.standard_normal((size, size))
    valid = factors @ factors.T
    valid /= np.sqrt(np.outer(np.diag(valid), np.diag(valid)))
    assert correlated.nearest(valid) == pytest.approx(valid, abs=1e-8)


@pytest.mark.parametrize("value", [-0.9, -0.3, 0.5, 0.95, 1.0])
def test_draws_have_the_rank_correlation_that_was_stated_whatever_their_distributions(value):
    inputs = {"a": made("a", 1, 2, 900), "b": made("b", 0, 0.1, 1), "c": made("c", 3, 4, 5)}
    drawn = correlated.drawn(inputs, [pair("a", "b", value)], 40_000)
    assert stats.spearmanr(drawn["a"], drawn["b"]).statistic == pytest.approx(value, abs=0.015)
    assert stats.spearmanr(drawn["a"], drawn["c"]).statistic == pytest.approx(0, abs=0.015)
    for name, one in inputs.items():
        shares = [0.05, 0.5, 0.95]
        assert np.quantile(drawn[name], shares) == pytest.approx(one.quantile(shares), rel=0.05), "each keeps its own"


def test_draws_repeat_and_differ_by_seed():
    inputs = {"a": made("a", 1, 2, 3)}
    first, again, other = (correlated.drawn(inputs, [], 10, seed)["a"] for seed in (1, 1, 2))
    assert (first == again).all()
    assert (first != other).any()


@pytest.mark.parametrize(
    ("pairs", "why"),
    [
        ([pair("a", "b", 1.2)], r"a with b: 1.2 is out of range; allowed: −1 to 1"),
        ([pair("a", "b", float("nan"))], r"a with b: nan is out of range"),
        ([pair("a", "bb", 0.1)], r"a with bb: there is no input 'bb'"),
        ([pair("a", "a", 0.1)], r"no correlation with itself"),
        ([pair("a", "b", 0.1), pair("b", "a", 0.2)], r"b with a: the pair stands twice"),
    ],
)
def test_bad_correlations_are_refused(pairs, why):
    with pytest.raises(CorrelationError, match=why):
        correlated.matrix(["a", "b", "c"], pairs)


def test_correlations_that_cant_hold_together_are_refused_with_the_nearest():
    names = ["price", "demand", "supply"]
    pairs = [pair("price", "demand", 0.9), pair("demand", "supply", 0.9), pair("price", "supply", -0.9)]
    ranks = correlated.matrix(names, pairs)
    with pytest.raises(CorrelationError) as caught:
        correlated.of_normals(ranks, names)
    message = str(caught.value)
    normal = 2 * np.sin(np.pi * ranks / 6)
    assert f"its smallest eigenvalue is {np.linalg.eigvalsh(normal)[0]:.3g}" in message
    # By symmetry all three move alike, to where the smallest eigenvalue is 0: normal correlations of a half.
    nearest = 6 / np.pi * np.arcsin(0.25)
    for what in (f"price with demand {nearest:.2f}, not 0.90", f"price with supply {-nearest:.2f}, not -0.90"):
        assert what in message
    repaired = [pair(one.first, one.second, float(np.sign(one.value)) * nearest) for one in pairs]
    correlated.of_normals(correlated.matrix(names, repaired), names)


def test_the_stated_correlations_hold_together_and_name_inputs():
    known = joint.inputs(DECK)
    correlated.of_normals(correlated.matrix(list(known), correlated.stated()), list(known))
    assert all(one.source.startswith(("assumption", "measured")) for one in correlated.stated())
    assert all((one.verified == "no") == one.source.startswith("assumption") for one in correlated.stated())


def test_measured_correlations_are_those_of_the_runs():
    from analysis.risk.assumption_ranges import whole_runs

    runs = whole_runs().rename(columns={"days": "training_time"}).dropna(subset="training_tokens")
    for one in correlated.stated():
        if one.source.startswith("measured"):
            found = runs[[one.first, one.second]].dropna()
            assert stats.spearmanr(found).statistic == pytest.approx(one.value, abs=0.05)


def test_a_quantile_is_the_inverse_of_the_draws():
    draw = np.random.default_rng(3).random(50_000)
    for one in (
        made("a", 1, 2, 9),
        made("b", 0, 1, 2),
        made("c", 1, 1, 4),
        made("d", 1, 4, 4),
        made("e", 40, 64, 128, drawn="one of"),
    ):
        values = one.quantile(draw)
        assert values.min() >= one.low
        assert values.max() <= one.high
        assert (np.diff(one.quantile(np.linspace(0, 1, 50))) >= 0).all()
    # Half of a triangle's draws on a log scale lie below its mode where it is symmetric.
    assert made("f", 1, 10, 100).quantile(0.5) == pytest.approx(10)
    assert (coefficients.Coefficient("g", "", 2, 2, 2, "", "t", "no").quantile([0.1, 0.9]) == 2).all()
