"""Published utilizations in one convention, beside what the model of a step predicts for the same runs.

The convention is PaLM's (Chowdhery et al. 2022): model FLOP with attention over the whole sequence, recomputation not
counted. It is what most publish as MFU, so the fewest rows have to be converted.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from analysis import facts
from analysis.arrays import PerCase
from analysis.hardware import accelerators
from analysis.models import architecture, flop
from analysis.models.parallelism import Parallelism
from analysis.scenarios.scenario import Scenario
from analysis.steps import step
from analysis.steps.step import Steps
from analysis.training import roofline
from analysis.training.constants import Constants
from analysis.training.fitted import CONSTANTS
from analysis.validation import predict

#: The convention that all are converted to.
COMMON = "palm_full_attention"
#: How a row came to the common convention.
AS_PUBLISHED = "as published"
CONVERTED = "converted"
NOT_SAID = "convention or shape not known"
IMPOSSIBLE = "can't be converted"
#: Families of chips, by what their names begin with.
FAMILIES = {"V100": "V100", "A100": "A100, A800", "A800": "A100, A800", "H100": "H100, H800", "H800": "H100, H800",
            "TPU": "TPU"}  # fmt: skip
#: What the deck's time knew of its case: large models on A100, published before it was.
LARGE, BEFORE = 1e11, "2023-05"


def published() -> pd.DataFrame:
    """Return published utilizations of language models' training, in one convention where that can be done.

    Columns of data/mfu.csv, and `common` (utilization in the convention COMMON, else NaN), `how` it came there, and
    `family` of the chip.
    """
    table = facts.read("mfu")
    table = table[table["kind"] == "training"].reset_index(drop=True)
    known = set(architecture.table().index)
    common, how = zip(*(_common(row, known) for row in table.to_dict("records")), strict=True)
    family = [next((name for start, name in FAMILIES.items() if str(chip).startswith(start)), "Others") for chip in table["chip"]]
    return table.assign(common=common, how=how, family=family)


def _common(row: dict[str, Any], known: set[str]) -> tuple[float, str]:
    given, value = row["convention"], row["utilization"]
    if given == COMMON:
        return value, AS_PUBLISHED
    if given in flop.CONVENTIONS and row["model"] in known:
        return flop.convert(value, architecture.load(row["model"]), row["sequence"], given, COMMON), CONVERTED
    if row["quantity"] == "hfu":
        return float("nan"), IMPOSSIBLE
    return value, NOT_SAID


@cache
def _predicted() -> pd.DataFrame:
    table, described = published(), facts.read("runs").set_index("run_id")
    table = table[table["run_id"].notna()].reset_index(drop=True)
    asked = described.loc[table["run_id"]].reset_index()
    # The value is not read; the metric is, so that the answer is a utilization in the common convention.
    asked = asked.assign(metric="mfu", flops_convention=COMMON, value=np.nan)
    answer = predict.predict(asked)[["predicted", "low", "high", "status", "assumed"]]
    return pd.concat([table, answer], axis=1)


def predicted() -> pd.DataFrame:
    """Return the rows of `published` that data/runs.csv describes, with `predicted`, `low`, `high` and `assumed`.

    All in the common convention. The constants were fitted to some of these runs among others.
    """
    table = _predicted()
    return table[(table["status"] == predict.PREDICTED) & table["common"].notna()].reset_index(drop=True)


def of_the_16bit_peak(scenario: Scenario) -> float:
    """Return the scenario's utilization as a share of its accelerator's 16-bit peak, which published runs divide by unless
    they say otherwise; NaN if no such peak is known."""
    delivered = scenario.utilization * scenario.peak_flop_per_second
    for precision in ("BF16", "FP16"):
        try:
            return delivered / accelerators.peak_flop_per_second(scenario.accelerator, precision)
        except accelerators.AcceleratorError:
            continue
    return float("nan")


def of_the_deck() -> pd.DataFrame:
    """Return what was published before the deck of models of at least LARGE parameters on A100, by utilization."""
    table = published()
    chosen = (table["family"] == "A100, A800") & (table["parameters"] >= LARGE) & (table["date"] < BEFORE)
    chosen &= table["common"].notna() & (table["verified"] != "no")
    return table[chosen].sort_values("common", ignore_index=True)


def ceilings(precision: str = "bf16") -> pd.DataFrame:
    """Return the best matrix product of each chip, as a share of its peak, highest first."""
    table = facts.read("mfu")
    table = table[(table["kind"] == "matmul") & (table["precision"] == precision)]
    return table.sort_values("utilization", ascending=False, ignore_index=True)


@dataclass(frozen=True)
class _Bench:
    """The chip of data/h100_sxm.csv, by the names of its formats."""

    chip: str = "H100 SXM5"
    formats: tuple[str, ...] = ("bf16", "fp16", "tf32", "fp32", "fp8")


BENCH = _Bench()


def products() -> pd.DataFrame:
    """Return the matrix products that were measured on one H100: `format`, m, k, n, `side` and `share` of the peak.

    `side` is that of the cube with as many FLOP. The peak is the dense one of the format.
    """
    table = facts.read("h100_sxm")
    table = table[table["kind"] == "gemm"]
    peak = [accelerators.peak_flop_per_second(BENCH.chip, name.upper()) / 1e12 for name in table["dtype"]]
    side = (table["m"] * table["k"] * table["n"]) ** (1 / 3)
    shown = table[["m", "k", "n"]].assign(format=table["dtype"].str.upper(), side=side, share=table["tflops"] / peak)
    return shown.reset_index(drop=True)


def product_share(sides: PerCase, precision: str = "bf16", constants: Constants = CONSTANTS) -> PerCase:
    """Return the share of the peak that square products of `sides` reach in training, as the model has them."""
    steps = step.training_step(
        architecture.load("GPT-3 175B"), Parallelism(), chip=BENCH.chip, precision=precision, sequence=2048, global_batch=1
    )
    sides = np.asarray(sides, dtype=float)
    many: Steps = steps.take(np.zeros(len(sides), dtype=int))
    rate = roofline.rate(constants, many, many.machine.reached)
    seconds = roofline.matmul_seconds(constants, many, sides, sides, sides, rate, many.machine.element_bytes)
    return 2 * sides**3 / seconds / many.machine.peak


def ladder() -> pd.DataFrame:
    """Return what is reached on one H100, from a single product to whole steps: `what`, `share` of the 16-bit peak.

    Model FLOP are counted in the common convention.
    """
    table = facts.read("h100_sxm")
    peak = accelerators.peak_flop_per_second(BENCH.chip, "BF16")
    best = products()
    best = best[best["format"].isin(["BF16", "FP16"])]["share"].max()
    rows = [{"what": "The best matrix product", "share": best, "source": "one chip"}]
    gpt3 = architecture.load("GPT-3 175B")
    layers = table[(table["kind"] == "layer_train") & (table["dtype"] == "bf16")]
    layers = layers[layers["name"].str.contains("x1 layers")]
    attention = 12.0 * gpt3.d_model * layers["seq"] * layers["batch"] * layers["seq"]
    share = (layers["tflops"] * 1e12 + attention / layers["seconds_median"]) / peak
    rows.append({"what": "One layer of GPT-3, forward and backward", "share": share.max(), "source": "one chip"})
    for row in table[table["kind"] == "train"].itertuples():
        if row.activation_checkpointing == "True":
            continue
        arch = architecture.load(f"bench-{row.name}")
        flop_a_second = flop.step_flop(COMMON, arch, row.batch, row.seq) / row.seconds_median
        what = f"Steps of {_title(row.name)}, {row.batch:g} × {row.seq:,.0f} tokens"
        rows.append({"what": what, "share": flop_a_second / peak, "source": "one chip"})
    runs = published()
    for row in runs[runs["run"].str.startswith("Llama 3.1-405B")].sort_values("n_chips").itertuples():
        rows.append({"what": f"Steps of {row.run}", "share": row.common, "source": "published"})
    return pd.DataFrame(rows).sort_values("share", ascending=False, ignore_index=True)


def _title(name: str) -> str:
    family, size = name.rsplit("-", 1)
    return f"{family.upper().replace('GPT', 'GPT-')} {size[:-1]}{size[-1].upper()}"
