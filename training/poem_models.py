"""Pre-train a small GPT and a small BERT on the same poems: `python -m training.poem_models [--steps N]`.

They have the same layers. GPT predicts every next token; of BERT's input, a part of the characters is replaced by the mask,
and it predicts these. BERT starts from GPT's weights: from random ones it needs several times as long, since it learns from
a fifth of the characters and has to find out where its neighbours stand. Seeded, on one thread; some ten minutes. Writes
`data/weights/poem_models.npz`, in half precision, and `poem_models_log.csv`.
"""

import argparse
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from torch import nn

from analysis import paths
from analysis.networks import poem_models, poems
from training import descent, written
from training.language_model import LanguageModel

STEPS = {"GPT": 1_400, "BERT": 2_400}
LEARNING_RATES = {"GPT": 2e-3, "BERT": 1e-3}
BATCH = 32
WEIGHT_DECAY = 0.1
LOG_EVERY = 200
SEED = 20233


def next_token_loss(model: LanguageModel, tokens: torch.Tensor) -> torch.Tensor:
    """Return the cross-entropy of each next token of `tokens` (batch, n), padding left out."""
    logits = model(tokens[:, :-1])
    return nn.functional.cross_entropy(logits.flatten(0, 1), tokens[:, 1:].flatten(), ignore_index=_padding())


def masked_loss(model: LanguageModel, tokens: torch.Tensor, hidden: torch.Tensor) -> torch.Tensor:
    """Return the cross-entropy of those `tokens` (batch, n) that are `hidden` from the model."""
    words = poems.vocabulary()
    shown = tokens.masked_fill(hidden, words.tokens.index(poems.MASK))
    state = model.state(shown, tokens == words.padding)
    return nn.functional.cross_entropy(model.unembed(state[hidden]), tokens[hidden])


def hidden_at_random(tokens: np.ndarray, share: float, generator: np.random.Generator) -> np.ndarray:
    """Return where the mask hides a token of `tokens` (batch, n): about `share` of the characters."""
    characters = tokens > poems.vocabulary().tokens.index(poems.STOP)
    return characters & (generator.random(tokens.shape) < share)


def train(
    kind: str, steps: int, start: Mapping[str, np.ndarray] | None = None, seed: int = SEED
) -> tuple[LanguageModel, pd.DataFrame]:
    """Return the model of a kind, trained from the weights `start` or from random ones, and its losses on the way."""
    torch.set_num_threads(1)  # sums are then taken in the same order on any number of cores
    torch.manual_seed(seed)
    order, hiding = np.random.default_rng(seed), np.random.default_rng(seed + 1)
    model = LanguageModel(poem_models.ARCHITECTURES[kind])
    if start is not None:
        model.load_arrays(start)
    texts = poems.tokens(poems.of_use(poems.PRETRAINING)["text"])
    unseen = poems.tokens(poems.of_use(poems.TEST)["text"])
    unseen_hidden = hidden_at_random(unseen, poem_models.HIDDEN, np.random.default_rng(0))

    def loss_of(tokens: np.ndarray, hidden: np.ndarray) -> torch.Tensor:
        batch = torch.tensor(tokens)
        return next_token_loss(model, batch) if kind == "GPT" else masked_loss(model, batch, torch.tensor(hidden))

    optimizer = torch.optim.AdamW(model.parameters(), lr=LEARNING_RATES[kind], betas=(0.9, 0.98), weight_decay=WEIGHT_DECAY)
    batches = _batches(len(texts), order)

    def loss_at(_step: int) -> torch.Tensor:
        rows = next(batches)
        return loss_of(texts[rows], hidden_at_random(texts[rows], poem_models.HIDDEN, hiding))

    def measured() -> dict[str, float]:
        return {"held_out_loss": loss_of(unseen, unseen_hidden).item()}

    log = descent.train(model, optimizer, loss_at, measured, steps, log_every=LOG_EVERY)
    log.insert(0, "kind", kind)
    return model, log


def _batches(count: int, order: np.random.Generator) -> Iterator[np.ndarray]:
    """Yield the rows of one batch after the other, in a new order whenever what is left is too few."""
    queue = np.empty(0, dtype=int)
    while True:
        if len(queue) < BATCH:
            queue = order.permutation(count)
        rows, queue = queue[:BATCH], queue[BATCH:]
        yield rows


def _padding() -> int:
    return poems.vocabulary().padding


def main() -> None:
    parser = argparse.ArgumentParser(description="Pre-train a small GPT and a small BERT on poems.")
    parser.add_argument("--steps", type=int, help=f"optimizer steps of each (default: {STEPS})")
    parser.add_argument("--into", type=Path, default=paths.WEIGHTS, help="folder to write to (default: data/weights)")
    chosen = parser.parse_args()
    if chosen.steps is not None and chosen.steps < 1:
        parser.error(f"--steps: {chosen.steps} is not at least 1")
    began, arrays, logs, start = time.perf_counter(), {}, [], None
    for kind in poem_models.KINDS:
        model, log = train(kind, chosen.steps or STEPS[kind], start)
        start = model.arrays()
        arrays |= {f"{kind}.{name}": array.astype(np.float16) for name, array in start.items()}
        logs.append(log)
        print(f"{kind}: {time.perf_counter() - began:.0f} s", flush=True)
    written.network("poem_models", arrays, pd.concat(logs), chosen.into)


if __name__ == "__main__":
    main()
