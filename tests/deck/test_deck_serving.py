import numpy as np
import pytest

from analysis.deck import deck_serving
from analysis.inference import pass_time
from analysis.inference.deployments import largest_batch
from analysis.plan import scenario_serving
from analysis.plan.interval import PlanError
from analysis.scenarios.estimate import estimate
from analysis.scenarios.reading import build, load
from analysis.scenarios.scenario import DECK
from analysis.serving import demand


@pytest.fixture(scope="module")
def together():
    return scenario_serving.planned(DECK, way="together")


@pytest.fixture(scope="module")
def steps():
    return deck_serving.steps(DECK).set_index("key")["accelerators"]


def test_it_begins_with_what_the_deck_prints_and_what_its_formula_gives(steps):
    assert list(steps.index) == [
        "printed", "slip", "precision", "bandwidth", "batch", "prompt", "targets", "peak", "tokenizer", "apart",
    ]  # fmt: skip
    assert steps["printed"] == 706_315
    assert steps["slip"] == estimate(DECK).inference.accelerators_exact
    bf16 = DECK.model_copy(update={"precision": "BF16"})
    assert steps["precision"] == pytest.approx(estimate(bf16).inference.accelerators_exact)


def test_one_question_at_a_time_reads_all_weights_for_each_token(steps, together):
    """At least the bytes of 175 billion weights over the bandwidth of the data sheet, and not twice that on one stage."""
    one = together.replica.deployment
    tokens = estimate(DECK).inference.tokens_per_day / 86_400
    least = tokens * 175e9 * 2 / 1.935e12 * one.pipeline
    assert least < steps["bandwidth"] < 3 * least


def test_a_full_batch_shares_the_reading(steps, together):
    one = together.replica.deployment
    fits = deck_serving.fits(DECK)
    alone, shared = (float(np.ravel(pass_time.decode_seconds(one, batch, 425 * 4 / 6))[0]) for batch in (1, fits))
    assert fits == largest_batch(one, 425 * 4 / 3)
    assert steps["bandwidth"] / steps["batch"] == pytest.approx(fits * alone / shared, rel=1e-6)


def test_each_simplification_moves_the_count_the_way_it_must(steps):
    assert steps["prompt"] < steps["batch"], "prompts are read faster than they would be written"
    assert steps["targets"] >= steps["prompt"]
    assert steps["peak"] == pytest.approx(1.34 * steps["targets"])
    tokens = demand.tokens_per_character("GPT-2/GPT-3 r50k_base") / DECK.tokens_per_character
    assert steps["tokenizer"] > tokens * steps["peak"], "longer requests leave room for fewer"


def test_the_last_step_is_the_plan(steps, together):
    plan = scenario_serving.planned(DECK)
    assert steps["apart"] == plan.chips.expected <= steps["tokenizer"] == together.chips.expected
    assert plan.chips.low < steps["apart"] < plan.chips.high


def test_the_default_peak_is_that_of_the_measured_day():
    assert DECK.peak_to_mean == round(demand.peak_to_mean(demand.measured_profile()), 2)


def test_a_scenario_has_a_step_of_its_own_and_its_own_chip():
    own = load("data/scenarios/h100-sxm-bf16.yml")
    table = deck_serving.steps(own).set_index("key")["accelerators"]
    assert table["scenario"] == pytest.approx(estimate(own).inference.accelerators_exact) == table["precision"]
    assert scenario_serving.planned(own).chip.name == "H100 SXM5"


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"tpot_target": "10 ms"}, r"time per output token: 0\.0\d+ s .* times the target of 0.01 s; no batch"),
        ({"ttft_target": "10 ms"}, r"time to first token: .* times the target of 0.01 s; no batch can meet it"),
        ({"characters_per_question": 4000}, "longer than GPT-3 175B can attend to; valid: at most 2,048"),
    ],
)
def test_what_can_not_be_served_is_named_with_the_distance(values, message):
    with pytest.raises(PlanError, match=message):
        deck_serving.steps(build(values, "test"))


@pytest.mark.parametrize(
    ("values", "given_up"),
    [
        ({"tpot_target": "1 ms", "visits_per_day": 1e9}, {"tpot_target"}),
        ({"characters_per_question": 4000}, {"characters_per_question"}),
        ({"characters_per_question": 0.001}, {"characters_per_question"}),
        ({"accelerator": "L4", "precision": "BF16", "tpot_target": "60 ms"}, None),
    ],
)
def test_a_book_is_built_without_what_can_not_be_served(values, given_up):
    asked = build(values, "test")
    followed, reason = scenario_serving.servable(asked)
    assert reason and scenario_serving.planned(followed).chips.expected > 0
    changed = {name for name in values if getattr(asked, name) != getattr(followed, name)}
    assert changed and (given_up is None or changed == given_up)


def test_what_can_be_served_stays():
    assert scenario_serving.servable(DECK) == (DECK, "")
