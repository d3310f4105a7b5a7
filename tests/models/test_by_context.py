"""What contexts cost, against the cache and the ledger of single lengths, and against what the kinds of layers promise."""

import pytest

from analysis.figures import long_context
from analysis.models import by_context, configuration, ledger, memory
from analysis.models.architecture import load
from analysis.settings import SettingError, read
from tests.steps.test_shape import HYBRIDS

FULL = configuration.from_config(HYBRIDS["sparse attention"] | {"model_type": "deepseek_v3"}, "full")
SPARSE = configuration.from_config(HYBRIDS["sparse attention"], "sparse")
HYBRID = configuration.from_config(HYBRIDS["gated delta net"], "hybrid")


def _at(models, context):
    frame = by_context.table(models)
    return frame[frame["context"] == context].set_index("model")


def test_a_row_is_what_the_ledger_and_the_cache_say_of_its_context():
    found = _at([load("Llama-3.1-8B"), HYBRID], 131_072)
    for model in (load("Llama-3.1-8B"), HYBRID):
        rows = ledger.ledger(model, 1, 1, 131_072, causal=True, absorbed=True)
        assert found.loc[model.name, "flop"] == pytest.approx(ledger.product_flop(rows)[0])
        held = memory.kv_cache_bytes(model, 131_072) + memory.state_bytes(model)
        assert found.loc[model.name, "cache_bytes"] == held


def test_sparse_attention_saves_work_and_not_memory_and_a_hybrid_both():
    models = [FULL, SPARSE, HYBRID]
    short, long = _at(models, 4096), _at(models, 1_048_576)
    grown = long["flop"] / short["flop"]
    assert grown["sparse"] < grown["full"] / 2
    assert long.loc["sparse", "cache_bytes"] > long.loc["full", "cache_bytes"]
    slope = (long["cache_bytes"] - short["cache_bytes"])["hybrid"] / (1_048_576 - 4096)
    assert slope == memory.kv_cache_bytes(HYBRID, 2) - memory.kv_cache_bytes(HYBRID, 1)


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (FULL, "latent"), (SPARSE, "latent, 512 chosen"),
        (HYBRID, "6 of 8 recurrent"), (load("Llama-3.1-8B"), "grouped-query"),
    ],
)  # fmt: skip
def test_a_kind_is_said_in_words(model, words):
    assert by_context.kind(model) == words


def test_subtitles_name_the_ends_of_their_lines():
    frame = by_context.table([FULL, SPARSE, HYBRID])
    ends = frame.groupby("model", sort=False)["cache_bytes"].last()
    title = long_context.memory(frame).usermeta["subtitle"]
    assert f"one request of {ends.idxmax()} keeps" in title
    assert f"of {ends.idxmin()} {ends.min() / 1e9:.2g} GB." in title
    assert "-fold in full" in long_context.work(frame).usermeta["subtitle"]


@pytest.mark.parametrize(("models", "message"), [("Llama-3.1-8B", "two or more"), ("Llama-3.1-8B, nosuchmodel", "nosuchmodel")])
def test_models_that_cannot_be_compared_are_refused(models, message):
    with pytest.raises(SettingError, match=message):
        read(by_context.Compared, {"models": models})
