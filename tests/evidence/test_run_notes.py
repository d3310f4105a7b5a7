import numpy as np
import pandas as pd
import pytest

from analysis import facts
from analysis.evidence import run_notes, runs
from analysis.validation.predict import ADDED, predict
from tests.cases import ROW, case, row

COLUMNS = ["engine_family", "execution", "tp_overlap", "ep_overlap", "mtp_depth", "slices", "peak_memory_bytes"]
#: Those that rows of servers say.
SERVED = ["arrivals", "draft_tokens", "acceptance"]
PUBLISHED = pd.concat([facts.read("runs"), facts.read("h100_runs")], ignore_index=True)
#: Every row that says something of its software, and some of the others.
SOME = PUBLISHED[PUBLISHED[[*COLUMNS[1:], *SERVED]].notna().any(axis=1) | (PUBLISHED.index % 20 == 0)]


@pytest.fixture(scope="module")
def predicted():
    return predict(SOME)[list(ADDED)]


def test_a_file_without_the_columns_is_predicted_as_one_with_them(predicted):
    earlier = predict(SOME.drop(columns=[*COLUMNS, *SERVED]))
    pd.testing.assert_frame_equal(earlier[list(ADDED)], predicted, check_exact=True)


def test_columns_of_published_rows_are_what_their_notes_say():
    read = pd.DataFrame([run_notes.read(cells) for cells in PUBLISHED.to_dict("records")])
    pd.testing.assert_frame_equal(read[[*COLUMNS, *SERVED]], PUBLISHED[[*COLUMNS, *SERVED]], check_dtype=False)


def test_where_there_are_columns_no_prediction_reads_a_note_or_an_engine():
    """But for the offset of a stack that is known, whose engine's version is a part of its name."""
    predicted = predict(SOME.drop(columns="source"))[list(ADDED)]
    misleading = SOME.drop(columns="source").assign(
        engine="llm-foundry, vLLM", note="eager; async TP; with MTP; 7 slices; peak 3 GB; at once"
    )
    misleading["note"] += "; expert exchange overlapped"
    pd.testing.assert_frame_equal(predict(misleading)[list(ADDED)], predicted, check_exact=True)


@pytest.mark.parametrize(
    ("engine", "kind", "family"),
    [
        ("NVIDIA Megatron-LM (2021)", "train", "Megatron-LM 2021"),
        ("Megatron-LM, TE 2.11", "train", "Megatron-LM"),
        ("Megatron of our own", "train", "Megatron"),
        ("nanoGPT, PyTorch 2 compile", "train", "nanoGPT"),
        ("nanoGPT, PyTorch 2 compile", " decode ", "PyTorch"),
        ("trtllm 1.2.0rc2", "serve", "TensorRT-LLM"),
        ("our own", "whole_run", None),
        (np.nan, "serve", None),
    ],
)
def test_an_engine_is_named_in_many_ways(engine, kind, family):
    assert run_notes.read({"kind": kind, "engine": engine})["engine_family"] == family


@pytest.mark.parametrize(
    ("cells", "field", "expected"),
    [
        ({"engine_family": "llm-foundry"}, "eager", 1),
        ({"engine_family": "llm-foundry", "execution": "compiled"}, "eager", 0),
        ({"execution": "eager"}, "eager", 1),
        ({"engine_family": "Megatron-Core", "tp_overlap": "no"}, "overlaps_tensor_parallel", 0),
        ({"engine_family": "torchtitan", "tp_overlap": "yes"}, "overlaps_tensor_parallel", 1),
        ({"engine_family": "HAI-LLM"}, "overlaps_expert_exchange", 1),
        ({"engine_family": "HAI-LLM", "ep_overlap": "no"}, "overlaps_expert_exchange", 0),
    ],
)
def test_what_a_run_says_comes_before_what_its_engine_is_taken_to_do(cells, field, expected):
    assert getattr(case(**cells).behaviour, field).item() == expected


def test_modules_of_multi_token_prediction_and_slices_are_counted():
    assert case(mtp_depth="2").predicted_tokens.item() == 2
    tpu = {"chip": "TPU v5p", "dp": "64", "engine_family": "XLA"}
    assert case(**tpu, slices="4").machine.chips_on_fast_links.item() == 16


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"engine_family": "Megatron-Cor"}, ["engine_family = 'Megatron-Cor'", "did you mean 'Megatron-Core'"]),
        ({"execution": "lazy"}, ["execution = 'lazy'", "eager, compiled"]),
        ({"tp_overlap": "1"}, ["tp_overlap = '1'", "yes, no"]),
        ({"mtp_depth": "1.5"}, ["mtp_depth = 1.5", "whole number"]),
        ({"slices": "16"}, ["slices = 16", "8 chips"]),
    ],
)
def test_what_can_not_be_is_refused_by_name(cells, words):
    status = predict(pd.DataFrame([row(**cells)]))["status"].item()
    assert all(word in status for word in words)


def test_a_run_is_asked_by_its_fields_without_a_row():
    assert runs.run(**ROW | {"engine_family": "Megatron-Core"}) == runs.parsed(ROW)


@pytest.mark.parametrize(
    ("note", "arrivals", "drafts", "acceptance"),
    [
        ("1000 prompts sent at once (request rate inf)", "burst", None, None),
        ("static batch: batch x 2048 / latency", "static", None, None),
        ("closed loop, ShareGPT, median", "steady", None, None),
        ("closed-loop concurrency; includes queueing", None, None, None),
        ("EAGLE3 with 4 draft tokens, acceptance rate 65%", None, 4, 0.65),
        ("MTP=2", None, 2, None),
        ("a draft model", None, 3, None),
    ],
)
def test_how_requests_come_and_what_is_drafted(note, arrivals, drafts, acceptance):
    read = run_notes.read({"kind": "serve", "note": note})
    assert (read["arrivals"], read["draft_tokens"], read["acceptance"]) == (arrivals, drafts, acceptance)
    assert "arrivals" not in run_notes.read({"kind": "train", "note": note})
