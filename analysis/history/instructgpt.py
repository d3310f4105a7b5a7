"""InstructGPT in numbers: its data, and how often people preferred it, from data/instructgpt.csv (Ouyang et al. 2022)."""

import pandas as pd

from analysis import facts
from analysis.suggest import nearest


class InstructGptError(ValueError):
    """A quantity that the table does not have; the message names the nearest."""


def table() -> pd.DataFrame:
    """Return the quantities by name."""
    return facts.read("instructgpt").set_index("quantity")


def value(quantity: str) -> float:
    """Return the value of one quantity. Raises InstructGptError."""
    frame = table()
    if quantity not in frame.index:
        raise InstructGptError(f"quantity {quantity!r} is not in data/instructgpt.csv{nearest(quantity, frame.index)}")
    return float(frame.loc[quantity, "value"])


def prompts() -> pd.DataFrame:
    """Return the prompts of each of the three steps, by who wrote them."""
    steps = {"sft": "1. Supervised fine-tuning", "rm": "2. Reward model", "ppo": "3. Reinforcement learning"}
    known = table()["value"]
    return pd.DataFrame(
        [
            {"step": title, "writer": writer.capitalize(), "prompts": float(known[f"{step}_prompts_{writer}"])}
            for step, title in steps.items()
            for writer in ("labelers", "customers")
            if f"{step}_prompts_{writer}" in known.index
        ]
    )


def wins() -> pd.DataFrame:
    """Return the shares of comparisons that InstructGPT 175B wins, with the ends of their intervals, least first."""
    frame = table()
    frame = frame[frame["kind"] == "win"].sort_values("value")
    return frame.assign(low=frame["value"] - frame["plus_minus"], high=frame["value"] + frame["plus_minus"]).reset_index()


def pairs(answers: float) -> float:
    """Return the comparisons that a ranking of so many answers is worth: every two of them."""
    return answers * (answers - 1) / 2
