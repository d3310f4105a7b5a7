"""The settings of the notebooks on the translator: what they refuse, and how."""

import pytest

from analysis.models import ledger
from analysis.networks import translator
from analysis.networks.looking import Decoding, Shape
from analysis.settings import SettingError, read


@pytest.mark.parametrize(
    ("model", "values", "message"),
    [
        (Shape, {"n_heads": 5}, "n_heads = 5 does not divide the width of 64; allowed: 1, 2, 4, 8, 16, 32, 64"),
        (Shape, {"d_model": 63}, "d_model: '63' is not valid: input should be a multiple of 2"),
        (Shape, {"n_encoder_layers": 0}, "n_encoder_layers: '0' is not valid: input should be greater than or equal to 1"),
        (Shape, {"n_head": 4}, "unknown setting 'n_head'; did you mean 'n_heads'"),
        (Decoding, {"temperature": 0}, "temperature: '0' is not valid: input should be greater than 0"),
        (Decoding, {"temperature": -1}, "temperature: '-1' is not valid: input should be greater than 0"),
        (Decoding, {"step": 7}, "step: 7 is not valid: the sentence is translated in 6 steps.* allowed are 1 to 6"),
        (Decoding, {"layer": 4}, "layer: '4' is not valid: input should be less than or equal to 3"),
        (Decoding, {"sentence": ""}, "sentence: it is empty"),
        (Decoding, {"sentence": "fourty"}, "sentence: 'fourty' is not in the vocabulary; did you mean 'forty'"),
        (Decoding, {"sentence": "one " * 12}, "sentence: it has 12 words, and the context holds 11 and the end"),
    ],
)
def test_what_cannot_be_used_is_named(model, values, message):
    with pytest.raises(SettingError, match=message):
        read(model, values)


def test_the_shape_is_the_translators_unless_changed():
    assert Shape().architecture == translator.ARCHITECTURE
    other = Shape(n_encoder_layers=1, n_decoder_layers=2, d_model=32, n_heads=8, d_ff=10).architecture
    assert (other.n_encoder_layers, other.n_layers, other.d_head, other.d_ff) == (1, 2, 4, 10)
    assert ledger.parameters(other) < ledger.parameters(translator.ARCHITECTURE)
