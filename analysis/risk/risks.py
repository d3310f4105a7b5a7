"""The risks of the estimate, and what each does to it: stress scenarios of `data/scenarios/stress`.

A stress scenario differs from the deck's in a field or two. Put onto another scenario, a number changes by the same
factor, and a chip is the stress's. Some risks also move a coefficient of the industry chain to an end of its range.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

import pandas as pd

from analysis.hardware.accelerators import AcceleratorError
from analysis.industry import coefficients, pass_through
from analysis.scenarios import reading
from analysis.scenarios.scenario import ASSUMPTIONS, DECK, Scenario
from analysis.suggest import nearest

#: The results that a stress is measured by, to train and to serve together where they are of the chain.
MEASURES = ("training", "serving", "site", "capital")


class RiskError(ValueError):
    """A risk that there is not, or that a scenario can't be put under; the message says why."""


@dataclass(frozen=True)
class Risk:
    """A risk: its names, how it works, and the ends of coefficients that it moves; its file has the same key."""

    key: str
    title: str
    chinese: str
    mechanism: str
    ends: Mapping[str, str] = field(default_factory=dict)


RISKS = {
    risk.key: risk
    for risk in (
        Risk("demand", "Demand below plan", "需求不及预期", "Fewer questions; chips idle, or are not bought."),
        Risk("efficiency", "Efficiency gains", "效率提升", "Less work for a token; cheaper tokens are used more."),
        Risk("utilization", "Utilization below plan", "利用率不及预期", "Waiting, failures and nights leave chips idle."),
        Risk("export-rules", "Export rules", "出口管制", "The best chip can't be bought; more of a lesser one are."),
        Risk("next-chip", "Price falls and stranded chips", "硬件降价与资产搁浅", "The next chip does the work for less."),
        Risk(
            "power", "Power and sites", "电力与选址", "Power for part of the day, at the highest overhead.", {"pue": "high"}
        ),
        Risk("architecture", "A change of architecture", "架构变革", "Models that think first write far more tokens."),
        Risk("tokenizer", "Tokenization and languages", "分词与语言", "One text becomes more tokens, or fewer."),
        Risk("data-limits", "Limits of data and licences", "数据与版权限制", "Less text to train on, so less training."),
        Risk(
            "suppliers", "Concentration of suppliers", "供应商集中", "One maker is late, and names its price.",
            {"accelerator_price": "high"},
        ),
        Risk("model-error", "This book's model is wrong", "模型风险", "Runs take longer than predicted."),
    )
}  # fmt: skip


@cache
def stress(key: str) -> Scenario:
    """Return the stress scenario of a risk, as its file has it. Raises RiskError for an unknown one."""
    if key not in RISKS:
        raise RiskError(f"there is no risk {key!r}{nearest(key, RISKS)}; there are: {', '.join(RISKS)}")
    return reading.load(reading.files()[f"stress/{key}"])


def applied(base: Scenario, key: str) -> Scenario:
    """Return `base` under a stress: its numbers times what the stress has over the deck's, its chip the stress's.

    Raises RiskError for an unknown risk, or where the stress's chip has no peak in the format of `base`.
    """
    under = stress(key)
    changed = {}
    for name in under.written.keys() & ASSUMPTIONS.keys():
        value = getattr(under, name)
        numeric = ASSUMPTIONS[name].unit is not None
        changed[name] = getattr(base, name) * value / getattr(DECK, name) if numeric else value
    if "accelerator" in changed:
        changed["peak"] = None
    result = base.model_copy(update=changed | {"title": f"{base.title}; {under.title}"})
    try:
        result.peak_flop_per_second  # noqa: B018  a chip may lack the format
    except AcceleratorError as exc:
        raise RiskError(f"stress/{key}: {exc}") from exc
    return result


def results(under: Scenario, ends: Mapping[str, str] | None = None) -> dict[str, float]:
    """Return the MEASURES of a scenario, in accelerators (not yet whole), watts and dollars.

    `ends` says of a coefficient that it lies at its "low" or its "high"; all others are as expected.
    """
    known = coefficients.load(under.accelerator)
    moved = {name: getattr(known[name], end) for name, end in (ends or {}).items()}
    need = pass_through.demand(under)
    both = pass_through.of(need, under.accelerators_per_server, coefficients.expected(known) | moved)
    chain = {name: float(both["training"][name] + both["serving"][name]) for name in ("site", "capital")}
    return {"training": need.training, "serving": need.serving} | chain


def effects(base: Scenario) -> pd.DataFrame:
    """Return by what each stress multiplies accelerators, power and dollars, one row a risk.

    The columns are MEASURES; where a stress can't be put to the scenario they are NaN, and `why_not` says why.
    """
    before = results(base)
    rows = []
    for key, risk in RISKS.items():
        row = {"risk": key, "why_not": ""}
        try:
            after = results(applied(base, key), risk.ends)
            row |= {name: after[name] / before[name] for name in MEASURES}
        except RiskError as exc:
            row["why_not"] = str(exc)
        rows.append(row)
    return pd.DataFrame(rows, columns=["risk", *MEASURES, "why_not"])
