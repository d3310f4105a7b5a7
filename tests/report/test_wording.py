import pytest

from analysis.report.wording import read, titled


@pytest.mark.parametrize(
    ("name", "within", "title"),
    [
        ("training_time", "training time", "Training time"),
        ("kwh_per_server", "kWh per server", "kWh per server"),
        ("kwh", "kWh", "kWh"),
        ("gpt3_flop", "GPT-3 FLOP", "GPT-3 FLOP"),
        ("n_layers", "number of layers", "Number of layers"),
        ("d_k", "key width", "Key width"),
        ("_own", "own", "Own"),
        ("H100 SXM5", "H100 SXM5", "H100 SXM5"),
    ],
)
def test_names_of_the_code_are_read_as_words(name, within, title):
    assert (read(name), titled(name)) == (within, title)
