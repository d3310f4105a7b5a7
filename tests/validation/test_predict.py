import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import facts, paths
from analysis.evidence import runs
from analysis.inference import deployments
from analysis.validation.predict import PREDICTED, predict
from tests.cases import any_cells, assert_comes_back, row

TABLE = runs.read(paths.DATA / "runs.csv")
TRAINING = TABLE[TABLE["kind"].isin(["train", "whole_run"])].reset_index(drop=True)


def status(**cells):
    return predict(pd.DataFrame([row(**cells)]))["status"].item()


def test_no_row_vanishes_and_each_has_a_prediction_or_a_reason():
    result = predict(TABLE)
    assert list(result["run_id"]) == list(TABLE["run_id"])
    done = result["status"] == PREDICTED
    assert done[(TABLE["usable"] == "yes") & TABLE["kind"].isin(["train", "whole_run"])].all()
    assert result.loc[done, ["predicted", "low", "high"]].notna().all(axis=None)
    assert (result["low"] < result["predicted"])[done].all() and (result["predicted"] < result["high"])[done].all()
    assert result.loc[~done, "status"].str.len().min() > 10


@pytest.mark.parametrize("blank", [np.nan, "", "not a number", "1e99"])
def test_what_was_published_is_never_read(blank):
    as_it_is, blanked = predict(TRAINING), predict(TRAINING.assign(value=blank, usable="", why_not=""))
    for column in ("predicted", "low", "high", "status", "assumed"):
        pd.testing.assert_series_equal(as_it_is[column], blanked[column])
    silent = TRAINING["note"].str.replace(r"implied MFU [\d.]+|\d+ ?TFLOP|MFU [\d.]+%?", "", regex=True)
    pd.testing.assert_series_equal(predict(TRAINING.assign(note=silent))["predicted"], as_it_is["predicted"])


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"chip": "H10 SXM5"}, ["row 1", "chip 'H10 SXM5'", "H100 SXM5"]),
        ({"model": "Lama-3.1-8B"}, ["model 'Lama-3.1-8B'", "Llama-3.1-8B"]),
        ({"precision": "fp9"}, ["precision 'fp9'", "fp8"]),
        ({"chip": "A100 SXM4 80GB", "precision": "fp8"}, ["FP8", "it has", "BF16"]),
        ({"n_chips": "eight"}, ["n_chips = 'eight'", "whole number"]),
        ({"seq_len": "-5"}, ["seq_len = -5", "at least 1"]),
        ({"n_chips": "100"}, ["8", "100"]),
        ({"tp": "128", "dp": "1"}, ["tp = 128", "96 heads"]),
        ({"global_batch": "100"}, ["global_batch = 100", "96 or 104"]),
        ({"recompute": "some"}, ["recompute = 'some'", "none, selective, full"]),
        ({"kind": "trian"}, ["kind = 'trian'", "train"]),
        ({"metric": "chip_hours"}, ["metric = 'chip_hours'", "step_seconds"]),
        ({"kind": "whole_run", "metric": "chip_hours"}, ["tokens is empty"]),
        ({"sharding": "none", "tp": "1"}, ["does not fit into memory", "80 GB"]),
        ({"kind": "serve", "metric": "tpot_seconds", "output_len": "1"}, ["output_len = 1", "no time per output token"]),
        ({"recompute": "full and 40% of layers whole"}, ["recompute = 'full and 40%", "none, selective, full"]),
        ({"n_chips": "", "dp": "", "tp": "", "pp": "", "seq_len": "100000000", "global_batch": ""}, ["n_chips is empty"]),
    ],
)
def test_a_bad_row_says_what_is_wrong_and_what_would_be_valid(cells, words):
    said = status(**cells)
    assert all(word in said for word in words), said


def test_a_model_whose_layers_no_time_model_knows_stops_no_other_row(tmp_path):
    """FNet, which mixes positions by Fourier transforms."""
    file = tmp_path / "config.json"
    file.write_text('{"model_type": "fnet"}', encoding="utf-8")
    assert "Fourier" in status(model=str(file))


def test_one_bad_row_of_a_thousand_stops_no_other():
    good = pd.DataFrame([row(model="Llama-3.1-8B")] * 1000)
    bad = good.astype(object)
    bad.loc[500, "chip"] = "abacus"
    result = predict(bad)
    assert (result["status"] == PREDICTED).sum() == 999
    assert "row 501" in result.loc[500, "status"]


def test_a_table_that_can_not_be_read_is_refused(tmp_path):
    with pytest.raises(runs.RunsError, match="lacks the column chip"):
        predict(TABLE.drop(columns="chip"))
    with pytest.raises(runs.RunsError, match="no row"):
        predict(TABLE.iloc[:0])
    empty, binary = tmp_path / "empty.csv", tmp_path / "binary.csv"
    empty.write_text("")
    binary.write_bytes(b"\xff\xfe\x00\x80")
    for path, words in ((empty, "is empty"), (binary, "not a CSV file"), (tmp_path / "none.csv", "does not exist")):
        with pytest.raises(runs.RunsError, match=words):
            runs.read(path)


HEADER, GOOD = "kind,model,chip,metric,note\n", "train,Llama-3.1-8B,H100 SXM5,mfu,\n"


def read(path, text):
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return runs.read(path)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ((HEADER + GOOD).replace(",", ";"), "separates its cells by semicolons; valid: commas"),
        ((HEADER + GOOD).replace(",", "\t"), "separates its cells by tabs"),
        (HEADER.replace("note", "chip") + GOOD, "names the column chip twice"),
        ((HEADER + GOOD).encode("utf-16"), "byte-order mark of UTF-16"),
        (HEADER.replace("kind", "Kind") + GOOD, "lacks the column kind; did you mean 'Kind'"),
    ],
)
def test_a_header_that_can_not_be_read_is_named(tmp_path, text, words):
    with pytest.raises(runs.RunsError, match=words):
        read(tmp_path / "runs.csv", text)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (b"train,Llama-3.1-8B,H100 SXM5,mfu,a,b\n", "has 6 cells, and the first line names 5 columns"),
        (b"train\n", "model is empty"),
        (b",,,,,,,\n", "kind is empty"),
        (b'train,"Llama-3.1-8B,H100 SXM5,mfu,\n', "opens a quote that is never closed"),
        (b'"\n', "opens a quote that is never closed"),
        ("train,Llama-3.1-8B,H100 SXM5,mfu,é\n".encode("latin-1"), "bytes that are not UTF-8"),
        (("\ufeff" + HEADER).encode(), "begins with a byte-order mark"),
        (b"train,Llama-3.1-8B,H100 SXM5,mfu," + b"x" * 200_000 + b"\n", PREDICTED),
    ],
)
def test_a_line_that_is_no_row_stops_no_other(tmp_path, line, words):
    result = predict(read(tmp_path / "runs.csv", "\ufeff".encode() + (HEADER + GOOD).encode() + line + GOOD.encode()))
    first, bad, last = result["status"]
    assert (first, last) == (PREDICTED, PREDICTED) and words in bad, bad
    assert runs.FAULT not in result


def test_a_file_is_read_as_pandas_reads_it():
    for name in ("runs", "h100_runs"):
        path = paths.DATA / f"{name}.csv"
        pd.testing.assert_frame_equal(runs.read(path), pd.read_csv(path, dtype=str, keep_default_na=False, na_values=[""]))


#: The header of November 2026, which users have in their files.
KNOWN = (
    "run_id,kind,source,source_ref,model,chip,n_chips,precision,seq_len,global_batch,micro_batch,tp,pp,vp,dp,cp,ep,sharding,"
    "recompute,input_len,output_len,concurrency,engine,metric,value,flops_convention,tokens,date,verified,usable,why_not,note\n"
)


def test_a_header_stays_valid_whatever_columns_come_later(tmp_path, monkeypatch):
    line = ",train,,,Llama-3.1-8B,H100 SXM5,8,,,,,,,,,,,,,,,,,mfu,,,,,,,,\n"
    before = predict(read(tmp_path / "runs.csv", KNOWN + line))
    assert before["status"].item() == PREDICTED
    assert set(KNOWN.strip().split(",")) <= set(runs.columns())
    later = dict(runs.columns()) | {"sockets": facts.Column(meaning="sockets of a server", kind="count", required=True)}
    monkeypatch.setattr(runs, "columns", lambda: later)
    pd.testing.assert_frame_equal(predict(runs.read(tmp_path / "runs.csv")), before)


def test_columns_that_only_some_rows_need_may_be_missing():
    result = predict(pd.DataFrame([{"kind": "train", "model": "Llama-3.1-8B", "chip": "H100 SXM5", "metric": "mfu"}]))
    assert result["status"].item() == PREDICTED and 0 < result["predicted"].item() < 1
    assert "n_chips 1024" in result["assumed"].item()


def test_speeds_and_times_of_one_run_agree():
    metrics = ("step_seconds", "tokens_per_second", "tokens_per_second_per_chip", "achieved_flops_per_chip", "mfu")
    result = predict(pd.DataFrame([row(model="Llama-3.1-8B", metric=metric) for metric in metrics])).set_index("metric")[
        "predicted"
    ]
    tokens = 512 * 2048
    assert result["tokens_per_second"] == pytest.approx(tokens / result["step_seconds"])
    assert result["tokens_per_second_per_chip"] == pytest.approx(result["tokens_per_second"] / 8)
    assert result["achieved_flops_per_chip"] == pytest.approx(result["mfu"] * 989.4e12)


@settings(max_examples=50, deadline=None)
@given(at=st.integers(0, len(TABLE) - 1), cells=any_cells())
def test_any_row_comes_back(at, cells):
    assert_comes_back(TABLE.iloc[at].to_dict() | cells)


#: What may be left out of a row, so that it has to be assumed.
OPEN = ("precision", "seq_len", "global_batch", "n_chips", "micro_batch", "tp", "pp", "vp", "dp", "cp", "ep", "sharding",
        "recompute", "input_len", "output_len", "concurrency", "engine")  # fmt: skip


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_what_is_assumed_is_accepted_and_predicted_alike(seed):
    draw = np.random.default_rng(seed)
    # Without sources, since a stack that is known by its engine has an offset of its own.
    asked = TABLE.drop(columns="source").iloc[draw.integers(len(TABLE), size=20)].reset_index(drop=True)
    asked = asked.assign(**{name: asked[name].where(draw.random(20) < 0.5) for name in OPEN})
    answered = predict(asked)
    answered = answered[answered["status"] == PREDICTED].reset_index(drop=True)
    said = answered[list(asked)].astype(object)
    for index, text in enumerate(answered["assumed"]):
        for name, value in (part.split(" ", 1) for part in text.split(", ") if part):
            if name in OPEN:
                said.loc[index, name] = value
    again = predict(said) if len(said) else answered
    assert (again["status"] == PREDICTED).all(), list(again["status"])
    exact = ~answered["assumed"].str.contains("layers whole")  # a share that is written as whole percent
    np.testing.assert_allclose(again["predicted"][exact], answered["predicted"][exact], rtol=1e-9)
    np.testing.assert_allclose(again["predicted"], answered["predicted"], rtol=0.02)


LLAMA = {
    "model": "Llama-3.1-405B",
    "global_batch": "2048",
    "seq_len": "8192",
    "tp": "8",
    "pp": "16",
    "dp": "128",
    "recompute": "selective",
}


def test_embedding_and_loss_count_as_layers_as_megatron_has_them():
    """16 x 8 chunks divide the 126 layers of Llama-3.1-405B and both ends; given or assumed, the plan is the same."""
    table = pd.DataFrame([row(**LLAMA, vp=vp) for vp in ("8", "", "9")])
    given_, assumed, more = predict(table).to_dict("records")
    assert "vp 8" in assumed["assumed"] and given_["predicted"] == assumed["predicted"] > 0
    assert "pp x vp = 16 x 9 is more than the 126 layers" in more["status"] and "128" in more["status"]


def test_an_assumed_batch_is_a_multiple_of_what_the_plan_needs():
    result = predict(pd.DataFrame([row(global_batch="", micro_batch="7", dp="64", tp="8")]))
    batch = int(result["assumed"].item().removeprefix("global_batch "))
    assert result["status"].item() == PREDICTED and batch % (7 * 64) == 0


SERVE = {"kind": "decode", "chip": "H800 SXM5", "precision": "fp8", "engine": "SGLang", "metric": "tokens_per_second_per_chip",
         "input_len": "4096", "output_len": "1024", "concurrency": "8192"}  # fmt: skip


def test_experts_beyond_their_number_lie_in_several_groups():
    """128 and 144 accelerators that share out 256 experts both hold two of a layer each, 320 hold one."""
    table = pd.DataFrame([SERVE | {"model": "DeepSeek-V3", "n_chips": ep, "ep": ep} for ep in ("128", "144", "320")])
    even, uneven, beyond = predict(table).to_dict("records")
    assert "redundant" not in even["assumed"]
    assert "redundant experts 32" in uneven["assumed"] and "redundant experts 64" in beyond["assumed"]
    assert min(even["predicted"], uneven["predicted"], beyond["predicted"]) > 0
    one, other, least = (
        deployments.weight_bytes_on_one(
            deployments.deploy("DeepSeek-V3", "H800 SXM5", data=ep, expert=ep, weight_precision="fp8")
        )
        for ep in (128, 144, 320)
    )
    an_expert = 3 * 7168 * 2048  # gate, up and down
    assert one == pytest.approx(other) and one - least == pytest.approx(58 * an_expert)


def test_narrow_weights_are_widened_where_a_chip_has_no_units_for_them():
    cells = SERVE | {"model": "Llama-3.1-8B", "concurrency": "1", "metric": "tpot_seconds"}
    table = pd.DataFrame([cells | {"chip": "A100 SXM4 80GB", "precision": name} for name in ("bf16", "fp8")])
    wide, narrow = predict(table).to_dict("records")
    assert "matrix products bf16" in narrow["assumed"] and "matrix products" not in wide["assumed"]
    assert 1.5 < wide["predicted"] / narrow["predicted"] < 2, "half of the bytes are read, and most of the time is reading"


def _times(count, seconds):
    return pd.DataFrame([row(model="Llama-3.1-8B", metric="step_seconds", value=seconds)] * count)


def test_own_runs_shift_and_narrow_and_one_row_hardly_does():
    asked = pd.DataFrame([row(model=model, metric="step_seconds") for model in ("Llama-2-7B", "Llama-3.1-8B")])
    before = predict(asked)
    slower = 1.5 * predict(_times(1, 1))["predicted"].item()
    once, often = (predict(asked, measured=_times(count, slower)) for count in (1, 30))
    for after in (once, often):
        assert (after["predicted"] > before["predicted"]).all()
        assert (after["high"] / after["low"] < before["high"] / before["low"]).all()
    assert (often["predicted"] > once["predicted"]).all()
    assert often["predicted"].iloc[0] < 1.5 * before["predicted"].iloc[0]


def test_own_servers_shift_and_narrow_answers_and_leave_training_alone():
    server = {"kind": "serve", "chip": "H100 SXM5", "n_chips": "8", "tp": "8", "precision": "fp8", "input_len": "1024",
              "output_len": "512", "concurrency": "32", "engine": "vLLM 0.12", "metric": "tpot_seconds"}  # fmt: skip
    asked = pd.DataFrame([server | {"model": model} for model in ("Llama-3.1-70B", "Llama-3.1-405B")])
    asked = pd.concat([asked, pd.DataFrame([row(model="Llama-3.1-8B", metric="step_seconds")])], ignore_index=True)
    before = predict(asked)
    own = pd.DataFrame([server | {"model": "Llama-3.1-70B", "value": 1.4 * before["predicted"].iloc[0]}])
    once, often = (predict(asked, measured=pd.concat([own] * count, ignore_index=True)) for count in (1, 8))
    moved = [after["predicted"] / before["predicted"] for after in (once, often)]
    assert 1.1 < moved[0][0] <= moved[1][0] < 1.4, "the same stack moves most of the way"
    assert 1.0 < moved[1][1] < moved[1][0], "another model on the same engine less"
    assert moved[1][2] == 1
    widths = [np.log(each["high"] / each["low"]) for each in (before, often)]
    assert widths[1][0] < 0.6 * widths[0][0] and widths[1][1] < widths[0][1]


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"value": np.nan}, "measured row 1.*value = nan is not what was measured"),
        ({"value": "0"}, "value = 0"),
        ({"kind": "serve", "metric": "mfu"}, "metric = 'mfu' does not fit kind = 'serve'"),
        ({"chip": "H100"}, "measured row 1.*chip 'H100' is not in data/accelerators.csv"),
    ],
)
def test_a_measured_row_that_says_nothing_is_refused(cells, words):
    wrong = pd.DataFrame([row(model="Llama-3.1-8B", metric="step_seconds", value="3") | cells])
    with pytest.raises(runs.RunsError, match=words):
        predict(_times(1, 1), measured=wrong)


def test_heads_that_tensor_parallelism_does_not_divide_are_padded():
    result = predict(pd.DataFrame([row(model="Llama-2-13B", tp="16", metric="step_seconds")]))
    assert result["status"].item() == PREDICTED
