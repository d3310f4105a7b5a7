import pytest

from analysis import settings
from analysis.plan import demand_in_chips
from analysis.plan.chip import Chip
from analysis.plan.demand_in_chips import PublishedCase
from analysis.plan.model import Model
from analysis.plan.requests import Requests
from analysis.plan.serving_plan import plan_serving
from analysis.serving.demand import DAY_SECONDS
from analysis.settings import SettingError

CASE = PublishedCase()


def test_chips_for_a_day_are_those_of_the_plan():
    """By another way: the plan for the questions that a number of tokens makes."""
    requests = Requests(1155, 211, 1e15 / 1366 / DAY_SECONDS, peak_to_mean=1.34)
    plan = plan_serving(Model.load("DeepSeek-V3"), Chip.load("H100 SXM5"), requests, ttft=2.0, tpot=0.1, precision="fp8")
    assert 1e15 * demand_in_chips.chips_for_one(CASE, "tokens")[0] == pytest.approx(plan.chips.expected, rel=0.001)
    watts = demand_in_chips.peak_watts(CASE, plan.chips.expected)
    assert watts == pytest.approx(1e6 * plan.megawatts.expected, rel=0.001)


def test_a_message_has_the_tokens_of_a_request():
    token, message = (demand_in_chips.chips_for_one(CASE, kind)[0] for kind in demand_in_chips.KINDS)
    assert message == pytest.approx(1366 * token)
    for kind in demand_in_chips.KINDS:
        expected, low, high = demand_in_chips.chips_for_one(CASE, kind)
        assert low < expected < high


def test_deepseeks_own_day_lies_within():
    table = demand_in_chips.table(CASE)
    row = table[(table["organisation"] == "DeepSeek") & (table["kind"] == "tokens")].iloc[0]
    assert row["low"] < demand_in_chips.deepseeks_chips() == 2224 < row["high"]


def test_a_smaller_model_takes_fewer():
    assert demand_in_chips.smaller(CASE) > 2


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"answer_tokens": 0}, "answer_tokens: '0' is not valid"),
        ({"output_token_seconds": 0.002}, "time per output token: .* no batch can meet it"),
        ({"chip": "A100 SXM4 80GB"}, "no published dense peak in FP8"),
        ({"prompt_tokens": 1e6}, "longer than DeepSeek-V3 can attend to"),
    ],
)
def test_what_can_not_be_is_refused(values, message):
    with pytest.raises(SettingError, match=message):
        settings.read(PublishedCase, values)
