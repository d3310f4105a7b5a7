"""What each mechanism of the inference model is worth: it is taken out, the rest is fitted anew, every unit held out.

`python -m analysis.validation.inference_ablation --write` writes data/generated/inference_ablations.csv; it takes some
five minutes.
"""

import sys
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from analysis import facts, paths
from analysis.inference import inference_calibration
from analysis.inference.inference_calibration import Observations
from analysis.inference.inference_constants import EXPECTED, FITTED, InferenceConstants
from analysis.validation import inference_validation

NAME = f"{paths.GENERATED.name}/inference_ablations"
#: Kinds of row whose errors are told.
GROUPS = ("output token", "first token", "server speed", "decode step")
#: A bandwidth over what hardware has, at which sending takes no time.
_AT_ONCE = 1e9


@dataclass(frozen=True)
class Ablation:
    """A change of the model: constants that are held where their mechanism takes no time or makes no difference."""

    key: str
    without: str
    held: dict[str, float]
    fits: bool = True
    with_offsets: bool = True

    def start(self) -> InferenceConstants:
        """Return the constants from which the fit starts."""
        return replace(EXPECTED, **self.held)

    def fitted(self) -> tuple[str, ...]:
        """Return the constants that are fitted."""
        return tuple(name for name in FITTED if name not in self.held) if self.fits else ()


ABLATIONS = (
    Ablation("none", "Nothing: the full model", {}),
    Ablation("fit", "The fit: constants as first expected", {}, fits=False),
    Ablation("offsets", "Offsets of makers, sources and engines", {}, with_offsets=False),
    Ablation(
        "kernels",
        "The start of kernels",
        {"vllm_kernel": 0.0, "sglang_kernel": 0.0, "tensorrt_llm_kernel": 0.0, "pytorch_kernel": 0.0},
    ),
    Ablation("host", "The host's work in each step", {"host_seconds": 0.0, "request_seconds": 0.0, "older_host_seconds": 0.0}),
    Ablation("issue", "The pace at which the host issues prompts' kernels", {"issue_seconds": 0.0}),
    Ablation("links", "Communication", {"link_share": _AT_ONCE, "exchange_share": _AT_ONCE, "start_seconds": 0.0}),
    Ablation("cache", "Loss in reading the cache", {"cache_share": 1.0}),
    Ablation("latent", "Loss of latent attention in decoding", {"latent_share": 1.0}),
    Ablation("attention", "Loss of attention over prompts", {"attention_share": 1.0}),
    Ablation("experts", "Loss of experts' grouped products", {"expert_share": 1.0, "padded_rows": 0.0}),
    Ablation("widening", "Loss of widening integers", {"widening_share": 1.0}),
    Ablation("arrival", "Time from a request's arrival to the engine", {"arrival_seconds": 0.0}),
    Ablation("beginning", "Prompts that come together at the beginning", {"burst": 0.0, "sglang_burst": 0.0}),
    Ablation(
        "gathering",
        "Steps for which engines gather prompts",
        {"tensorrt_llm_steps": 0.0, "sglang_steps": 0.0, "balancing_steps": 0.0},
    ),
)


def by_unit(ablation: Ablation, observed: Observations) -> pd.DataFrame:
    """Return the held-out errors of usable rows by group and unit, with `ablation` taken out."""
    slopes = inference_validation.slopes_of(observed, ablation.start(), ablation.fitted())
    rows = inference_validation.without_units(slopes, with_offsets=ablation.with_offsets)
    good = rows[(rows["usable"] == "yes") & rows["group"].isin(GROUPS)]
    grouped = np.expm1(good["log_error"].abs()).groupby([good["group"], good["unit"]])
    table = pd.DataFrame({"rows": grouped.size(), "median_error": grouped.median()}).reset_index()
    return table.assign(key=ablation.key)[["key", "group", "unit", "rows", "median_error"]]


def averages(table: pd.DataFrame) -> pd.DataFrame:
    """Return, by key, what is taken out and, a column for each of GROUPS, the mean over units of their median errors."""
    means = table.pivot_table(index="key", columns="group", values="median_error", aggfunc="mean", sort=False)[list(GROUPS)]
    names = {ablation.key: ablation.without for ablation in ABLATIONS}
    return means.assign(without=means.index.map(names))


def read() -> pd.DataFrame:
    """Return the errors by ablation, group and unit as they were written."""
    return facts.read(NAME)


def main(words: Iterable[str]) -> None:
    """Compute every ablation; with --write among the `words`, put the result into data/generated."""
    observed = inference_calibration.observations()
    table = pd.concat([by_unit(ablation, observed) for ablation in ABLATIONS], ignore_index=True)
    print(averages(table).round(3).to_string())
    if "--write" in words:
        paths.write(paths.DATA / f"{NAME}.csv", table.to_csv(index=False, float_format="%.4g"))


if __name__ == "__main__":
    main(sys.argv[1:])
