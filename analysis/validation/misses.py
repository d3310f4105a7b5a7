"""The worst misses among held-out predictions, named, with what is known of the reason."""

import numpy as np
import pandas as pd
from pydantic import Field

from analysis.settings import Settings

#: Why a run is missed, by the beginning of its run_id. 'Not explained' is an answer; a run without one is new here.
_STAGES = "hours of all stages, on a number of chips that is not said"
REASONS = {
    "whole-deepseek-v3": "Its report says that nearly all exchange between experts is hidden; here a part is not",
    "whole-2026-olmo-1b-baseline": "Not explained: a few chips for nine days, with an early code base",
    "whole-2026-intellect-1": "Trained between sites over the internet: what the exchange of weights takes is not modelled",
    "whole-2026-phi-1-5-card": "Its paper says a quarter of these hours for the same tokens; the card may count more runs",
    "whole-2026-phi-3": "Not explained: days of the card, which may hold more than this training",
    "whole-2026-llemma-34b": "Not explained: continued training on a cluster of 40 GB chips, where the model hardly fits",
    "mbridge-26-02-qwen3-30b-a3b-dgx-b200": "One sequence at a time: the host's pace is "
    "predicted to decide, and captured graphs of kernels may spare it that",
    "whole-llama-3-8b": f"Not explained: {_STAGES}; its steps are published at twice this speed and more",
    "whole-llama-3-1-8b": f"Not explained: {_STAGES}; its steps are published at twice this speed and more",
    "whole-llama-3-": f"Not explained: {_STAGES}",
    "mbridge-25-11-gpt-oss-120b-dgx-b200": "Its kernels were young: a later release prints more than 1.6 times "
    "this speed on the same chips and plan",
    "mbridge-25-11-qwen3-30b-a3b-dgx-h100": "The release before prints twice this speed for the same model, chips "
    "and plan, and that is predicted better; a setting differs that is not printed",
    "mbridge-25-11-qwen3-235b-a22b-dgx-h100": "Not explained: the release's other Qwen3 run on Hopper is slow too",
    "vtrain-multi-3-6b-x64-tp8": "Not explained: all runs of this small model over eight-way tensor parallelism are "
    "slow, most of those over four-way are not",
    "vtrain-multi-39-1b-x512-tp2": "Not explained: so are all runs of this model over two-way tensor parallelism; the "
    "chips' memory is not said, and may have been full",
    "vtrain-single-h2048": "Tensor parallelism over eight chips for a small model: the host's pace decides, and hosts differ",
    "whole-nanogpt": "Four days by the clock, with evaluation and writing of checkpoints",
    "nanogpt-124m-single": "Which A100 it was is not said, and its compiler was young",
    "whole-llm-c": "Written by hand for this one model, with fewer kernels than a framework launches",
    "mbridge-25-09-deepseek-v3-dgx-h100": "Exchange between experts over the network, of which two sources tell",
    "mosaic-mpt-70b-a100-40gb": "Sharded over the network of a cluster that only few rows of the source ran on",
}
UNKNOWN = "Not looked into"
#: Every miss beyond this factor is named.
FAR = 2.0


class Shown(Settings):
    """What a reader may change of the page on validation."""

    misses: int = Field(8, ge=1, le=30)


def worst(rows: pd.DataFrame, count: int) -> pd.DataFrame:
    """Return the usable rows that are missed most, one a source and model, with the column `reason`: `count` of them, and
    more where more are missed by a factor of FAR."""
    good = rows[rows["usable"] == "yes"]
    order = np.argsort(-good["log_error"].abs().to_numpy(), kind="stable")
    ordered = good.iloc[order].drop_duplicates(["source", "model"])
    chosen = ordered.head(max(count, len(beyond(ordered))))
    return chosen.assign(reason=[reason(run_id) for run_id in chosen["run_id"]])


def beyond(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the usable rows that are missed by a factor of FAR."""
    return rows[(rows["usable"] == "yes") & (rows["log_error"].abs() > np.log(FAR))]


def reason(run_id: str) -> str:
    """Return why a run is missed, as far as it is known."""
    return next((why for start, why in REASONS.items() if run_id.startswith(start)), UNKNOWN)
