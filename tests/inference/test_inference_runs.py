import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from analysis import paths
from analysis.evidence import runs
from analysis.inference import inference_runs, pass_time
from analysis.inference.deployments import deploy
from analysis.validation.predict import PREDICTED, predict
from tests.cases import any_cells, assert_comes_back

TABLE = pd.concat([runs.read(paths.DATA / "runs.csv"), runs.read(paths.DATA / "h100_runs.csv")], ignore_index=True)
INFERENCE = TABLE[TABLE["kind"].isin(inference_runs.KINDS)].reset_index(drop=True)
ROW = {
    "kind": "decode", "model": "Llama-3.1-8B", "chip": "H100 SXM5", "n_chips": "1", "precision": "bf16", "tp": "1",
    "pp": "1", "dp": "1", "input_len": "1000", "output_len": "200", "concurrency": "16", "engine": "vLLM",
    "metric": "tpot_seconds",
}  # fmt: skip


def answer(**cells):
    return predict(pd.DataFrame([ROW | cells])).iloc[0]


def test_every_usable_row_is_predicted_and_the_others_say_why_not():
    result = predict(INFERENCE)
    done = result["status"] == PREDICTED
    refused = ~done & (INFERENCE["usable"] == "yes")
    assert not refused.any(), result.loc[refused, "status"].tolist()
    assert (result["low"] < result["predicted"])[done].all() and (result["predicted"] < result["high"])[done].all()
    assert (result.loc[~done, "status"].str.len() > 10).all()


@pytest.mark.parametrize("blank", [np.nan, "not a number", "1e99"])
def test_what_was_published_is_never_read(blank):
    """Nor what a note derives from it: the mean decoding batch, or the time to first token of the same system. Who published
    it is read, since a source that is known errs alike."""
    as_it_is = predict(INFERENCE)
    blanked = predict(INFERENCE.assign(value=blank, usable="", why_not="", note="", run_id=""))
    for column in ("predicted", "low", "high", "assumed"):
        pd.testing.assert_series_equal(as_it_is[column], blanked[column])


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"concurrency": "1000"}, ["concurrency = 1,000", "do not fit", "would"]),
        ({"input_len": "300000"}, ["context = 300,200", "at most 131,072"]),
        ({"chip": "V100 SXM2 32GB", "precision": "bf16"}, ["BF16", "it has", "FP16"]),
        ({"precision": "fp9"}, ["precision = 'fp9'", "fp8"]),
        ({"kind": "serve", "output_len": "0"}, ["output_len = 0", "at least 1"]),
        ({"kind": "prefill", "metric": "ttft_seconds", "input_len": "0"}, ["input_len = 0", "at least 1"]),
        ({"concurrency": "0"}, ["concurrency = 0", "1 to 1e+09"]),
        ({"metric": "ttft_seconds"}, ["metric = 'ttft_seconds'", "kind = 'decode'", "tpot_seconds"]),
        ({"n_chips": "8"}, ["8"]),
        ({"n_chips": "3", "tp": "2", "dp": ""}, ["n_chips = 3", "tp = 2"]),
        ({"tp": "48", "n_chips": "48"}, ["tp = 48", "32 heads"]),
        ({"model": "Llama-3.1-405B"}, ["do not fit", "tp x pp"]),
        ({"model": "BERT-large"}, ["encoder"]),
    ],
)
def test_a_bad_row_says_what_is_wrong_and_what_would_be_valid(cells, words):
    said = answer(**cells)["status"]
    assert all(word in said for word in ["row 1", *words]), said


def test_one_bad_row_of_a_thousand_stops_no_other():
    frame = pd.DataFrame([ROW] * 1000).astype(object)
    frame.loc[500, "concurrency"] = "1e6"
    result = predict(frame)
    assert (result["status"] == PREDICTED).sum() == 999
    assert "row 501" in result.loc[500, "status"]


def test_a_decode_row_is_one_step_at_the_mean_context():
    one = deploy("Llama-3.1-8B", "H100 SXM5")
    assert answer()["predicted"] == pytest.approx(pass_time.decode_seconds(one, 16, 1100).item())
    speed = answer(metric="tokens_per_second")["predicted"]
    assert speed == pytest.approx(16 / pass_time.decode_seconds(one, 16, 1100).item())


def test_a_prefill_row_is_all_prompts_at_once():
    one = deploy("Llama-3.1-8B", "H100 SXM5")
    cells = {"kind": "prefill", "metric": "ttft_seconds", "output_len": "0"}
    assert answer(**cells)["predicted"] == pytest.approx(pass_time.prefill_seconds(one, 16, 1000).item())


def test_serving_obeys_littles_law_and_memory():
    questions = [
        inference_runs.question(runs.parsed(ROW | {"kind": "serve", "metric": "tpot_seconds", "concurrency": str(n)}))
        for n in (1, 16, 128, 512, 4096)
    ]
    cases, load = inference_runs.stacked(questions)
    settled = inference_runs.equilibrium(cases, load, pass_time.CONSTANTS)
    total = settled.first_token + load.answer * settled.output_token
    assert settled.answered == pytest.approx(load.requests * load.answer * settled.output_token / total, rel=0.05)
    assert (settled.answered <= load.capacity).all() and (np.diff(settled.output_token) >= 0).all()


def test_what_is_not_said_is_assumed_in_words():
    assumed = answer(precision="", tp="", n_chips="", dp="", engine="")["assumed"]
    assert all(words in assumed for words in ("precision bf16", "engine vLLM", "tp 1", "key-value cache bf16"))
    assert "key-value cache fp8" in answer(engine="TensorRT-LLM 1.0", precision="fp8")["assumed"]
    assert answer(model="Llama-3.1-70B", tp="", n_chips="", dp="")["assumed"].count("tp 2") == 1


@settings(max_examples=50)
@given(at=st.integers(0, len(INFERENCE) - 1), cells=any_cells())
@example(at=109, cells={"concurrency": "1e300"})
def test_any_row_comes_back(at, cells):
    assert_comes_back(INFERENCE.iloc[at].to_dict() | cells)
