import pytest
from pydantic import Field, field_validator

from analysis.report import notebook
from analysis.settings import SettingError, Settings, read


class Sampling(Settings):
    temperature: float = Field(1.0, gt=0, le=10)
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
    ("values", "message"),
    [
        ({"temperature": 0}, r"temperature: '0' is not valid: input should be greater than 0"),
        ({"temprature": 1}, "unknown setting 'temprature'; did you mean 'temperature'"),
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
