"""One question has one answer: pages, tables, commands and the chain say what the plan says."""

import json

import pytest

from analysis import Chip, Model, plan_serving, plan_training
from analysis.deck import deck_serving, in_brief
from analysis.economics import market
from analysis.figures import in_brief as in_brief_figures
from analysis.figures import serving as serving_figures
from analysis.figures import training_run as training_figures
from analysis.industry import pass_through
from analysis.plan import of_scenario, scenario_serving, scenario_training
from analysis.risk import joint, risks, stranding
from analysis.scenarios.reading import build
from analysis.scenarios.scenario import DECK
from analysis.tables import serving_tables, training_tables
from tests import any_scenario
from tests.conftest import command

OURS = build(
    {
        "title": "Ours", "model": "Llama-3.1-8B", "training_tokens": "1e12", "training_time": "30 days",
        "accelerator": "H100 SXM5", "precision": "BF16", "utilization": "30%", "requests_per_day": "1e9", "tpot_target": "50 ms",
    },
    "test",
)  # fmt: skip


@pytest.fixture(scope="module", params=[DECK, OURS], ids=["deck", "ours"])
def asked(request):
    """The scenario, and its two plans, asked of the public functions alone."""
    scenario = request.param
    model, chip = of_scenario.model(scenario), Chip.load(scenario.accelerator)
    run = plan_training(model, chip, scenario.training_tokens, days=30, precision=of_scenario.training_precision(scenario))
    day = plan_serving(
        model, chip, of_scenario.requests(scenario), ttft=scenario.ttft_target, tpot=scenario.tpot_target, precision="bf16"
    )
    return scenario, run, day


def test_the_front_page_and_its_figure(asked):
    scenario, run, day = asked
    table = in_brief.estimates(scenario).set_index(["work", "says"])
    for work, chips in zip(in_brief.WORK, (run.chips, day.chips), strict=True):
        row = table.loc[(work, in_brief.PREDICTED)]
        assert (row["low"], row["accelerators"], row["high"]) == (chips.low, chips.expected, chips.high)
    said = in_brief_figures.from_deck_to_prediction(scenario).usermeta["description"]
    for chips in (run.chips, day.chips):
        assert in_brief_figures.count(chips.expected) in said and in_brief_figures.count(chips.high) in said


def test_the_training_page(asked):
    scenario, run, _ = asked
    said = any_scenario.published("training_run", scenario)
    assert said["chips"] == f"{run.chips.expected:,.0f}"
    assert float(said["days"]) == pytest.approx(run.days.expected, rel=0.005)
    assert float(said["sustained"].rstrip("%")) == pytest.approx(100 * run.sustained.expected, rel=0.05)
    assert float(said["steps_utilization"].rstrip("%")) == pytest.approx(100 * run.model_flops_utilization.expected, rel=0.05)
    row = training_tables.runs_in_time(scenario).iloc[0]
    assert row["Chips"].startswith(f"{run.chips.expected:,.0f}\n({run.chips.low:,.0f} to {run.chips.high:,.0f})")
    assert float(row["Days"]) == pytest.approx(run.days.expected, rel=0.005)
    costs = training_figures.costs(scenario).iloc[0]
    rent = run.cost.rent
    assert rent is None or costs["rent"] * 1e6 == pytest.approx(rent.expected)
    assert f"{run.chips.expected:,.0f} ×" in training_figures.days_by_chips(scenario, 1558).usermeta["subtitle"]


def test_the_serving_page(asked):
    scenario, _, day = asked
    steps = deck_serving.steps(scenario)["accelerators"]
    assert steps.iloc[-1] == day.chips.expected
    assert serving_figures.count(day.chips.high) in serving_figures.waterfall(scenario).usermeta["subtitle"]
    row = serving_tables.searches(scenario).iloc[0]
    assert row["Accelerators"]
    first = scenario_serving.others(scenario).iloc[0]
    assert (first["chips"], first["low"], first["high"]) == (day.chips.expected, day.chips.low, day.chips.high)
    assert first["megawatts"] == pytest.approx(day.megawatts.expected)


def test_the_chain_and_the_risks(asked):
    scenario, run, day = asked
    need = pass_through.demand(scenario)
    assert (need.training, need.serving) == (run.chips.expected, day.chips.expected)
    both = risks.results(scenario)
    assert (both["training"], both["serving"]) == (run.chips.expected, day.chips.expected)
    drawn = joint.simulated(scenario, draws=3, width=0)
    assert drawn["serving"].iloc[0] == pytest.approx(day.chips.expected)
    assert stranding.fleet(scenario).rent == market.rates(stranding.fleet(scenario).chip).dollars_per_chip_hour


def test_the_command(asked, tmp_path):
    scenario, run, day = asked
    mine = tmp_path / "mine.yml"
    lines = [f"{name}: {json.dumps(value)}" for name, value in scenario.written.items() if name != "title"]
    mine.write_text("\n".join(["title: Mine", *lines]), "utf-8")
    said = json.loads(command("plan", str(mine), "--json").stdout)
    training, serving = said["training"], said["serving"]
    assert (training["accelerators"], training["days"]) == (run.chips.expected, pytest.approx(run.days.expected))
    assert training["low_days"] == pytest.approx(run.days.low) and training["high_days"] == pytest.approx(run.days.high)
    assert (serving["accelerators"], serving["low"], serving["high"]) == (day.chips.expected, day.chips.low, day.chips.high)
    served = json.loads(command("serve", str(mine), "--json").stdout)
    assert (served["chips"], served["low"], served["high"]) == (day.chips.expected, day.chips.low, day.chips.high)


def test_a_plan_is_the_same_by_its_curve_and_by_itself():
    run = plan_training(Model.load("GPT-3 175B"), Chip.load("A100 SXM4 80GB"), 300e9, chips=1024)
    table = scenario_training.sizes(DECK, scenario_training.A100).set_index("chips")
    assert table.loc[run.chips.expected, "days"] == pytest.approx(run.days.expected, rel=1e-9)
    assert table.loc[run.chips.expected, "rent"] == pytest.approx(run.cost.rent.expected, rel=1e-9)
