"""The worst misses among held-out predictions, named, with what is known of the reason."""

import numpy as np
import pandas as pd
from pydantic import Field

from analysis.settings import Settings

#: Why a run is missed, by the beginning of its run_id. 'Not explained' is an answer; a run without one is new here.
REASONS = {
    "whole-deepseek-v3": "Its software hides the exchange between experts under computing, and sends a token to four "
    "servers at most; here the exchange is exposed, over servers drawn evenly",
    "mbridge-25-09-deepseek-v3-dgx-h100": "The exchange between experts over the network is hidden in part; here it is exposed",
    "whole-llama-3": "Not explained: hours of all stages, on a number of chips that is not said; steps of the same model "
    "are published at twice this speed and more",
    "mbridge-25-11-gpt-oss-120b": "Not explained: every run of this model on Blackwell is slower than predicted, the one "
    "on Hopper is not; its kernels may be young",
    "mbridge-25-11-qwen3-30b-a3b-dgx-h100": "The release before prints twice this speed for the same model, chips and plan, "
    "and that is predicted well; a setting differs that is not printed",
    "vtrain-multi-3-6b-x64-tp8": "Not explained: all runs of this small model over eight-way tensor parallelism are slow, "
    "those over four-way are not",
    "vtrain-multi-39-1b-x512-tp2": "Not explained: so are all runs of two-way tensor parallelism in this source; the chips' "
    "memory is not said, and may have been full",
    "vtrain-single-h2048": "Tensor parallelism over eight chips for a small model: the host's pace, which one constant stands for",
    "whole-nanogpt": "Four days by the clock, with evaluation and writing of checkpoints",
    "nanogpt-124m-single": "Which A100 it was is not said, and its compiler was young",
    "mosaic-mpt-70b-a100-40gb": "Sharded over the network in servers that other rows of the source do not have",
    "mosaic-mpt-30b": "Long sequences on an older attention kernel",
    "whole-llm-c": "Fewer kernels than a framework launches: all was written by hand",
    "megatron-core-weak-1-7b": "The smallest model of its source, slowed down by what does not grow with the model",
}  # fmt: skip
UNKNOWN = "Not looked into"


class Shown(Settings):
    """What a reader may change of the page on validation."""

    misses: int = Field(8, ge=1, le=30)


def worst(rows: pd.DataFrame, count: int) -> pd.DataFrame:
    """Return the `count` usable rows that are missed most, one a source and model, with the column `reason`."""
    good = rows[rows["usable"] == "yes"]
    order = np.argsort(-good["log_error"].abs().to_numpy(), kind="stable")
    chosen = good.iloc[order].drop_duplicates(["source", "model"]).head(count)
    return chosen.assign(reason=[reason(run_id) for run_id in chosen["run_id"]])


def reason(run_id: str) -> str:
    """Return why a run is missed, as far as it is known."""
    return next((why for start, why in REASONS.items() if run_id.startswith(start)), UNKNOWN)
