import json

import pandas as pd
import pytest

from analysis import paths
from tests.built import run
from tests.conftest import command

DECK = "data/scenarios/deck.yml"


def test_estimate_as_json():
    result = json.loads(run(paths.ROOT, "-m", "analysis", "estimate", DECK, "--json").stdout)
    assert list(result["training"]) == ["flop", "flop_per_second", "accelerators_exact", "accelerators", "servers"]
    assert list(result["inference"]) == [
        "tokens_per_day", "flop_per_day", "flop_per_second", "accelerators_exact", "accelerators", "servers",
    ]  # fmt: skip
    assert (result["training"]["accelerators"], result["training"]["servers"]) == (1559, 195)
    assert (result["inference"]["accelerators"], result["inference"]["servers"]) == (412_018, 51_503)


def test_estimate_as_a_table():
    text = command("estimate", DECK, "--set", "utilization=40%").stdout
    for expected in ("1,948", "515,022", "40%", "156 TFLOPS", "training.accelerators"):
        assert expected in text


def test_serve_as_json_and_as_a_table():
    result = json.loads(command("serve", DECK, "--json").stdout)
    assert result["steps"]["printed"] == 706_315 and result["low"] < result["chips"] < result["high"]
    text = command("serve", DECK).stdout
    assert "Latency targets are kept" in text and "80% interval" in text


def test_set_may_be_repeated():
    words = ("--set", "accelerator=H100 PCIe", "--set", "training_time=60 days")
    result = json.loads(command("estimate", DECK, "--json", *words).stdout)
    assert result["training"]["accelerators"] == 322


def test_a_scenario_may_be_named_without_its_path():
    assert command("estimate", "deck", "--json").stdout == command("estimate", DECK, "--json").stdout


def test_scenarios_has_one_line_each():
    lines = command("scenarios").stdout.splitlines()
    assert len(lines) == len(list(paths.SCENARIOS.rglob("*.yml")))
    assert any(line.startswith("deck ") for line in lines)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("estimate", "data/scenarios/dek.yml"), "data/scenarios/dek.yml: there is no such file; did you mean 'deck.yml'?"),
        (("estimate", DECK, "--set", "utilisation=0.4"), "unknown field 'utilisation'; did you mean 'utilization'?"),
        (("estimate", DECK, "--set", "training_time=30 TFLOPS"), "wrong unit; write for example 30 days"),
        (("estimate", DECK, "--set", "utilization=120%"), "out of range; allowed: at least 0.1%, at most 100%"),
        (("estimate", DECK, "--set", "training_time=0 days"), "out of range"),
        (("estimate", DECK, "--set", "parameters=-1"), "out of range"),
        (("estimate", DECK, "--set", "parameters=nan"), "not a finite number"),
        (("estimate", DECK, "--set", "parameters=inf"), "not a finite number"),
        (("estimate", DECK, "--set", "accelerator=H100"), "did you mean 'H100 PCIe', 'H100 SXM5' or 'H100 NVL'?"),
        (("estimate", DECK, "--set", "precision=FP8"), "A100 PCIe 80GB has no published dense peak in FP8"),
        (("estimate", DECK, "--set", "utilization"), "write FIELD=VALUE"),
        (("estimate", DECK, "--set", "answer_share=0"), "answer_share: '0' is out of range; allowed: at least 0.1%"),
        (("estimate", DECK, "--set", "visits_per_day=0"), "visits_per_day: '0' is out of range"),
        (("serve", DECK, "--set", "tpot_target=5 ms"), "times the target of 0.005 s; no batch can meet it"),
        (("serve", DECK, "--set", "ttft_target=1 ms"), "time to first token"),
        (("serve", DECK, "--set", "characters_per_question=4000"), "longer than GPT-3 175B can attend to"),
        (("estimate", "dekc"), "dekc: there is no such file; did you mean 'deck'?"),
        (("estimate", "n" * 300), "can't be read"),
        (("estimate", "/dev/zero"), "/dev/zero: the file can't be read: this is no plain file"),
        (("estimate", DECK, "--set", "utilization=0,125"), "0.125, with a decimal comma, or 125,"),
        (("estimate", DECK, "--set", "parameters=0x10"), "not a finite number"),
        (("estimate", DECK, "--set", "parameters=" + "1" * 5000), "too long"),
        (("estimate", DECK, "--set", "x" * 5000), "write FIELD=VALUE"),
        (("estimate", DECK, "--set", "x" * 5000 + "=1"), "unknown field"),
        (("sweep", DECK, "--out", "nowhere", "--grid", "utilization=30%:60%", "--sample", "1" * 30), "above 0, and at most"),
        (("sweep", DECK, "--out", "nowhere", "--grid", "utilization=30%:60%", "--sample", "1" * 5000), "--sample"),
        (("estimate", DECK, "--sett", "x"), "--sett"),
        (("compare", DECK, "h100-sxm-bf16", "--html", "/dev/null"), "null is there, and is no file"),
        (("model", "/dev/zero"), "this is no plain file"),
        (("model", "n" * 300), "is neither a name nor a config.json"),
        (("model", ""), "the model's name is empty"),
        (("model", "Qwen3-8B", "--context", "1.5"), "context: 1.5 is not a whole number from 1"),
        (("predict", "/dev/zero", "--out", "nowhere.csv"), "this is no plain file"),
        (("predict", "n" * 300, "--out", "n" * 300), "File name too long"),
        (("run", "nowhere.yml"), "there is no such file"),
        (("run", DECK, "--jobs", "0"), "jobs"),
    ],
)
def test_bad_input_ends_with_one_message_and_status_2(words, expected):
    result = command(*words, check=False)
    assert result.returncode == 2
    assert expected in result.stderr
    assert "Traceback" not in result.stderr
    assert result.stdout == ""
    assert len(result.stderr) < 600


def test_text_stays_text(tmp_path):
    title = "Ours [internal] v2 [/x] [red]no[/red] :warning: \\\\ \\["
    (tmp_path / "eat.yml").write_text(
        f"title: '{title}'\nutilization: 41%\nsources: {{utilization: \"our [memo] [/b]\\e[31m :x:\"}}\n", encoding="utf-8"
    )
    text = command("estimate", str(tmp_path / "eat.yml")).stdout
    assert text.splitlines()[1].startswith(title)
    assert "our [memo] [/b]\\x1b[31m :x:" in text and "\x1b" not in text


def test_predict_writes_every_row_back(tmp_path):
    runs = pd.read_csv(paths.DATA / "runs.csv", dtype=str).iloc[[0, 1, 2]]
    runs.loc[runs.index[1], "chip"] = "H100 SXM"
    runs["value"] = ""
    runs.to_csv(tmp_path / "runs.csv", index=False)
    command("predict", str(tmp_path / "runs.csv"), "--out", str(tmp_path / "out.csv"))
    out = pd.read_csv(tmp_path / "out.csv")
    assert list(out["run_id"]) == list(runs["run_id"])
    assert list(out["status"] == "predicted") == [True, False, True]
    assert "did you mean 'H100 SXM5'" in out["status"][1]
    good = out[out["status"] == "predicted"]
    assert ((good["low"] < good["predicted"]) & (good["predicted"] < good["high"])).all()
    assert not list(tmp_path.glob("*.part"))
    (tmp_path / "link.csv").symlink_to("runs.csv")
    before = (tmp_path / "runs.csv").read_bytes()
    failed = command("predict", str(tmp_path / "runs.csv"), "--out", str(tmp_path / "link.csv"), check=False)
    assert failed.returncode == 2 and "is the file of runs itself" in failed.stderr
    assert (tmp_path / "runs.csv").read_bytes() == before and (tmp_path / "link.csv").is_symlink()


@pytest.mark.parametrize(
    ("content", "expected"),
    [(None, "does not exist"), ("", "is empty"), ("run_id,kind\na,train\n", "model")],
)
def test_predict_refuses_a_file_that_is_no_table_of_runs(tmp_path, content, expected):
    if content is not None:
        (tmp_path / "runs.csv").write_text(content)
    result = command("predict", str(tmp_path / "runs.csv"), "--out", str(tmp_path / "out.csv"), check=False)
    assert result.returncode == 2
    assert expected in result.stderr
    assert "Traceback" not in result.stderr
    assert not (tmp_path / "out.csv").exists()


def test_compare_says_what_changed_and_writes_a_page(tmp_path):
    page = tmp_path / "made" / "page.html"
    text = command("compare", "deck", "h100-sxm-bf16", "--html", str(page)).stdout
    for expected in ("A100 PCIe 80GB", "989.4 TFLOPS", "Training: each change alone", "×"):
        assert expected in text
    assert page.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert [path.name for path in page.parent.iterdir()] == ["page.html"]
    result = json.loads(command("compare", "deck", "h100-sxm-bf16", "--json").stdout)
    assert result["decomposition"]["training.accelerators_exact"]["steps"][0]["factor"] == pytest.approx(156 / 989.4)


def test_compare_of_one_scenario_with_itself_says_so():
    assert command("compare", "deck", "deck").stdout == "The two scenarios assume the same.\n"


def test_compare_names_what_it_cannot_read_or_write(tmp_path):
    assert "did you mean 'deck.yml'?" in command("compare", "deck", "dek.yml", check=False).stderr
    (tmp_path / "file").write_text("")
    failed = command("compare", "deck", "h100-sxm-bf16", "--html", str(tmp_path / "file" / "page.html"), check=False)
    assert failed.returncode == 2
    assert "can't be written" in failed.stderr


@pytest.mark.parametrize(
    ("words", "heavy"),
    [
        (["--help"], set()),
        (["estimate", "dekc"], set()),
        (["estimate", "deck", "--set", "utilization=0,5"], set()),
        (["estimate", "deck"], set()),
        (["serve", "deck", "--json"], {"numpy", "pandas"}),
    ],
    ids=["help", "name", "value", "estimate", "serve"],
)
def test_a_command_waits_for_nothing_that_it_does_not_use(words, heavy):
    said = run(paths.ROOT, "-c", _LOADED, *words).stdout.splitlines()[-1]
    assert set(json.loads(said)) == heavy


_LOADED = """
import json, sys
from analysis import cli
try:
    cli.main()
except SystemExit:
    pass
print()
print(json.dumps([name for name in ("numpy", "pandas", "scipy", "altair", "sympy", "ruamel.yaml") if name in sys.modules]))
"""
