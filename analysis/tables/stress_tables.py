"""Tables and sentences on stresses of each risk, and what to watch of it."""

import numpy as np
import pandas as pd

from analysis import numerals
from analysis.figures.joint_risks import ASSUMED
from analysis.risk import indicators, risks
from analysis.risk.risks import RISKS
from analysis.scenarios.scenario import ASSUMPTIONS, DECK, Scenario
from analysis.trends import growth_text

_AMOUNTS = {"serving": "accelerators", "site": "power", "capital": "capital"}


def stresses(base: Scenario) -> pd.DataFrame:
    """Return every risk with its stress: what it changes, and what that multiplies training, serving, power and capital by."""
    rows = []
    for row in risks.effects(base).itertuples():
        risk, under = RISKS[row.risk], risks.stress(row.risk)
        rows.append(
            {
                "Risk": f"{risk.title}\n{risk.chinese}",
                "To train, ×": factor(row.training),
                "To serve, ×": factor(row.serving),
                "Power, ×": factor(row.site),
                "Capital, ×": factor(row.capital),
                "Scenario file, and what it changes": row.why_not or f"stress/{row.risk}\n{_changed(under)}",
            }
        )
    return pd.DataFrame(rows)


def watched() -> pd.DataFrame:
    """Return for each risk how it works, and what to watch: the latest value and the trend of its indicator."""
    return pd.DataFrame(
        [
            {
                "Risk": f"{RISKS[key].title}\n{RISKS[key].mechanism}",
                "Indicator": f"{indicator.name}\n{indicator.source}",
                "Latest": indicator.latest,
                "Change a year": "no dates" if indicator.trend is None else growth_text(indicator.trend),
            }
            for key, indicator in indicators.watched().items()
        ]
    )


def factor(value: float) -> str:
    """Return a factor to two decimals, "–" where there is none."""
    if pd.isna(value):
        return "–"
    return f"{value:.2f}" if 0.01 <= value < 1000 else numerals.significant(value)


def times_as_long(ratio: float) -> str:
    """Return how long a thing is against another: "as long as", "8.8 times as long as"."""
    return "as long as" if ratio == 1 else f"{numerals.significant(ratio, 2)} times as long as"


def moves(factor: float, other: float) -> str:
    """Return how far one factor moves a count against another: "more than", "less than", "as far as"."""
    if factor == other:
        return "as far as"
    return "more than" if factor > other else "less than"


def by_peak(effect: pd.Series, measures: tuple[str, ...]) -> str:
    """Return what a stress on the chip takes of the `measures` as the end of a sentence, or why that can't be counted."""
    if effect["why_not"]:
        return f"can't be counted: {effect['why_not'].partition(': ')[2]}"
    parts = [f"{factor(effect[name])} times the {_AMOUNTS[name]}" for name in measures]
    return f"takes {', '.join(parts[:-1])} and {parts[-1]}"


def unchanged(base: Scenario) -> str:
    """Return a sentence on the stresses that change nothing under the scenario; "" if each changes something."""
    titles = [RISKS[key].title.lower() for key in risks.unchanged(base)]
    return f"The scenario already has what these assume, or more: {', '.join(titles)}." if titles else ""


def elasticity_to_halve(share: float) -> str:
    """Return the elasticity at which a token that takes a `share` of the work halves all work, if there is one."""
    if share == 1:
        return "At none, since the scenario's model takes no more work already"
    return f"At {numerals.significant(1 - np.log(0.5) / np.log(share), 2)}"


def months_to_plan(share: float, growth: float) -> str:
    """Return the months in which a `share` of the plan grows to all of it, at a `growth` a year."""
    return f"After {numerals.significant(np.log(1 / share) / np.log(growth) * 12, 2)}" if share < 1 else "After none"


def _changed(under: Scenario) -> str:
    """Return what a stress changes of the deck, as people write it."""
    names = [name for name in ASSUMPTIONS if name in under.written and getattr(under, name) != getattr(DECK, name)]
    return "; ".join(f"{ASSUMED.get(name, 'Chip').lower()} {ASSUMPTIONS[name].written(getattr(under, name))}" for name in names)
