import pytest

from analysis.hardware import machine
from analysis.models import architecture
from analysis.suggest import nearest


@pytest.mark.parametrize(
    ("given", "known", "expected"),
    [
        ("utilisation", ["utilization", "peak"], "; did you mean 'utilization'?"),
        ("GPT-3 176B", ["GPT-3 175B"], "; did you mean 'GPT-3 175B'?"),
        ("H2O", ["H20", "H100"], "; did you mean 'H20'?"),
        ("TF23", ["TF32", "FP32"], "; did you mean 'TF32'?"),
        ("gpt3", ["GPT-3 Small", "GPT-2 Small"], "; did you mean 'GPT-3 Small'?"),
        ("80GB A100", ["A100 PCIe 40GB", "A100 PCIe 80GB", "A100 SXM4 80GB"],
         "; did you mean 'A100 PCIe 80GB' or 'A100 SXM4 80GB'?"),
        ("one", [f"one {number}" for number in range(9)], " or 3 more?"),
        # Names that are like it in letters alone lead astray.
        ("GPT-4", ["GPT-1", "GPT-2"], ""),
        ("Gemma-3-27B", ["Llama-3.1-70B"], ""),
        ("H1000", ["H100 PCIe"], ""),
        ("x" * 10_000, ["utilization"], ""),
        ("", ["utilization"], ""),
    ],
)  # fmt: skip
def test_hints_name_what_is_alike(given, known, expected):
    hint = nearest(given, known)
    assert hint.endswith(expected) and bool(hint) == bool(expected)


def test_a_family_of_chips_is_listed():
    hint = nearest("H100", machine.chips())
    assert all(repr(name) in hint for name in machine.chips() if name.startswith("H100 "))
    assert "H200" not in hint and nearest("Gemma-3-27B", architecture.table().index) == ""
