"""The language model's NumPy forward pass against PyTorch's, what its mask hides, and what it refuses."""

import numpy as np
import pytest

from analysis.models import ledger
from analysis.networks import language_model
from analysis.networks.language_model import LanguageModel, PromptError
from analysis.networks.vocabulary import Vocabulary
from tests.extras import extra

LETTERS = Vocabulary.from_words("abcdefg")
SHAPE = {"vocabulary": len(LETTERS), "context": 8, "n_layers": 2, "d_model": 12, "n_heads": 3}


def _arrays(architecture, seed=0):
    random = np.random.default_rng(seed)
    d, ff = architecture.d_model, architecture.d_ff
    shapes = {"embedding": (architecture.vocab_size, d), "positions": (architecture.learned_positions, d)}
    for n in range(architecture.n_layers):
        for part in ("query", "key", "value", "output"):
            shapes |= {f"layers.{n}.attention.{part}.weight": (d, d), f"layers.{n}.attention.{part}.bias": (d,)}
        shapes |= {f"layers.{n}.mlp.up.weight": (d, ff), f"layers.{n}.mlp.up.bias": (ff,)}
        shapes |= {f"layers.{n}.mlp.down.weight": (ff, d), f"layers.{n}.mlp.down.bias": (d,)}
        for norm in ("attention_norm", "mlp_norm"):
            shapes |= {f"layers.{n}.{norm}.gain": (d,), f"layers.{n}.{norm}.bias": (d,)}
    shapes |= {"norm.gain": (d,), "norm.bias": (d,)}
    if not architecture.tied_embeddings:
        shapes["unembedding"] = (d, architecture.vocab_size)
    return {name: random.normal(0, 0.5, shape).astype(np.float32) for name, shape in shapes.items()}


def _model(**options):
    architecture = language_model.architecture("Small", **SHAPE | options)
    return LanguageModel.from_arrays(architecture, _arrays(architecture))


@pytest.mark.parametrize("causal", [True, False])
@pytest.mark.parametrize("tied", [True, False])
def test_the_forward_pass_equals_pytorchs(causal, tied):
    torch = extra("torch")
    training = extra("training.language_model")
    architecture = language_model.architecture("Small", **SHAPE, causal=causal, tied=tied)
    arrays = _arrays(architecture)
    theirs = training.LanguageModel(architecture)
    theirs.load_arrays(arrays)
    again = theirs.arrays()
    assert again.keys() == arrays.keys()
    assert all(np.array_equal(again[name], arrays[name]) for name in arrays)
    assert sum(array.size for array in arrays.values()) == ledger.parameters(architecture)
    tokens = np.random.default_rng(1).integers(len(LETTERS), size=(4, 8))
    tokens[2, 5:] = LETTERS.padding
    padding = tokens == LETTERS.padding
    padding[:, 0] = False
    model = LanguageModel.from_arrays(architecture, arrays)
    mask = model.mask(8) & ~padding[:, None, :]
    for network in (theirs.train(), theirs.eval()):  # PyTorch has a path of its own for each
        with torch.no_grad():
            expected = network(torch.tensor(tokens), torch.tensor(padding)).numpy()
            plain = network(torch.tensor(tokens[:2])).numpy()
        logits = model(tokens, mask).logits
        np.testing.assert_allclose(logits[~padding], expected[~padding], atol=1e-5 * np.abs(expected).max())
        np.testing.assert_allclose(model(tokens[:2]).logits, plain, atol=1e-5 * np.abs(plain).max())


@pytest.mark.parametrize("causal", [True, False])
def test_only_an_encoder_sees_what_comes_later(causal):
    model = _model(causal=causal)
    one, other = np.array([3, 4, 5, 6]), np.array([3, 4, 5, 7])
    apart = np.abs(model(one).logits - model(other).logits).max(axis=-1)
    assert apart[3] > 1e-3
    assert (apart[:3] > 1e-3).all() != causal
    if causal:
        np.testing.assert_allclose(apart[:3], 0, atol=1e-6)


def test_by_the_chain_rule_all_texts_of_one_length_add_up_to_one():
    model = _model()
    every = np.stack(np.meshgrid([3], *[range(len(LETTERS))] * 3, indexing="ij"), axis=-1).reshape(-1, 4)
    total = np.exp(language_model.next_log_probabilities(model, every).sum(axis=-1)).sum()
    assert total == pytest.approx(1, abs=1e-5)


def test_log_probabilities_are_those_of_the_softmax():
    predicted = _model()(np.array([3, 4, 5]))
    np.testing.assert_allclose(np.exp(language_model.log_softmax(predicted.logits)), predicted.probabilities, rtol=1e-5)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "prompt: it is empty; give 1 to 6 tokens"),
        ("abz", "prompt: 'z' is not in the vocabulary; of its 10 tokens, some are 'a', 'b'"),
        ("xaz", "prompt: 'x', 'z' are not in the vocabulary"),
        ("abcdefg", "prompt: it has 7 tokens, and the context has room for 6"),
    ],
)
def test_other_prompts_are_refused(text, message):
    with pytest.raises(PromptError, match=message):
        language_model.read(LETTERS, text, most=6)


@pytest.mark.parametrize("length", [0, 9])
def test_what_the_context_does_not_hold_is_refused(length):
    with pytest.raises(PromptError, match=f"tokens: there are {length}, and the model reads 1 to 8"):
        _model()(np.zeros(length, dtype=int))
