"""The command `plan`: what it answers, what it refuses, and that it names what would do."""

import csv
import json

import pytest

from tests.test_cli import command

#: A question that stands.
WORK = ["--model", "Llama-3.1-8B", "--tokens", "1e12"]
KEYS = {
    "training": {"accelerators", "days", "low_days", "high_days", "model_flops_utilization", "tokens_per_second_per_accelerator",
                 "memory_bytes", "fits", "plan", "accelerator_hours", "megawatt_hours", "dollars", "low_dollars", "high_dollars"},
    "serving": {"accelerators", "low", "high", "replicas", "replica", "ttft", "tpot", "tokens_per_second_per_accelerator",
                "dollars_per_million_tokens", "megawatts"},
    "tuning": {"method", "tokens", "trained_parameters", "accelerators", "hours", "low_hours", "high_hours", "memory_bytes",
               "memory", "plan", "dollars"},
    "rl": {"prompts", "samples", "accelerators", "placement", "generating_accelerators", "generating_share", "iteration_seconds",
           "low_iteration_seconds", "parts", "hours", "memory", "rollout_memory", "plan", "rollout_plan", "ways", "dollars"},
}  # fmt: skip


def answered(*arguments):
    return json.loads(command("plan", *arguments, "--json").stdout)


def test_a_published_run_lies_inside():
    run = answered("--model", "Llama-3.1-405B", "--tokens", "15.6e12", "--accelerator", "H100 SXM5", "--accelerators", "16384")
    assert run["training"]["low_accelerator_hours"] < 30.84e6 < run["training"]["high_accelerator_hours"]
    assert KEYS["training"] <= run["training"].keys() and run["serving"] is None and "reason" not in run


def test_only_what_is_asked_is_planned():
    day = answered("--model", "Llama-3.1-8B", "--users", "1e6")
    assert day["training"] is None and KEYS["serving"] <= day["serving"].keys()
    assert any("10 requests a user" in text for text in day["assumed"])
    both = answered("h100-sxm-bf16")
    assert both["training"] and both["serving"]


LEARN = [f"--set=rl_{name}={value}" for name, value in (
    ("prompts", 64), ("samples", 16), ("prompt_tokens", 300), ("answer_tokens", "2,000"))]  # fmt: skip


def test_fine_tuning_and_reinforcement_learning_are_asked_by_their_fields(tmp_path):
    alone = answered("--model", "Llama-3.1-8B", *LEARN, "--set", "rl_accelerators=16")
    assert KEYS["rl"] <= alone["rl"].keys() and alone["rl"]["accelerators"] == 16
    assert alone["training"] is alone["serving"] is alone["tuning"] is None and "reason" not in alone
    mine = tmp_path / "mine.yml"
    mine.write_text("model: Llama-3.1-8B\naccelerator: H100 SXM5\nprecision: BF16\ntuning_tokens: 50e6\n", "utf-8")
    all_but = answered(str(mine))
    assert KEYS["tuning"] <= all_but["tuning"].keys() and all_but["tuning"]["method"] == "lora"
    assert all_but["training"] and all_but["serving"] and all_but["rl"] is None
    full = answered(str(mine), "--tune", "full")
    assert full["tuning"]["method"] == "full" and full["training"] is None
    words = command("plan", "--model", "Llama-3.1-8B", *LEARN).stdout
    assert "iterations of 1,024 answers" in words and "generation and update" in words


def test_what_can_not_be_tuned_or_learnt_has_its_reason():
    told = answered("--model", "Llama-3.1-70B", "--users", "1e5", *LEARN, "--set", "rl_accelerators=4")
    assert told["rl"] is None and "chips would" in told["reason"]["rl"] and told["serving"]


def test_a_part_that_can_not_be_has_its_reason():
    told = answered("--model", "Llama-3.1-8B", "--users", "1e6", "--tokens", "1e12", "--budget", "5")
    assert told["training"] is None and "the cheapest run costs" in told["reason"]["training"]
    assert told["serving"]["accelerators"] >= 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--model", "Llama-3.1-8B"], "say what the model does"),
        (["--tokens", "1e12"], "say which model"),
        (["--model", "Llama-3.1-8", "--tokens", "1e12"], "did you mean 'Llama-3.1-8B'"),
        (["--model", "Llama-3.1-8B", "--tokens", "1e12", "--accelerator", "H100"], "'H100 SXM5'"),
        (["--model", "Llama-3.1-8B", "--tokens", "1e12", "--days", "5", "--budget", "1e6"], "say one thing in two ways"),
        (["--model", "Llama-3.1-8B", "--set", "parameters=7e9", "--tokens", "1e12"], "say one thing in two ways"),
        (["--model", "Llama-3.1-8B", "--tokens", "1e12", "--days", "0.0001"], "the fastest takes"),
        (["--model", "Llama-3.1-8B", "--tokens", "1e12", "--price", "2 apples/hour"], "apples"),
        (["deck", "--set", "utilisation=4%"], "did you mean 'utilization'"),
        ([*WORK, "--price", "2"], "2 USD/hour for a rent, or 30000 USD"),
        ([*WORK, "--chips", ","], "names no chip"),
        ([*WORK, "--chips", "H20", "--price", "2 USD/hour"], "--chips takes no --price"),
        ([*WORK, "--tune", "lora", "--days", "3"], "--tune takes no --days"),
        (["--model", "Llama-3.1-8B", "--tune", "lora"], "on how many tokens; give --tokens N"),
        ([*WORK, "--tune", "lorra"], "did you mean 'lora'"),
        ([*WORK, "--set", "rl_prompts=64"], "rl_prompts is given without rl_samples, rl_prompt_tokens, rl_answer_tokens"),
        ([*WORK, "--set", "tuning_rank=8"], "tuning_rank is given without tuning_tokens"),
        ([*WORK, "--measured", "nothing.csv"], "nothing.csv does not exist"),
        (["questions.csv", "--json", "--out", "answers.csv"], "a file of questions takes no --json"),
    ],
)
def test_what_can_not_be_is_refused_in_words(arguments, said):
    result = command("plan", *arguments, check=False)
    assert result.returncode == 2
    assert said in result.stderr and "Traceback" not in result.stderr


def test_many_questions_are_answered_each_for_itself(tmp_path):
    questions, answers = tmp_path / "questions.csv", tmp_path / "answers.csv"
    questions.write_text(
        "model,tokens,accelerators,days\nLlama-3.1-8B,1e12,64,\nLlama-9,1e12,64,\nLlama-3.1-8B,1e12,,30\n", "utf-8"
    )
    assert "2 of 3 questions answered" in command("plan", str(questions), "--out", str(answers)).stdout
    rows = list(csv.DictReader(answers.open(encoding="utf-8")))
    assert float(rows[0]["training.days"]) > 0 and "Llama-9" in rows[1]["reason"]
    assert float(rows[2]["training.days"]) <= 30
    assert "choose another name" in command("plan", str(questions), "--out", str(questions), check=False).stderr


def test_chips_are_compared_cheapest_first():
    work = ["--model", "Llama-3.1-8B", "--tokens", "1e12", "--days", "30"]
    told = answered(*work, "--chips", "A100 SXM4 80GB,H100 SXM5")
    dollars = [row["training"]["dollars"] for row in told["chips"]]
    assert dollars == sorted(dollars) and len(dollars) == 2


def test_a_price_of_ones_own_is_taken():
    run = answered("--model", "Llama-3.1-8B", "--tokens", "1e12", "--accelerators", "64", "--price", "2 USD/hour")["training"]
    assert run["rent_dollars"] == pytest.approx(2 * run["accelerator_hours"])


def test_a_scenario_that_names_a_model_is_estimated_at_the_plans_utilization(tmp_path):
    mine = tmp_path / "mine.yml"
    mine.write_text("model: Llama-3.1-70B\ntraining_tokens: 15e12\naccelerator: H100 SXM5\nprecision: BF16\n", "utf-8")
    division = json.loads(command("estimate", str(mine), "--json").stdout)
    plan = answered(str(mine))["training"]
    assert division["training"]["accelerators_exact"] * 30 == pytest.approx(plan["accelerators"] * plan["days"], rel=1e-6)
