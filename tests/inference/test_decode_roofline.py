import numpy as np
import pytest

from analysis.inference import decode_roofline, deployments, pass_time
from analysis.inference.deployments import deploy
from analysis.models import ledger, memory

BATCHES = 2 ** np.arange(12)
ONE = deploy("Llama-3.1-8B", "H100 SXM5")


@pytest.mark.parametrize("model", ["Llama-3.1-8B", "gpt-oss-120b", "DeepSeek-V3"])
def test_flop_of_a_step_are_the_ledgers(model):
    one = deploy(model, "B300 SXM", tensor=8)
    operations = ledger.ledger(one.architecture, 5, 1, 3000, absorbed=True)
    flop, _ = ledger.product_flop(operations)
    assert pass_time.decode_flop(one, 5, 3000).item() == pytest.approx(flop, rel=0.001)


def test_bytes_of_a_step_are_weights_once_and_each_cache():
    arch = ONE.architecture
    weights = 2 * (ledger.parameters(arch) - arch.vocab_size * arch.d_model)
    expected = weights + memory.kv_cache_bytes(arch, 3000, 5)
    assert pass_time.decode_bytes(ONE, 5, 3000).item() == pytest.approx(expected, rel=0.001)
    # Eight key-value heads on sixteen chips lie on two each.
    spread = deploy("Llama-3.1-405B", "GB200 (per GPU)", tensor=16)
    more = pass_time.decode_bytes(spread, 2, 3000) - pass_time.decode_bytes(spread, 1, 3000)
    assert more.item() == pytest.approx(2 * memory.kv_cache_bytes(spread.architecture, 3000))


def test_nothing_is_faster_than_its_bound_and_batches_that_do_not_fit_are_left_out():
    table = decode_roofline.by_batch(ONE, BATCHES, 2048)
    assert (table["flop_per_second_per_chip"] < table["bound_flop_per_second"]).all()
    assert table["batch"].max() <= deployments.largest_batch(ONE, 2048) < 4096
    assert table["tokens_per_second_per_chip"].is_monotonic_increasing
    assert table["tokens_per_second_per_request"].is_monotonic_decreasing
    assert set(table["bounded_by"]) == {"memory"}


def test_parts_add_up_to_the_step():
    table = decode_roofline.by_batch(ONE, BATCHES, 2048)
    fitting = table["batch"].to_numpy(dtype=float)
    parts = pass_time.decode_parts(ONE, fitting, 2048)
    assert sum(parts.values()) == pytest.approx(table["seconds"].to_numpy())


def test_measured_steps_are_near_the_prediction():
    points = decode_roofline.measured("bench-llama3-8b")
    one = deploy("bench-llama3-8b", "H100 SXM5", engine="PyTorch")
    predicted = pass_time.decode_seconds(one, points["batch"].to_numpy(), points["context"].to_numpy())
    assert len(points) > 10 and np.median(np.abs(predicted / points["seconds"] - 1)) < 0.05
