"""What each mechanism of the training model is worth: it is taken out, the rest is fitted anew, every source held out.

`python -m analysis.validation.ablation --write` writes data/generated/ablations.csv; it takes some ten minutes.
"""

import sys
from collections.abc import Iterable
from dataclasses import dataclass, replace

import pandas as pd

from analysis import facts, paths
from analysis.training.constants import EXPECTED, FITTED, Constants
from analysis.training.traits import TRAITS
from analysis.validation import training_validation

#: A bandwidth over what hardware has, at which sending takes no time.
_AT_ONCE = 1e9

NAME = f"{paths.GENERATED.name}/ablations"
#: By how much the error has to grow for a mechanism to matter.
MATTERS = 0.005


@dataclass(frozen=True)
class Ablation:
    """A change of the model: constants that are held where their mechanism takes no time or makes no difference, and
    traits that have no offset."""

    key: str
    without: str
    held: dict[str, float]
    fits: bool = True
    traits: tuple[str, ...] = ()

    def start(self) -> Constants:
        """Return the constants from which the fit starts."""
        return replace(EXPECTED, **self.held)

    def fitted(self) -> tuple[str, ...]:
        """Return the constants that are fitted."""
        return tuple(name for name in FITTED if name not in self.held) if self.fits else ()


ABLATIONS = (
    Ablation("none", "Nothing: the full model", {}),
    Ablation("fit", "The fit: constants as first expected", {}, fits=False),
    Ablation("attention", "Attention's scores and values", {"counts_attention": 0.0}),
    Ablation("recomputation", "Recomputation", {"counts_recomputation": 0.0}),
    Ablation("links", "Communication over fast links", {"link_share": _AT_ONCE, "start_seconds": 0.0}),
    Ablation("network", "Communication over the network", {"network_share": _AT_ONCE, "exchange_share": _AT_ONCE}),
    Ablation("traffic", "Memory traffic of matrix products", {"matmul_traffic": 0.0}),
    Ablation("elementwise", "Elementwise passes", {"elementwise_passes": 0.0}),
    Ablation("eager", "What eager software passes more", {"eager_passes": 1.0}),
    Ablation("scores", "Traffic of unfused attention's scores", {"score_passes": 0.0}),
    Ablation("generations", "Generations of attention kernels", {"older_attention": 1.0}),
    Ablation("host", "The pace of the host", {"issue_seconds": 0.0}),
    Ablation("vocabulary", "The vocabulary and the loss", {"counts_vocabulary": 0.0}),
    Ablation("bubble", "The pipeline's bubble", {"counts_bubble": 0.0}),
    Ablation("power", "The power limit", {"power_exponent": 0.0}),
    Ablation("conversion", "Conversion to eight and four bits", {"conversion": 0.0}),
    Ablation("routing", "Sorting tokens to experts", {"routing_passes": 0.0, "kernels_per_expert": 0.0}),
    Ablation("ring", "Loss of ring attention", {"ring_loss": 0.0}),
    Ablation("optimizer", "Memory traffic of the optimizer", {"optimizer_passes": 0.0}),
    Ablation("straggling", "Waiting for the slowest", {"straggling": 0.0}),
    Ablation("biases", "Unfused gates of experts with biases", {"biased_passes": 1.0}),
    Ablation("offsets", "All offsets", {}, traits=tuple(trait for trait in TRAITS if trait != "source")),
    Ablation("software", "Offsets of engines and their years", {}, traits=("engine", "engine and year")),
    Ablation("years", "Offsets of an engine's years", {}, traits=("engine and year",)),
    Ablation("vendors", "Offsets of vendors", {}, traits=("other vendors", "vendor")),
    Ablation("formats", "Offsets of chips and number formats", {}, traits=("chips and format",)),
    Ablation("models", "Offsets of models and of experts", {}, traits=("model", "experts")),
)


def by_source(ablation: Ablation, sources: Iterable[str] | None = None) -> pd.DataFrame:
    """Return the held-out errors of usable training steps by source, with `ablation` taken out; of `sources`, or of all."""
    rows = training_validation.held_out(ablation.start(), ablation.fitted(), sources, refined=False, without=ablation.traits)
    good = rows[(rows["usable"] == "yes") & (rows["kind"] == "train")]
    table = training_validation.by_source(good).drop(index=training_validation.MACRO)
    table = table.reset_index().rename(columns={"median error": "median_error", "90th percentile": "p90_error"})
    return table.assign(key=ablation.key)[["key", "source", "runs", "median_error", "p90_error"]]


def main(words: list[str]) -> None:
    """Compute every ablation; with --write among the `words`, put the result into data/generated."""
    table = pd.concat([by_source(ablation) for ablation in ABLATIONS], ignore_index=True)
    print(averages(table).round(3).to_string())
    if "--write" in words:
        table.to_csv(paths.DATA / f"{NAME}.csv", index=False, float_format="%.4g")


def averages(table: pd.DataFrame) -> pd.DataFrame:
    """Return, by key, what is taken out and the errors' means over sources."""
    names = {ablation.key: ablation.without for ablation in ABLATIONS}
    means = table.groupby("key", sort=False)[["median_error", "p90_error"]].mean()
    return means.assign(without=means.index.map(names))


def read() -> pd.DataFrame:
    """Return the errors by ablation and source as they were written."""
    return facts.read(NAME)


if __name__ == "__main__":
    main(sys.argv[1:])
