"""A chip in a file of one's own: read as people write it, refused by column, and predicted as the same chip of the data is."""

import pytest

from analysis.economics import market
from analysis.hardware import accelerators, machine, own_chip
from analysis.inference import deployments

H100 = """\
bf16_dense_tflops: 989 TFLOPS
fp8_dense_tflops: 1.979 PFLOPS
int8_dense_tops: 1979 TOPS
memory_gb: 80 GB
mem_bw_tbs: 3350 GB/s
interconnect_gbs: 900
tdp_w: 0.7 kW
chips_on_fast_links: 8
"""


@pytest.fixture
def file(tmp_path):
    """A file that holds what it is called with."""

    def written(text: str) -> str:
        path = tmp_path / f"chip{len(list(tmp_path.iterdir()))}.yml"
        path.write_text(text)
        return str(path)

    return written


def test_a_chip_as_people_write_it(file):
    name = file(H100)
    found = own_chip.read(name)
    assert found["bf16_dense_tflops"] == found["fp16_dense_tflops"] == 989
    assert (found["fp8_dense_tflops"], found["int8_dense_tops"]) == (1979, 1979)
    assert (found["memory_gb"], found["mem_bw_tbs"], found["interconnect_gbs"], found["tdp_w"]) == (80, 3.35, 900, 700)
    assert accelerators.peak_flop_per_second(name, "FP8") == 1979e12
    assert accelerators.precisions(name) == ["BF16", "FP16", "FP8", "INT8"]


def test_what_is_left_out_is_assumed_and_listed(file):
    name = file("bf16_dense_tflops: 100\nmemory_gb: 64\nmem_bw_tbs: 2\n")
    case = machine.case(name, "bf16")
    assert (case["link_bandwidth"], case["power"], case["chips_on_fast_links"]) == (32e9, 500, 8)
    assert (case["network_bandwidth"], case["reached"]) == (25e9, 75e12)
    assert own_chip.assumed(name) == list(own_chip.RULES.values())
    assert len(own_chip.assumed(file(H100))) == len(own_chip.RULES) - 3


def test_it_is_the_chip_of_the_data_where_the_numbers_are(file):
    own, known = machine.case(file(H100 + "ceiling_16bit: 80%\n"), "fp8"), machine.case("H100 SXM5", "fp8")
    for field in ("peak", "memory_bytes", "memory_bandwidth", "link_bandwidth", "power", "chips_on_fast_links"):
        assert own[field] == pytest.approx(known[field], rel=0.002), field
    assert own["reached_16bit"] == pytest.approx(0.8 * 989e12)


def test_it_serves_a_model_and_has_its_own_price(file):
    name = file(H100 + "usd_per_gpu_hour_on_demand: 2.5 USD/hour\n")
    assert deployments.deploy("Llama-3.1-8B", name, weight_precision="fp8").chips == 1
    assert market.rates(name).dollars_per_chip_hour == 2.5
    assert market.rates(name).chip_watts == 700


@pytest.mark.parametrize(
    "text, words",
    [
        ("memory_gb: 80 GB", "no peak in 16 bits"),
        ("bf16_tflops: 989", "'bf16_tflops' is not a column; did you mean 'bf16_dense_tflops'"),
        ("bf16_dense_tflops: 80 GB", "bf16_dense_tflops: '80 GB' has the wrong unit; write for example 989 TFLOPS"),
        ("bf16_dense_tflops: 989e12", "at most 1e+06 TFLOPS"),
        ("bf16_dense_tflops: -1", "is not above 0"),
        ("bf16_dense_tflops: .nan", "is not a finite number"),
        ("bf16_dense_tflops: [989]", "is not a quantity"),
        ("bf16_dense_tflops: 989\nmemory_gb: 80 apples", "the unit 'apples' is not known"),
        ("bf16_dense_tflops: 989\nceiling_16bit: 1.2", "at most 1"),
        ("- 1", "a chip is a list of 'field: value' lines"),
        ("a: [", "is not YAML"),
        ("", "the file is empty"),
    ],
)
def test_what_is_no_chip_is_refused_with_one_message(file, text, words):
    name = file(text)
    with pytest.raises(accelerators.AcceleratorError) as refused:
        accelerators.precisions(name)
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)
    assert str(refused.value).startswith(name)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(accelerators.AcceleratorError, match="can't be read"):
        machine.case(str(tmp_path / "none.yml"), "bf16")
