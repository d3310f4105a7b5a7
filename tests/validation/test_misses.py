"""The worst misses are named, each with a reason or the admission that there is none."""

from analysis.validation import held_out, misses

ROWS = held_out.read()


def test_the_worst_come_first_and_each_source_and_model_once():
    worst = misses.worst(ROWS, 12)
    assert worst["log_error"].abs().is_monotonic_decreasing
    assert not worst.duplicated(["source", "model"]).any()
    good = ROWS[ROWS["usable"] == "yes"]
    assert worst["log_error"].abs().iloc[0] == good["log_error"].abs().max()


def test_every_miss_that_the_book_names_was_looked_into():
    worst = misses.worst(ROWS, misses.Shown().misses)
    assert misses.UNKNOWN not in set(worst["reason"]), worst.loc[worst["reason"] == misses.UNKNOWN, "run_id"]


def test_every_reason_is_for_a_run_and_the_longest_name_comes_first():
    runs = ROWS["run_id"]
    for start, why in misses.REASONS.items():
        found = runs[runs.str.startswith(start)]
        assert len(found), start
        assert misses.reason(found.iloc[0]) == why or start == "whole-llama-3-"


def test_what_the_reasons_say_of_other_rows_is_so():
    """A reason that points to neighbouring rows has to stay true of them."""
    by_run = ROWS.set_index("run_id")
    before, after = (by_run.loc[f"mbridge-25-{release}-qwen3-30b-a3b-dgx-h100-x16-fp8"] for release in ("09", "11"))
    assert before["value"] > 1.9 * after["value"]
    assert (before[["tp", "pp", "dp", "ep"]] == after[["tp", "pp", "dp", "ep"]]).all()
    assert abs(before["log_error"]) < abs(after["log_error"]) / 2
    first, later = (by_run.loc[f"mbridge-{release}-gpt-oss-120b-dgx-b200-x64-bf16"] for release in ("25-11", "26-02-01"))
    assert later["value"] > 1.6 * first["value"]
    assert (first[["tp", "pp", "ep"]] == later[["tp", "pp", "ep"]]).all()
    two_way = ROWS[ROWS["run_id"].str.startswith("vtrain-multi-39-1b-x512-tp2")]
    assert (two_way["log_error"] < 0).all()
    hours = by_run.loc["whole-llama-3-1-8b", "value"]
    steps = ROWS[(ROWS["model"] == "Llama-3.1-8B") & ROWS["chip"].str.startswith("H100 SXM5")
                 & (ROWS["precision"] == "bf16") & (ROWS["metric"] == "tokens_per_second_per_chip")]  # fmt: skip
    assert steps["value"].max() > 2 * 15e12 / (hours * 3600)
