"""Train a model of each size on the substitution task: `python -m training.substitution [--steps N]`.

Every sequence has a rule of its own, which no other uses, and after each letter the model predicts the capital: it can't learn
a rule by heart, only how to learn one from what it reads. All sizes read the same sequences. The weights start as Trockman and
Kolter (2023) advise: keys as queries, so that at first alike attends to alike, and positions as sinusoids; from small random
weights, hundreds of steps taught nothing. Seeded, on one thread; some three minutes. Writes `data/weights/substitution.npz`, in
half precision, and `substitution_log.csv`.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from torch import nn

from analysis import paths
from analysis.networks import positions, substitution
from training import descent, written
from training.language_model import LanguageModel

LEARNING_RATES = {"small": 1e-2, "medium": 5e-3, "large": 3e-3}
WEIGHT_DECAY = 0.01
LOG_EVERY = 50
TESTED = 200


def started(size: str, seed: int = substitution.SEED) -> LanguageModel:
    """Return the model of a size before training."""
    torch.manual_seed(seed)
    architecture = substitution.ARCHITECTURES[size]
    model, width = LanguageModel(architecture), architecture.d_model
    with torch.no_grad():
        for layer in model.layers:
            for weight in (value for value in layer.parameters() if value.ndim == 2):
                weight.mul_(width**-0.5 / 0.02)  # the state is normalised; this keeps its size
            query, key, _ = layer.self_attn.in_proj_weight.chunk(3)
            key.copy_(query)
        model.embedding.weight.normal_()
        model.positions.copy_(torch.tensor(positions.encoding(architecture.learned_positions, width)))
    return model


def capital_loss(model: LanguageModel, tokens: torch.Tensor) -> torch.Tensor:
    """Return the cross-entropy of the capitals of `tokens` (batch, 2n), each predicted at its letter."""
    return nn.functional.cross_entropy(model(tokens[:, :-1])[:, ::2].flatten(0, 1), tokens[:, 1::2].flatten())


def train(size: str, steps: int, seed: int = substitution.SEED) -> tuple[LanguageModel, pd.DataFrame]:
    """Return the trained model of a size, and its losses on the way."""
    torch.set_num_threads(1)  # sums are then taken in the same order on any number of cores
    model, random = started(size, seed), np.random.default_rng(seed)
    unseen = torch.tensor(substitution.drawn(TESTED, np.random.default_rng(0)))
    optimizer = torch.optim.AdamW(model.parameters(), lr=LEARNING_RATES[size], betas=(0.9, 0.98), weight_decay=WEIGHT_DECAY)

    def loss_at(step: int) -> torch.Tensor:
        return capital_loss(model, torch.tensor(substitution.training_sequences(step, random)))

    def measured() -> dict[str, float]:
        return {"held_out_loss": capital_loss(model, unseen).item()}

    log = descent.train(model, optimizer, loss_at, measured, steps, log_every=LOG_EVERY)
    log.insert(0, "size", size)
    return model, log


def main() -> None:
    parser = argparse.ArgumentParser(description="Train a model of each size on the substitution task.")
    parser.add_argument("--steps", type=int, default=substitution.STEPS, help="optimizer steps of each (default: %(default)s)")
    parser.add_argument("--into", type=Path, default=paths.WEIGHTS, help="folder to write to (default: data/weights)")
    chosen = parser.parse_args()
    if chosen.steps < 1:
        parser.error(f"--steps: {chosen.steps} is not at least 1")
    began, arrays, logs = time.perf_counter(), {}, []
    for size in substitution.SIZES:
        model, log = train(size, chosen.steps)
        arrays |= {f"{size}.{name}": array.astype(np.float16) for name, array in model.arrays().items()}
        logs.append(log)
        print(f"{size}: {time.perf_counter() - began:.0f} s", flush=True)
    written.network("substitution", arrays, pd.concat(logs), chosen.into)


if __name__ == "__main__":
    main()
