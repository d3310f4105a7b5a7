import numpy as np
import pytest

from analysis import settings
from analysis.serving import demand, serving_case
from analysis.serving.serving_case import ServingCase
from analysis.settings import SettingError

CASE = ServingCase()


def test_the_lengths_are_those_of_measured_conversations():
    lengths = demand.request_lengths()
    assert (round(lengths["mean_tokens"]["prompt"]), round(lengths["mean_tokens"]["answer"])) == (1155, 211)
    assert CASE.prompt_variation == pytest.approx(lengths["variation"]["prompt"], abs=0.005)
    assert CASE.answer_variation == pytest.approx(lengths["variation"]["answer"], abs=0.005)


def test_the_closed_form_stands_beside_the_simulation_within_targets():
    error = serving_case.error(CASE)
    assert 0 < error["first_token"] < 0.2 and 0 < error["output_token"] < 0.2


def test_times_rise_with_the_load():
    closed = serving_case.by_load(CASE)
    for _, rows in closed.groupby("simulated"):
        assert np.all(np.diff(rows["output_token"]) > 0) and rows["first_token"].iloc[-1] > rows["first_token"].iloc[0]


def test_a_looser_target_never_costs_more(monkeypatch):
    monkeypatch.setattr(serving_case, "CHIPS", ("A100 SXM4 80GB", "H100 SXM5"))
    table = serving_case.by_target(CASE)
    for _, rows in table.groupby("chip"):
        assert np.all(np.diff(rows["rate"]) >= -1e-6)
    assert set(table["precision"]) == {"bf16", "fp8"}
    assert (table["rate"] == 0).any() and (table["rate"] > 0).any()


def test_a_cache_known_in_part_saves_chips():
    table = serving_case.ways(CASE).set_index(["service", "way"])["chips"]
    for service in ("conversation", "coding"):
        together, apart, cached = (table[service, way] for way in serving_case.WAYS)
        assert cached < together and apart < together


def test_the_cache_moves_over_the_network():
    """80 layers of 8 heads of 128 keys and as many values, 2 bytes each, over 4 ports of 400 Gbit/s."""
    moved = 2 * 80 * 8 * 128 * 2 * 1000
    assert serving_case.transfer_seconds(serving_case.deployed(CASE), 1000) == pytest.approx(moved / 4 / 50e9)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"answer_tokens": 0}, "answer_tokens: '0' is not valid: input should be greater than or equal to 2"),
        ({"prompt_tokens": 200_000}, "context = 200,211 is longer than Llama-3.1-70B can attend to"),
        ({"output_token_seconds": 0.001}, r"time per output token: .* times the target of 0.001 s; no batch can meet it"),
        ({"first_token_seconds": 0.01}, "time to first token: .* no batch can meet it"),
        ({"chip": "H100"}, "did you mean"),
        ({"chip": "A100 SXM4 80GB"}, "A100 SXM4 80GB has no published dense peak in FP8"),
        ({"tensor": 1, "weight_precision": "bf16"}, "the weights of Llama-3.1-70B in bf16 do not fit"),
        ({"targets": 1}, "unknown setting 'targets'"),
    ],
)
def test_what_can_not_be_is_refused(values, message):
    with pytest.raises(SettingError, match=message):
        settings.read(ServingCase, values)
