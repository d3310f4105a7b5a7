"""The diagrams and counts of the Transformer: they follow the shape, and add up."""

import numpy as np
import pytest

from analysis.figures import transformer, translation
from analysis.models import architecture, ledger
from analysis.networks import translator, weights
from analysis.networks.looking import Shape

SHAPES = {
    "the translator's": Shape(),
    "the smallest": Shape(n_encoder_layers=1, n_decoder_layers=1, d_model=2, n_heads=1, d_ff=1),
    "the largest": Shape(n_encoder_layers=12, n_decoder_layers=12, d_model=8192, n_heads=8192, d_ff=32_768),
}


@pytest.mark.parametrize("name", SHAPES)
def test_every_valid_shape_can_be_drawn(name):
    arch = SHAPES[name].architecture
    for draw in (transformer.architecture, transformer.stacks, transformer.encoder_layer):
        assert draw(arch).to_dict()["usermeta"]["description"]
    assert f"{ledger.parameters(arch):,} parameters" in transformer.architecture(arch).to_dict()["usermeta"]["subtitle"]


def test_blocks_add_up_to_the_file_and_to_the_ledger():
    table = transformer.parameter_table(translator.ARCHITECTURE, weights.load("translator"))
    assert list(table["In the file"]) == list(table["By the ledger"])
    counts = [int(text.replace(",", "")) for text in table["In the file"]]
    assert sum(counts[:-1]) == counts[-1] == sum(array.size for array in weights.load("translator").values())


@pytest.mark.parametrize("name", ["GPT-3 175B", "Transformer-base", "Transformer-big"])
def test_comparing_costs_as_much_as_the_matrices_at_twice_the_width_and_the_feed_forward_width(name):
    arch = architecture.load(name)
    crossing = transformer.crossing_length(arch)
    assert crossing == pytest.approx(2 * arch.d_model + arch.d_ff)
    assert transformer.products_share(arch, crossing) == pytest.approx(0.5)


def test_the_work_of_a_layer_is_that_of_its_matrices():
    arch = translator.ARCHITECTURE
    d, f, n = arch.d_model, arch.d_ff, 12
    flop = transformer.layer_flop(arch, np.array([n])).set_index("part")["flop"]
    assert list(flop) == pytest.approx([2 * 4 * d * d, 2 * 2 * n * d, 2 * 2 * d * f])


def test_a_base_model_has_about_the_parameters_that_the_paper_prints():
    """Table 3 of Vaswani et al. 2017: 65 million, and 213 million for the large one."""
    for name, printed in (("Transformer-base", 65e6), ("Transformer-big", 213e6)):
        assert ledger.parameters(architecture.load(name)) == pytest.approx(printed, rel=0.04)


def test_vectors_that_do_not_change_have_a_cosine_of_one():
    encoded = translator.load().encode(translator.source("two"))
    assert translation.cosine_to_input(type(encoded)(
        encoded.tokens, encoded.mask, encoded.embedded, encoded.positions, encoded.output, encoded.layers
    )) == pytest.approx(1)  # fmt: skip
    assert -1 <= translation.cosine_to_input(encoded) < 1
