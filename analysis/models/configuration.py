"""A model's `config.json` read as data: the architecture that it describes.

`read("config.json")` takes a file or a folder with one, and what `training_files` reads. Model types are those of
transformers; what a file leaves out is what the class of its type there has, kept in `configuration_defaults.json`, and
is listed in `assumed`. `auto_map` and anything else that names code is never followed.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from analysis import paths
from analysis.models import families, quantisation, towers, training_files
from analysis.models.architecture import Architecture
from analysis.models.families.fields import Fields
from analysis.models.shape import ArchitectureError
from analysis.suggest import nearest

#: Bytes of the longest file that is read: real ones have some ten thousand.
MOST_BYTES = 10_000_000
MTP = "multi-token prediction layers"
DEFAULTS = Path(__file__).with_name("configuration_defaults.json")


def read(path: str | Path) -> Architecture:
    """Return the architecture of the file at `path`, a `config.json`, its folder or settings of a training framework.

    Raises ArchitectureError.
    """
    file = Path(path)
    if file.is_dir():
        file = file / "config.json"
    name = file.parent.name if file.name == "config.json" else file.stem
    if file.suffix.lower() in training_files.SUFFIXES:
        config = training_files.parsed(_text(file), file.suffix.lower(), name)
        return from_config(config if "model_type" in config else training_files.config(config, name), name)
    given = load(file)
    return from_config(training_files.config(given, name) if _of_training(given) else given, name)


def _of_training(given: Mapping[str, Any]) -> bool:
    return "model_type" not in given and bool(training_files.framework(given))


def load(file: Path) -> dict[str, Any]:
    """Return what the JSON file holds. Raises ArchitectureError unless it is one object of a sensible size."""
    text = _text(file)
    try:
        config = json.loads(text)
    except RecursionError as error:
        raise ArchitectureError(f"{file}: is nested too deep for a config.json") from error
    except ValueError as error:
        raise ArchitectureError(f"{file}: is not JSON: {str(error).partition(';')[0]}") from error
    if not isinstance(config, dict):
        raise ArchitectureError(f"{file}: holds no object, so it is no config.json")
    return config


def _text(file: Path) -> str:
    try:
        if paths.plain_file(file).stat().st_size > MOST_BYTES:
            raise ArchitectureError(f"{file}: has {file.stat().st_size:,} bytes; a config.json has at most {MOST_BYTES:,}")
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ArchitectureError(f"{file}: is not a text, so not a config.json") from error
    except OSError as error:
        raise ArchitectureError(f"{file}: can't be read: {error.strerror or error}") from error


def from_config(config: Mapping[str, Any], name: str) -> Architecture:
    """Return the architecture that `config` describes, called `name`. Raises ArchitectureError, one message."""
    kind, inner = families.wholes.text_model(config, name, families.READERS)
    if kind in families.wholes.REFUSED:
        raise ArchitectureError(f"{name}: model_type = {kind!r} is known and not described: it {families.wholes.REFUSED[kind]}")
    if kind not in families.READERS:
        known = [*families.READERS, *families.wholes.OUTER]
        raise ArchitectureError(f"{name}: model_type = {kind!r:.60} is not one that is described{nearest(kind, known)}")
    fields = Fields(name, inner, defaults().get(kind, {}), outer=config)
    if config.get("model_type") is None:
        fields.assume("model_type", kind)
    try:
        made: Architecture = families.READERS[kind](fields)
    except ArchitectureError as error:
        raise error if str(error).startswith(name) else ArchitectureError(f"{name}: {error}") from error
    ahead = any(isinstance(inner.get(field), int) and inner[field] > 0 for field in families.AHEAD)
    if ahead and not made.mtp_layers and MTP not in fields.uncounted:
        fields.uncounted.append(MTP)
    tower_parameters = towers.counted(config, str(config.get("model_type", "")), fields, defaults())
    stored = quantisation.read(config, inner, fields)
    assumed = tuple(f"{field} = {value}" for field, value in fields.assumed.items())
    unsupported = tuple(fields.uncounted)
    return replace(made, assumed=assumed, unsupported=unsupported, tower_parameters=tower_parameters, quantisation=stored)


@cache
def defaults() -> dict[str, dict[str, Any]]:
    """Return transformers' defaults of each model type, by field."""
    by_type: dict[str, dict[str, Any]] = json.loads(DEFAULTS.read_text(encoding="utf-8"))
    return by_type
