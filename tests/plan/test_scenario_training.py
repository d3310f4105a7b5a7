import pytest

from analysis.figures import training_run
from analysis.plan import scenario_training
from analysis.plan.scenario_training import A100, Machine
from analysis.scenarios.estimate import estimate
from analysis.scenarios.reading import build
from analysis.scenarios.scenario import DECK
from analysis.tables import training_tables

TOKENS = DECK.training_tokens


@pytest.fixture(scope="module")
def table():
    return scenario_training.sizes(DECK, A100)


def test_the_decks_formula_gives_the_days_back_at_what_is_sustained(table):
    """What the deck divides by is put into its formula: the chips come out that were put in."""
    for row in table.iloc[::6].itertuples():
        asked = build(
            {
                "accelerator": A100.chip, "precision": "BF16", "utilization": row.sustained,
                "training_time": f"{row.days} days", "training_tokens": TOKENS, "parameters": "174.6e9",
            },
            "test",
        )  # fmt: skip
        assert estimate(asked).training.accelerators_exact == pytest.approx(row.chips, rel=0.005)


def test_what_is_sustained_is_what_steps_reach_less_what_is_lost(table):
    # 6 N D has no attention, so a little less than model FLOP; and embeddings that no product reads.
    ratio = table["sustained"] / (table["model_flops_utilization"] * table["goodput"])
    assert ratio.between(0.95, 1.0).all()


def test_a_known_run_lies_inside_the_interval(table):
    """OPT-175B: 809,472 hours on 992 A100 (data/runs.csv), 300 billion tokens."""
    row = table[table["chips"] <= 992].iloc[-1]
    assert row["low_chip_hours"] < 809_472 < row["high_chip_hours"]


def test_the_plan_in_time_is_on_the_fewest_and_its_interval_holds_it(table):
    run = scenario_training.in_time(DECK, A100)
    assert run.chips.low <= run.chips.expected <= run.chips.high and run.days.expected <= 30
    assert (table[table["chips"] < run.chips.expected]["days"] > 30).all()
    assert scenario_training.in_time(build({"training_time": "1 s"}, "test"), A100) is None


def test_verdicts_follow_the_interval():
    frame = scenario_training.enough(DECK, 1558)
    assert (frame["chips"] <= 1558).all()
    for row in frame.itertuples():
        expected = "yes" if row.high_days <= 30 else "no" if row.low_days > 30 else "likely" if row.days <= 30 else "unlikely"
        assert row.verdict == expected
        assert (row.required <= row.sustained) == (row.days <= 30)
    # The deck's number is what the deck's utilization gives, but for rounding to a count that a plan can use.
    assert frame["required"].iloc[0] == pytest.approx(0.5 * 1558 / frame["chips"].iloc[0], rel=0.005)


def test_a_scenario_that_can_not_be_predicted_falls_back_to_the_deck():
    assert scenario_training.machine_of(DECK) == Machine("A100 PCIe 80GB", "tf32")
    assert scenario_training.machine_of(build({"accelerator": "H100 SXM5", "precision": "FP8"}, "test")).number_format == "fp8"
    assert scenario_training.machine_of(build({"precision": "INT8"}, "test")) == Machine("A100 PCIe 80GB", "tf32")
    machines = scenario_training.machines(build({"accelerator": "H100 SXM5", "precision": "BF16"}, "test"))
    assert len(machines) == len(set(machines)) and machines[0].chip == "H100 SXM5"


def test_cost_is_hours_at_their_price_and_energy_is_power_times_time(table):
    row = table.iloc[0]
    assert row["rent"] / row["chip_hours"] == pytest.approx(table["rent"].iloc[-1] / table["chip_hours"].iloc[-1])
    # 400 W, a DGX A100 of 6.5 kW for eight, PUE 1.3.
    assert row["megawatt_hours"] * 1e6 == pytest.approx(row["chip_hours"] * 400 * 6500 / 3200 * 1.3)


def test_where_no_machine_is_done_in_time_tables_and_figures_say_so(table):
    run, in_time = scenario_training.done(build({"training_time": "1 h"}, "test"), A100)
    assert not in_time
    assert run.days.expected == pytest.approx(table["days"].min(), rel=0.02)
    hurried = build({"training_time": "1 day", "training_tokens": "15e12"}, "test")
    assert training_tables.runs_in_time(hurried)["Chips"].str.contains("too slow; the fastest").all()
    assert training_run.rent_or_own(hurried).usermeta["subtitle"].startswith("No machine that can be rented is done in 1 day")
    assert training_run.costs(hurried)["label"].str.contains(", late: ").all()
    assert not training_tables.runs_in_time(DECK)["Chips"].str.contains("too slow").any()
