import pytest

from lint.prose import typed_numbers


@pytest.mark.parametrize(
    "text",
    [
        "Training takes 1,559 accelerators.",
        "It reads 3.15 × 10²³ FLOP, or 3.15e23.",
        "The peak is 156 TFLOPS. It is so {cite}`guosen2023`.",
        "A model of 175B parameters.",
        "```{result-chart} a:b\n:name: fig-1\nThe factor is 1.71.\n```",
        ":::{admonition} Try\nWith 40% of the peak\n:::",
        "**30 days** are enough.",
        "As {cite:t}`kaplan2020` say. It takes 30 days, see `peak`.",
    ],
)
def test_the_check_finds_typed_results(text):
    assert typed_numbers(text)


@pytest.mark.parametrize(
    "text",
    [
        "Training takes {result}`training_estimate:accelerators` accelerators, see {numref}`fig-1`.",
        "GPT-3 on an A100 at TF32 takes $6ND$, in 16-bit formats.",
        "The deck's figure 36 (公式) and 37; figures 38 and 39.",
        "It was published in 2023 {cite}`guosen2023`.",
        "```yaml\nutilization: 40%\n```",
        "```{result-chart} a:b1\n:name: fig-1\nNo number.\n```",
    ],
)
def test_the_check_lets_the_rest_pass(text):
    assert typed_numbers(text) == []
