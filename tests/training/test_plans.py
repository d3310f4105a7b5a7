import numpy as np
import pytest

from analysis import settings
from analysis.models import architecture
from analysis.models.parallelism import Parallelism
from analysis.steps import step
from analysis.training import plans, step_time
from analysis.training.plans import PlanSettings

CHOSEN = PlanSettings()
GPT3 = architecture.load(CHOSEN.model)


@pytest.fixture(scope="module")
def every():
    return plans.every(CHOSEN)


def test_the_first_plan_is_the_fastest_that_fits(every):
    made, frame = every
    fitting = frame[frame["fits"]]
    assert frame["fits"].iloc[: len(fitting)].all() and fitting["seconds"].is_monotonic_increasing
    assert (fitting["memory_gb"] <= 80).all()
    assert (made.chips == CHOSEN.chips).all()
    best = plans.by_split(frame)
    assert best["seconds"].min() == frame["seconds"].iloc[0]
    assert not best.duplicated(["tensor", "pipeline"]).any()


def test_the_fastest_plan_is_predicted_as_when_all_of_it_is_given(every):
    """The same step from a plan written out, through another way in."""
    _, frame = every
    row = frame[(frame["recomputed_layers"] == 0) & frame["fits"]].iloc[0]
    given = Parallelism(
        tensor=int(row["tensor"]), pipeline=int(row["pipeline"]), data=int(row["data"]), zero=int(row["zero"]),
        virtual_pipeline=int(row["virtual_pipeline"]), micro_batch=int(row["micro_batch"]),
        recomputation=("none", "selective", "full")[int(row["recomputation"])],
    )  # fmt: skip
    one = step.training_step(GPT3, given, chip=CHOSEN.chip, precision=CHOSEN.number_format, sequence=CHOSEN.sequence,
                   global_batch=CHOSEN.global_batch, date=plans.DATE)  # fmt: skip
    assert plans.slower(CHOSEN) * step_time.step_seconds(one).item() == pytest.approx(row["seconds"])


def test_parts_add_up_to_the_step(every):
    made, frame = every
    assert np.allclose(plans.split(made, plans.slower(CHOSEN)).sum(axis=1), frame["seconds"])
    parts = step_time.step_parts(made, plans.CONSTANTS)
    assert sorted(name for names in plans.GROUPS.values() for name in names) == sorted(parts)


def test_variations_depart_in_one_way_and_use_the_same_chips(every):
    made, _ = every
    best = made.take(np.array([0]))
    found = plans.variations(best, GPT3)
    assert "no interleaving" in found and "full recomputation" in found
    seconds = plans.described(best)["seconds"].item()
    for name, other in found.items():
        assert other.chips.item() == CHOSEN.chips, name
        assert step_time.step_seconds(other).item() != seconds
    one, other = (plans.split(step).iloc[0] for step in (best, found["full recomputation"]))
    forward = one["Matrix products"] / 3
    assert other["Recomputation"] == pytest.approx(forward, rel=0.15), "a forward pass more is a third of the products"


def test_what_is_sent_is_what_counting_says(every):
    made, _ = every
    best = made.take(np.array([0]))
    plan, sent = best.plan, plans.traffic(best).set_index("kind")
    tensor, pipeline, data, chunks = (getattr(plan, name).item() for name in ("tensor", "pipeline", "data", "virtual_pipeline"))
    tokens = CHOSEN.global_batch * CHOSEN.sequence / data
    # Four all-reduces of two-byte activations a layer, on each of the layers that a chip's stage holds.
    ring = 2 * (tensor - 1) / tensor * 2 * tokens * GPT3.d_model
    assert sent.loc["tensor", "gigabytes"] * 1e9 == pytest.approx(4 * GPT3.n_layers / pipeline * ring)
    assert sent.loc["pipeline", "gigabytes"] * 1e9 == pytest.approx(2 * chunks * 2 * tokens * GPT3.d_model / tensor)
    held = 2 * 175e9 / tensor / pipeline
    assert sent.loc["data", "gigabytes"] * 1e9 == pytest.approx(2 * (data - 1) / data * held, rel=0.01)


@pytest.mark.parametrize(("stages", "chunks", "micro_batches"), [(4, 1, 8), (8, 3, 16), (2, 1, 2)])
def test_the_bubble_is_what_a_simulation_of_the_pipeline_shows(stages, chunks, micro_batches):
    """Forward passes alone, each chunk of a micro-batch after the chunk before it and when its stage is free."""
    free, done = [0.0] * stages, {}
    # A stage works through groups of as many micro-batches as there are stages, chunk by chunk.
    for start in range(0, micro_batches, stages):
        for chunk in range(chunks):
            for micro in range(start, min(start + stages, micro_batches)):
                for stage in range(stages):
                    before = (chunk, stage - 1) if stage else (chunk - 1, stages - 1)
                    ready = done.get((micro, *before), 0.0)
                    free[stage] = done[micro, chunk, stage] = max(free[stage], ready) + 1.0
    working = chunks * micro_batches
    waiting = (max(free) - working) / working
    assert waiting == pytest.approx(plans.bubble_share(stages, chunks, micro_batches))


def test_tokens_of_a_step_stay_at_other_lengths(every):
    made, _ = every
    many = plans.lengths(made.take(np.array([0])), (1024, 4096, 16_384), (1, 2, 4))
    assert len(many) >= 6
    assert np.allclose(many.tokens, CHOSEN.global_batch * CHOSEN.sequence)


def test_what_is_no_step_is_refused():
    for values, said in (
        ({"chip": "A100 SXM4"}, "did you mean 'A100 SXM4 40GB'"),
        ({"model": "GPT-3 176B"}, "GPT-3 175B"),
        ({"chips": 7}, "global_batch"),
        ({"chips": -1}, "chips"),
        ({"chip_name": "A100"}, "unknown setting 'chip_name'"),
    ):
        with pytest.raises(settings.SettingError, match=said):
            settings.read(PlanSettings, values)
    with pytest.raises(plans.NoPlanError, match="more chips"):
        plans.every(PlanSettings(chips=8, global_batch=64))
