"""Networks of different depth: what is promised of activation and of collapse, and what is refused."""

import numpy as np
import pytest

from analysis.networks import depth, digits
from analysis.networks.depth import Depths
from analysis.settings import SettingError, read

QUICK = Depths(width=12, deepest=3, epochs=6, seeds=1)


def test_depths_are_none_powers_of_two_and_the_deepest():
    assert Depths().depths == (0, 1, 2, 4, 8)
    assert Depths(deepest=2).depths == (0, 1, 2)
    assert Depths(deepest=12).depths == (0, 1, 2, 4, 8, 12)
    assert Depths(width=5, deepest=3).widths(2) == (64, 5, 5, 10)


def test_a_trained_deep_linear_network_is_one_layer():
    found = depth.collapse(QUICK)
    assert len(found.network.layers) == 4
    assert found.linear.parameters == 64 * 10 + 10
    assert found.agreed == 1
    assert found.apart < 1e-5 * found.largest
    # Any affine map has f(x + y) - f(y) = f(x) - f(0); one with an activation has not.
    random = np.random.default_rng(0)
    x, y, zero = random.normal(size=(5, 64)), random.normal(size=(5, 64)), np.zeros((5, 64))
    for activation, same in ((False, True), (True, False)):
        network = QUICK.trained(3, digits.split()[0][:100], 0, activation=activation)
        off = np.abs(network(x + y) - network(y) - network(x) + network(zero)).max()
        assert (off < 1e-3) == same


def test_the_activation_is_what_makes_depth_count():
    found = depth.odd_by_depth(Depths(deepest=2, seeds=1)).set_index(["activation", "depth"])["accuracy"]
    assert len(found) == 6
    assert found[True, 0] == found[False, 0], "without a hidden layer they are one network"
    assert found[True, 1] > max(found[False, 1], found[False, 2]) + 0.03


def test_odd_digits_are_labelled_one():
    odd = digits.split()[1].odd
    assert set(odd.labels) == {0, 1}
    assert odd.wanted.shape == (len(odd), 2)
    np.testing.assert_array_equal(odd[:3].wanted.argmax(axis=1), digits.split()[1].labels[:3] % 2)
    assert odd[:3].classes == 2


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"deepest": 1}, "deepest: '1' is not valid: input should be greater than or equal to 2"),
        ({"widht": 4}, "unknown setting 'widht'; did you mean 'width'"),
        ({"seeds": "many"}, "seeds: 'many' is not a finite number"),
    ],
)
def test_bad_settings_are_refused(values, message):
    with pytest.raises(SettingError, match=message):
        read(Depths, values)
