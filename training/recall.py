"""Train a plain RNN, a gated one and attention on the recall task: `python -m training.recall [--steps N]`.

Every network has the same width, sees the same sequences, and is trained with the same optimizer; each is trained from
several seeds. Short distances come more often than long ones, so that a network with a short memory can learn them.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from torch import nn

from analysis import paths
from analysis.networks import recall
from training import descent, written

STEPS = 5000
BATCH = 64
LEARNING_RATE = 5e-3


class Attention(nn.Module):
    """One head whose last token asks all."""

    def __init__(self) -> None:
        super().__init__()
        self.query, self.key, self.value = (nn.Linear(recall.SYMBOLS + 1, recall.WIDTH) for _ in range(3))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return nn.functional.scaled_dot_product_attention(self.query(x[:, -1:]), self.key(x), self.value(x))


class Reader(nn.Module):
    """A carrier and the read-out of its last state; see analysis/networks/recall.py."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        recurrent = {"plain": nn.RNN, "gated": nn.GRU}
        width = recall.SYMBOLS + 1
        self.carrier = recurrent[kind](width, recall.WIDTH, batch_first=True) if kind in recurrent else Attention()
        self.readout = nn.Linear(recall.WIDTH, recall.SYMBOLS)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        carried = self.carrier(x)
        return self.readout((carried[0] if isinstance(carried, tuple) else carried)[:, -1])

    def arrays(self) -> dict[str, np.ndarray]:
        """Return the weights as NumPy's forward pass names them."""
        names = {
            "weight_ih_l0": "input", "weight_hh_l0": "recurrent", "bias_ih_l0": "input_bias", "bias_hh_l0": "recurrent_bias",
        }  # fmt: skip
        found = {}
        for name, value in self.named_parameters():
            name = name.removeprefix("carrier.")
            array = value.detach().numpy()
            found[names.get(name, name)] = array.T if array.ndim == 2 else array
        return found


def train(kind: str, seed: int, steps: int) -> tuple[Reader, pd.DataFrame]:
    """Return the trained network, and its loss and accuracy as training went on."""
    torch.set_num_threads(1)  # sums are then taken in the same order on any number of cores
    torch.manual_seed(seed)
    random = np.random.default_rng(seed)
    model = Reader(kind)
    optimizer = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE)
    log, losses, right = [], [], []
    for step in range(1, steps + 1):
        distance = (recall.LENGTH * random.random(BATCH) ** 2).astype(int)
        x, wanted = recall.sequences(BATCH, distance, random)
        scores, wanted = model(torch.tensor(x, dtype=torch.float32)), torch.tensor(wanted)
        loss = nn.functional.cross_entropy(scores, wanted)
        descent.descend(model, optimizer, loss)
        losses.append(loss.item())
        right.append((scores.argmax(-1) == wanted).float().mean().item())
        if step % max(1, steps // 50) == 0:
            log.append({"kind": kind, "seed": seed, "step": step, "loss": np.mean(losses), "accuracy": np.mean(right)})
            losses.clear()
            right.clear()
    return model, pd.DataFrame(log)


def main() -> None:
    parser = argparse.ArgumentParser(description="Train the networks of the recall task.")
    parser.add_argument("--steps", type=int, default=STEPS, help="optimizer steps of each (default: %(default)s)")
    parser.add_argument("--into", type=Path, default=paths.WEIGHTS, help="folder to write to (default: data/weights)")
    chosen = parser.parse_args()
    if chosen.steps < 1:
        parser.error(f"--steps: {chosen.steps} is not at least 1")
    began, arrays, logs = time.perf_counter(), {}, []
    for kind in recall.KINDS:
        for seed in recall.SEEDS:
            model, log = train(kind, seed, chosen.steps)
            arrays |= {f"{kind}.{seed}.{name}": array for name, array in model.arrays().items()}
            logs.append(log)
            print(f"{kind} {seed}: {log.iloc[-1].to_dict()} {time.perf_counter() - began:.0f} s", flush=True)
    written.network("recall", arrays, pd.concat(logs), chosen.into)


if __name__ == "__main__":
    main()
