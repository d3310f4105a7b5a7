"""The page "Plan a run" in a real browser, on a page of its own from disk: what it answers, refuses and keeps."""

import csv
import json
from functools import cache
from pathlib import Path
from urllib.parse import quote

import pytest

from analysis import numerals, paths
from analysis.figures import planner
from analysis.plan.chip import Chip
from analysis.plan.model import Model
from analysis.plan.opening import Opening
from analysis.plan.requests import Requests
from analysis.plan.serving_plan import plan_serving
from analysis.plan.training_plan import plan_training
from analysis.scenarios import reading
from analysis.scenarios.estimate import estimate
from analysis.tracing import planner_data

_ASSETS = paths.ROOT / "book" / "assets"
_SCRIPTS = ("model-file.js", "pictures.js", "queue.js", "serving.js", "planning.js", "plan.js")
_ANSWERED = "() => document.querySelector('.planner').dataset.answered"
_SERVED = "() => document.querySelector('.planner').dataset.served"
_DONE = "() => document.querySelector('.planner').plan"


def written(folder, opening) -> Path:
    with pytest.MonkeyPatch.context() as patch:  # prices of all chips take seconds
        patch.setattr(planner, "data", _data)
        markup = planner.markup(opening)
    style = (_ASSETS / "report.css").read_text(encoding="utf-8")
    scripts = "".join(f"<script>{(_ASSETS / name).read_text(encoding='utf-8')}</script>" for name in _SCRIPTS)
    path = folder / "plan.html"
    path.write_text(f"<!DOCTYPE html><meta charset=utf-8><style>{style}</style>{markup}{scripts}", encoding="utf-8")
    return path


@cache
def _data() -> dict:
    return planner_data.described(chips=planner.OTHERS)


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    return written(tmp_path_factory.mktemp("planner"), Opening())


@pytest.fixture
def page(browser, file):
    context = browser.new_context(accept_downloads=True)
    asked: list[str] = []
    context.route(
        "**/*",
        lambda route: (
            route.continue_()
            if route.request.url.startswith(("file:", "blob:"))
            else asked.append(route.request.url) or route.abort()
        ),
    )
    page = context.new_page()
    page.on("pageerror", lambda error: asked.append(str(error)))
    page.goto(file.as_uri())
    page.wait_for_function(_ANSWERED, timeout=60_000)
    yield page
    assert asked == [], "nothing is asked of a network, and no script fails"
    context.close()


def answered(page) -> str:
    page.wait_for_function(_ANSWERED, timeout=60_000)
    return page.locator(".planner-answer").first.inner_text()


def test_the_first_answer_stands_in_the_page_and_is_what_the_page_computes(page, file):
    sentence = planner.first().sentence
    assert f">{sentence}</p>" in file.read_text(encoding="utf-8")
    assert page.locator(".planner-answer").first.inner_text() == sentence


def test_what_is_typed_is_answered_as_python_does(page):
    page.fill("#plan-model", "llama 3.1 8b")
    page.fill("#plan-tokens", "1.2 trillion")
    page.select_option("#plan-by", "days")
    page.fill("#plan-days", "30")
    plan = plan_training(Model.load("Llama-3.1-8B"), Chip.load("H100 SXM5"), 1.2e12, days=30)
    answered(page)
    assert page.locator(".planner-answer").first.inner_text() == plan.sentence


def test_a_changed_chip_is_planned_as_python_plans_it(page):
    page.locator("summary").first.click()
    page.fill("#plan-memory", "141")
    page.fill("#plan-memory-bandwidth", "4.8")
    page.fill("#plan-peak", "1,200")
    chip = Chip.load("H100 SXM5").replace(memory="141 GB", memory_bandwidth="4.8 TB/s", bf16="1200 TFLOPS")
    plan = plan_training(Model.load(planner.MODEL), chip, planner.TOKENS, chips=planner.CHIPS)
    assert plan.days.written(lambda value: numerals.words(value, 3)) in answered(page)


def service(page) -> str:
    page.wait_for_function(_SERVED, timeout=60_000)
    return page.locator(".planner-service").inner_text()


def test_a_service_is_planned_as_python_plans_it(page, file):
    assert service(page) == planner.first_service().sentence
    assert f">{planner.first_service().sentence}</p>" in file.read_text(encoding="utf-8")
    page.select_option("#plan-demand", "users")
    for name, text in {
        "users": "20 million",
        "busiest": "2",
        "prompt": "1,500",
        "answer": "250",
        "cached": "40",
        "tpot": "80",
    }.items():
        page.fill(f"#plan-{name}", text)
    page.select_option("#plan-weights", "fp8")
    requests = Requests(1500, 250, 20e6 * 10 / 86400, 0.4, peak_to_mean=2)
    plan = plan_serving(Model.load(planner.MODEL), Chip.load(planner.CHIP), requests, ttft=2, tpot=0.08, precision="fp8")
    assert service(page) == plan.sentence
    told = page.locator("[data-shown=service]").inner_text()
    assert f"{plan.replica.chips} chips" in told and plan.replica.plan in told
    assert page.locator("[data-shown=deployments] tr").count() > 5
    assert page.locator("[data-shown=speeds] svg[role=img]").get_attribute("aria-label").startswith("Tokens a second and chip")


def test_a_first_answer_stands_before_the_search_is_over(page):
    page.evaluate(
        """() => {
          const told = window.told = [], section = document.querySelector(".planner");
          new MutationObserver(() => told.push({...section.dataset, text: section.querySelector(".planner-service").textContent}))
            .observe(section, {attributes: true});
        }"""
    )
    page.fill("#plan-chips", "3000")
    page.fill("#plan-requests", "777")
    final = service(page)
    told = page.evaluate("window.told")
    assert any("sketched" in one and "answered" not in one for one in told)
    first = [one["text"] for one in told if "expected" in one and "served" not in one][-1]  # of the second change
    assert first.split()[0] == final.split()[0] and "(" not in first and "(" in final


def test_targets_that_no_plan_keeps_are_refused_with_the_nearest(page):
    page.fill("#plan-tpot", "0.5")
    assert service(page).startswith("Time per output token: ") and "times the target of 0.0005 s" in service(page)


def test_the_page_opens_on_a_scenario_s_model_and_chip(browser, tmp_path):
    opening = Opening(model="Qwen3-235B-A22B", chip="H200 SXM")
    page = browser.new_page()
    page.goto(written(tmp_path, opening).as_uri())
    page.wait_for_function(_ANSWERED, timeout=60_000)
    run, served = planner.answers(opening)
    assert (answered(page), service(page)) == (run, served) and "Qwen3-235B-A22B" in run
    assert page.input_value("#plan-model") == "Qwen3-235B-A22B" and "plan=" not in page.url
    page.close()


def test_the_address_holds_what_differs(page):
    page.fill("#plan-chips", "256")
    page.select_option("#plan-chip", "B200 SXM (HGX/DGX)")
    first = answered(page)
    assert "plan=" in page.url and "tokens" not in page.url
    page.reload()
    assert answered(page) == first and page.input_value("#plan-chips") == "256"
    page.click("button[type=reset]")
    assert answered(page) == planner.first().sentence and "plan=" not in page.url


HOSTILE = {
    "model": "<img src=x onerror=alert(1)>", "tokens": "NaN", "chips": "1e999", "chip": "__proto__", "by": "constructor",
    "precision": "toString", "__proto__": "polluted", "days": "-5", "sequence": "9" * 3000,
}  # fmt: skip


def test_hostile_links_are_refused_in_a_sentence(page, file):
    for name, text in HOSTILE.items():
        page.goto(f"{file.as_uri()}?plan={quote(f'{quote(name)}={quote(text)}')}")
        assert answered(page) == planner.first().sentence, name
        said = page.locator(".planner-said").inner_text()
        assert said.startswith("This link could not be read in full.") and len(said) < 700, (name, said)
    assert page.locator("img").count() == 0
    assert page.evaluate("({}).polluted === undefined")


WRONG = [
    ("model", "lamma", "is part of no name"), ("model", "llama", "names: "), ("chips", "0.5", "out of range"),
    ("tokens", "many", "is not a number; allowed: 1 million to"), ("chips", "1.5", "not a whole number"),
    ("tokens", "1" * 100_000, "too long"),
]  # fmt: skip


def test_wrong_input_says_what_is_allowed_and_the_last_value_counts(page):
    before = page.locator(".planner-answer").first.inner_text()
    for field, text, said in WRONG:
        page.fill(f"#plan-{field}", text)
        assert said in page.locator(f"#plan-{field}-wrong").inner_text()
        assert page.get_attribute(f"#plan-{field}", "aria-invalid") == "true"
        page.locator("#plan-by").focus()
        assert said in page.locator(".planner-said").inner_text()
    assert page.locator(".planner-answer").first.inner_text() == before


def test_what_can_not_be_trained_is_said_with_what_would(page):
    page.fill("#plan-chips", "4")
    assert "does not fit on" in answered(page) and "would hold it" in page.locator(".planner-answer").first.inner_text()
    page.select_option("#plan-by", "days")
    page.fill("#plan-days", "0.1")
    assert "the fastest takes" in answered(page)


def given(name: str, content: bytes) -> dict:
    return {"name": name, "mimeType": "application/json", "buffer": content}


def test_a_config_json_is_read_and_refused_in_the_page(page):
    config = {"model_type": "llama", "hidden_size": 4096, "num_hidden_layers": 32, "intermediate_size": 14336,
              "num_attention_heads": 32, "num_key_value_heads": 8, "vocab_size": 128256}  # fmt: skip
    page.set_input_files(
        "#plan-file", {"name": "mine.json", "mimeType": "application/json", "buffer": json.dumps(config).encode()}
    )
    page.wait_for_function("document.querySelector('#plan-model').value === 'mine.json'")
    page.fill("#plan-tokens", "15 T")
    expected = page.evaluate("document.querySelector('.planner-said').textContent")
    assert "train mine.json on 15 trillion tokens" in answered(page), expected
    page.set_input_files("#plan-file", given("bad.json", b"[" * 5_000_000))
    page.wait_for_function("document.querySelector('.planner-said').textContent.startsWith('bad.json')")
    assert "at most a million" in page.locator(".planner-said").inner_text()


def test_the_scenario_and_the_table_can_be_taken_away(page):
    with page.expect_download() as saved:
        page.click("[data-action=scenario]")
    scenario = reading.load(saved.value.path())
    plan = planner.first()
    assert scenario.training_tokens == plan.tokens and scenario.accelerator == "H100 SXM5"
    assert estimate(scenario).flat()["training.accelerators"] == pytest.approx(plan.chips.expected, abs=1)
    page.wait_for_function(_DONE, timeout=60_000)
    with page.expect_download() as saved:
        page.click("[data-action=table]")
    with open(saved.value.path(), encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    assert rows[0].keys() >= {"chips", "days", "low_days", "high_days", "rent"} and len(rows) > 20
    assert all(float(row["low_days"]) < float(row["days"]) < float(row["high_days"]) for row in rows)


def test_every_control_is_reached_and_worked_by_keyboard(page):
    page.locator("#plan-file").focus()
    page.keyboard.press("Tab")
    reached = [page.evaluate("document.activeElement.id")]
    page.keyboard.press("Tab")
    page.keyboard.press("Control+A")
    page.keyboard.type("300 billion")
    for _ in range(24):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.id || document.activeElement.textContent"))
    assert {"plan-by", "plan-chips", "plan-chip", "plan-precision", "plan-demand", "plan-ttft", "Reset", "Copy link"} <= set(
        reached
    )
    assert "on 300 billion tokens" in answered(page)
