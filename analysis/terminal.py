"""What commands print: tables in which text stays text, and refusals of a few lines."""

import re
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, NoReturn

from analysis.quote import printable

if TYPE_CHECKING:
    import pandas as pd

    from analysis.scenarios.estimate import Estimate
    from analysis.scenarios.scenario import Scenario

#: Of a refusal, whatever was given.
_MOST_LINES, _LONGEST_LINE, _LONGEST_WORD = 60, 1500, 120


def table(title: str, columns: Iterable[str], rows: Iterable[Iterable[str]]) -> None:
    """Print a table. Cells are shown as they are: `[x]` and `:x:` are no markup, and nothing is obeyed."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    shown = Table(title=Text(printable(title), "bold"), title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        shown.add_column(Text(column))
    for row in rows:
        shown.add_row(*(Text(printable(cell)) for cell in row))
    Console(highlight=False).print(shown)


def assumptions(scenario: "Scenario") -> None:
    """Print what a scenario assumes, and where it comes from."""
    from analysis.hardware import own_chip
    from analysis.scenarios.scenario import ASSUMPTIONS

    rows = []
    for name, about in ASSUMPTIONS.items():
        value = scenario.peak_flop_per_second if name == "peak" else getattr(scenario, name)
        rows.append((name, about.written(value), scenario.source(name)))
    table(scenario.title, ("Assumption", "Value", "Source"), rows)
    if own_chip.is_own(scenario.accelerator):
        print(f"Assumed of {scenario.accelerator}: {'; '.join(own_chip.assumed(scenario.accelerator)) or 'nothing'}.")


def results(result: "Estimate") -> None:
    """Print the results of an estimate."""
    from analysis.scenarios.estimate import RESULTS

    for part in ("training", "inference"):
        values = [(name, value) for name, value in result.flat().items() if name.startswith(f"{part}.")]
        rows = [(RESULTS[name][0], RESULTS[name][1](value), name) for name, value in values]
        table(part.capitalize(), ("Result", "Value", "Name in --json"), rows)


def frame(title: str, rows: "pd.DataFrame") -> None:
    """Print a DataFrame of texts."""
    table(title, rows.columns, rows.itertuples(index=False))


def fail(message: str, *, status: int) -> NoReturn:
    """Print a refusal, and end with `status`."""
    for line in message.splitlines()[:_MOST_LINES]:
        line = re.sub(rf"\S{{{_LONGEST_WORD},}}", lambda word: f"{word[0][:_LONGEST_WORD]}…", printable(line))
        print(line if len(line) <= _LONGEST_LINE else f"{line[:_LONGEST_LINE]}…", file=sys.stderr)
    raise SystemExit(status)
