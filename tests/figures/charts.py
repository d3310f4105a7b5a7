"""Every chart of the book, by a name, drawn of little data."""

from functools import cache

import altair as alt
import numpy as np
import pandas as pd

from analysis import facts, paths
from analysis.deck import audit
from analysis.feedback import rlhf
from analysis.feedback.rlhf import Feedback
from analysis.figures import (
    analogies,
    attention,
    chain,
    chain_rule,
    chip_supply,
    chips_compared,
    claims,
    clocks,
    companies,
    comparison,
    convolution,
    current,
    decode_speed,
    decoding,
    depth,
    embeddings,
    export_rules,
    fine_tuning,
    flop,
    gaps,
    heads,
    in_brief,
    in_context,
    inference,
    learning,
    learning_curves,
    ledger,
    long_context,
    memory,
    model_growth,
    next_token,
    note,
    parallelism,
    precision,
    published_demand,
    recurrence,
    releases,
    scaling,
    scenarios,
    serving,
    small_scaling,
    token_cost,
    training,
    training_run,
    transformer,
    translation,
    utilization,
    verification,
    what_if,
)
from analysis.figures import answers as answers_figures
from analysis.figures import boundary as boundary_figures
from analysis.figures import explored as explored_figures
from analysis.figures import feedback as feedback_figures
from analysis.figures import gpt_family as gpt_family_figures
from analysis.figures import inference_validation as inference_figures
from analysis.figures import instructgpt as instructgpt_figures
from analysis.figures import joint_risks as joint_figures
from analysis.figures import one_by_one as one_by_one_figures
from analysis.figures import prices as price_figures
from analysis.figures import risks as risk_figures
from analysis.figures import rl as rl_figures
from analysis.figures import sensitivity as sensitivity_figures
from analysis.figures import supply as supply_figures
from analysis.figures import tasks as tasks_figures
from analysis.figures import tokenizers as tokenizers_figures
from analysis.figures import tuning as tuning_figures
from analysis.figures import validation as validation_figures
from analysis.figures import way as way_figures
from analysis.figures import zoom as zoom_figures
from analysis.industry import supply
from analysis.inference.decode_case import DecodeCase
from analysis.languages.words import Words
from analysis.models import architecture, by_context, library
from analysis.models.by_context import Compared
from analysis.networks import (
    alignment,
    boundary,
    context,
    dense,
    digits,
    dispersion,
    explored,
    number_probes,
    one_by_one,
    poem_chain,
    poem_gaps,
    poem_models,
    poem_scaling,
    poem_tasks,
    reach,
    recall,
    sampling,
    sublayers,
    translator,
    trials,
    way,
    word_vectors,
)
from analysis.networks import convolution as convolution_network
from analysis.networks import depth as measured_depth
from analysis.networks import heads as measured_heads
from analysis.networks import held_out as unseen_numbers
from analysis.networks import in_context as measured_in_context
from analysis.networks.learning import Recipe, by_element, history
from analysis.networks.learning_curves import CLASSICAL, EXAMPLES
from analysis.plan import scenario_rl, scenario_tuning, strong_scaling
from analysis.plan.cost_case import CostCase
from analysis.plan.demand_in_chips import PublishedCase
from analysis.report import data_files, pipeline, pipeline_figure
from analysis.risk import joint
from analysis.scenarios.comparison import compare
from analysis.scenarios.estimate import estimate
from analysis.scenarios.reading import load
from analysis.scenarios.scenario import DECK
from analysis.serving.chips_compared import ChipsCase
from analysis.serving.serving_case import ServingCase
from analysis.training import training_case
from analysis.training.plans import PlanSettings
from analysis.uncertainty import sensitivity
from analysis.validation import ablation, held_out, held_out_inference, training_validation

GPT3 = architecture.load("GPT-3 175B")
H100 = load(paths.SCENARIOS / "h100-sxm-bf16.yml")
TRANSLATOR = translator.load()
ENCODED = TRANSLATOR.encode(translator.source("twenty-one"))
WORDS = ("twenty", "one", "<end>")
ATTENDED = ENCODED.layers[0].attention
UNSEEN = unseen_numbers.sample(10)
SHORT = unseen_numbers.sample_by_digits(40)
GENERATED = translator.translate("twenty-one")
LONGEST = translator.translate("seven hundred and seventy-seven thousand seven hundred and seventy-seven")


def accelerators_by_scenario() -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"scenario": scenario.title, "work": work, "accelerators": part.accelerators}
            for scenario in (DECK, H100)
            for work, part in (("Training", estimate(scenario).training), ("Inference", estimate(scenario).inference))
        ]
    )


HELD_OUT = held_out.read()
CASE = training_case.TrainingCase()
DAYS, FACTORS = training_case.days(CASE), training_case.factors()
LINE = "白日依山盡"
RUNS = poem_scaling.runs()
IN_CONTEXT = measured_in_context.measured(measured_in_context.Asked(sequences=100))
REPLICA = ServingCase()
RECIPE = Recipe(examples=200, shown=1000)
JUDGED = rlhf.judged(Feedback(comparisons=50))


NOTE_COUNTS = pd.DataFrame(
    [
        {"part": "Training", "low": 670, "high": 1_384, "own": 1_082, "base": 1_559},
        {"part": "Inference", "low": 1_384_848, "high": 21_130_523, "own": 1_883_813, "base": 412_018},
    ]
)


def _history() -> pd.DataFrame:
    learn, unseen = digits.split()
    return history(dense.initial(RECIPE.widths, np.random.default_rng(0)), learn, unseen, RECIPE)


DEPTHS = measured_depth.Depths(width=6, deepest=2, epochs=1, seeds=2)
CONVOLUTION = convolution_network.initial(4, digits.SIDE, digits.CLASSES, np.random.default_rng(0))


def _curves() -> pd.DataFrame:
    models = {CLASSICAL: np.nan, "Small network": 1210, "Medium network": 4810, "Large network": 19_210}
    rows = [
        [model, weights, examples, seed, 1 - (number + 2) / examples - seed / 100, 1.0]
        for number, (model, weights) in enumerate(models.items())
        for examples in EXAMPLES
        for seed in range(2)
    ]
    return pd.DataFrame(rows, columns=["model", "weights", "examples", "seed", "accuracy", "learnt"])


def _equal_weights() -> pd.DataFrame:
    rows = [["Convolution", 210], ["Dense", 235], ["Convolution", 1610], ["Dense", 1585], ["No hidden layer", 650]]
    return pd.DataFrame(
        [{"kind": kind, "weights": weights, "accuracy": 0.9 + seed / 50} for kind, weights in rows for seed in range(2)]
    )


CHARTS = {
    "in brief": lambda: in_brief.from_deck_to_prediction(DECK),
    "in brief, otherwise": lambda: in_brief.from_deck_to_prediction(H100),
    "phases": lambda: learning.training_and_inference(RECIPE),
    "loss": lambda: learning.loss_by_epoch(_history()),
    "labelled": lambda: learning.labelled(dense.initial(RECIPE.widths, np.random.default_rng(0)), digits.split()[1]),
    "elements": lambda: learning.by_element(by_element(RECIPE, seeds=1)),
    "note intervals": lambda: note.intervals(
        NOTE_COUNTS, {"own": "This note", "base": "Base"}, Words("en"), title="Accelerators", axis="Accelerators", module="a plan"
    ),
    "note shares": lambda: note.shares(
        {"Weights": 0.7, "Attention": 0.3},
        Words("zh"),
        title="推理：一步的时间花在哪里",
        subtitle="推理",
        axis="比例",
        module="a plan",
    ),
    "note days": lambda: note.days_by_chips(
        pd.DataFrame({"chips": [8, 64], "days": [20.0, 3.0], "low_days": [14.0, 2.0], "high_days": [28.0, 4.3]}),
        Words("en"),
        title="Days and the number of chips",
        subtitle="Days of a run by its chips.",
        module="a plan",
    ),
    "networks of different depth": lambda: depth.of_depths(DEPTHS),
    "accuracy by depth": lambda: depth.by_depth(measured_depth.odd_by_depth(DEPTHS)),
    "templates": lambda: depth.templates(measured_depth.collapse(DEPTHS), DEPTHS.deepest),
    "bends": depth.bends,
    "learning curves": lambda: learning_curves.curves(_curves()),
    "convolution": lambda: convolution.flow(CONVOLUTION, digits.SIDE),
    "convolved": lambda: convolution.steps(CONVOLUTION, digits.split()[1].images.x[0], 3),
    "shared weights": lambda: convolution.weights_by_side(8),
    "equal weights": lambda: convolution.at_equal_weights(_equal_weights()),
    "unrolled": lambda: recurrence.unrolled(recall.load("plain", 0)),
    "recall by distance": lambda: recurrence.by_distance(reach.by_distance(reach.Reach(length=64, sequences=20))),
    "recall while learning": lambda: recurrence.while_learning(facts.read("weights/recall_log")),
    "factors": lambda: comparison.factors(compare(DECK, H100), "training.accelerators_exact"),
    "training": lambda: training.accelerators_by_days(H100, 1558),
    "what if: training": lambda: what_if.training(H100),
    "what if: inference": lambda: what_if.inference(H100),
    "what if: factors": lambda: what_if.factors(H100),
    "slip": lambda: inference.slip(H100, 706_315),
    "passes": lambda: decode_speed.passes(DecodeCase()),
    "decoding by batch": lambda: decode_speed.by_batch(DecodeCase()),
    "roofline": lambda: decode_speed.roofline(DecodeCase()),
    "roofline of a chip that was not measured": lambda: decode_speed.roofline(DecodeCase(chip="H200 SXM")),
    "requests that fit": lambda: decode_speed.capacity(DecodeCase()),
    "first token": lambda: decode_speed.first_token(DecodeCase()),
    "decoding by context": lambda: decode_speed.by_context(DecodeCase()),
    "experts touched": decode_speed.experts,
    "predicted against published": lambda: inference_figures.predicted_against_published(held_out_inference.read()),
    "errors by unit": lambda: inference_figures.errors_by_unit(held_out_inference.read()),
    "models on chips": lambda: chips_compared.by_chip(ChipsCase()),
    "drafts": lambda: decode_speed.speculation(DecodeCase()),
    "tokenizers": lambda: inference.tokenizers(H100),
    "attention": lambda: flop.attention_share(facts.read("gpt3_sizes"), 2048),
    "scenarios": lambda: scenarios.accelerators_by_scenario(accelerators_by_scenario()),
    "way of a number": lambda: pipeline_figure.way_of_a_number(pipeline.counts()),
    "verification": lambda: verification.by_file(data_files.by_mark()),
    "claims": lambda: claims.printed_over_recomputed(audit.claims()),
    "operations": lambda: ledger.by_operation(GPT3, 2048),
    "context": lambda: ledger.areas([GPT3, library.load("Qwen3.5-397B-A17B")], 2048),
    "conventions": lambda: ledger.conventions(GPT3, 2048, 0.4),
    "formats": precision.bits,
    "peaks": lambda: precision.peaks(H100),
    "memory of one": lambda: memory.on_one(GPT3, 2048, H100.accelerator),
    "memory over 64": lambda: memory.over_64(GPT3, 2048, H100.accelerator),
    "memory freed": lambda: memory.freed(GPT3, 2048, H100.accelerator),
    "memory by plan": lambda: memory.by_plan(GPT3, 2048, H100.accelerator),
    "cache": lambda: memory.kv_cache(8192, H100.accelerator),
    "long contexts in memory": lambda: long_context.memory(by_context.table(by_context.architectures(Compared().models))),
    "long contexts in work": lambda: long_context.work(by_context.table(by_context.architectures(Compared().models))),
    "plans": lambda: parallelism.by_split(PlanSettings()),
    "split of a step": lambda: parallelism.split(PlanSettings()),
    "more chips": lambda: parallelism.more_chips(strong_scaling.by_batch(PlanSettings())),
    "longer sequences": lambda: parallelism.by_length(PlanSettings()),
    "utilization over time": lambda: utilization.over_time(H100),
    "predicted utilization": utilization.against_prediction,
    "matmul ceilings": utilization.ceilings,
    "matmul by size": utilization.by_size,
    "ladder": utilization.ladder,
    "waterfall of serving": lambda: serving.waterfall(DECK),
    "tornado of serving": lambda: serving.tornado(DECK),
    "hours of the day": lambda: serving.hours(DECK),
    "other systems": lambda: serving.others(DECK),
    "queue": lambda: serving.queue(REPLICA),
    "load by target": lambda: serving.by_target(REPLICA),
    "ways to serve": lambda: serving.ways(REPLICA),
    "memory of tuning": lambda: tuning_figures.memory(scenario_tuning.by_method(scenario_tuning.tunable(DECK)[0])),
    "hours of tuning": lambda: tuning_figures.hours(scenario_tuning.tunable(DECK)[0]),
    "parts of an iteration": lambda: rl_figures.parts(scenario_rl.placements(scenario_rl.learnable(DECK)[0])),
    "split of the chips": lambda: rl_figures.split(scenario_rl.learnable(DECK)[0]),
    "published demand": lambda: published_demand.over_time(PublishedCase()),
    "token costs by chip": lambda: token_cost.by_chip(CostCase()),
    "DeepSeek's day": token_cost.deepseek_day,
    "token prices": lambda: token_cost.prices(CostCase()),
    "days by chips": lambda: training_run.days_by_chips(H100, 1558),
    "enough": lambda: training_run.enough(H100, 1558),
    "days against dollars": lambda: training_run.days_against_dollars(H100),
    "rent or own": lambda: training_run.rent_or_own(H100),
    "loss by size": lambda: scaling.loss_by_size(H100),
    "models and advice": lambda: scaling.models_and_advice(H100),
    "companies": companies.by_segment,
    "chain": lambda: chain.schematic(H100),
    "chain cost": lambda: chain.cost(H100),
    "chain network": lambda: chain.network(H100),
    "chain power tornado": lambda: chain.tornado(H100, "site"),
    "chain clusters": chain.clusters,
    "chip peaks": supply_figures.peaks,
    "chip growth": supply_figures.growth,
    "export rules": export_rules.links,
    "box of memory": export_rules.memory,
    "sold to China": export_rules.to_china,
    "newest rows": current.newest_rows,
    "makers by year": chip_supply.by_year,
    "same work": lambda: supply_figures.same_work(supply.same_work(supply.COMPARED)),
    "owners": supply_figures.owners,
    "rents": price_figures.rents,
    "purchases": price_figures.purchases,
    "owned hour": price_figures.owned_hour,
    "costs of a token": lambda: supply_figures.token_costs(supply.same_work(["H100 SXM5", "H20"])),
    "stresses": lambda: risk_figures.stresses(H100),
    "demand against the plan": lambda: risk_figures.demand(H100),
    "rebound": lambda: risk_figures.rebounds(H100),
    "earned back": lambda: risk_figures.earned(H100),
    "sites": lambda: risk_figures.sites(H100),
    "tornado of all inputs": lambda: joint_figures.tornado(H100, "capital"),
    "joint draws": lambda: joint_figures.distribution(
        joint.simulated(H100, draws=5000)["serving"], {"Scenario": 9e4, "Printed": 706_315}
    ),
    "what it takes": lambda: joint_figures.what_it_takes(H100, 706_315),
    "analogy": lambda: analogies.plane(word_vectors.load(), "man", "woman", "king"),
    "right answers": lambda: analogies.right_answers(word_vectors.scores(word_vectors.load(), word_vectors.pairs())),
    "what enters": lambda: embeddings.entering(ENCODED, WORDS),
    "zoom": lambda: zoom_figures.words(word_vectors.load(), "king", "queen", word_vectors.relation_of("man", "woman")),
    "typed": lambda: tokenizers_figures.typed(),
    "clocks": lambda: clocks.hands(16, (12, 9)),
    "positions": lambda: embeddings.waves(20, 16),
    "products of positions": lambda: embeddings.products(20, 16),
    "shift of positions": lambda: embeddings.shift(4, 16),
    "two languages": lambda: embeddings.across_languages(TRANSLATOR),
    "in context": lambda: embeddings.in_context(context.alike_by_stage(TRANSLATOR, "two", [2, 322]), "two", 2),
    "steps of attention": lambda: attention.flow(3, 3, 16, 16),
    "queries, keys, values": lambda: attention.vectors(ATTENDED, 0, WORDS),
    "weights": lambda: attention.matrices(ATTENDED, 0, WORDS),
    "division": lambda: attention.division(dispersion.by_width([2, 8], 12, 50), 12),
    "assembly of heads": lambda: heads.assembly(TRANSLATOR.encoder[0].attention, 3),
    "maps of heads": lambda: heads.maps(ATTENDED, WORDS, 1),
    "queries of heads": lambda: heads.queries(ATTENDED, WORDS),
    "outputs of heads": lambda: heads.outputs(ATTENDED, WORDS),
    "what heads add": lambda: heads.added(measured_heads.contributions(TRANSLATOR.encoder[0].attention, ATTENDED), WORDS),
    "what heads look at": lambda: heads.looks(measured_heads.looks(TRANSLATOR, UNSEEN), len(UNSEEN)),
    "what heads are worth": lambda: heads.losses(measured_heads.losses(TRANSLATOR, UNSEEN), 0.9, len(UNSEEN)),
    "looks of masks": lambda: gaps.looks(LINE, 3),
    "two masks": lambda: gaps.masks(LINE),
    "influence": lambda: gaps.influences(
        {kind: poem_gaps.influence(poem_models.load(kind), LINE, 2) for kind in poem_models.KINDS}, LINE
    ),
    "right at gaps": lambda: gaps.right_at_gaps(poem_gaps.right_at_gaps(20), 20),
    "pre-training": lambda: chain_rule.loss_by_step(facts.read("weights/poem_models_log"), "GPT"),
    "factors of the chain rule": lambda: chain_rule.factors({text: poem_chain.factors(text) for text in ("明月", "月明")}),
    "order of characters": lambda: chain_rule.order_found(poem_chain.order_found()),
    "accuracy by labels": lambda: fine_tuning.by_labels(poem_tasks.results(), poem_tasks.task("Order")),
    "small models by text": lambda: small_scaling.loss_by_tokens(RUNS, poem_scaling.fit(RUNS)),
    "small models by size": lambda: small_scaling.loss_by_size(RUNS, poem_scaling.fit(RUNS)),
    "translation": lambda: translation.in_and_out(translator.ARCHITECTURE, GENERATED),
    "longest translation": lambda: translation.in_and_out(translator.ARCHITECTURE, LONGEST),
    "architecture": lambda: transformer.architecture(translator.ARCHITECTURE),
    "stacks": lambda: transformer.stacks(translator.ARCHITECTURE),
    "encoder layer": lambda: transformer.encoder_layer(translator.ARCHITECTURE),
    "without sub-layers": lambda: transformer.without_sublayers(sublayers.losses(TRANSLATOR, UNSEEN), 1.0, len(UNSEEN)),
    "cost of a layer": lambda: transformer.cost_by_length(translator.ARCHITECTURE, GPT3),
    "way of a token": lambda: way_figures.through_decoder(way.ways("twenty-one"), 2),
    "through the encoder": lambda: translation.through_encoder(ENCODED, WORDS),
    "probes": lambda: translation.by_layer(number_probes.by_layer(TRANSLATOR, SHORT)),
    "likeness": lambda: translation.likeness(number_probes.likeness(TRANSLATOR, SHORT)),
    "learning to translate": lambda: translation.learning(facts.read("weights/translator_log"), translator.BATCH),
    "decoder's steps": lambda: decoding.steps(GENERATED),
    "longest steps": lambda: decoding.steps(LONGEST),
    "alignment": lambda: decoding.alignment(GENERATED, 3, alignment.by_head(TRANSLATOR, UNSEEN)["aligned"].iloc[-1]),
    "masks": lambda: decoding.masks([1, *GENERATED.tokens[:-1], 0], 0),
    "candidates": lambda: decoding.candidates(LONGEST, 2, 0.05),
    "right by temperature": lambda: decoding.right_by_temperature(trials.right_by_temperature(TRANSLATOR, UNSEEN, [0.5, 1, 3])),
    "predicted against reported": lambda: validation_figures.predicted_against_reported(HELD_OUT, held_out.later(HELD_OUT)),
    "errors by source": lambda: validation_figures.errors_by_source(HELD_OUT),
    "baselines": lambda: validation_figures.against_baselines(training_validation.summary(HELD_OUT)),
    "ablations": lambda: validation_figures.without_each_mechanism(ablation.read()),
    "families": releases.families,
    "kinds by year": releases.kinds_by_year,
    "models by company": releases.by_company,
    "models by quarter": releases.by_quarter,
    "growth of parameters": lambda: model_growth.growth("parameters", "GPT-5"),
    "growth of compute": lambda: model_growth.growth("training_flop", "GPT-1"),
    "experts": model_growth.experts,
    "longest contexts": model_growth.contexts,
    "access": releases.access,
    "Chinese models by place": releases.china_places,
    "GPT family": gpt_family_figures.printed_against_counted,
    "calibration of answers": answers_figures.calibration,
    "tasks by size": lambda: tasks_figures.by_size("TriviaQA"),
    "gains of examples": tasks_figures.gains,
    "learning seen": lambda: boundary_figures.learning_seen(boundary.learned(boundary_figures.ROWS, boundary_figures.COLUMNS)),
    "examples one by one": lambda: one_by_one_figures.added(one_by_one.answers(), one_by_one.SHOWN_BY),
    "attention explored": lambda: explored_figures.by_token(explored.explored("sixty-five"), "六十五", ("cross", 3, 1)),
    "next token": lambda: next_token.candidates(*sampling.next_logits(), sampling.BEFORE),
    "two loops": lambda: in_context.loops("large"),
    "in-context learning": lambda: in_context.by_examples(IN_CONTEXT),
    "in-context learning, shown": lambda: in_context.by_examples(IN_CONTEXT, measured_in_context.SHOWN),
    "in-context learning, new": lambda: in_context.by_examples(IN_CONTEXT, measured_in_context.NEW),
    "induction heads": lambda: in_context.heads_at_work("large", measured_in_context.prompt(0)),
    "without induction heads": lambda: in_context.without_heads(
        measured_in_context.without_each(measured_in_context.unseen(100))
    ),
    "prompts of InstructGPT": instructgpt_figures.prompts,
    "wins of InstructGPT": instructgpt_figures.wins,
    "three steps": lambda: feedback_figures.three_steps(Feedback(), JUDGED),
    "score against reward": lambda: feedback_figures.score_against_reward(JUDGED, {"Fine-tuned": JUDGED.log_q}),
    "promised and got": lambda: feedback_figures.promised_and_got(),
    "reward by divergence": feedback_figures.reward_by_divergence,
    "reward by comparisons": feedback_figures.reward_by_comparisons,
    "tokens by text": lambda: tokenizers_figures.by_text("English news", 4 / 3),
    "tornado": lambda: sensitivity_figures.tornado(sensitivity.tornado(DAYS, FACTORS), "a run"),
    "variance shares": lambda: sensitivity_figures.variance_shares(
        sensitivity.variance_shares(DAYS, FACTORS, samples=256), "a run"
    ),
}


@cache
def drawn(name: str) -> alt.TopLevelMixin:
    """Return a chart by its name, made once for all tests that look at it."""
    return CHARTS[name]()
