"""The models that are known by name: `data/architectures.csv`, and `data/model_shapes.csv` for what its columns can't say.

A row of `data/model_shapes.csv` has a shape in the fields of its model type's `config.json`, read as such a file is; or it
is like another model, whose shape it has, with `shape` for what differs. A name is found whatever its case; then by
what it is also called; then with any sign between its words or none, and without the publisher before it; then without
endings that leave the shape as it is, such as `-Instruct` or `-FP8`.
"""

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from analysis import facts
from analysis.models import architecture
from analysis.models.architecture import Architecture
from analysis.models.shape import ArchitectureError
from analysis.quote import quote
from analysis.suggest import nearest

Row = Mapping[str, Any]
MOST_LISTED = 12
#: Ends of a name that say what a model was trained further for, or how its weights are stored; and publishers before it.
ENDS = re.compile(
    r"-(instruct|chat|base|it|pt|hf|text|default|uncased|cased|v0-1|v1-0|deduped"
    r"|((fp|bf|int|nvfp|mxfp)\d+|awq|gptq|gguf|bnb|qat|\d+-?bit|quantized|w\d+a\d+)(-.*)?)$"
)
PUBLISHERS = re.compile(r"^(google|meta|microsoft|mistralai|nvidia|openai|zai)-(?=.)")


@cache
def rows() -> dict[str, Row]:
    """Return the rows of `data/model_shapes.csv` by model."""
    return {str(row["model"]): row for row in facts.rows("model_shapes")}


@cache
def flat() -> dict[str, Row]:
    """Return the rows of `data/architectures.csv` by model, those included whose shape is not known."""
    return {str(row["model"]): row for row in facts.rows("architectures")}


@cache
def names() -> tuple[str, ...]:
    """Return every name of a model that `load` can describe, without those that it is also called."""
    return (*rows(), *(name for name, row in flat().items() if not row["unsupported"] and name not in rows()))


def known(name: str) -> str | None:
    """Return what the model `name` is called in the data, or None; case makes no difference."""
    folded = name.casefold()
    return name if name in _exact() else _folded().get(folded) or _aliases().get(folded)


def resolve(name: str) -> str:
    """Return what the model `name` is called in the data. Raises ArchitectureError with the names that fit or are near."""
    resolved = known(name) or next((_bare_names()[bare] for bare in _spellings(name) if bare in _bare_names()), None)
    if resolved:
        return resolved
    part = _bare(name)
    if part in _without_shape():
        raise ArchitectureError(f"{_without_shape()[part]}: its shape is not known; data/models.csv has its size and date")
    fits = list(dict.fromkeys(model for bare, model in _bare_names().items() if part in bare))
    if part and len(fits) > 1:
        more = f" and {len(fits) - MOST_LISTED} more" if len(fits) > MOST_LISTED else ""
        raise ArchitectureError(
            f"model {quote(name)} fits several names: {', '.join(fits[:MOST_LISTED])}{more}; give one of them"
        )
    raise ArchitectureError(f"model {quote(name)} is neither a name nor a config.json or its folder{nearest(name, _exact())}")


def load(model: str) -> Architecture:
    """Return the architecture of `model`: a name, or the path of a `config.json` or of its folder. Raises ArchitectureError."""
    if not model.strip():
        raise ArchitectureError("the model's name is empty")
    path = Path(model)
    if not known(model) and (os.path.lexists(path) or path.suffix == ".json" or "/" in model and len(path.parts) > 2):
        from analysis.models import configuration

        return configuration.read(path)
    return named(resolve(model))


@cache
def named(name: str) -> Architecture:
    """Return the architecture that the data has under exactly this name. Raises ArchitectureError."""
    if name not in rows():
        return replace(architecture.built(architecture.row(name)), context_length=_contexts().get(name, 0))
    from analysis.models import configuration  # with the readers of all types, which a row of sizes does not need

    row = rows()[name]
    shape = _shape(row)
    like = row["like"]
    if like is None:
        return configuration.from_config(shape, name)
    if like in rows():
        return configuration.from_config(_shape(rows()[like]) | shape, name)
    other = named(like)
    return replace(other, name=name, context_length=shape.get("max_position_embeddings", other.context_length))


def _shape(row: Row) -> dict[str, Any]:
    """Return the fields that a row writes, as a `config.json` has them."""
    shape = yaml.load(f"{{{row['shape'] or ''}}}", Loader=yaml.CSafeLoader)  # in C, as some questions read hundreds
    return {field: _expanded(value) if isinstance(value, list) else value for field, value in shape.items()}


def _expanded(items: Iterable[Any]) -> list[Any]:
    """Return a list in which `3*dense` stands three times."""
    result: list[Any] = []
    for item in items:
        times = re.fullmatch(r"(\d+)\*(\S+)", item) if isinstance(item, str) else None
        value = times[2] if times else item
        result += int(times[1] if times else 1) * [int(value) if isinstance(value, str) and value.isdecimal() else value]
    return result


@cache
def _contexts() -> dict[str, int]:
    return {str(row["model"]): int(row["context_length"]) for row in facts.rows("context_lengths") if row["context_length"]}


@cache
def _exact() -> dict[str, str]:
    return {name: name for name in (*rows(), *flat())}


@cache
def _folded() -> dict[str, str]:
    return {name.casefold(): name for name in _exact()}


@cache
def _aliases() -> dict[str, str]:
    return {
        alias.strip().casefold(): name for name, row in rows().items() for alias in str(row["aliases"] or "").split(";") if alias
    }


@cache
def _bare_names() -> dict[str, str]:
    """Return the model of each spelling: those of its name first, then those of what it is also called."""
    result: dict[str, str] = {}
    written = _folded() | _aliases()
    for place in (0, -1):  # as it is written, before what is left of it without ends
        for known, name in written.items():
            result.setdefault(_spellings(known)[place], name)
    return result


@cache
def _without_shape() -> dict[str, str]:
    """Return the models of `data/models.csv` whose shape is not known, by bare name."""
    return {_bare(str(row["model"])): str(row["model"]) for row in facts.rows("models") if not row["shape"]}


def _spellings(name: str) -> list[str]:
    """Return the bare name, and what is left of it after each end that leaves the shape as it is."""
    words = PUBLISHERS.sub("", _words(name))
    spellings = [_squeezed(words)]
    while (shorter := ENDS.sub("", words)) != words:
        words = shorter
        spellings.append(_squeezed(words))
    return spellings


def _bare(name: str) -> str:
    """Return a name without its publisher and without signs, but for one between two numbers."""
    return _squeezed(_words(name))


def _words(name: str) -> str:
    return re.sub(r"[\s()_.,:-]+", "-", name.casefold().rsplit("/", 1)[-1]).strip("-")


def _squeezed(words: str) -> str:
    return re.sub(r"(?<!\d)-+|-+(?!\d)", "", words)
