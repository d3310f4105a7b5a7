import numpy as np
import pytest

from analysis import facts
from analysis.hardware import accelerators
from analysis.scenarios.reading import build
from analysis.validation import utilization


def test_conversion_is_what_the_formulas_of_the_papers_give():
    """96 B s l h^2 (1 + s/6h + V/16lh) of Megatron over 72 (...), by hand for the 145B of Narayanan et al. 2021."""
    table = utilization.published().set_index("run")
    sequence, layers, width, vocabulary = 2048, 80, 12288, 51200
    hardware = 96 * layers * width**2 * (1 + sequence / (6 * width) + vocabulary / (16 * layers * width))
    matrices = 72 * layers * width**2 * (1 + sequence / (6 * width) + vocabulary / (12 * layers * width))
    row = table.loc["Megatron-LM 2021, 145B"]
    assert row["how"] == utilization.CONVERTED
    assert row["common"] == pytest.approx(row["utilization"] * matrices / hardware, rel=0.01)


def test_what_is_in_the_convention_stays_and_what_can_not_come_into_it_is_left_out():
    table = utilization.published()
    stays = table[table["how"].isin([utilization.AS_PUBLISHED, utilization.NOT_SAID])]
    assert (stays["common"] == stays["utilization"]).all()
    left = table[table["how"] == utilization.IMPOSSIBLE]
    assert len(left) and left["common"].isna().all() and (left["quantity"] == "hfu").all()
    assert table["common"].max() < 0.7


def test_hardware_flop_come_down_and_6nd_goes_up():
    table = utilization.published()
    table = table[table["how"] == utilization.CONVERTED]
    hardware = table["quantity"] == "hfu"
    assert (table["common"] < table["utilization"])[hardware].all()
    # An embedding that is only looked up is no product: 6ND counts it, the products do not.
    assert (table["common"] > 0.99 * table["utilization"])[~hardware].all()


def test_described_runs_are_those_of_runs_csv_and_agree_with_them():
    """A run stands in both files: what both say is the same."""
    table = facts.read("mfu")
    table = table[table["run_id"].notna()].set_index("run_id")
    described = facts.read("runs").set_index("run_id").loc[table.index]
    assert (described["model"] == table["model"]).all()
    both = described["n_chips"].notna() & table["n_chips"].notna()
    assert (described["n_chips"] == table["n_chips"])[both].all()
    same = described["metric"].isin(["mfu"])
    assert np.allclose(described["value"][same], table["utilization"][same], atol=0.001)


def test_predictions_do_not_read_what_was_published(monkeypatch):
    expected = utilization.predicted()["predicted"].to_numpy()
    read = facts.read
    monkeypatch.setattr(facts, "read", lambda name: read(name).assign(value=0.123) if name == "runs" else read(name))
    utilization._predicted.cache_clear()
    try:
        assert np.array_equal(utilization.predicted()["predicted"], expected)
    finally:
        utilization._predicted.cache_clear()


def test_measured_shares_are_measured_rates_over_the_peak():
    table = facts.read("mfu")
    table = table[table["kind"] == "matmul"]
    assert np.allclose(table["measured_tflops"] / table["peak_tflops"], table["utilization"], atol=0.002)
    products = utilization.products()
    assert products["share"].between(0.2, 0.9).all()
    square = products[(products["m"] == 8192) & (products["format"] == "TF32")].iloc[0]
    rate = 2 * 8192**3 / 0.0027400639 / 1e12
    assert square["share"] == pytest.approx(rate / accelerators.table().loc["H100 SXM5", "tf32_dense_tflops"])


def test_larger_products_are_used_better():
    shares = utilization.product_share([256, 1024, 4096, 16_384])
    assert (np.diff(shares) > 0).all() and shares[-1] < 0.803


def test_the_ladder_goes_down_and_begins_with_a_product():
    table = utilization.ladder()
    assert table["share"].is_monotonic_decreasing
    assert table["what"].iloc[0] == "The best matrix product"
    assert set(table["source"]) == {"one chip", "published"}


def test_what_the_deck_could_know_was_published_before_it():
    table = utilization.of_the_deck()
    assert len(table) >= 6 and (table["date"] < "2023-05").all() and (table["parameters"] >= 1e11).all()


def test_the_scenarios_share_is_told_in_the_peak_that_published_runs_divide_by():
    def of(precision: str) -> float:
        chosen = {"accelerator": "H100 SXM5", "precision": precision, "utilization": "40%"}
        return utilization.of_the_16bit_peak(build(chosen, "test"))

    assert (of("FP8"), of("BF16"), of("TF32")) == pytest.approx((0.8, 0.4, 0.2), rel=1e-3)
    own = build({"accelerator": "H100 SXM5", "precision": "BF16", "peak": "100 TFLOPS", "utilization": "50%"}, "test")
    assert utilization.of_the_16bit_peak(own) == pytest.approx(50 / 989.4, rel=1e-3)
