"""Fine-tune the small GPT on the tasks of `analysis.networks.poem_tasks`, and train the same network from scratch.

    python -m training.poem_tasks

For each task, number of labelled examples and seed, both are trained alike, at each of two learning rates; tested on
poems that neither has seen. Writes `data/generated/poem_tasks.csv`. Seeded, on one thread; some ten minutes.
"""

from collections.abc import Iterator, Mapping
from itertools import product

import numpy as np
import torch
from torch import nn

from analysis.networks import poem_models, poem_tasks, poems
from analysis.networks.poem_tasks import PRE_TRAINED, SCRATCH, Examples, Task
from training import written
from training.language_model import LanguageModel

#: Labelled examples and seeds, by task; the two that read several sequences an example take too long for a curve.
COUNTS = dict.fromkeys(("Order", "Dynasty"), (10, 30, 100, 300, 750)) | dict.fromkeys(("Same poem", "Continuation"), (750,))
SEEDS = {"Order": 2, "Dynasty": 2, "Same poem": 1, "Continuation": 1}
LEARNING_RATES = (3e-4, 1e-3)
BATCH = 32
PASSES = 12
MOST_STEPS, LEAST_STEPS = 100, 40


class Answering(nn.Module):
    """A language model with a linear head on what it holds at the end token."""

    def __init__(self, model: LanguageModel, task: Task) -> None:
        super().__init__()
        self.model = model
        self.chooses = task.format == "Choice"
        self.head = nn.Linear(model.architecture.d_model, 1 if self.chooses else len(task.answers))

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        """Return the scores (examples, answers) of `tokens` (examples, sequences, n)."""
        flat = tokens.flatten(0, 1)
        at_end = self.model.state(flat)[flat == poems.vocabulary().end]
        scores = self.head(at_end).reshape(*tokens.shape[:2], -1)
        return scores[..., 0] if self.chooses else scores.sum(dim=1)


def fine_tuned(task: Task, examples: Examples, arrays: Mapping[str, np.ndarray] | None, rate: float, seed: int) -> Answering:
    """Return the network trained on `examples`, from the weights `arrays`, or from random ones."""
    torch.manual_seed(seed)
    model = LanguageModel(poem_models.ARCHITECTURES["GPT"])
    if arrays is not None:
        model.load_arrays(arrays)
    answering = Answering(model, task)
    tokens, labels = torch.tensor(examples.tokens), torch.tensor(examples.labels)
    size = min(BATCH, len(labels))
    steps = min(MOST_STEPS, max(LEAST_STEPS, PASSES * len(labels) // size))
    optimizer = torch.optim.AdamW(answering.parameters(), lr=rate, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: min(1, (step + 1) / 10) * (1 - step / steps))
    order = np.random.default_rng(seed)
    for _ in range(steps):
        rows = order.permutation(len(labels))[:size]
        loss = nn.functional.cross_entropy(answering(tokens[rows]), labels[rows])
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(answering.parameters(), 1.0)
        optimizer.step()
        schedule.step()
    return answering


@torch.no_grad()
def accuracy(answering: Answering, examples: Examples) -> float:
    """Return the share of `examples` that the network answers right."""
    scores = answering(torch.tensor(examples.tokens))
    return (scores.argmax(dim=-1).numpy() == examples.labels).mean().item()


def measured() -> Iterator[dict[str, object]]:
    """Yield a row for each task, number of examples, seed, start and learning rate."""
    torch.set_num_threads(1)
    trained = poem_models.arrays("GPT")
    tests = {name: task.examples(poems.TEST) for name, task in poem_tasks.TASKS.items()}
    for seed, name in product(range(max(SEEDS.values())), COUNTS):
        if seed >= SEEDS[name]:
            continue
        task = poem_tasks.task(name)
        for count in COUNTS[name]:
            examples = task.examples(poems.LABELLED, count, seed)
            for (start, arrays), rate in product(((PRE_TRAINED, trained), (SCRATCH, None)), LEARNING_RATES):
                answering = fine_tuned(task, examples, arrays, rate, seed)
                yield {
                    "task": name, "start": start, "labels": count, "seed": seed, "learning_rate": rate,
                    "tested": len(tests[name].labels), "accuracy": accuracy(answering, tests[name]),
                }  # fmt: skip


if __name__ == "__main__":
    written.table("poem_tasks", measured(), __doc__)
