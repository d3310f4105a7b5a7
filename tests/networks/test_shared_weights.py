"""The convolution: forward pass and counts against PyTorch's, weights that are shared, bad settings."""

import numpy as np
import pytest

from analysis.networks import convolution, dense, digits, shared_weights
from analysis.networks.shared_weights import Convolving, by_kind, hidden_of_equal, moved_right
from analysis.settings import SettingError, read
from tests.extras import extra

NETWORK = convolution.initial(4, digits.SIDE, digits.CLASSES, np.random.default_rng(0))
IMAGES = digits.split()[1][:20].images.x


def test_the_forward_pass_equals_pytorchs():
    torch = extra("torch")
    theirs = torch.nn.Sequential(
        torch.nn.Conv2d(1, 4, 3), torch.nn.ReLU(), torch.nn.MaxPool2d(2), torch.nn.Flatten(), torch.nn.Linear(36, 10)
    )
    with torch.no_grad():
        theirs[0].weight.copy_(torch.tensor(NETWORK.kernels.T.reshape(4, 1, 3, 3)))
        theirs[0].bias.copy_(torch.tensor(NETWORK.bias))
        # PyTorch flattens channels first, and we channels last.
        ours = NETWORK.readout.weight.reshape(3, 3, 4, 10).transpose(2, 0, 1, 3).reshape(36, 10)
        theirs[4].weight.copy_(torch.tensor(ours.T))
        theirs[4].bias.copy_(torch.tensor(NETWORK.readout.bias))
        expected = theirs(torch.tensor(IMAGES)[:, None]).numpy()
    np.testing.assert_allclose(NETWORK(IMAGES), expected, atol=1e-5)
    assert NETWORK.parameters == sum(parameter.numel() for parameter in theirs.parameters())


@pytest.mark.parametrize("side", [8, 16])
def test_weights_and_flop_of_a_layer_equal_pytorchs(side):
    torch = extra("torch")
    from torch.utils.flop_counter import FlopCounterMode

    layer = torch.nn.Conv2d(1, 5, 3)
    with FlopCounterMode(display=False) as counter:
        out = layer(torch.zeros(1, 1, side, side))
    counts = by_kind(side, 5)
    assert counts["Convolution"] == sum(parameter.numel() for parameter in layer.parameters())
    assert counts["Dense"] == sum(p.numel() for p in torch.nn.Linear(side**2, out.numel(), device="meta").parameters())
    assert counts["Windows of their own"] == out.numel() * (3 * 3 + 1)
    assert shared_weights.flop(side, 5) == counter.get_total_flops()


def test_what_is_moved_is_found_where_it_went():
    found = convolution.convolve(IMAGES, NETWORK.kernels)
    moved = convolution.convolve(moved_right(IMAGES), NETWORK.kernels)
    np.testing.assert_allclose(moved[:, :, 1:], found[:, :, :-1], atol=1e-6)
    assert not moved_right(IMAGES)[:, :, 0].any()


@pytest.mark.parametrize("weights", [235, 385, 760, 1510])
def test_a_dense_network_of_equal_weights_is_the_nearest(weights):
    def off(hidden):
        return abs(dense.parameters((64, hidden, 10)) - weights)

    assert off(hidden_of_equal(weights)) == min(map(off, range(1, 60)))


def test_both_kinds_learn_at_equal_weights():
    found = shared_weights.at_equal_weights(Convolving(epochs=4, seeds=1))
    pairs = found[found["kind"] != "No hidden layer"].groupby("kind")["weights"]
    for shared, full in zip(pairs.get_group("Convolution"), pairs.get_group("Dense"), strict=True):
        assert full == pytest.approx(shared, rel=0.13), "a hidden unit is 75 weights"
    largest = found.groupby("kind")["accuracy"].max()
    assert largest.min() > 0.5


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"channels": 0}, "channels: '0' is not valid: input should be greater than or equal to 1"),
        ({"digit": 10}, "digit: '10' is not valid: input should be less than or equal to 9"),
        ({"chanels": 4}, "unknown setting 'chanels'; did you mean 'channels'"),
    ],
)
def test_bad_settings_are_refused(values, message):
    with pytest.raises(SettingError, match=message):
        read(Convolving, values)
