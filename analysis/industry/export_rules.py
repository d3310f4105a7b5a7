"""What a chip is under each rule on exports: its measures by `data/accelerators.csv` against `data/export_rules.csv`.

The measures are those of the rules of the USA. *Total processing performance* is the dense peak in 1e12 operations a
second times the bits of an operand, the largest over the chip's formats; *performance density* is that over the area of
its logic dies in mm² (CSET, explainer of the update of 2023). Bandwidths are in GB/s, links in both directions.
"""

import operator
from dataclasses import dataclass
from datetime import date
from functools import cache

from analysis import ageing, facts
from analysis.hardware import accelerators
from analysis.quote import quote
from analysis.suggest import nearest

#: Bits of an operand, by the precision whose peak is counted. TF32 is left out: it has 19 bits, stored in 32.
_BITS = {"FP64": 64, "FP32": 32, "BF16": 16, "FP16": 16, "FP8": 8, "INT8": 8, "FP4": 4}
#: The measure that each column of bounds is of, and how it compares.
BOUNDS = {
    "tpp_from": ("performance", "from"), "tpp_below": ("performance", "below"),
    "density_from": ("density", "from"), "density_below": ("density", "below"),
    "link_from": ("link", "from"), "memory_from": ("memory", "from"),
    "memory_above": ("memory", "above"), "memory_below": ("memory", "below"),
}  # fmt: skip
_COMPARES = {"from": operator.ge, "above": operator.gt, "below": operator.lt}


class RuleError(ValueError):
    """A rule, or a date of one, that `data/export_rules.csv` does not have; the message names the nearest."""


@dataclass(frozen=True)
class Measures:
    """What the rules measure of a chip; None where it is not published."""

    performance: float | None
    density: float | None
    link: float | None
    memory: float | None


@dataclass(frozen=True)
class Rule:
    """One rule with bounds: its rows of `data/export_rules.csv`, one a limb."""

    name: str
    kind: str
    date: date
    until: date | None
    status: str
    limbs: tuple[facts.Row, ...]

    def holds(self, day: date) -> bool:
        """Return whether the rule applied on a day."""
        return self.status != "proposed" and self.date <= day and (self.until is None or day <= self.until)


def measures(chip: str) -> Measures:
    """Return what the rules measure of a chip. Raises AcceleratorError for one that is not known."""
    row = accelerators.row(chip)
    counted = [name for name in accelerators.precisions(chip) if name in _BITS]
    peaks = [accelerators.peak_flop_per_second(chip, name) / 1e12 * _BITS[name] for name in counted]
    performance = max(peaks, default=None)
    area, memory = _number(row["die_mm2"]), _number(row["mem_bw_tbs"])
    return Measures(
        performance,
        performance / area if performance is not None and area is not None else None,
        _number(row["interconnect_gbs"]),
        None if memory is None else 1000 * memory,
    )


@cache
def rules() -> tuple[Rule, ...]:
    """Return the rules that have bounds, oldest first."""
    by_rule: dict[str, list[facts.Row]] = {}
    for row in facts.rows("export_rules"):
        if any(row[column] is not None for column in BOUNDS):
            by_rule.setdefault(str(row["rule"]), []).append(row)
    return tuple(
        Rule(
            name,
            str(limbs[0]["kind"]),
            ageing.period(str(limbs[0]["date"]))[0],
            ageing.period(str(limbs[0]["until"]))[1] if limbs[0]["until"] else None,
            str(limbs[0]["status"]),
            tuple(limbs),
        )
        for name, limbs in by_rule.items()
    )


def rule(name: str) -> Rule:
    """Return the rule of that name. Raises RuleError."""
    known = {rule.name: rule for rule in rules()}
    if name not in known:
        raise RuleError(f"there is no rule {quote(name)} with bounds{nearest(name, known)}; there are: {', '.join(known)}")
    return known[name]


def reaches(chip: str, name: str) -> bool | None:
    """Return whether a chip falls under a rule by its measures, None where what decides is not published.

    Raises RuleError and AcceleratorError.
    """
    within = [_limb(limb, measures(chip)) for limb in rule(name).limbs]
    return True if True in within else None if None in within else False


def standing(chip: str, day: date) -> str:
    """Return what the rules of the USA in force on a day make of exporting a chip to China.

    "free", "licence" (denial is presumed), "case by case", or "not known" where what decides is not published. These
    are the bounds of the rules alone: who buys it, and for what, is not looked at. Raises AcceleratorError.
    """
    held = [rule for rule in rules() if rule.holds(day)]
    asked = [reaches(chip, rule.name) for rule in held if rule.kind == "licence"]
    if True not in asked:
        return "not known" if None in asked else "free"
    reviews = [reaches(chip, rule.name) for rule in held if rule.kind == "case by case"]
    return "case by case" if True in reviews else "not known" if None in reviews else "licence"


def _limb(limb: facts.Row, measured: Measures) -> bool | None:
    """Return whether all bounds of one row hold: False as soon as one does not, None if what is left is not known."""
    holding = []
    for column, (measure, how) in BOUNDS.items():
        bound, value = _number(limb[column]), getattr(measured, measure)
        if bound is not None:
            holding.append(None if value is None else _COMPARES[how](value, bound))
    return False if False in holding else None if None in holding else True


def _number(cell: str | float | None) -> float | None:
    return None if cell is None else float(cell)
