"""Networks that learn: gradients against finite differences, optimizers against their closed forms, bad recipes."""

import numpy as np
import pytest

from analysis.networks import convolution, dense, digits, learning
from analysis.networks.optimizer import Adam, GradientDescent
from analysis.settings import SettingError, read


def _differences(network, x, wanted, squared, probes=30, step=1e-6):
    """Return gradients and their central finite differences at some places."""
    _, found = network.gradients(x, wanted, squared)
    random, pairs = np.random.default_rng(0), []
    for _ in range(probes):
        number = int(random.integers(len(found)))
        array = network.arrays[number]
        place = tuple(random.integers(array.shape))
        kept, losses = array[place], []
        for moved in (kept + step, kept - step):
            array[place] = moved
            losses.append(network.gradients(x, wanted, squared)[0])
        array[place] = kept
        pairs.append((found[number][place], (losses[0] - losses[1]) / (2 * step)))
    return np.array(pairs).T


def _double(network):
    """Return `network` in double precision, which finite differences need."""
    if isinstance(network, dense.Dense):
        layers = tuple(dense.Linear(*(array.astype(float) for array in layer)) for layer in network.layers)
        return dense.Dense(layers, network.activation)
    readout = dense.Linear(*(array.astype(float) for array in network.readout))
    return convolution.ConvolutionalNetwork(network.kernels.astype(float), network.bias.astype(float), readout)


@pytest.mark.parametrize("squared", [False, True])
@pytest.mark.parametrize("activation", [False, True])
def test_gradients_of_dense_networks_are_the_slopes(squared, activation):
    random = np.random.default_rng(1)
    network = _double(dense.initial((6, 9, 8, 10), random, activation=activation))
    x, wanted = random.normal(size=(12, 6)), digits.one_hot(random.integers(10, size=12))
    exact, measured = _differences(network, x, wanted, squared)
    assert exact == pytest.approx(measured, rel=1e-4, abs=1e-8)


def test_gradients_of_convolutional_networks_are_the_slopes():
    random = np.random.default_rng(1)
    network = _double(convolution.initial(4, 8, 10, random))
    x, wanted = random.normal(size=(6, 8, 8)), digits.one_hot(random.integers(10, size=6))
    exact, measured = _differences(network, x, wanted, False)
    assert exact == pytest.approx(measured, rel=1e-4, abs=1e-8)


def test_stacked_networks_are_each_what_they_would_be_alone():
    random = np.random.default_rng(2)
    stacked = dense.initial((5, 4, 3), random, stack=2)
    x = random.normal(size=(7, 5))
    for number in range(2):
        alone = dense.Dense(tuple(dense.Linear(weight[number], bias[number][0]) for weight, bias in stacked.layers))
        assert alone(x) == pytest.approx(stacked(x)[number])


def test_linear_layers_collapse_and_others_do_not():
    random = np.random.default_rng(3)
    x = random.normal(size=(20, 6))
    network = _double(dense.initial((6, 9, 7, 3), random, activation=False))
    assert network.collapsed()(x) == pytest.approx(network(x), abs=1e-12)
    with pytest.raises(ValueError, match="an activation stands between the layers"):
        dense.initial((6, 9, 3), random).collapsed()


def test_counts_of_parameters_agree():
    for widths in ((64, 10), (64, 32, 10), (64, 16, 16, 10)):
        assert dense.initial(widths, np.random.default_rng(0)).parameters == dense.parameters(widths)


def test_descent_with_momentum_has_its_closed_form():
    # A constant gradient of 1: after n steps, the speed is (1 - m^n) / (1 - m).
    array, optimizer = np.zeros(1), GradientDescent(0.1, momentum=0.5)
    for _ in range(3):
        optimizer.step([array], [np.ones(1)])
    assert array[0] == pytest.approx(-0.1 * (1 + 1.5 + 1.75))


def test_adam_steps_by_its_rate_whatever_the_gradients_size():
    array, optimizer = np.zeros(2), Adam(0.01)
    for _ in range(5):
        optimizer.step([array], [np.array([1e-3, 1e3])])
    assert array == pytest.approx([-0.05, -0.05], rel=1e-3)


def test_learning_lowers_the_loss_on_unseen_digits():
    learn, unseen = digits.split()
    recipe = learning.Recipe(examples=300, shown=3000)
    network = dense.initial(recipe.widths, np.random.default_rng(0))
    found = learning.history(network, learn[:300], unseen, recipe)
    assert found["unseen_loss"].iloc[-1] < 0.5 * found["unseen_loss"].iloc[0]
    assert not set(map(bytes, learn.x)) & set(map(bytes, unseen.x)), "unseen digits are unseen"


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"optimizer": "Adm"}, "optimizer: no optimizer 'Adm'; did you mean 'Adam'"),
        ({"examples": 5000}, "examples: '5000' is not valid: input should be less than or equal to 1297"),
        ({"hiden": 3}, "unknown setting 'hiden'; did you mean 'hidden'"),
    ],
)
def test_a_recipe_that_cannot_be_followed_is_refused(values, message):
    with pytest.raises(SettingError, match=message):
        read(learning.Recipe, values)
