"""Train language models of several sizes on several amounts of poems: `python -m training.poem_scaling`.

Each is trained for the same number of passes over its poems, and measured on the test poems as it goes; its loss is the
lowest of these, as in Kaplan et al. 2020. Writes `data/generated/poem_scaling.csv`. Seeded, on one thread; some ten minutes.
"""

from collections.abc import Iterable, Iterator

import numpy as np
import torch

from analysis.networks import poem_scaling, poems
from training import descent, written
from training.language_model import LanguageModel
from training.poem_models import next_token_loss

#: Layers and widths.
SIZES = ((1, 16), (1, 32), (2, 48), (3, 64))
POEMS = (800, 1_600, 3_200, 6_400)
PASSES = 6
MEASURED_AFTER = (3, 4, 5, 6)  # passes
BATCH = 32
LEARNING_RATE, AT_WIDTH = 2e-3, 96  # narrower models take more
SEED = 20234


def lowest_loss(n_layers: int, d_model: int, count: int, seed: int = SEED) -> tuple[float, int]:
    """Return the lowest loss on the test poems while training on `count` poems, in nats a token, and after what pass."""
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    order = np.random.default_rng(seed)
    texts = poems.tokens(poems.of_use(poems.PRETRAINING)["text"])
    texts = torch.tensor(texts[np.random.default_rng(seed).permutation(len(texts))[:count]])
    unseen = torch.tensor(poems.tokens(poems.of_use(poems.TEST)["text"]))
    model = LanguageModel(poem_scaling.architecture(n_layers, d_model))
    steps = PASSES * count // BATCH
    rate = LEARNING_RATE * (AT_WIDTH / d_model) ** 0.5
    optimizer = torch.optim.AdamW(model.parameters(), lr=rate, betas=(0.9, 0.98), weight_decay=0.1)
    schedule = descent.scheduled(optimizer, steps)
    found = []
    for number in range(1, PASSES + 1):
        for rows in order.permutation(count).reshape(-1, BATCH):
            descent.descend(model, optimizer, next_token_loss(model, texts[rows]))
            schedule.step()
        if number in MEASURED_AFTER:
            with torch.no_grad():
                found.append((next_token_loss(model, unseen).item(), number))
    return min(found)


def measured(sizes: Iterable[tuple[int, int]] = SIZES, counts: Iterable[int] = POEMS) -> Iterator[dict[str, float]]:
    """Yield a row for each size and amount of text."""
    texts = poems.of_use(poems.PRETRAINING)["text"]
    each = texts.str.len().mean() + 1  # the end is predicted, too
    for n_layers, d_model in sizes:
        for count in counts:
            loss, after = lowest_loss(n_layers, d_model, count)
            yield {
                "n_layers": n_layers, "d_model": d_model, "poems": count, "tokens": round(count * each), "loss": loss,
                "passes": after,
            }  # fmt: skip


if __name__ == "__main__":
    written.table("poem_scaling", measured(), __doc__)
