"""Equations, printed from the sizing formulas themselves.

Each formula of `analysis.scenarios.sizing` is called with SymPy symbols, so the equation in the chapter is what Python computes.
"""

import inspect
from collections.abc import Callable, Mapping

import sympy

from analysis import numerals
from analysis.arrays import PerCase
from analysis.scenarios.scenario import ASSUMPTIONS

#: LaTeX of each argument of the formulas that is not an assumption of the scenario.
SYMBOLS = {
    "tokens": "D",
    "flop": "C",
    "seconds": "t",
    "peak": "P",
    "accelerators": "n",
    "width": "d",
    "context": "s",
    "vocabulary": "V",
    "irreducible": "E",
    "size_coefficient": "A",
    "size_exponent": r"\alpha",
    "data_coefficient": "B",
    "data_exponent": r"\beta",
    "gap": "G",
    "wanted": "G'",
    "unit": "C_0",
    "scale": "N_0",
    "exponent": "p",
    "position": r"\mathit{pos}",
    "pair": "i",
    "accelerator_memory": "M",
    "network_ports": "b",
    "taper": r"\beta",
    "tiers": "L",
    "switch_radix": "k",
    "optical_share": "o",
    "accelerator_power": "w",
    "server_share": r"\sigma",
    "servers_watts": "W_s",
    "switches": "S",
    "switch_power": "w_S",
    "computer_watts": "W",
    "pue": "e",
    "site_watts": r"W_\text{site}",
    "draw_share": r"\delta",
    "liquid_share": r"\ell",
    "rack_power": "w_R",
    "floor_per_watt": "f",
    "accelerator_price": "p",
    "server_chip_share": "a",
    "switch_price": "p_S",
    "modules": "m",
    "module_price": "p_m",
    "building_cost_per_watt": "p_W",
    "servers": "K_s",
    "network": "K_n",
    "building": "K_b",
}
_FACTORS = 4  # as many numbers, of a product of them, as a line on a phone has room for


def symbol(name: str) -> str:
    """Return the LaTeX symbol of an argument of a formula."""
    return SYMBOLS[name] if name in SYMBOLS else ASSUMPTIONS[name].symbol


def symbolic(formula: Callable[..., PerCase]) -> tuple[sympy.Expr, dict[str, sympy.Symbol]]:
    """Return the formula as a SymPy expression, and the symbol of each of its arguments.

    The symbols sort in the order of the arguments, so that 6 N D is printed in that order.
    """
    arguments = list(inspect.signature(formula).parameters)
    symbols = {name: sympy.Symbol(f"a{index:02d}_{name}", positive=True) for index, name in enumerate(arguments)}
    return formula(**symbols), symbols


def expression(
    formula: Callable[..., PerCase], names: Mapping[str, str] | None = None
) -> tuple[sympy.Expr, dict[sympy.Symbol, str]]:
    """Return the formula as a SymPy expression, with the LaTeX of each of its symbols.

    `names` gives other LaTeX for some of the arguments.
    """
    expr, symbols = symbolic(formula)
    return expr, {argument: (names or {}).get(name) or symbol(name) for name, argument in symbols.items()}


def equation(left: str, formula: Callable[..., PerCase], names: Mapping[str, str] | None = None) -> str:
    """Return "left = formula" in LaTeX."""
    expr, latex = expression(formula, names)
    return f"{left} = {sympy.latex(expr, symbol_names=latex)}"


def worked(left: str, formula: Callable[..., PerCase], values: Mapping[str, float], unit: str) -> str:
    """Return the equation in LaTeX with the numbers put in, and its result, in two aligned lines."""
    expr, latex = expression(formula)
    numbers = {sym: number(values[sym.name.split("_", 1)[1]]) for sym in latex}
    result = formula(**{name: values[name] for name in inspect.signature(formula).parameters})
    shown = f"{result:,.2f}".replace(",", "{,}") if 0.1 <= result < 1e7 else number(result, 3)
    return (
        r"\begin{aligned}"
        f"{left} &= {sympy.latex(expr, symbol_names=latex)} \\\\ &= {put(expr, numbers)} \\\\ "
        rf"&= {shown}\ \text{{{unit}}}"
        r"\end{aligned}"
    )


def put(expr: sympy.Expr, numbers: Mapping[sympy.Symbol, str]) -> str:
    """Return a quotient of products in LaTeX with `numbers` for its symbols; a numerator too long for a phone is broken."""
    above, below = (part.as_ordered_factors() for part in expr.as_numer_denom())
    latex = [sympy.latex(factor, symbol_names=numbers, mul_symbol="times") for factor in above]
    lines = [r" \times ".join(latex[start : start + _FACTORS]) for start in range(0, len(latex), _FACTORS)]
    broken = r" \\ {} \times ".join(lines)
    numerator = broken if len(lines) == 1 else rf"\begin{{gathered}}{broken}\end{{gathered}}"
    denominator = r" \times ".join(sympy.latex(factor, symbol_names=numbers, mul_symbol="times") for factor in below)
    return numerator if denominator == "1" else rf"\frac{{{numerator}}}{{{denominator}}}"


def number(value: float, digits: int = 5) -> str:
    """Return `value` in LaTeX: in full up to seven digits, else with a power of ten; trailing zeros dropped."""
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        text = numerals.significant(value, max(digits, len(str(int(abs(value))))))
        text = text.rstrip("0").rstrip(".") if "." in text else text
        return text.replace(",", "{,}")
    mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
    return rf"{mantissa.rstrip('0').rstrip('.')} \times 10^{{{int(exponent)}}}"
