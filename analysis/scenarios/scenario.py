"""A scenario: every assumption of an estimate, typed, bounded and sourced.

It is the only way in for an assumption. A field that is left out has the deck's value. A notebook's `parameters` cell
holds the same defaults.
"""

from datetime import date
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, field_validator, model_validator

from analysis import units
from analysis.hardware import accelerators, formats, own_chip
from analysis.quote import quote
from analysis.scenarios.assumption import Assumption, assumption
from analysis.suggest import nearest

#: Characters of a title or a name at the most.
LONGEST_NAME = 120
_DECK = "the deck"


class Scenario(BaseModel):
    """The assumptions of one estimate. Floats are in SI base units, or in the unit that the field's help says."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)

    title: str = Field("The deck's assumptions", description="A name for the scenario.")
    description: str = Field("", max_length=2000, description="One or two sentences on what it assumes, and why.")
    date: str = Field("", description="The day for which the assumptions were made, such as 2026-11-24; or nothing.")
    sources: dict[str, str] = Field({}, description="Where the values of this scenario come from, by field.")

    parameters: float = assumption(
        "175e9",
        about=Assumption(
            chinese="参数量",
            symbol="N",
            help="Parameters of the model.",
            unit="parameter",
            source="Brown et al. 2020, table 2.1 (175.0B; table D.1 prints 174.6B)",
            verified="yes",
        ),
        ge=1,
        le=1e16,
    )
    training_tokens: float = assumption(
        "300e9",
        about=Assumption(
            chinese="训练样本token数",
            symbol="D",
            help="Tokens that the model is trained on.",
            unit="token",
            source="Brown et al. 2020, section 2.2",
            verified="yes",
        ),
        ge=1,
        le=1e17,
    )
    training_time: float = assumption(
        "30 days",
        about=Assumption(
            chinese="训练时间要求",
            symbol=r"t_\text{train}",
            help="Time in which training has to end, in seconds.",
            unit="second",
            shown="day",
            source=f"{_DECK} (an assumption)",
            verified="yes",
        ),
        ge=1,
        le=3.2e9,
    )
    accelerator: str = assumption(
        "A100 PCIe 80GB",
        about=Assumption(
            chinese="芯片",
            help="Accelerator, by its name in data/accelerators.csv.",
            source=_DECK,
            verified="yes",
        ),
    )
    precision: str = assumption(
        "TF32",
        about=Assumption(
            chinese="精度",
            help="Number format of the matrix multiplications, which sets the peak.",
            source="inferred: the deck's 78 TFLOPS are half of the A100's dense TF32 peak, though it speaks of single precision",
            verified="partly",
        ),
    )
    peak: float | None = assumption(
        None,
        about=Assumption(
            chinese="单颗芯片最大算力",
            symbol="P",
            help="Dense peak of one accelerator, in FLOP/s. Left out, it is read from data/accelerators.csv.",
            unit="FLOP/second",
            shown="TFLOPS",
            source="data/accelerators.csv",
            verified="yes",
        ),
        ge=1e6,
        le=1e20,
    )
    utilization: float = assumption(
        "50%",
        about=Assumption(
            chinese="算力有效性",
            symbol="u",
            help="Share of the peak that the work gets (model FLOP utilization).",
            unit="",
            shown="%",
            source=f"{_DECK}, after an NVIDIA talk (GTIC, April 2023) whose figure was not found",
            verified="no",
        ),
        ge=0.001,
        le=1,
    )
    accelerators_per_server: int = assumption(
        8,
        about=Assumption(
            chinese="每台服务器芯片数",
            symbol="g",
            help="Accelerators in one server.",
            unit="accelerator/server",
            source="implied by the deck's 1,558 GPUs in 195 servers",
            verified="partly",
        ),
        ge=1,
        le=1024,
    )
    visits_per_day: float = assumption(
        "3.5e9",
        about=Assumption(
            chinese="推理访问次数",
            symbol="v",
            help="Visits a day; the deck takes Google's searches.",
            unit="visit/day",
            source=f"{_DECK}; a figure of 2012 to 2015 (data/demand.csv)",
            verified="yes",
        ),
        ge=1,
        le=1e13,
    )
    questions_per_visit: float = assumption(
        "4",
        about=Assumption(
            chinese="单次访问提问次数",
            symbol="q",
            help="Questions asked in one visit.",
            unit="question/visit",
            source=f"{_DECK} (an assumption)",
            verified="yes",
        ),
        ge=0.001,
        le=1e6,
    )
    characters_per_question: float = assumption(
        "425",
        about=Assumption(
            chinese="单次提问处理字数",
            symbol="c",
            help="Characters of one question and its answer together.",
            unit="character/question",
            source=f"{_DECK} (an assumption)",
            verified="yes",
        ),
        ge=0.001,
        le=1e8,
    )
    tokens_per_character: float = assumption(
        "4/3",
        about=Assumption(
            chinese="字数与token转换倍数",
            symbol="r",
            help="Tokens that one character becomes.",
            unit="token/character",
            source=f"{_DECK}; OpenAI's rule for English words, taken for Chinese characters",
            verified="yes",
        ),
        ge=0.001,
        le=100,
    )
    serving_time: float = assumption(
        "86,400 s",
        about=Assumption(
            chinese="规定推理时间",
            symbol=r"t_\text{serve}",
            help="Time in which a day's tokens are served, in seconds; a whole day means a flat load.",
            unit="second",
            shown="second",
            source=f"{_DECK} (an assumption)",
            verified="yes",
        ),
        ge=1,
        le=86_400,
    )
    answer_share: float = assumption(
        "75%",
        about=Assumption(
            chinese="回答字数占比",
            help="Share of a question's characters that are its answer's; the rest is read, not written.",
            unit="",
            shown="%",
            source="this report (an assumption); conversations whose prompts repeat their history have less: "
            "data/request_lengths.csv",
            verified="no",
            decks=False,
        ),
        ge=0.01,
        le=1,
    )
    peak_to_mean: float = assumption(
        "1.34",
        about=Assumption(
            chinese="峰值与均值之比",
            help="Load of the busiest hour over the day's mean; 1 is a flat day, as in the deck's formula.",
            unit="",
            source="conversations on working days, Azure 2024 (data/load_profile.csv)",
            verified="partly",
            decks=False,
        ),
        ge=1,
        le=100,
    )
    ttft_target: float = assumption(
        "2 s",
        about=Assumption(
            chinese="首token时延要求",
            help="Seconds within which 95% of requests have their first token.",
            unit="second",
            shown="second",
            source="MLPerf Inference, Llama 2 70B, server (mlcommons/inference, loadgen/mlperf.conf), there for 99%",
            verified="yes",
            decks=False,
        ),
        ge=0.001,
        le=86_400,
    )
    tpot_target: float = assumption(
        "0.2 s",
        about=Assumption(
            chinese="每token时延要求",
            help="Seconds for each further token that 95% of requests keep, on the mean of their answer.",
            unit="second",
            shown="second",
            source="MLPerf Inference, Llama 2 70B, server (mlcommons/inference, loadgen/mlperf.conf), there for 99%",
            verified="yes",
            decks=False,
        ),
        ge=0.0001,
        le=3600,
    )

    #: Each given value as it was written, by field: what a notebook is handed, and what a receipt shows.
    _written: dict[str, Any] = PrivateAttr(default_factory=dict)

    @field_validator("title", "accelerator", "precision")
    @classmethod
    def _one_line(cls, value: str) -> str:
        if not value.strip() or not value.isprintable() or len(value) > LONGEST_NAME:
            raise ValueError(f"{quote(value)} is not a name: write one line of 1 to {LONGEST_NAME} printable characters")
        return value.strip()

    @field_validator("precision")
    @classmethod
    def _format(cls, value: str) -> str:
        return formats.on_sheet(value)

    @field_validator("date", mode="before")
    @classmethod
    def _day(cls, value: Any) -> str:
        return iso_day(str(value)) if value else ""

    @field_validator("*", mode="before")
    @classmethod
    def _read_quantity(cls, value: Any, info: Any) -> Any:
        about = _about(cls, info.field_name)
        if about is None or about.unit is None or (value is None and info.field_name == "peak"):
            return value
        return units.read(value, about.unit, about.written(_sample(cls, info.field_name)))

    @model_validator(mode="after")
    def _known(self) -> "Scenario":
        for name in self.sources:
            if name not in ASSUMPTIONS:
                raise ValueError(f"sources: {quote(name)} is not an assumption{nearest(name, ASSUMPTIONS)}")
        # The deck's own chip is there: what is refused for another reason should not wait for the table of chips.
        if self.peak is None and {"accelerator", "precision"} & self.model_fields_set:
            accelerators.peak_flop_per_second(self.accelerator, self.precision)
        return self

    @property
    def peak_flop_per_second(self) -> float:
        """Dense peak of one accelerator, in FLOP/s: as given, or as its data sheet has it."""
        return self.peak or accelerators.peak_flop_per_second(self.accelerator, self.precision)

    @property
    def written(self) -> dict[str, Any]:
        """The values that were given, as they were written, by field."""
        return dict(self._written)

    def titled(self, title: str, written: dict[str, Any]) -> "Scenario":
        """Return the scenario under `title`; it knows its values as they were `written`, by field."""
        copy = self.model_copy(update={"title": title})
        copy._written = {**written, "title": title}
        return copy

    def source(self, name: str) -> str:
        """Return where the value of the assumption `name` comes from."""
        if name in self.sources:
            return self.sources[name]
        if name == "peak" and self.peak is None and own_chip.is_path(self.accelerator):
            return self.accelerator
        if getattr(self, name) == getattr(DECK, name):
            return ASSUMPTIONS[name].source
        return "set in this scenario"


def iso_day(text: str) -> str:
    """Return a day as ISO 8601 writes it. Raises ValueError for anything else."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise ValueError(f"{quote(text)} is not a day; write it as 2026-11-24") from None


def _about(model: type[BaseModel], name: str) -> Assumption | None:
    return (model.model_fields[name].json_schema_extra or {}).get("about")


def _sample(model: type[BaseModel], name: str) -> Any:
    """Return a valid value of the field, for a message: the deck's."""
    default = model.model_fields[name].default
    return units.read(default if default is not None else "156 TFLOPS", _about(model, name).unit)


#: Every assumption, in the order in which the chapter shows them.
ASSUMPTIONS: dict[str, Assumption] = {
    name: about for name in Scenario.model_fields if (about := _about(Scenario, name)) is not None
}

DECK = Scenario()


def limits(name: str) -> tuple[float, float]:
    """Return the least and the most that the field `name`, a number, may be."""
    bounds = Scenario.model_fields[name].metadata
    least, most = (next(getattr(bound, end) for bound in bounds if hasattr(bound, end)) for end in ("ge", "le"))
    return float(least), float(most)
