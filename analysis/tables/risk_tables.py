"""Tables on all risks together, as DataFrames of text with units in their heads."""

import pandas as pd

from analysis import numerals
from analysis.figures.chain import written
from analysis.figures.joint_risks import ASSUMED, INPUTS
from analysis.risk import assumption_ranges, break_even, correlated, risks
from analysis.scenarios.scenario import ASSUMPTIONS, Scenario

_MARKS = {"yes": "yes", "partly": "partly", "no": "not verified"}
_TITLES = {
    "training": ("Accelerators to train", "accelerators"),
    "serving": ("Accelerators to serve", "accelerators"),
    "site": ("Power of the site", "site"),
    "capital": ("Capital", "capital"),
}
_VERDICTS = {"plausible": "in the range", "outside": "outside of it", "impossible": "no allowed value"}


def ranges(base: Scenario) -> pd.DataFrame:
    """Return the range of each assumption, and where its ends come from."""
    return pd.DataFrame(
        [
            {
                "Assumption": f"{ASSUMED[name]}\n{ASSUMPTIONS[name].chinese}",
                "Low": ASSUMPTIONS[name].written(ends.low),
                "Scenario": ASSUMPTIONS[name].written(ends.expected),
                "High": ASSUMPTIONS[name].written(ends.high),
                "Verified": _MARKS[ends.verified],
                "Source of the ends": ends.source,
            }
            for name, ends in assumption_ranges.load(base).items()
        ]
    )


def correlations() -> pd.DataFrame:
    """Return the stated rank correlations."""
    return pd.DataFrame(
        [
            {
                "Inputs": f"{INPUTS[correlation.first]}\n{INPUTS[correlation.second]}",
                "Rank correlation": f"{correlation.value:.1f}".replace("-", "−"),
                "Source": correlation.source,
                "Verified": _MARKS[correlation.verified],
            }
            for correlation in correlated.stated()
        ]
    )


def distribution(base: Scenario, draws: pd.DataFrame) -> pd.DataFrame:
    """Return quantiles of the draws of each measure, beside the scenario's own."""
    expected = risks.results(base)

    def quantile(name: str, link: str, share: float) -> str:
        return written(link, float(f"{draws[name].quantile(share):.3g}"))

    return pd.DataFrame(
        [
            {
                "Result": title,
                "Scenario": written(link, expected[name]),
                "10% lie below": quantile(name, link, 0.1),
                "Half": quantile(name, link, 0.5),
                "90%": quantile(name, link, 0.9),
                "90% over 10%": f"{numerals.significant(draws[name].quantile(0.9) / draws[name].quantile(0.1), 2)}",
            }
            for name, (title, link) in _TITLES.items()
        ]
    )


def what_it_takes(base: Scenario, target: float) -> pd.DataFrame:
    """Return what each assumption alone would have to be for `target` accelerators, and whether that is plausible."""
    rows = []
    for solution in break_even.solve_each(base, target):
        text = break_even.written(solution)
        rows.append(
            {
                "Assumption": f"{ASSUMED[solution.name]}\n{ASSUMPTIONS[solution.name].chinese}",
                "Scenario": text["now"],
                "Would have to be": text["needed"],
                "Plausible": f"{text['low']} to {text['high']}",
                "So it is": _VERDICTS[solution.verdict],
            }
        )
    return pd.DataFrame(rows)
