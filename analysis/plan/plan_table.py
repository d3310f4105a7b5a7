"""Plans of common models on common chips, for a workbook to look up and to interpolate between.

`python -m analysis.plan.plan_table --write` writes `data/generated/plan_table_training.csv` and `plan_table_serving.csv` anew,
which takes some ten minutes. Training scales with the tokens, so that a row holds chip-seconds a token; serving scales with
the requests.
"""

import argparse
import bisect
import math
from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from analysis import facts, paths
from analysis.hardware import accelerators, formats
from analysis.plan import training_plan
from analysis.plan.chip import Chip
from analysis.plan.interval import Interval, PlanError
from analysis.plan.model import Model
from analysis.plan.requests import Requests
from analysis.plan.serving_plan import plan_serving

MODELS = ("Llama-3.1-8B", "Llama-3.1-70B", "GPT-3 175B", "DeepSeek-V3")
CHIPS = ("A100 SXM4 80GB", "H20", "H100 SXM5", "H200 SXM", "B200 SXM (HGX/DGX)", "Ascend 910C")
FORMATS = ("BF16", "FP8")
#: Numbers of chips that train, and lengths of prompts and answers, in tokens: the corners of the interpolation. On fewer than 64
#: chips, plans jump by up to a quarter.
SIZES = tuple(sorted({factor * 2**power // 2 for factor in (2, 3) for power in range(6, 15)}))
PROMPTS, ANSWERS = (256, 512, 1024, 2048, 4096), (64, 256, 1024)
#: Requests a second for which whole replicas are no matter, and the targets of the answers, in seconds.
_PER_SECOND, TTFT, TPOT = 1e5, 2.0, 0.2
#: How far what is interpolated may lie from the plan: tests/notes/test_planner_sheet.py draws inputs at random.
WITHIN = 0.03
_TOKENS, _DAY = 1e12, 86_400
TRAINING, SERVING = "generated/plan_table_training", "generated/plan_table_serving"


def cases() -> Iterator[tuple[Model, Chip, str]]:
    """Yield each model, chip and number format that the chip has."""
    for model in map(Model.load, MODELS):
        for chip in map(Chip.load, CHIPS):
            for number_format in FORMATS:
                if formats.named(number_format) in {formats.named(name) for name in accelerators.precisions(chip.name)}:
                    yield model, chip, number_format


def training_rows(model: Model, chip: Chip, number_format: str, sizes: tuple[int, ...] = SIZES) -> list[dict[str, float]]:
    """Return a row for each number of chips that has a plan: chip-seconds a token, with the interval."""
    try:
        curve = training_plan.curve(model, chip, _TOKENS, precision=number_format.lower())
    except PlanError:
        return []
    rows = curve[curve["chips"].isin(sizes)]
    seconds = {name: rows[f"{end}days"] * rows["chips"] * _DAY / _TOKENS for name, end in
               (("low", "low_"), ("chip_seconds_per_token", ""), ("high", "high_"))}  # fmt: skip
    frame = rows[["chips"]].assign(**seconds)
    return [{str(name): float(value) for name, value in row.items()} for row in frame.to_dict("records")]


def serving_row(model: Model, chip: Chip, number_format: str, prompt: float, answer: float) -> dict[str, float] | None:
    """Return chip-seconds a request of these lengths, with the interval, the way with the fewest; None without a plan."""
    requests = Requests(prompt=prompt, answer=answer, per_second=_PER_SECOND)
    try:
        plan = plan_serving(model, chip, requests, ttft=TTFT, tpot=TPOT, precision=number_format.lower())
    except PlanError:
        return None
    chips = plan.chips * (1 / _PER_SECOND)
    return {"prompt": prompt, "answer": answer, "low": chips.low, "chip_seconds_per_request": chips.expected, "high": chips.high}


def write() -> None:
    """Compute every row, and write both files."""
    training, serving = [], []
    asked = list(cases())
    for place, (model, chip, number_format) in enumerate(asked, 1):
        print(f"{place} of {len(asked)}: {model.name} on {chip.name} in {number_format}", flush=True)
        named = {"model": model.name, "chip": chip.name, "number_format": number_format}
        training += [named | row for row in training_rows(model, chip, number_format)]
        lengths = [(prompt, answer) for prompt in PROMPTS for answer in ANSWERS]
        answered = (serving_row(model, chip, number_format, *those) for those in lengths)
        serving += [named | row for row in answered if row is not None]
    for name, rows in ((TRAINING, training), (SERVING, serving)):
        table = pd.DataFrame(rows)
        paths.write(paths.DATA / f"{name}.csv", table.to_csv(index=False, float_format="%.5g", lineterminator="\n"))


def per_token(model: str, chip: str, number_format: str, chips: float) -> Interval | None:
    """Return chip-seconds a token of training, between two numbers of chips on logarithms; None where the table has no plan."""
    rows = _rows(TRAINING, model, chip, number_format).set_index("chips")
    below, above = _corners(SIZES, chips)
    if chips < SIZES[0] or not {below, above} <= set(rows.index):
        return None
    on = math.log(chips / below) / math.log(above / below)
    first, second = (np.log(rows.loc[size, ["low", "chip_seconds_per_token", "high"]].to_numpy(float)) for size in (below, above))
    return Interval(*np.exp(first + on * (second - first)))


def per_request(model: str, chip: str, number_format: str, prompt: float, answer: float) -> Interval | None:
    """Return chip-seconds a request; None where the table has no plan.

    Between two lengths of prompts it is a line, and a parabola through the three lengths of answers: each further token of an
    answer reads a longer cache.
    """
    rows = _rows(SERVING, model, chip, number_format).set_index(["prompt", "answer"])
    low_prompt, high_prompt = _corners(PROMPTS, prompt)
    on = (prompt - low_prompt) / (high_prompt - low_prompt)
    weights = {
        (corner, length): share * weight
        for corner, share in ((low_prompt, 1 - on), (high_prompt, on))
        for length, weight in zip(ANSWERS, answer_weights(answer), strict=True)
    }
    if not weights.keys() <= set(rows.index):
        return None
    ends = rows[["low", "chip_seconds_per_request", "high"]]
    return Interval(*sum(weight * ends.loc[corner].to_numpy(float) for corner, weight in weights.items()))


def answer_weights(answer: float) -> list[float]:
    """Return the weight of each of ANSWERS in the parabola through them, at the length `answer` (Lagrange)."""
    return [math.prod((answer - other) / (length - other) for other in ANSWERS if other != length) for length in ANSWERS]


def _rows(name: str, model: str, chip: str, number_format: str) -> pd.DataFrame:
    table = facts.read(name)
    return table[(table["model"] == model) & (table["chip"] == chip) & (table["number_format"] == number_format)]


def _corners(corners: Sequence[int], value: float) -> tuple[int, int]:
    """Return the two neighbouring corners between which a value lies; one that is a corner is the upper of them."""
    place = min(max(bisect.bisect_right(corners, value - 0.5), 1), len(corners) - 1) - 1
    return corners[place], corners[place + 1]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m analysis.plan.plan_table", description=__doc__.partition("\n")[0])
    parser.add_argument("--write", action="store_true", required=True, help="compute every row, and write both files")
    parser.parse_args()
    write()
