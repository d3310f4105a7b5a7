"""Traits by which runs err together: what a row says decides its levels, and what it leaves open is its own."""

import pytest

from analysis.evidence import runs
from analysis.evidence.offsets import NOISE, NOTHING
from analysis.training import traits


def one(experts=False, trains=False, **cells):
    run = runs.run(
        **{"kind": "train", "model": "Llama-3.1-8B", "chip": "H100 SXM5", "metric": "mfu", "precision": "bf16"} | cells
    )
    return traits.traits_of_runs([run], ["mine"], [experts], [trains]).iloc[0]


def test_an_engine_has_a_level_for_each_year_and_megatron_is_one():
    row = one(engine_family="Megatron-Core", date="2025-11")
    assert (row["engine"], row["engine and year"]) == ("Megatron", "Megatron 2025")
    assert one(engine_family="Megatron-LM 2021", date="2021-04")["engine and year"] == "Megatron 2021"
    assert one(engine_family="Megatron-DeepSpeed", date="2022")["engine"] == "Megatron-DeepSpeed"


def test_what_is_not_said_is_a_level_of_the_sources_own():
    assert "mine" in one()["engine"]
    assert "mine" in one(engine_family="PyTorch")["engine and year"]


@pytest.mark.parametrize(
    ("chip", "vendor", "others", "chips"),
    [
        ("H800 SXM5", "NVIDIA", NOTHING, "Hopper, 16 bits"),
        ("H100 SXM5 96GB HBM2e (500 W)", "NVIDIA", NOTHING, "Hopper, 16 bits"),
        ("GB300 (per GPU)", "NVIDIA", NOTHING, "Blackwell Ultra, 16 bits"),
        ("GB200 (per GPU)", "NVIDIA", NOTHING, "Blackwell, 16 bits"),
        ("Instinct MI355X", "AMD", "other vendors", "AMD, 16 bits"),
        ("TPU v5p", "Google", "other vendors", "TPU v5p, 16 bits"),
    ],
)
def test_a_chip_belongs_to_a_vendor_and_a_generation(chip, vendor, others, chips):
    row = one(chip=chip)
    assert (row["vendor"], row["other vendors"], row["chips and format"]) == (vendor, others, chips)


def test_formats_and_kinds_have_noise_of_their_own():
    assert one(precision="nvfp4")["chips and format"] == "Hopper, 4 bits"
    assert one(precision="mxfp8")[NOISE] == "dense, 8 and 4 bits"
    assert one(experts=True)[NOISE] == "experts"
    whole = one(experts=True, trains=True)
    assert (whole[NOISE], whole["whole run with experts"]) == ("whole run", "whole run")
