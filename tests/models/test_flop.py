import numpy as np
import pytest

from analysis.models import architecture, flop
from analysis.models.flop import ConventionError

GPT3 = architecture.load("GPT-3-175B-V51200")
WIDTH, LAYERS, VOCABULARY = 12288, 96, 51200


def test_megatrons_closed_forms():
    """Narayanan et al. 2021, equation 3, and the same without recomputation."""
    batch, s = 1536, 2048
    linear = batch * s * LAYERS * WIDTH**2
    full = 96 * linear * (1 + s / (6 * WIDTH) + VOCABULARY / (16 * LAYERS * WIDTH))
    model = 72 * linear * (1 + s / (6 * WIDTH) + VOCABULARY / (12 * LAYERS * WIDTH))
    assert flop.hardware(GPT3, batch, s, "full") == pytest.approx(full, rel=1e-12)
    assert flop.full_attention(GPT3, batch, s) == pytest.approx(model, rel=1e-12)
    assert flop.hardware(GPT3, batch, s, "none") == flop.full_attention(GPT3, batch, s)


def test_selective_recomputation_repeats_the_core_of_attention():
    """Of 12 B s^2 h a layer, forward and backward, the forward third once more."""
    repeated = flop.recomputed(GPT3, 3, 2048, "selective")
    assert repeated == 3 * LAYERS * 4 * 2048**2 * WIDTH


def test_palms_formula():
    """6 N + 12 L H Q T a token: for PaLM 540B, with its 118 layers and 48 heads of 256, at 2,048 tokens."""
    palm = architecture.load("PaLM-540B")
    attention = 12 * 118 * 48 * 256 * 2048
    a_token = flop.palm(palm, 1, 2048) / 2048
    assert a_token - flop.six_nd(palm, 1, 2048) / 2048 == pytest.approx(attention)
    assert a_token == pytest.approx(6 * 540.35e9 + attention, rel=1e-4)


def test_palms_published_utilization_without_attention():
    """PaLM reports 46.2% of the peak with attention, 45.7% without (Chowdhery et al. 2022, section 4.1)."""
    palm = architecture.load("PaLM-540B")
    assert flop.convert(0.462, palm, 2048, "palm_full_attention", "6nd") == pytest.approx(0.457, abs=0.0005)


def test_mixture_of_experts_counts_active_parameters():
    mixtral = architecture.load("Mixtral-8x7B")
    assert flop.six_nd(mixtral, 1, 1) == pytest.approx(6 * 12.88e9, rel=1e-3)


def test_conventions_are_in_order():
    """More is counted: nothing of attention, half of it, all of it, and what is recomputed."""
    order = [
        "6nd_non_embedding",
        "causal",
        "megatron_full_attention",
        "megatron_hfu_selective",
        "megatron_hfu_full_attention",
    ]
    amounts = [flop.step_flop(name, GPT3, 8, 4096) for name in order]
    assert amounts == sorted(amounts) and len(set(amounts)) == len(amounts)


@pytest.mark.parametrize("given_in", flop.CONVENTIONS)
@pytest.mark.parametrize("wanted", flop.CONVENTIONS)
def test_conversion_there_and_back_is_the_same(given_in, wanted):
    sequences = np.array([512, 2048, 32768])
    there = flop.convert(0.4, GPT3, sequences, given_in, wanted)
    assert flop.convert(there, GPT3, sequences, wanted, given_in) == pytest.approx(0.4)


def test_an_unknown_convention_is_refused_with_the_nearest():
    with pytest.raises(ConventionError, match="'palm_full'.*did you mean 'palm_full_attention'.*6nd"):
        flop.step_flop("palm_full", GPT3, 1, 1)
    with pytest.raises(ConventionError, match="'ful'.*did you mean 'full'"):
        flop.recomputed(GPT3, 1, 1, "ful")
