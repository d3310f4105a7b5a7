"""Formulas as a spreadsheet writes them, printed from the functions of a note's lines through SymPy."""

from collections.abc import Callable

import sympy
from sympy.printing.str import StrPrinter

from analysis.notes.results import Line
from analysis.scenarios import equations
from analysis.scenarios.estimate import FLOAT_NOISE


class _Spreadsheet(StrPrinter):
    """Prints powers with ^, and symbols by the names of cells."""

    def __init__(self, names: dict[sympy.Symbol, str]) -> None:
        super().__init__()
        self._names = names

    def _print_Symbol(self, expr: sympy.Symbol) -> str:
        return self._names[expr]

    def _print_Pow(self, expr: sympy.Pow, rational: bool = False) -> str:
        return super()._print_Pow(expr, rational).replace("**", "^")


def text(line: Line, name: Callable[[str], str] = str) -> str:
    """Return the formula of `line` without an equals sign; `name` says what each thing that goes in is called there."""
    expression, symbols = equations.symbolic(line.formula)
    return _Spreadsheet({argument: name(line.arguments[key]) for key, argument in symbols.items()}).doprint(expression)


def cell(line: Line, name: Callable[[str], str] = str) -> str:
    """Return the formula of `line` as a cell holds it; rounded up as `estimate.whole` does where the line is."""
    exact = text(line, name)
    if not line.rounded:
        return f"={exact}"
    nearest = f"ROUND({exact},0)"
    return f"=IF(ABS({exact}-{nearest})<={FLOAT_NOISE}*({exact}),{nearest},ROUNDUP({exact},0))"
