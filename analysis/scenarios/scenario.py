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
from analysis.scenarios import alternatives
from analysis.scenarios.alternatives import PREDICTED, REQUESTS_PER_USER
from analysis.scenarios.assumption import Assumption, assumption, optional
from analysis.suggest import nearest

#: Characters of a title or a name at the most.
LONGEST_NAME = 120
_DECK = "the deck"


class Scenario(BaseModel):
    """The assumptions of one estimate. Floats are in SI base units, or in the unit that the field's help says."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)

    title: str = Field(default="The deck's assumptions", description="A name for the scenario.")
    description: str = Field(default="", max_length=2000, description="One or two sentences on what it assumes, and why.")
    date: str = Field(default="", description="The day for which the assumptions were made, such as 2026-11-24; or nothing.")
    sources: dict[str, str] = Field(default={}, description="Where the values of this scenario come from, by field.")

    model: str | None = optional(
        "模型", "Model by its name in the library, or the path of its config.json; `parameters` then follow from it.",
        allowed="a name that the library has, or a path",
    )  # fmt: skip
    parameters: float = assumption(
        "175e9", "参数量", "Parameters of the model; of a mixture of experts, those that a token meets.",
        bounds=(1, 1e16), unit="parameter", symbol="N", verified="yes",
        source="Brown et al. 2020, table 2.1 (175.0B; table D.1 prints 174.6B)",
    )  # fmt: skip
    training_tokens: float = assumption(
        "300e9", "训练样本token数", "Tokens that the model is trained on.",
        bounds=(1, 1e17), unit="token", symbol="D", verified="yes",
        source="Brown et al. 2020, section 2.2",
    )  # fmt: skip
    # Of the next three one is asked, and the others follow. The time is None until a plan has found it.
    training_time: float = assumption(
        "30 days", "训练时间要求", "Time in which training has to end, in seconds.",
        bounds=(1, 3.2e9), unit="second", shown="day", symbol=r"t_\text{train}", verified="yes",
        source=f"{_DECK} (an assumption)",
    )  # fmt: skip
    training_accelerators: int | None = optional(
        "训练芯片数", "Accelerators that train the model, in place of the time in which training has to end.",
        bounds=(1, 10**9), unit="accelerator", example="1,024",
    )  # fmt: skip
    training_budget: float | None = optional(
        "训练预算", "Dollars that training may cost in rent, in place of the time in which it has to end.",
        bounds=(1, 1e15), unit="dollar", shown="dollar", example="10 million dollars",
    )  # fmt: skip
    accelerator: str = assumption(
        "A100 PCIe 80GB", "芯片", "Accelerator, by its name in data/accelerators.csv.",
        verified="yes",
        source=_DECK,
    )  # fmt: skip
    precision: str = assumption(
        "TF32", "精度", "Number format of the matrix multiplications, which sets the peak.",
        verified="partly",
        source="inferred: the deck's 78 TFLOPS are half of the A100's dense TF32 peak, though it speaks of single precision",
    )  # fmt: skip
    peak: float | None = assumption(
        None, "单颗芯片最大算力", "Dense peak of one accelerator, in FLOP/s. Left out, it is read from data/accelerators.csv.",
        bounds=(1e6, 1e20), unit="FLOP/second", shown="TFLOPS", example="156 TFLOPS", symbol="P", verified="yes",
        source="data/accelerators.csv",
    )  # fmt: skip
    utilization: float = assumption(
        "50%", "算力有效性", "Share of the peak that the division takes the work to get (model FLOP utilization), "
        "or `predicted`: what the plan of the training run gets, by 6 N D over the whole run.",
        bounds=(0.001, 1), unit="", shown="%", symbol="u", verified="no",
        source=f"{_DECK}, after an NVIDIA talk (GTIC, April 2023) whose figure was not found",
    )  # fmt: skip
    accelerators_per_server: int = assumption(
        8, "每台服务器芯片数", "Accelerators in one server.",
        bounds=(1, 1024), unit="accelerator/server", symbol="g", verified="partly",
        source="implied by the deck's 1,558 GPUs in 195 servers",
    )  # fmt: skip
    visits_per_day: float = assumption(
        "3.5e9", "推理访问次数", "Visits a day; the deck takes Google's searches.",
        bounds=(1, 1e13), unit="visit/day", symbol="v", verified="yes",
        source=f"{_DECK}; a figure of 2012 to 2015 (data/demand.csv)",
    )  # fmt: skip
    questions_per_visit: float = assumption(
        "4", "单次访问提问次数", "Questions asked in one visit.",
        bounds=(0.001, 1e6), unit="question/visit", symbol="q", verified="yes",
        source=f"{_DECK} (an assumption)",
    )  # fmt: skip
    characters_per_question: float = assumption(
        "425", "单次提问处理字数", "Characters of one question and its answer together.",
        bounds=(0.001, 1e8), unit="character/question", symbol="c", verified="yes",
        source=f"{_DECK} (an assumption)",
    )  # fmt: skip
    tokens_per_character: float = assumption(
        "4/3", "字数与token转换倍数", "Tokens that one character becomes.",
        bounds=(0.001, 100), unit="token/character", symbol="r", verified="yes",
        source=f"{_DECK}; OpenAI's rule for English words, taken for Chinese characters",
    )  # fmt: skip
    serving_time: float = assumption(
        "86,400 s", "规定推理时间", "Time in which a day's tokens are served, in seconds; a whole day means a flat load.",
        bounds=(1, 86_400), unit="second", shown="second", symbol=r"t_\text{serve}", verified="yes",
        source=f"{_DECK} (an assumption)",
    )  # fmt: skip
    requests_per_day: float | None = optional(
        "每日请求数", "Requests a day, in place of visits and questions.",
        bounds=(1, 1e13), unit="request/day", example="35e6",
    )  # fmt: skip
    tokens_per_day: float | None = optional(
        "每日token数", "Tokens of prompts and answers a day, in place of visits and questions.",
        bounds=(1, 1e17), unit="token/day", example="60e9",
    )  # fmt: skip
    users: float | None = optional(
        "每日用户数", "People who use the service on a day, in place of visits and questions.",
        bounds=(1, 1e11), unit="user", example="1e6",
    )  # fmt: skip
    requests_per_user: float | None = optional(
        "每用户请求数", f"Requests of each of the `users` a day; {REQUESTS_PER_USER} if left out.",
        bounds=(0.001, 1e5), unit="request/user", example="10",
    )  # fmt: skip
    service: str | None = optional(
        "服务类型", "What is asked for, whose measured lengths prompts and answers have: conversation, coding …",
        allowed="a service that data/request_lengths.csv has",
    )  # fmt: skip
    prompt_tokens: float | None = optional(
        "提问token数", "Tokens of a prompt on the mean, in place of characters.",
        bounds=(1, 1e8), unit="token", example="1,155",
    )  # fmt: skip
    answer_tokens: float | None = optional(
        "回答token数", "Tokens of an answer on the mean, in place of characters.",
        bounds=(1, 1e8), unit="token", example="211",
    )  # fmt: skip
    length_spread: float | None = optional(
        "长度离散度", "Variance of the lengths of prompts and answers over their mean squared.",
        bounds=(0, 100), unit="", example="0.7",
    )  # fmt: skip
    cached_share: float | None = optional(
        "缓存命中率", "Share of a prompt's tokens that is known from an earlier request, and not read again.",
        bounds=(0, 0.999), unit="", shown="%", example="50%",
    )  # fmt: skip
    answer_share: float = assumption(
        "75%", "回答字数占比", "Share of a question's characters that are its answer's; the rest is read, not written.",
        bounds=(0.001, 1), unit="", shown="%", verified="no", decks=False,
        source="this report (an assumption); conversations whose prompts repeat their history have less: "
        "data/request_lengths.csv",
    )  # fmt: skip
    peak_to_mean: float = assumption(
        "1.34", "峰值与均值之比", "Load of the busiest hour over the day's mean; 1 is a flat day, as in the deck's formula.",
        bounds=(1, 100), unit="", verified="partly", decks=False,
        source="conversations on working days, Azure 2024 (data/load_profile.csv)",
    )  # fmt: skip
    ttft_target: float = assumption(
        "2 s", "首token时延要求", "Seconds within which 95% of requests have their first token.",
        bounds=(0.001, 86_400), unit="second", shown="second", verified="yes", decks=False,
        source="MLPerf Inference, Llama 2 70B, server (mlcommons/inference, loadgen/mlperf.conf), there for 99%",
    )  # fmt: skip
    tpot_target: float = assumption(
        "0.2 s", "每token时延要求", "Seconds for each further token that 95% of requests keep, on the mean of their answer.",
        bounds=(0.0001, 3600), unit="second", shown="second", verified="yes", decks=False,
        source="MLPerf Inference, Llama 2 70B, server (mlcommons/inference, loadgen/mlperf.conf), there for 99%",
    )  # fmt: skip

    # What a tuning is asked by its tokens, and reinforcement learning by its prompts, samples and lengths.
    tuning_tokens: float | None = optional(
        "微调样本token数", "Tokens of a data set on which the model is fine-tuned, passed once.",
        bounds=(1, 1e15), unit="token", example="50e6",
    )  # fmt: skip
    tuning_method: str | None = optional(
        "微调方法", "How the model is fine-tuned: full, lora or qlora; lora if left out.",
        allowed=f"one of {', '.join(alternatives.TUNING_METHODS)}",
    )  # fmt: skip
    tuning_rank: int | None = optional(
        "适配器秩", "Rank of the adapters of lora and qlora; 16 if left out.",
        bounds=(1, 8192), unit="", example="16",
    )  # fmt: skip
    tuning_accelerators: int | None = optional(
        "微调芯片数", "Accelerators that fine-tune the model; the fewest that hold it if left out.",
        bounds=(1, 4096), unit="accelerator", example="8",
    )  # fmt: skip
    rl_prompts: int | None = optional(
        "强化学习每轮提示数", "Prompts of one iteration of reinforcement learning.",
        bounds=(1, 10**9), unit="prompt", example="64",
    )  # fmt: skip
    rl_samples: int | None = optional(
        "每个提示的采样数", "Answers that are sampled for each prompt and scored.",
        bounds=(1, 10**6), unit="answer/prompt", example="16",
    )  # fmt: skip
    rl_prompt_tokens: float | None = optional(
        "强化学习提示token数", "Tokens of a prompt in reinforcement learning, on the mean.",
        bounds=(1, 1e8), unit="token", example="300",
    )  # fmt: skip
    rl_answer_tokens: float | None = optional(
        "强化学习回答token数", "Tokens of an answer in reinforcement learning, on the mean.",
        bounds=(1, 1e8), unit="token", example="4,000",
    )  # fmt: skip
    rl_longest_answer: float | None = optional(
        "强化学习最长回答token数", "Tokens at which an answer is cut; four times the mean if left out.",
        bounds=(1, 1e8), unit="token", example="16,000",
    )  # fmt: skip
    rl_iterations: int | None = optional(
        "强化学习轮数", "Iterations of reinforcement learning; 100 if left out.",
        bounds=(1, 10**9), unit="iteration", example="100",
    )  # fmt: skip
    rl_accelerators: int | None = optional(
        "强化学习芯片数", "Accelerators of reinforcement learning; the fewest that hold it if left out.",
        bounds=(1, 4096), unit="accelerator", example="128",
    )  # fmt: skip
    rl_placement: str | None = optional(
        "生成与更新的部署方式", "Whether chips generate and update together, in turn, or apart; the faster if left out.",
        allowed=f"one of {', '.join(alternatives.PLACEMENTS)}",
    )  # fmt: skip

    #: Each given value as it was written, by field.
    _written: dict[str, Any] = PrivateAttr(default_factory=dict)
    #: What follows from given values, by field: the value, as a notebook is handed it, and from what it follows.
    _derived: dict[str, tuple[Any, str]] = PrivateAttr(default_factory=dict)

    @field_validator("title", "accelerator", "precision", "model", "service")
    @classmethod
    def _one_line(cls, value: str | None) -> str | None:
        if value is None:
            return None
        if not value.strip() or not value.isprintable() or len(value) > LONGEST_NAME:
            raise ValueError(f"{quote(value)} is not a name: write one line of 1 to {LONGEST_NAME} printable characters")
        return value.strip()

    @field_validator("model")
    @classmethod
    def _has_layers(cls, value: str | None) -> str | None:
        if value is not None:
            alternatives.active_parameters(value)
        return value

    @field_validator("service")
    @classmethod
    def _is_measured(cls, value: str | None) -> str | None:
        if value is not None:
            alternatives.check_service(value)
        return value

    @field_validator("tuning_method", "rl_placement")
    @classmethod
    def _is_one_of(cls, value: str | None, info: Any) -> str | None:
        if value is not None:
            alternatives.check_one(
                value, alternatives.TUNING_METHODS if info.field_name == "tuning_method" else alternatives.PLACEMENTS
            )
        return value

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
        if about is None or about.unit is None or (value is None and cls.model_fields[info.field_name].default is None):
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

    @property
    def derived(self) -> frozenset[str]:
        """The fields whose values follow from those given."""
        return frozenset(self._derived)

    @property
    def handed(self) -> dict[str, Any]:
        """What notebooks are handed, by field: the values that were given, and what follows from them."""
        if not self._derived:
            return self.written
        follows = {name: _as_written(name, value) for name, (value, _) in self._derived.items() if value is not None}
        sources = {name: why for name, (_, why) in self._derived.items()} | self.sources
        return self._written | follows | {"sources": sources}

    @property
    def is_settled(self) -> bool:
        """Whether the division can be done: no number waits for a plan."""
        return self.utilization != PREDICTED and self.training_time is not None

    @property
    def is_predicted(self) -> bool:
        """Whether the utilization is, or was before it was settled, that of a plan."""
        return "utilization" in self._derived or self.utilization == PREDICTED

    def following(self, derived: alternatives.Derived) -> "Scenario":
        """Return the scenario with values that follow from what was given, by field, each with what it follows from."""
        copy = self.model_copy(update={name: value for name, (value, _) in derived.items()})
        copy._derived = self._derived | derived
        return copy

    def titled(self, title: str, written: dict[str, Any]) -> "Scenario":
        """Return the scenario under `title`; it knows its values as they were `written`, by field."""
        copy = self.model_copy(update={"title": title})
        copy._written = {**written, "title": title}
        return copy

    def source(self, name: str) -> str:
        """Return where the value of the assumption `name` comes from."""
        if name in self.sources:
            return self.sources[name]
        if name in self._derived:
            return self._derived[name][1]
        if name == "peak" and self.peak is None and own_chip.is_own(self.accelerator):
            return self.accelerator
        if getattr(self, name) == getattr(DECK, name):
            return ASSUMPTIONS[name].source
        return "set in this scenario"


def _as_written(name: str, value: Any) -> Any:
    """Return a value in the package's unit as a scenario writes it."""
    return f"{value!r} s" if ASSUMPTIONS[name].unit == "second" else value


def iso_day(text: str) -> str:
    """Return a day as ISO 8601 writes it. Raises ValueError for anything else."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise ValueError(f"{quote(text)} is not a day; write it as 2026-11-24") from None


def _about(model: type[BaseModel], name: str) -> Assumption | None:
    extra = model.model_fields[name].json_schema_extra
    about = extra.get("about") if isinstance(extra, dict) else None
    return about if isinstance(about, Assumption) else None


def _sample(model: type[BaseModel], name: str) -> Any:
    """Return a valid value of the field, for a message: the deck's."""
    default = model.model_fields[name].default
    about = _about(model, name)
    assert about is not None and about.unit is not None  # asked for amounts only
    return units.read(default if default is not None else about.example, about.unit)


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
