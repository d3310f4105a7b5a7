"""Write `analysis/models/configuration_defaults.json`: what each model type's class of transformers has by default.

`python -m tests.models.write_defaults` writes it, for the types that readers know.
"""

import dataclasses
import json
from typing import Any

from analysis.models import configuration, families, towers

#: Fields that say nothing of a shape.
LEFT_OUT = {
    "transformers_version", "architectures", "output_hidden_states", "return_dict", "dtype", "chunk_size_feed_forward",
    "is_encoder_decoder", "id2label", "label2id", "problem_type", "initializer_range", "use_cache", "pretraining_tp",
}  # fmt: skip
WORDS = ("dropout", "_token_id", "_eps", "summary_", "_coef", "pdrop", "softcapping", "logit", "loss")


def defaults() -> dict[str, dict[str, Any]]:
    """Return the defaults that shape a model, by model type and field."""
    from transformers.models.auto.configuration_auto import CONFIG_MAPPING

    known = [kind for kind in sorted({**families.READERS, **towers.READERS}) if kind in CONFIG_MAPPING]
    return {kind: shaping(CONFIG_MAPPING[kind]) for kind in known}


def shaping(kind: Any) -> dict[str, Any]:
    """Return the plain defaults of a configuration class."""
    result = {}
    for field in dataclasses.fields(kind):
        value = field.default
        if field.default_factory is not dataclasses.MISSING:
            value = field.default_factory()
        plain = value is None or isinstance(value, bool | int | float | str | list | tuple)
        if not plain or left_out(field.name):
            continue
        result[field.name] = list(value) if isinstance(value, tuple) else value
    return dict(sorted(result.items()))


def left_out(name: str) -> bool:
    """Say whether the field `name` says nothing of a shape."""
    return name in LEFT_OUT or name.startswith("rope_") or any(word in name for word in WORDS)


def text() -> str:
    """Return the file's text."""
    rows = (f"{json.dumps(kind)}: {json.dumps(fields)}" for kind, fields in defaults().items())
    return "{\n" + ",\n".join(rows) + "\n}\n"


if __name__ == "__main__":
    configuration.DEFAULTS.write_text(text(), encoding="utf-8")
