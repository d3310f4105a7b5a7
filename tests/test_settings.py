import pytest
from pydantic import Field, field_validator

from analysis.report import notebook
from analysis.settings import SettingError, Settings, read


class Sampling(Settings):
    temperature: float = Field(1.0, gt=0, le=10)
    batch: int = Field(1, ge=1, le=100_000)
    answer_tokens: float = Field(1, le=1e6)
    output_token_seconds: float = Field(0.1, le=10)
    weight_precision: str = "bf16"
    sentence: str = "one"

    @field_validator("sentence")
    @classmethod
    def _is_not_empty(cls, value):
        if not value:
            raise ValueError("the sentence is empty; write at least one word")
        return value


def test_defaults_fill_what_is_not_given():
    assert read(Sampling, {"temperature": "0.5"}) == Sampling(temperature=0.5, sentence="one")


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"batch": "16,384"}, {"batch": 16_384}),
        ({"batch": "16K"}, {"batch": 16_000}),
        ({"answer_tokens": "0.2M tokens"}, {"answer_tokens": 200_000}),
        ({"output_token_seconds": "500 ms"}, {"output_token_seconds": 0.5}),
        ({"output_token_seconds": "0.05"}, {"output_token_seconds": 0.05}),
        ({"temperature": "50%"}, {"temperature": 0.5}),
        ({"weight_precision": "FP8"}, {"weight_precision": "fp8"}),
        ({"weight_precision": "BFloat16"}, {"weight_precision": "bf16"}),
    ],
)
def test_settings_are_read_as_scenarios_are(values, expected):
    assert read(Sampling, values) == Sampling(**expected)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"temperature": 0}, r"temperature: '0' is not valid: input should be greater than 0"),
        ({"temprature": 1}, "unknown setting 'temprature'; did you mean 'temperature'"),
        ({"temperature": "0,125"}, "temperature: '0,125' can mean 0.125, .* or 125"),
        ({"batch": "0x10"}, "batch: '0x10' is not"),
        ({"batch": "7.5"}, "batch: '7.5' is not valid"),
        ({"output_token_seconds": "5 tokens"}, "output_token_seconds: '5 tokens' has the wrong unit"),
        ({"sentence": ""}, "^sentence: the sentence is empty; write at least one word$"),
    ],
)
def test_what_cannot_be_used_is_named(values, message):
    with pytest.raises(SettingError, match=message):
        read(Sampling, values)


def test_a_notebook_reads_its_settings_and_what_papermill_was_given():
    cells = ["", "# Settings\ntemperature = 1.0", "# Parameters\ntemperature = 0.2"]
    assert notebook.settings({"In": cells, "temperature": 0.2}, Sampling).temperature == 0.2


def test_a_notebook_wants_its_settings_first():
    with pytest.raises(SettingError, match="run the cell with the settings first"):
        notebook.settings({"In": ["", "import os"]}, Sampling)
