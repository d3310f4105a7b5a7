import numpy as np
import pytest
import sympy

from analysis.economics import whole_run


def test_llama_2_13b_hours_and_energy_are_the_model_cards():
    """368,640 hours at 400 W are 147,456 kWh, which the card's 62.44 t of CO2 at 0.423 kg/kWh also are."""
    energy = whole_run.energy_joules(368640, 400, 1.0, 1.0)
    assert energy / 3.6e6 == pytest.approx(147456)
    assert 62.44e3 / (energy / 3.6e6) == pytest.approx(0.423, abs=1e-3)


def test_days_hours_and_cost_follow_from_the_speed():
    seconds = whole_run.wall_clock_seconds(86400e6, 1e6, 0.5)
    assert seconds / whole_run.DAY == 2
    assert whole_run.chip_hours(seconds, 100) == 4800
    assert whole_run.rental_cost(4800, 2.0) == 9600


def test_goodput_falls_with_chips_and_is_whole_for_one():
    chips = np.array([1, 8, 1024, 16384])
    goodput = whole_run.goodput(chips, 0.04)
    assert goodput[0] == 1 and (np.diff(goodput) < 0).all()


def test_formulas_take_symbols():
    tokens, speed, share = sympy.symbols("tokens speed share", positive=True)
    assert sympy.simplify(whole_run.wall_clock_seconds(tokens, speed, share) * speed * share - tokens) == 0


def test_a_benchmark_trains_on_fewer_tokens_than_it_has_parameters():
    assert whole_run.is_benchmark(2.3e9, 405e9)
    assert not whole_run.is_benchmark(1.5e13, 405e9)
    assert list(whole_run.is_benchmark(np.array([1e9, 1e12]), 8e9)) == [True, False]
