import pytest

from analysis.scenarios import equations, sizing


def test_equations_are_printed_from_the_functions():
    assert equations.equation("C", sizing.training_flop) == "C = 6 N D"
    assert equations.equation("C", sizing.inference_flop) == "C = 2 N D"
    assert equations.equation("n", sizing.training_accelerators) == r"n = \frac{6 N D}{t_\text{train} P u}"
    assert equations.equation("n", sizing.inference_accelerators) == r"n = \frac{2 N v q c r}{t_\text{serve} P u}"


def test_worked_equations_put_the_numbers_in():
    values = {"parameters": 175e9, "training_tokens": 300e9, "training_time": 2_592_000.0, "peak": 156e12, "utilization": 0.5}
    worked = equations.worked("n", sizing.training_accelerators, values, "accelerators")
    assert r"\frac{6 \times 1.75 \times 10^{11} \times 3 \times 10^{11}}" in worked
    assert r"{2{,}592{,}000 \times 1.56 \times 10^{14} \times 0.5}" in worked
    assert r"1{,}558.05\ \text{accelerators}" in worked


def test_a_product_of_many_numbers_is_broken_into_lines():
    expr, latex = equations.expression(sizing.inference_accelerators)
    put = equations.put(expr, dict.fromkeys(latex, "7"))
    above, below = put.removeprefix(r"\frac{\begin{gathered}").split(r"\end{gathered}}")
    assert [line.count("7") for line in above.split(r"\\")] == [3, 2]
    assert above.startswith(r"2 \times 7")
    assert below.count("7") == 3


@pytest.mark.parametrize(
    ("value", "latex"),
    [(0.5, "0.5"), (425.0, "425"), (2_592_000.0, "2{,}592{,}000"), (1.75e11, r"1.75 \times 10^{11}"), (4 / 3, "1.3333")],
)
def test_numbers_in_latex(value, latex):
    assert equations.number(value) == latex
