import pytest

from analysis.hardware import accelerators, formats, machine
from analysis.inference import deployments
from analysis.scenarios.reading import build


@pytest.mark.parametrize("text", ["bf16", "BF16", " Bf16 ", "bfloat16"])
def test_a_format_has_one_name_however_it_is_written(text):
    assert (formats.named(text), formats.on_sheet(text)) == ("bf16", "BF16")
    assert build({"precision": text}, "test").precision == "BF16"


def test_the_one_vocabulary_holds_every_format():
    assert set(formats.SHEET.values()) == set(accelerators.PEAK_COLUMNS)
    for name in (*machine.PRECISIONS, *deployments.WEIGHT_BYTES, *deployments.CACHE_BYTES):
        assert formats.named(name.upper()) == name
    for name in accelerators.PEAK_COLUMNS:
        assert formats.on_sheet(name) == name and formats.on_sheet(formats.named(name)) == name


def test_an_unknown_format_stays_what_it_is():
    assert formats.named("int4_wo") == "int4_wo"
    assert formats.on_sheet("FP23") == "FP23"
