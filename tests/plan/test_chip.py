"""A chip as the planner takes it: found whatever its case, and changed in a few columns."""

import pytest

from analysis import Chip, Model, plan_training
from analysis.economics import market
from analysis.hardware import machine
from analysis.hardware.accelerators import AcceleratorError
from analysis.training import traits


def test_a_name_is_found_whatever_its_case():
    assert Chip.load(" h100 sxm5 ").name == "H100 SXM5"
    with pytest.raises(AcceleratorError, match="did you mean"):
        Chip.load("H100")


def test_a_change_changes_that_alone():
    chip = Chip.load("H100 SXM5")
    larger = chip.replace(memory="141 GB")
    before, after = (dict(machine.case(name, "bf16")) for name in (chip.name, larger.name))
    assert after.pop("memory_bytes") == 141e9 and before.pop("memory_bytes") == 80e9
    assert after == before
    assert traits.chip_family(larger.name) == traits.chip_family(chip.name)
    rates, changed = market.rates(chip.name), market.rates(larger.name)
    assert changed.dollars_per_chip_hour == rates.dollars_per_chip_hour
    assert changed.owned_hour == pytest.approx(rates.owned_hour)
    assert changed.server_share == rates.server_share


def test_a_price_of_ones_own_is_the_price():
    chip = Chip.load("H100 SXM5").replace(rent="2 USD/hour")
    run = plan_training(Model.load("Llama-3.1-8B"), chip, 1e12, chips=64)
    assert run.cost.rent.expected == pytest.approx(2 * run.chip_hours.expected)


def test_a_variant_can_be_changed():
    variant = next(name for name in machine.chips() if isinstance(machine.systems()["base_chip"].get(name), str))
    changed = Chip.load(variant).replace(links="100 GB/s")
    assert machine.case(changed.name, changed.precision)["link_bandwidth"] == 50e9
    assert machine.case(changed.name, changed.precision)["power"] == machine.case(variant, changed.precision)["power"]


def test_refusals_name_what_can_be_changed():
    chip = Chip.load("H100 SXM5")
    with pytest.raises(AcceleratorError, match="did you mean 'memory"):
        chip.replace(memori="141 GB")
    with pytest.raises(AcceleratorError, match="memory_gb"):
        chip.replace(memory="141 W")
