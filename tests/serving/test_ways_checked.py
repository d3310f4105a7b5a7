"""Published ways to serve; the bounds are those of the errors that the page reports, none was tuned."""

import pytest

from analysis.economics import market
from analysis.serving import demand, ways_checked
from analysis.tables import ways_tables


def error(words):
    table = ways_checked.checked().set_index("what")["error"]
    (found,) = (value for name, value in table.items() if words in name)
    return found


def test_the_requests_of_deepseeks_day_have_its_tokens_and_context():
    lengths, per_second = ways_checked.deepseek_requests()
    parts = demand.published_parts("DeepSeek")
    assert lengths.prompt_tokens * per_second * 86_400 == pytest.approx(parts["input"])
    assert lengths.answer_tokens * per_second * 86_400 == pytest.approx(parts["output"])
    assert lengths.mean_context == pytest.approx(market.facility("DeepSeek average context of a decode step"))


def test_deepseeks_nodes_that_read_and_that_write():
    assert error("nodes in all") == pytest.approx(0, abs=0.1)
    assert error("nodes that read") == pytest.approx(0, abs=0.35)
    assert error("nodes that write") == pytest.approx(0, abs=0.35)


@pytest.mark.parametrize("requests", [4, 64, 256])
def test_glm_4_7_in_fp8_on_eight_h100(requests):
    assert error(f"TensorRT-LLM, {requests} requests in flight") == pytest.approx(0, abs=0.4)


@pytest.mark.parametrize("engine", ["vLLM", "SGLang"])
def test_cached_tokens_of_qwen3_235b_on_four_h100(engine):
    assert error(f"{engine}, cache") == pytest.approx(0, abs=0.15)


def test_the_table_writes_each_error_with_its_sign():
    table = ways_tables.checks()
    assert len(table) == len(ways_checked.checked())
    assert table["Error"].str.fullmatch(r"[+−]\d+%|–").all()


def test_a_row_that_does_not_say_its_answers_has_the_range_of_them():
    row = ways_checked.checked().set_index("what").loc["Qwen3-8B on 1 H200 SXM, vLLM, 64 requests in flight"]
    assert row["low"] < row["published"] < row["high"]
    assert 5 < row["high"] / row["low"] < 20
