"""Sums of the ledger against the formulas of papers."""

import numpy as np
import pytest

from analysis import facts
from analysis.models import architecture, breakdown, flop, ledger, library

GPT3 = architecture.load("GPT-3 175B")


@pytest.mark.parametrize("name", ["GPT-3 175B", "Llama-3.1-8B", "DeepSeek-V3", "BERT-base"])
def test_operations_add_up_to_the_whole(name):
    arch = architecture.load(name)
    frame = breakdown.by_operation(arch, 700)
    assert frame["parameters"].sum() == ledger.parameters(arch)
    assert frame["flop"].sum() == pytest.approx(ledger.product_flop(ledger.ledger(arch, 1, 700))[0] / 700)
    assert frame["flop_share"].sum() == pytest.approx(1)


def test_parts_are_straight_lines_in_the_context():
    frame = breakdown.by_part(GPT3).set_index("part")
    for context in (300, 50_000):
        total = (frame["fixed"] + frame["slope"] * context).sum()
        assert total == pytest.approx(ledger.product_flop(ledger.ledger(GPT3, 1, context))[0] / context)
    # A layer of width d has 12 d^2 weights, 8 of them in the MLP, and attends at 4 d FLOP a position.
    assert frame.loc["MLP", "fixed"] == pytest.approx(96 * 2 * 8 * 12_288**2)
    assert frame.loc["Attention: projections", "fixed"] == pytest.approx(96 * 2 * 4 * 12_288**2)
    assert frame.loc["Attention: scores and values", "slope"] == pytest.approx(96 * 4 * 12_288)


@pytest.mark.parametrize("name", ["GPT-3 175B", "Qwen3.5-397B-A17B", "DeepSeek-V3.2", "Gemma-3-27B"])
def test_layers_add_up_to_the_work_of_a_token_and_only_those_that_look_at_all_of_it_grow_with_the_context(name):
    arch, contexts = library.load(name), np.array([4096, 131_072])
    frame = breakdown.by_layer(arch, contexts)
    for place, context in enumerate(contexts):
        whole = ledger.product_flop(ledger.ledger(arch, 1, 1, context, causal=True, absorbed=True))[0]
        assert frame["flop"].str[place].sum() == pytest.approx(whole)
    growing = set(frame.loc[frame["flop"].map(lambda flop: flop[1] > flop[0]), "layer"])
    step = {"Qwen3.5-397B-A17B": 4, "Gemma-3-27B": 6}.get(name, 1)
    assert growing == set(range(step, arch.n_layers + 1, step))
    assert set(frame.loc[frame["layer"] == arch.n_layers + 1, "part"]) == {"Vocabulary"}


@pytest.mark.parametrize("length", [300, 50_000])
def test_conventions_are_those_of_flop_at_any_length(length):
    frame = breakdown.convention_flop(GPT3)
    assert set(frame["key"]) == set(flop.CONVENTIONS)
    for row in frame.itertuples():
        assert row.fixed + row.slope * length == pytest.approx(flop.step_flop(row.key, GPT3, 1, length) / length)


def test_megatrons_formula():
    # Narayanan et al. 2021, equation 3: 96 B s l h^2 (1 + s/6h + V/16lh), here a token; with all layers recomputed.
    frame = breakdown.convention_flop(GPT3).set_index("key").loc["megatron_hfu_full_attention"]
    s, layers, h, vocabulary = 2048, 96, 12_288, 50_257
    expected = 96 * layers * h**2 * (1 + s / (6 * h) + vocabulary / (16 * layers * h))
    assert frame["fixed"] + frame["slope"] * s == pytest.approx(expected)


@pytest.mark.parametrize("name", ["GPT-3 13B", "GPT-3 XL"])
def test_the_papers_impossible_shapes_do_not_give_its_counts(name):
    printed = facts.read("gpt3_sizes").set_index("model").loc[name]
    shape = breakdown.with_width_and_heads(architecture.load(name), int(printed["d_model"]), int(printed["n_heads"]))
    published = printed["params_table_D_1_million"] * 1e6
    assert ledger.parameters(shape) > 1.006 * published
    assert ledger.parameters(architecture.load(name)) == pytest.approx(published, rel=0.004)
