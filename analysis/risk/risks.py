"""The risks of the estimate, and what each does to it: stress scenarios of `data/scenarios/stress`.

A stress scenario differs from the deck's in a field or two. Put onto another scenario, it is a level or a share. A level
was measured somewhere: the scenario gets it unless it is there or beyond it. A share is of the plan: a number changes by the
same factor. A chip is the stress's. So a scenario that already has what a stress has is not changed by it. Some risks also
move a coefficient of the industry chain to an end of its range.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

import pandas as pd

from analysis.economics import coefficients
from analysis.hardware.accelerators import AcceleratorError
from analysis.industry import pass_through
from analysis.scenarios import reading, scenario_files
from analysis.scenarios.scenario import ASSUMPTIONS, DECK, Scenario, limits
from analysis.suggest import nearest

#: The results that a stress is measured by, to train and to serve together where they are of the chain.
MEASURES = ("training", "serving", "site", "capital")


class RiskError(ValueError):
    """A risk that there is not, or that a scenario can't be put under; the message says why."""


@dataclass(frozen=True)
class Risk:
    """A risk: its names, how it works, and the ends of coefficients that it moves; its file has the same key.

    `is_level`: its numbers are levels that were measured elsewhere, and not shares of the plan.
    """

    key: str
    title: str
    chinese: str
    mechanism: str
    ends: Mapping[str, str] = field(default_factory=dict)
    is_level: bool = False


RISKS = {
    risk.key: risk
    for risk in (
        Risk("demand", "Demand below plan", "需求不及预期", "Fewer questions; chips idle, or are not bought."),
        Risk("efficiency", "Efficiency gains", "效率提升", "Less work for a token; cheaper tokens are used more.", is_level=True),
        Risk(
            "utilization", "Utilization below plan", "利用率不及预期", "Waiting, failures and nights leave chips idle.",
            is_level=True,
        ),
        Risk("export-rules", "Export rules", "出口管制", "The best chip can't be bought; more of a lesser one are."),
        Risk("next-chip", "Price falls and stranded chips", "硬件降价与资产闲置", "The next chip does the work for less."),
        Risk(
            "power", "Power and sites", "电力与选址", "Power for part of the day, at the highest overhead.", {"pue": "high"}
        ),
        Risk(
            "architecture", "A change of architecture", "架构变革", "Models that think first write far more tokens.",
            is_level=True,
        ),
        Risk("tokenizer", "Tokenization and languages", "分词与语言", "One text becomes more tokens, or fewer.", is_level=True),
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
    return reading.load(scenario_files.files()[f"stress/{key}"])


def applied(base: Scenario, key: str) -> Scenario:
    """Return `base` under a stress: with its levels, times its shares of the plan, on its chip.

    What `base` already has stays as it is. Raises RiskError for an unknown risk, or where the stress's chip has no peak in
    the format of `base`.
    """
    result = _put(base, key)
    try:
        result.peak_flop_per_second  # noqa: B018  a chip may lack the format
    except AcceleratorError as exc:
        raise RiskError(f"stress/{key}: {exc}") from exc
    return result


def _put(base: Scenario, key: str) -> Scenario:
    """Return `base` under a stress, whose chip may lack the format. Raises RiskError for an unknown risk."""
    under = stress(key)
    names = under.sources.keys()  # what it changes names its source
    if all(getattr(base, name) == getattr(under, name) for name in names):
        changed = {}
    elif RISKS[key].is_level:
        changed = {name: _at_level(name, base, under) for name in names}
    else:
        changed = {name: _after(name, base, under) for name in names}
    if "accelerator" in changed:
        changed["peak"] = None
    if "parameters" in changed and base.model is not None:
        changed["model"] = None  # which says the parameters, too
    moved = {name: under.sources[name] for name, value in changed.items() if name in names and value != getattr(base, name)}
    return base.model_copy(update=changed | {"title": f"{base.title}; {under.title}", "sources": base.sources | moved})


def unchanged(base: Scenario) -> list[str]:
    """Return the risks whose stress changes nothing, since `base` already has what they assume, or more."""
    keys = [key for key, risk in RISKS.items() if not risk.ends]
    values = [getattr(base, name) for name in ASSUMPTIONS]
    return [key for key in keys if [getattr(_put(base, key), name) for name in ASSUMPTIONS] == values]


def _at_level(name: str, base: Scenario, under: Scenario) -> float:
    """Return the level of a stress, or the value of `base` where it lies there or beyond, seen from the deck."""
    towards = max if getattr(under, name) > getattr(DECK, name) else min
    return towards(getattr(base, name), getattr(under, name))


def _after(name: str, base: Scenario, under: Scenario) -> float | str:
    """Return a number of `base` times what the stress has over the deck's, at most as far as a scenario may go.

    Of what is no number, the stress's.
    """
    if ASSUMPTIONS[name].unit is None:
        return getattr(under, name)
    low, high = limits(name)
    return min(high, max(low, getattr(base, name) * getattr(under, name) / getattr(DECK, name)))


def results(under: Scenario, ends: Mapping[str, str] | None = None, base: Scenario | None = None) -> dict[str, float]:
    """Return the MEASURES of a scenario, in accelerators as planned, watts and dollars.

    `ends` says of a coefficient that it lies at its "low" or its "high"; all others are as expected. Where `base` has another
    utilization, the plan's chips are used so much better or worse: a plan takes no utilization, but predicts it.
    """
    known = coefficients.load(under.accelerator)
    moved = {name: getattr(known[name], end) for name, end in (ends or {}).items()}
    need = pass_through.demand(under)
    used = 1.0 if base is None else base.utilization / under.utilization
    need = pass_through.Demand(need.training * used, need.serving * used)
    both = pass_through.by_part(need, under.accelerators_per_server, coefficients.expected(known) | moved)
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
            after = results(applied(base, key), risk.ends, base)
            row |= {name: after[name] / before[name] for name in MEASURES}
        except RiskError as exc:
            row["why_not"] = str(exc)
        rows.append(row)
    return pd.DataFrame(rows, columns=["risk", *MEASURES, "why_not"])
