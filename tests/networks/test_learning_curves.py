"""Learning curves: readings against closed forms, a classical model against scikit-learn's own score, bad settings."""

import math

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_digits
from sklearn.svm import SVC

from analysis.networks import digits, learning_curves, learning_tables
from analysis.networks.learning_curves import CLASSICAL, EXAMPLES, Curves, examples_needed, left_by_doubling
from analysis.settings import SettingError, read


def test_a_power_law_is_read_off_as_it_is():
    curve = pd.Series([1 - 2 * examples**-0.5 for examples in EXAMPLES], index=EXAMPLES)
    assert left_by_doubling(curve) == pytest.approx(2**-0.5)


def test_needed_examples_lie_where_the_curve_crosses():
    curve = pd.Series([0.5, 0.7, 0.9], index=[10, 20, 40])
    assert examples_needed(curve, 0.5) == 10
    assert examples_needed(curve, 0.6) == pytest.approx(10 * 2**0.5)
    assert examples_needed(curve, 0.9) == pytest.approx(40)
    assert examples_needed(curve, 0.95) == math.inf
    assert learning_tables.needed(curve, 0.95) == "more than 40"
    assert examples_needed(pd.Series([0.6, 0.4, 0.7], index=[10, 20, 40]), 0.5) == 10, "the first that reaches it"


@pytest.fixture(scope="module")
def frame():
    return learning_curves.by_examples(Curves(small=4, medium=8, large=32, shown=2000, seeds=1))


def test_each_model_learns_from_each_number_of_digits(frame):
    assert len(frame) == 4 * len(EXAMPLES)
    means = frame.set_index(["model", "examples"])["accuracy"]
    for model in frame["model"].unique():
        assert means[model, EXAMPLES[-1]] > means[model, EXAMPLES[0]]
    assert frame.set_index("model")["weights"]["Large network"].iloc[0] == 64 * 32 + 32 + 32 * 10 + 10


def test_the_table_has_a_row_a_model(frame):
    table = learning_tables.digits_needed(frame).set_index("Model")
    assert list(table.index) == list(frame["model"].unique())
    assert table["Weights"][CLASSICAL] == "–"
    curve = frame[frame["model"] == CLASSICAL].groupby("examples")["accuracy"].mean()
    assert table["Digits for 80%"][CLASSICAL] == learning_tables.needed(curve, 0.8)


def test_the_classical_model_is_scikit_learns(frame):
    data = load_digits()
    order = np.random.default_rng(0).permutation(len(data.target))
    unseen, learn = order[: digits.UNSEEN], order[digits.UNSEEN :][:320]
    expected = SVC().fit(data.data[learn] / 16, data.target[learn]).score(data.data[unseen] / 16, data.target[unseen])
    own = frame[(frame["model"] == CLASSICAL) & (frame["examples"] == 320)]
    assert own["accuracy"].item() == pytest.approx(expected, abs=0.005)


def test_the_sketch_comes_out_only_in_its_order():
    models = [CLASSICAL, "Small network", "Medium network", "Large network"]

    def step(accuracy: list[float], noise: float) -> int:
        draws = [
            [name, seed, right + noise * (seed + place) % 0.1]
            for place, (name, right) in enumerate(zip(models, accuracy, strict=True))
            for seed in range(4)
        ]
        frame = pd.DataFrame(draws, columns=["model", "seed", "accuracy"]).assign(examples=1280)
        return learning_curves.as_sketched(frame).side()

    assert step([0.5, 0.6, 0.7, 0.8], noise=0) == 1
    assert step([0.9, 0.6, 0.7, 0.8], noise=0) == -1
    assert step([0.5, 0.51, 0.7, 0.8], noise=0.07) == 0, "a step within noise"


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"small": 64, "medium": 16}, "small, medium, large: 64, 16, 256 do not rise"),
        ({"large": 5000}, "large: '5000' is not valid: input should be less than or equal to 512"),
        ({"seed": 2}, "unknown setting 'seed'; did you mean 'seeds'"),
    ],
)
def test_bad_settings_are_refused(values, message):
    with pytest.raises(SettingError, match=message):
        read(Curves, values)
