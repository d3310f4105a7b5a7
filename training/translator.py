"""Train the translator of chapter 2 with PyTorch's own Transformer layers: `python -m training.translator`.

Writes `data/weights/translator.npz` and `translator_log.csv`. As in Vaswani et al. 2017 but for the size, a dropout of
0, no label smoothing, and a learning rate that falls along a cosine. Seeded; a few minutes on two cores.
"""

import argparse
import time
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from torch import nn

from analysis import paths
from analysis.models.architecture import Architecture
from analysis.networks import number_words, positions, translator
from training import descent, written
from training.layers import layer_arrays

STEPS = 1500
WARM_UP = 100
LEARNING_RATE = 2e-3
LOG_EVERY = 100
SEED = 20231


class Translator(nn.Module):
    """The architecture of `analysis.networks.translator`, of PyTorch's stock encoder and decoder layers."""

    def __init__(self, architecture: Architecture, context: int, padding: int) -> None:
        super().__init__()
        shape = {
            "d_model": architecture.d_model,
            "nhead": architecture.n_heads,
            "dim_feedforward": architecture.d_ff,
            "dropout": 0.0,
            "activation": "relu",
            "batch_first": True,
            "norm_first": False,
        }
        self.padding = padding
        self.scale = architecture.d_model**0.5
        self.embedding = nn.Embedding(architecture.vocab_size, architecture.d_model)
        self.encoder = nn.ModuleList(nn.TransformerEncoderLayer(**shape) for _ in range(architecture.n_encoder_layers))
        self.decoder = nn.ModuleList(nn.TransformerDecoderLayer(**shape) for _ in range(architecture.n_layers))
        places = torch.tensor(positions.encoding(context, architecture.d_model), dtype=torch.float32)
        self.register_buffer("places", places, persistent=False)
        nn.init.normal_(self.embedding.weight, std=architecture.d_model**-0.5)

    def forward(self, source: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        """Return the logits of the token after each of `target`, (batch, n, vocabulary)."""
        hidden_source, hidden_target = source == self.padding, target == self.padding
        memory = self._enter(source)
        for layer in self.encoder:
            memory = layer(memory, src_key_padding_mask=hidden_source)
        later = torch.ones(target.shape[1], target.shape[1], dtype=torch.bool).triu(1)
        state = self._enter(target)
        for layer in self.decoder:
            state = layer(state, memory, tgt_mask=later, tgt_key_padding_mask=hidden_target,
                          memory_key_padding_mask=hidden_source)  # fmt: skip
        return state @ self.embedding.weight.T

    def _enter(self, tokens: torch.Tensor) -> torch.Tensor:
        return self.embedding(tokens) * self.scale + self.places[: tokens.shape[1]]

    def arrays(self) -> dict[str, np.ndarray]:
        """Return the weights as the NumPy forward pass names and lays them out: rows times matrix."""
        return {name: value.numpy().copy() for name, value in self._named().items()}

    def load_arrays(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Take the weights that `arrays` gave."""
        for name, value in self._named().items():
            value.copy_(torch.tensor(arrays[name]))

    def _named(self) -> dict[str, torch.Tensor]:
        """Return views of all weights, rows times matrix, that share their memory."""
        found = {"embedding": self.embedding.weight}
        for name, layers in (("encoder", self.encoder), ("decoder", self.decoder)):
            for n, layer in enumerate(layers):
                found |= {f"{name}.{n}.{part}": value for part, value in layer_arrays(layer).items()}
        return {name: value.detach() for name, value in found.items()}


class Examples:
    """Numbers to train on, with as many of each count of digits, in token numbers.

    One sentence in four has no "and", so that both ways of writing are understood.
    """

    def __init__(self, generator: np.random.Generator) -> None:
        self.generator = generator
        every = np.arange(number_words.LARGEST + 1)
        self.seen = every[translator.is_trained_on(every)]
        digits = np.maximum(np.floor(np.log10(np.maximum(self.seen, 1))), 0).astype(int)
        self.by_digits = [self.seen[digits == count] for count in range(digits.max() + 1)]

    def batch(self, size: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Return a batch of sources and of targets, (size, n) each."""
        counts = self.generator.integers(len(self.by_digits), size=size)
        numbers = np.array([self.generator.choice(self.by_digits[count]) for count in counts])
        with_and = self.generator.random(size) < 0.75
        texts = [number_words.english(int(n), with_and=bool(a)) for n, a in zip(numbers, with_and, strict=True)]
        source = translator.VOCABULARY.batch([translator.source(text) for text in texts])
        return torch.tensor(source), torch.tensor(translator.targets(numbers))


def train(steps: int, seed: int = SEED) -> tuple[Translator, pd.DataFrame]:
    """Return the trained network, and its loss and accuracy as training went on."""
    torch.set_num_threads(1)  # so that sums are taken in the same order on any number of cores
    torch.manual_seed(seed)
    model = Translator(translator.ARCHITECTURE, translator.CONTEXT, translator.VOCABULARY.padding)
    examples = Examples(np.random.default_rng(seed))
    unseen = sample(translator.is_held_out, 1000, np.random.default_rng(seed + 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE, betas=(0.9, 0.98), eps=1e-9)

    def loss_at(_step: int) -> torch.Tensor:
        return _loss(model, *examples.batch(translator.BATCH))

    log = descent.train(model, optimizer, loss_at, lambda: _measured(model, unseen), steps, log_every=LOG_EVERY, warm_up=WARM_UP)
    return model, log


def sample(of_kind, size: int, generator: np.random.Generator) -> np.ndarray:
    """Return `size` different numbers of a kind."""
    every = np.arange(number_words.LARGEST + 1)
    return generator.choice(every[of_kind(every)], size=size, replace=False)


def _loss(model: Translator, source: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    logits = model(source, target[:, :-1])
    return nn.functional.cross_entropy(logits.flatten(0, 1), target[:, 1:].flatten(), ignore_index=model.padding)


@torch.no_grad()
def _measured(model: Translator, numbers: np.ndarray) -> dict[str, float]:
    source, target = torch.tensor(translator.sources(numbers)), torch.tensor(translator.targets(numbers))
    logits, wanted = model(source, target[:, :-1]), target[:, 1:]
    right = (logits.argmax(dim=-1) == wanted) | (wanted == model.padding)
    return {
        "held_out_loss": _loss(model, source, target).item(),
        "held_out_accuracy": right.all(dim=1).float().mean().item(),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="Train the number translator.")
    parser.add_argument("--steps", type=int, default=STEPS, help="optimizer steps (default: %(default)s)")
    parser.add_argument("--into", type=Path, default=paths.WEIGHTS, help="folder to write to (default: data/weights)")
    chosen = parser.parse_args()
    if chosen.steps < 1:
        parser.error(f"--steps: {chosen.steps} is not at least 1")
    began = time.perf_counter()
    model, log = train(chosen.steps)
    written.network("translator", model.arrays(), log, chosen.into)
    print(f"{chosen.steps} steps in {time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main()
