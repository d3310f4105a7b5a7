"""Tables of the page "Plan a run"."""

import pandas as pd

from analysis import numerals
from analysis.plan.chip import Chip
from analysis.plan.interval import PlanError
from analysis.plan.model import Model
from analysis.plan.training_plan import plan_training

#: What is trained on what, for those who read the page without its script.
MODELS = ("Llama-3.1-8B", "Llama-3.1-70B", "Llama-3.1-405B", "Qwen3-235B-A22B", "DeepSeek-V3")
CHIPS = ("H100 SXM5", "B200 SXM (HGX/DGX)", "Ascend 910C")


def common(tokens: float, chips: float) -> pd.DataFrame:
    """Return what training common models on `tokens` takes of `chips` of each kind: days, dollars and the plan."""
    rows = []
    for model in MODELS:
        for chip in CHIPS:
            row = {"Model": model, "Chip": chip}
            try:
                plan = plan_training(Model.load(model), Chip.load(chip), tokens, chips=chips)
            except PlanError as exc:
                rows.append(row | {"Chips": "none", "Days": str(exc), "Million dollars": "", "Plan": ""})
                continue
            dollars = plan.cost.dollars
            rows.append(row | {
                "Chips": numerals.whole(plan.chips.expected),
                "Days": plan.days.written(numerals.significant),
                "Million dollars": "" if dollars is None else (dollars * 1e-6).written(_two_digits),
                "Plan": plan.plan,
            })  # fmt: skip
    return pd.DataFrame(rows)


def _two_digits(value: float) -> str:
    return numerals.significant(value, 2)
