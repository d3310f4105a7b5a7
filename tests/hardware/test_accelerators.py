import pytest

from analysis.hardware import accelerators
from analysis.hardware.accelerators import AcceleratorError, peak_flop_per_second


@pytest.mark.parametrize(
    ("accelerator", "precision", "tflops"),
    [
        # NVIDIA's A100 and H100 data sheets, without sparsity.
        ("A100 PCIe 80GB", "TF32", 156),
        ("A100 PCIe 80GB", "BF16", 312),
        ("A100 PCIe 80GB", "FP32", 19.5),
        ("A100 SXM4 80GB", "INT8", 624),
        ("H100 PCIe", "TF32", 378),
        ("H100 SXM5", "FP8", 1979),
    ],
)
def test_dense_peaks(accelerator, precision, tflops):
    assert peak_flop_per_second(accelerator, precision) == tflops * 1e12


def test_a_v100_has_no_bf16():
    assert "BF16" not in accelerators.precisions("V100 SXM2 32GB")
    with pytest.raises(AcceleratorError, match="it has: FP64, FP32, FP16"):
        peak_flop_per_second("V100 SXM2 32GB", "BF16")


def test_unknown_names_get_the_nearest():
    with pytest.raises(AcceleratorError, match="did you mean 'H100 SXM5'"):
        peak_flop_per_second("H100 SXM", "BF16")
    with pytest.raises(AcceleratorError, match="did you mean 'TF32'"):
        peak_flop_per_second("H100 SXM5", "TF23")


def test_a_chip_without_published_peaks_says_so():
    with pytest.raises(AcceleratorError, match="none that is published"):
        peak_flop_per_second("Zixiao", "FP16")


def test_memory_is_in_bytes_and_an_unknown_one_is_refused():
    assert accelerators.memory_bytes("A100 PCIe 80GB") == 80e9
    with pytest.raises(AcceleratorError, match="no published size of memory"):
        accelerators.memory_bytes("MLU590 (Siyuan 590)")
    assert accelerators.with_known_memory("MLU590 (Siyuan 590)", "H100 SXM5") == "H100 SXM5"
    assert accelerators.with_known_memory("T4", "H100 SXM5") == "T4"
