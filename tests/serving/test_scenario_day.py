import numpy as np

from analysis.scenarios.reading import build
from analysis.scenarios.scenario import DECK
from analysis.serving import scenario_day


def test_a_chip_that_can_not_serve_it_is_replaced_by_the_decks():
    unknown = build({"accelerator": "Chip of tomorrow", "peak": "1000 TFLOPS"}, "test")
    assert scenario_day.system_of(unknown).chip == DECK.accelerator


def test_other_systems_that_miss_the_targets_say_so(monkeypatch):
    monkeypatch.setattr(scenario_day, "OTHERS", scenario_day.OTHERS[4:5])
    table = scenario_day.others(build({"ttft_target": "0.1 s"}, "test"))
    assert table["chips"].notna().tolist() == [True, True] or table["reason"].str.contains("no batch can meet it").any()
    missed = scenario_day.others(build({"accelerator": "H100 SXM5", "precision": "BF16", "tpot_target": "25 ms"}, "test"))
    assert np.isfinite(missed["chips"].iloc[0])
    assert missed[missed["chips"].isna()]["reason"].str.contains("no batch can meet it|time per").all()
