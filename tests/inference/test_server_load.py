"""Loads of servers, against sums by hand of what a burst has to do."""

import numpy as np
import pytest

from analysis.evidence import runs
from analysis.inference import inference_runs, pass_time
from analysis.inference.inference_fitted import CONSTANTS
from tests.inference.test_inference_runs import ROW

SERVED = ROW | {"kind": "serve", "metric": "tokens_per_second", "input_len": "1024", "output_len": "512"}


def settled(**cells):
    question = inference_runs.question(runs.parsed(SERVED | cells))
    cases, load = inference_runs.stacked([question])
    found = inference_runs.equilibrium(cases, load, CONSTANTS)
    return cases, load, {name: getattr(found, name).item() for name in ("first_token", "output_token", "answered")}


def speed(**cells):
    return settled(**cells)[2]["answered"] / settled(**cells)[2]["output_token"]


def test_a_burst_takes_as_long_as_its_prompts_and_its_waves():
    cases, load, found = settled(concurrency="2000", arrivals="burst")
    most = load.capacity.item()
    assert 50 < most < 600
    whole = 2000 * 512 / (found["answered"] / found["output_token"])
    wave = 512 * pass_time.decode_seconds(cases, most, 1280).item()
    reading = 2000 * pass_time.prefill_seconds(cases, 8, 1024).item() / 8
    assert whole == pytest.approx((2000 / most + 0.5) * wave + reading, rel=0.1)


def test_a_burst_is_slower_than_a_steady_load_and_a_stated_batch_is_not_queued():
    assert speed(concurrency="2000", arrivals="burst") < speed(concurrency="2000")
    assert settled(concurrency="400", arrivals="static")[1].capacity.item() >= 400


def test_texts_end_later_than_answers_of_one_length():
    assert speed(concurrency="500", arrivals="burst", input_len="217") < speed(
        concurrency="500", arrivals="burst", input_len="200"
    )


def test_of_a_steady_load_no_prompt_waits_for_the_beginning():
    steady, other = (settled(concurrency="64", arrivals=arrivals)[2]["first_token"] for arrivals in ("steady", ""))
    assert steady < other


def test_drafts_speed_up_answers_by_what_is_accepted():
    plain, drafted, sure = (
        settled(concurrency="1", **cells)[2]["output_token"]
        for cells in ({}, {"draft_tokens": "3"}, {"draft_tokens": "3", "acceptance": "1"})
    )
    assert 2.0 < plain / drafted < 2.54 < plain / sure < 4.0


@pytest.mark.parametrize(("year", "again"), [("2023-12", True), ("2024-06", False)])
def test_older_kernels_read_a_shared_cache_for_each_query(year, again):
    rows = [ROW | {"engine": "TensorRT-LLM", "input_len": "8192", "concurrency": "32", "date": date} for date in (year, "2026")]
    questions = [inference_runs.question(runs.parsed(cells)) for cells in rows]
    seconds = inference_runs.predicted(questions, ["tpot_seconds"] * 2, CONSTANTS)
    assert (seconds[0] > 1.5 * seconds[1]) == again and (again or np.isclose(*seconds))


def test_engines_tuned_for_throughput_leave_a_prompt_waiting_for_some_steps():
    for engine, steps in (("SGLang", CONSTANTS.sglang_steps), ("TensorRT-LLM", CONSTANTS.tensorrt_llm_steps)):
        cases, load, tuned = settled(engine=engine, concurrency="1")
        steady = settled(engine=engine, concurrency="1", arrivals="steady")[2]
        a_step = pass_time.decode_seconds(cases, 1.0, load.prompt.item() + load.answer.item() / 2).item()
        one_prompt = tuned["first_token"] - steady["first_token"] - steps * a_step
        assert 0 < one_prompt < 0.2 * a_step * steps, engine
    vllm, steady = (settled(engine="vLLM", concurrency="1", arrivals=arrivals)[2]["first_token"] for arrivals in ("", "steady"))
    assert vllm - steady < 0.1 * vllm
