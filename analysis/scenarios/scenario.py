"""A scenario: every assumption of an estimate, typed, bounded and sourced.

It is the only way in for an assumption. A scenario file is YAML in which people write `30 days`, `156 TFLOPS`, `50%`,
`300e9`; a field that it leaves out has the deck's value. A notebook's `parameters` cell holds the same defaults.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, ValidationError, field_validator, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from analysis import paths, units
from analysis.hardware import accelerators
from analysis.suggest import nearest

_DECK = "the deck"
_DAY = 86_400
_LONGEST_NAME = 120
_LARGEST_FILE = 64 * 1024


class ScenarioError(ValueError):
    """A scenario that can't be used; the message names the file, the field, what was given and what is allowed."""


@dataclass(frozen=True)
class Assumption:
    """What a reader is told about one field of a scenario."""

    chinese: str
    help: str
    source: str
    verified: str
    unit: str | None = None  # the unit in which the package holds it; None for a name
    shown: str = ""  # the unit in which people write it
    symbol: str = ""  # LaTeX
    decks: bool = True  # whether the deck assumes it, too; if not, the default is this report's

    def written(self, value: Any) -> str:
        """Return `value` as people write it."""
        if self.unit is None:
            return str(value)
        return units.write(value, "second" if self.shown == "day" and value < _DAY else self.shown)


def _assumption(default: Any, *, about: Assumption, **bounds: Any) -> Any:
    return Field(default, description=about.help, json_schema_extra={"about": about}, **bounds)


class Scenario(BaseModel):
    """The assumptions of one estimate. Floats are in SI base units, or in the unit that the field's help says."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)

    title: str = Field("The deck's assumptions", description="A name for the scenario.")
    description: str = Field("", max_length=2000, description="One or two sentences on what it assumes, and why.")
    date: str = Field("", description="The day for which the assumptions were made, such as 2026-11-24; or nothing.")
    sources: dict[str, str] = Field({}, description="Where the values of this scenario come from, by field.")

    parameters: float = _assumption(
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
    training_tokens: float = _assumption(
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
    training_time: float = _assumption(
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
    accelerator: str = _assumption(
        "A100 PCIe 80GB",
        about=Assumption(
            chinese="芯片",
            help="Accelerator, by its name in data/accelerators.csv.",
            source=_DECK,
            verified="yes",
        ),
    )
    precision: str = _assumption(
        "TF32",
        about=Assumption(
            chinese="精度",
            help="Number format of the matrix multiplications, which sets the peak.",
            source="inferred: the deck's 78 TFLOPS are half of the A100's dense TF32 peak, though it speaks of single precision",
            verified="partly",
        ),
    )
    peak: float | None = _assumption(
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
    utilization: float = _assumption(
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
    accelerators_per_server: int = _assumption(
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
    visits_per_day: float = _assumption(
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
    questions_per_visit: float = _assumption(
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
    characters_per_question: float = _assumption(
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
    tokens_per_character: float = _assumption(
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
    serving_time: float = _assumption(
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
    answer_share: float = _assumption(
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
    peak_to_mean: float = _assumption(
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
    ttft_target: float = _assumption(
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
    tpot_target: float = _assumption(
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
        if not value.strip() or not value.isprintable() or len(value) > _LONGEST_NAME:
            raise ValueError(f"{value[:40]!r} is not a name: write one line of 1 to {_LONGEST_NAME} printable characters")
        return value.strip()

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
                raise ValueError(f"sources: {name!r} is not an assumption{nearest(name, ASSUMPTIONS)}")
        if self.peak is None:
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

    def source(self, name: str) -> str:
        """Return where the value of the assumption `name` comes from."""
        if name in self.sources:
            return self.sources[name]
        if getattr(self, name) == getattr(DECK, name):
            return ASSUMPTIONS[name].source
        return "set in this scenario"


def iso_day(text: str) -> str:
    """Return a day as ISO 8601 writes it. Raises ValueError for anything else."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise ValueError(f"{text[:40]!r} is not a day; write it as 2026-11-24") from None


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


def build(values: dict[str, Any], where: str, overrides: dict[str, Any] | None = None) -> Scenario:
    """Return the scenario with the given `values`; fields left out have the deck's. Raises ScenarioError.

    `where` names what the values come from (a file, a notebook), for messages; `overrides` are put over them, and
    come from the command line.
    """
    overrides = overrides or {}
    merged = {**values, **overrides}
    try:
        scenario = Scenario.model_validate(merged)
    except ValidationError as exc:
        lines = {f"{_place(error, where, overrides)}: {_message(error, merged)}" for error in exc.errors()}
        raise ScenarioError("\n".join(sorted(lines))) from exc
    title = _title(scenario, overrides)
    scenario = scenario.model_copy(update={"title": title})
    scenario._written.update(merged | {"title": title})
    return scenario


def _place(error: dict[str, Any], where: str, overrides: dict[str, Any]) -> str:
    """Return what an error's value came from; the error of a chip and its format belongs to no single field."""
    fields = {error["loc"][0]} if error["loc"] else {"accelerator", "precision"}
    return "--set" if fields & set(overrides) else where


def _title(scenario: Scenario, overrides: dict[str, Any]) -> str:
    """Return a title that is true: the scenario's own, and what was put over it; never the deck's for other values."""
    title = scenario.title
    changed = [f"{name}={value}" for name, value in overrides.items() if name not in ("title", "description")]
    if changed and "title" not in overrides:
        title = f"{title}, with {', '.join(changed)}"
    elif title == DECK.title and any(getattr(scenario, name) != getattr(DECK, name) for name in ASSUMPTIONS):
        title = "Own assumptions"
    return title if len(title) <= _LONGEST_NAME else f"{title[: _LONGEST_NAME - 1]}…"


def load(path: Path | str, overrides: dict[str, Any] | None = None) -> Scenario:
    """Return the scenario in the YAML file `path`, with `overrides` put over its values. Raises ScenarioError."""
    path = Path(path)
    where = paths.shown(path)
    return build({"title": path.stem} | _mapping(path, where), where, overrides)


def files() -> dict[str, Path]:
    """Return every scenario file by its name: "deck", then those of groups in folders of their own: "stress/tokenizer"."""
    found = {path.relative_to(paths.SCENARIOS).with_suffix(""): path for path in paths.SCENARIOS.rglob("*.yml")}
    return {name.as_posix(): found[name] for name in sorted(found, key=lambda name: (len(name.parts), name))}


def compared(scenario: Scenario) -> dict[str, Scenario]:
    """Return the scenarios in data/scenarios by file, and `scenario` if none of them assumes the same; titles differ.

    Those of groups, in folders of their own, are left out.
    """
    found = {path.name: load(path) for path in sorted(paths.SCENARIOS.glob("*.yml"))}
    if all(_values(scenario) != _values(other) for other in found.values()):
        found["(this book's)"] = scenario
    titles = [other.title for other in found.values()]
    return {
        name: other.model_copy(update={"title": f"{other.title} ({name})"}) if titles.count(other.title) > 1 else other
        for name, other in found.items()
    }


def _values(scenario: Scenario) -> list[Any]:
    return [getattr(scenario, name) for name in ASSUMPTIONS]


def _mapping(path: Path, where: str) -> dict[str, Any]:
    """Return the mapping that the YAML file holds."""
    try:
        if path.stat().st_size > _LARGEST_FILE:
            raise ScenarioError(f"{where}: the file is larger than {_LARGEST_FILE:,} bytes, so it is not a scenario")
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        known = {file.name for file in files().values()}
        raise ScenarioError(f"{where}: there is no such file{nearest(path.name, known)}") from None
    except (OSError, UnicodeDecodeError) as exc:
        raise ScenarioError(f"{where}: the file can't be read: {exc}") from exc
    try:
        loaded = YAML(typ="safe", pure=True).load(text)
    except MarkedYAMLError as exc:
        mark = exc.problem_mark or exc.context_mark
        line = f"line {mark.line + 1}: " if mark else ""
        raise ScenarioError(f"{where}: {line}this is not YAML: {exc.problem or exc.context}") from exc
    except (YAMLError, ValueError, RecursionError) as exc:
        raise ScenarioError(f"{where}: this is not YAML: {exc}") from exc
    if loaded is None:
        raise ScenarioError(f"{where}: the file is empty; a scenario is a list of 'field: value' lines")
    if not isinstance(loaded, dict):
        raise ScenarioError(f"{where}: a scenario is a list of 'field: value' lines; this is not one")
    return {str(name): value for name, value in loaded.items()}


def _message(error: dict[str, Any], values: dict[str, Any]) -> str:
    """Return one line for one of pydantic's errors: the field, what was given, what is allowed."""
    name = str(error["loc"][0]) if error["loc"] else ""
    given = values.get(name)
    if error["type"] == "extra_forbidden":
        return f"unknown field {name!r}{nearest(name, Scenario.model_fields)}"
    if error["type"] == "value_error":
        reason = str(error["ctx"]["error"])
        return f"{name}: {reason}" if name else reason
    about = ASSUMPTIONS.get(name)
    if about is not None and about.unit is not None:
        if error["type"] == "int_from_float":
            return f"{name}: {given!r} is not a whole number; {_range(name)}"
        return f"{name}: {given!r} is out of range; {_range(name)}"
    return f"{name}: {str(given)[:60]!r} is not valid: {error['msg'][0].lower()}{error['msg'][1:]}"


def limits(name: str) -> tuple[float, float]:
    """Return the least and the most that the field `name`, a number, may be."""
    bounds = Scenario.model_fields[name].metadata
    least, most = (next(getattr(bound, end) for bound in bounds if hasattr(bound, end)) for end in ("ge", "le"))
    return float(least), float(most)


def _range(name: str) -> str:
    """Return what is allowed for the field, in the unit in which people write it."""
    about = ASSUMPTIONS[name]
    parts = []
    for bound in Scenario.model_fields[name].metadata:
        for attribute, word in (("gt", "above"), ("ge", "at least"), ("lt", "below"), ("le", "at most")):
            if (limit := getattr(bound, attribute, None)) is not None:
                parts.append(f"{word} {about.written(limit)}")
    return f"allowed: {', '.join(parts)}"
