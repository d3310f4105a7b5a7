"""The tables of models tell one story: which is the model, which a benchmark's variant, and whose shape is known."""

import pytest

from analysis import facts
from analysis.models import ledger, library


def test_a_variant_is_one_of_a_model():
    flat = library.flat()
    for name, row in flat.items():
        parent = row["variant_of"]
        if parent in (None, "benchmark"):
            continue
        assert parent != name
        assert library.known(parent) == parent, f"{name} is a variant of {parent}, which is no model"
        assert parent not in flat or flat[parent]["variant_of"] is None, f"{parent} is itself a variant"


def test_every_model_has_its_shape_or_none_is_known():
    names = set(library.names())
    for row in facts.rows("models"):
        model, shape = row["model"], row["shape"]
        if shape is None:
            assert library.known(model) not in names, f"{model} has a shape by its own name"
            continue
        assert shape in names
        assert library.flat().get(shape, {}).get("variant_of") is None, f"{model} has the shape of a variant, {shape}"
        if row["parameters"]:
            # Counts that were published are rounded, or count another part: by 7% at most.
            assert ledger.parameters(library.named(shape)) == pytest.approx(row["parameters"], rel=0.07)


def test_contexts_are_of_models_that_exist():
    assert {row["model"] for row in facts.rows("context_lengths")} <= set(library.names())
