"""The recall task: NumPy's forward passes against PyTorch's, training, what was learnt, and what the way there costs."""

import sys

import numpy as np
import pytest

from analysis import facts
from analysis.networks import learning_tables, reach, recall, weights
from analysis.networks.reach import Reach
from analysis.networks.recurrent import GRU, PlainRNN
from analysis.settings import SettingError, read
from tests.extras import extra

LOG = facts.read("weights/recall_log")


def _arrays(kind, seed):
    start = f"{kind}.{seed}."
    return {name.removeprefix(start): array for name, array in weights.load("recall").items() if name.startswith(start)}


@pytest.mark.parametrize("kind", recall.KINDS)
@pytest.mark.parametrize("seed", recall.SEEDS)
def test_forward_passes_equal_pytorchs(kind, seed):
    torch, training = extra("torch"), extra("training.recall")
    theirs = training.Reader(kind)
    arrays = _arrays(kind, seed)
    for name, ours in theirs.arrays().items():  # views: transposed as NumPy has them
        ours[...] = arrays[name]
    x, _ = recall.sequences(20, 11, np.random.default_rng(5))
    with torch.no_grad():
        expected = theirs.double()(torch.tensor(x)).numpy()  # NumPy's states are in double precision
    ours = recall.load(kind, seed)
    np.testing.assert_allclose(ours(x), expected, atol=1e-5)
    one_bias = isinstance(ours.carrier, PlainRNN)  # PyTorch's has two, which are added up here
    assert ours.parameters == sum(parameter.numel() for parameter in theirs.parameters()) - one_bias * recall.WIDTH


@pytest.mark.parametrize("kind", recall.KINDS)
def test_a_shortened_training_lowers_the_loss(kind):
    extra("torch")
    training = extra("training.recall")
    _, log = training.train(kind, 0, 150)
    assert log["loss"].iloc[-1] < 0.98 * log["loss"].iloc[0]
    assert log["loss"].iloc[0] < 1.2 * np.log(recall.SYMBOLS), "it begins by guessing"


def test_training_writes_what_is_read(tmp_path, monkeypatch):
    extra("torch")
    training = extra("training.recall")
    monkeypatch.setattr(sys, "argv", ["recall", "--steps", "2", "--into", str(tmp_path)])
    training.main()
    with np.load(tmp_path / "recall.npz") as found:
        assert {name: found[name].shape for name in found.files} == {
            name: array.shape for name, array in weights.load("recall").items()
        }
    assert (tmp_path / "recall_log.csv").read_text().splitlines()[0] == ",".join(LOG.columns)


def test_sequences_mark_one_symbol_at_its_distance():
    distance = np.arange(16)
    x, wanted = recall.sequences(16, distance, np.random.default_rng(0), 20)
    assert x.shape == (16, 20, recall.SYMBOLS + 1)
    np.testing.assert_array_equal(x[..., -1].argmax(axis=1), 19 - distance)
    np.testing.assert_array_equal(x[..., :-1].sum(axis=-1), 1)
    np.testing.assert_array_equal(x[np.arange(16), 19 - distance, :-1].argmax(axis=1), wanted)


def test_the_gated_network_and_attention_remember_what_the_plain_one_forgets():
    asked = Reach(length=64, sequences=100)
    means = reach.by_distance(asked).groupby(["kind", "distance"])["accuracy"].mean()
    assert means["Gated RNN (GRU)"].min() > 0.95
    assert means["Attention"].min() > 0.99
    assert means["Plain RNN"][asked.distances[-1]] < 0.9
    assert means["Plain RNN"].min() > 2 / recall.SYMBOLS, "and yet more than by guessing"
    assert reach.at_first_token(asked)["Plain RNN"] < 2 / recall.SYMBOLS


def test_the_log_is_read_by_kind():
    found = reach.learnt_at(LOG, 0.99)
    assert found["Attention"] <= found["Gated RNN (GRU)"] < np.inf
    assert found["Plain RNN"] == np.inf
    plain = LOG[LOG["kind"] == "plain"].groupby("step")["accuracy"].mean()
    assert plain.iloc[-5:].mean() > plain.iloc[-15:-5].mean(), "it was still improving, as the chapter says"


def _products_in_a_row(torch, result):
    """Return the most matrix products on a way through PyTorch's graph of how `result` was computed."""
    longest, waiting = {}, [result.grad_fn]
    while waiting:
        node = waiting[-1]
        before = [child for child, _ in node.next_functions if child is not None]
        missing = [child for child in before if child not in longest]
        if missing:
            waiting += missing
            continue
        longest[waiting.pop()] = max((longest[child] for child in before), default=0) + node.name().startswith(
            ("MmBackward", "BmmBackward")
        )
    return longest[result.grad_fn]


@pytest.mark.parametrize("length", [4, 9])
def test_products_in_a_row_and_flop_are_those_of_pytorchs_graph(length):
    torch = extra("torch")
    from torch.utils.flop_counter import FlopCounterMode

    inputs, width = 9, 24
    x = torch.randn(length, inputs)
    w, u = (torch.randn(size, width, requires_grad=True) for size in (inputs, width))
    with FlopCounterMode(display=False) as counter:
        state = torch.zeros(1, width)
        for t in range(length):
            state = torch.tanh(x[t : t + 1] @ w + state @ u)
    assert reach.products_in_a_row("plain", length) == _products_in_a_row(torch, state)
    assert reach.flop("plain", length, inputs, width) == counter.get_total_flops()
    with FlopCounterMode(display=False) as counter:
        query, key, value = (x @ torch.randn(inputs, width, requires_grad=True) for _ in range(3))
        found = torch.softmax(query @ key.T, dim=-1) @ value
    assert reach.products_in_a_row("attention", length) == _products_in_a_row(torch, found)
    assert reach.flop("attention", length, inputs, width) == counter.get_total_flops()
    gated = 2 * length * sum(part.size for part in _weights(recall.load("gated", 0).carrier))
    assert reach.flop("gated", length, inputs, width) == gated, "two FLOP a weight and token"


def test_the_table_counts_both_kinds():
    row = learning_tables.serial_work([128]).iloc[0]
    assert list(row) == ["128", "128", "202,752", "3", "1.74 million"]  # 2 · 128 · 33 · 24; 2 · 128 · 24 · (27 + 2 · 128)


def _weights(carrier: GRU):
    return carrier.input, carrier.recurrent


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"length": 5}, "length: '5' is not valid: input should be greater than or equal to 32"),
        ({"sequences": 1}, "sequences: '1' is not valid: input should be greater than or equal to 20"),
        ({"lenght": 64}, "unknown setting 'lenght'; did you mean 'length'"),
    ],
)
def test_bad_settings_are_refused(values, message):
    with pytest.raises(SettingError, match=message):
        read(Reach, values)
