"""Tables of the chapter on the industry chain, as DataFrames of text with units in their heads."""

import numpy as np
import pandas as pd

from analysis import numerals
from analysis.economics import coefficients
from analysis.industry import pass_through
from analysis.industry.pass_through import LINKS, PARTS
from analysis.scenarios.scenario import Scenario

_MARKS = {"yes": "yes", "partly": "partly", "no": "not verified"}
_PER_CHANGE = {
    "accelerators": "Accelerators",
    "switches": "Switches",
    "modules": "Optical modules",
    "site": "Power",
    "capital": "Capital",
}


def units(scenario: Scenario) -> pd.DataFrame:
    """Return what the scenario takes of each link, to train and to serve, with 80% intervals."""
    frame = pass_through.intervals(scenario).set_index(["part", "link"])
    rows = []
    for name, link in LINKS.items():
        row = {"Link of the chain": link.title if link.unit in link.title.lower() else f"{link.title}, {link.unit}"}
        for part, title in PARTS.items():
            low, expected, high = (frame.loc[(part, name), column] / link.scale for column in ("low", "expected", "high"))
            row[f"{title}: expected"] = _amount(name, expected)
            row[f"{title}: 80% of the draws"] = f"{_amount(name, low)} to {_amount(name, high)}" if low < high else "–"
        rows.append(row)
    return pd.DataFrame(rows)


def coefficient_table(scenario: Scenario) -> pd.DataFrame:
    """Return the coefficients with their ranges, sources and marks."""
    return pd.DataFrame(
        [
            {
                "Coefficient": f"{coefficient.meaning[0].upper()}{coefficient.meaning[1:]}",
                "Low": _value(coefficient.low),
                "Expected": _value(coefficient.expected),
                "High": _value(coefficient.high),
                "Unit": "–" if coefficient.unit == "ratio" else coefficient.unit,
                "Verified": _MARKS[coefficient.verified],
                "Source": coefficient.source,
            }
            for coefficient in coefficients.load(scenario.accelerator).values()
        ]
    )


def changes(scenario: Scenario) -> pd.DataFrame:
    """Return by how much each change moves the links of the chain: to train, and to serve."""
    values = coefficients.expected(coefficients.load(scenario.accelerator))
    base = pass_through.by_part(pass_through.demand(scenario), scenario.accelerators_per_server, values)
    rows = []
    for name, need in pass_through.changes(scenario).items():
        moved = pass_through.by_part(need, scenario.accelerators_per_server, values)
        for part, title in PARTS.items():
            ratios = {key: float(moved[part][key] / base[part][key]) for key in _PER_CHANGE}
            if any(abs(ratio - 1) > 1e-9 for ratio in ratios.values()):
                rows.append({"Change": name, "Part": title} | {_PER_CHANGE[key]: signed(ratios[key]) for key in ratios})
    return pd.DataFrame(rows)


def signed(ratio: float) -> str:
    """Return a ratio as a change: "+10%", "−75%", or "×2.01" from a doubling up."""
    if ratio >= 2:
        return f"× {numerals.significant(ratio)}"
    return f"{'+' if ratio >= 1 else '−'}{numerals.percent(abs(ratio - 1))}"


def _amount(name: str, value: float) -> str:
    if name in ("accelerators", "servers"):
        return numerals.whole(np.ceil(value - 1e-9))
    return numerals.significant(value)


def _value(value: float) -> str:
    return numerals.plain(value, 3)
