"""The fields of a configuration, read with care: of the file, else transformers' default, else refused.

A file is anybody's: a number may be a text, a list a number, a size absurd. Each look says what it expects, and what it
finds instead is one message with the field's name.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from analysis.models.shape import ArchitectureError, is_whole

#: The largest whole number that a field may hold: wider than any table or width of a model that can be.
MOST = 10**9
#: The most layers that are listed one by one.
MOST_LAYERS = 10_000

_PLURALS = {str: "texts", int: "whole numbers", dict: "objects"}


class Fields:
    """The fields of a configuration `given`, with `defaults` where it is silent, which are written down in `assumed`.

    `names` of each question are what a field may be called, the first the one that messages use.
    """

    def __init__(self, name: str, given: Mapping[str, Any], defaults: Mapping[str, Any], outer: Mapping[str, Any] = {}) -> None:
        self.name, self.given, self.defaults, self.outer = name, given, defaults, outer
        self.assumed: dict[str, Any] = {}
        self.uncounted: list[str] = []

    def refuse(self, field: str, why: str) -> ArchitectureError:
        """Return the error that says `why` the value of `field` can't be."""
        return ArchitectureError(f"{self.name}: {field} {why}")

    def value(self, *names: str, default: Any = None) -> Any:
        """Return what the file says, or else the default of transformers, or else `default`; None says: nothing."""
        for name in names:
            if name in self.given:
                return self.given[name]
        for name in names:
            if name in self.defaults:
                usual = self.defaults[name]
                if usual is not None and not isinstance(usual, bool):
                    self.assumed[name] = usual
                return usual
        return default

    def assume(self, name: str, value: Any) -> Any:
        """Return `value`, that files of a model leave out, and write it down."""
        self.assumed[name] = value
        return value

    def has(self, name: str) -> bool:
        """Say whether the file itself gives `name`."""
        return self.given.get(name) is not None

    def optional(self, *names: str, least: int = 0, most: int = MOST) -> int | None:
        """Return a whole number, None if it is not given or null."""
        given = self.value(*names)
        return None if given is None else self.whole_number(names[0], given, least, most)

    def whole(self, *names: str, default: int | None = None, least: int = 1, most: int = MOST) -> int:
        """Return a whole number of at least `least`; null counts as not given. Raises ArchitectureError without one."""
        value = self.value(*names, default=default)
        if value is None:
            value = next((self.defaults[name] for name in names if self.defaults.get(name) is not None), default)
        if value is None:
            raise self.refuse(names[0], "is not given, and leaves the shape open")
        return self.whole_number(names[0], value, least, most)

    def whole_number(self, field: str, value: Any, least: int = 0, most: int = MOST) -> int:
        """Return `value` as a whole number. Raises ArchitectureError, naming `field`."""
        if isinstance(value, list | dict | str | bool) or not is_whole(value):
            raise self.refuse(field, f"= {_shown(value)} is not a whole number")
        if not least <= value <= most:
            raise self.refuse(field, f"= {_shown(value)} is not between {least} and {most:,}")
        return int(value)

    def flag(self, *names: str, default: bool = False) -> bool:
        """Return true or false; null counts as not given."""
        value = self.value(*names)
        value = default if value is None else value
        if not isinstance(value, bool) and value not in (0, 1):
            raise self.refuse(names[0], f"= {_shown(value)} is not true or false")
        return bool(value)

    def text(self, *names: str, default: str = "") -> str:
        """Return a text; null counts as not given."""
        value = self.value(*names)
        value = default if value is None else value
        if not isinstance(value, str):
            raise self.refuse(names[0], f"= {_shown(value)} is not a text")
        return value

    def number(self, *names: str, default: float | None = None) -> float:
        """Return a number above 0."""
        value = self.value(*names)
        value = default if value is None else value
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < MOST:
            raise self.refuse(names[0], f"= {_shown(value)} is not a number above 0")
        return float(value)

    def items(self, *names: str, kind: type, length: int | None = None) -> list[Any] | None:
        """Return a list of `kind`, of `length` if that is given; None if there is none."""
        value = self.value(*names)
        if value is None:
            return None
        if not isinstance(value, list) or not all(isinstance(item, kind) and _plain(item, kind) for item in value):
            raise self.refuse(names[0], f"= {_shown(value)} is not a list of {_PLURALS[kind]}")
        if length is not None and len(value) != length:
            raise self.refuse(names[0], f"has {len(value)} entries, for {length} layers")
        return value

    def inside(self, name: str) -> "Fields":
        """Return the fields of the object `name`, its defaults those of the default object."""
        given, default = self.given.get(name) or {}, self.defaults.get(name) or {}
        if not isinstance(given, dict):
            raise self.refuse(name, f"= {_shown(given)} is not an object")
        inner = Fields(f"{self.name}: {name}", given, default)
        inner.assumed = self.assumed
        return inner

    # What nearly every configuration has.

    @property
    def d_model(self) -> int:
        return self.whole("hidden_size", "n_embd", "n_embed", "d_model", "dim", "emb_dim", "model_dim")

    @property
    def n_layers(self) -> int:
        return self.whole("num_hidden_layers", "n_layer", "n_layers", "num_layers", most=MOST_LAYERS)

    @property
    def heads(self) -> int:
        return self.whole("num_attention_heads", "n_head", "n_heads", "num_heads", "attention_heads")

    @property
    def kv_heads(self) -> int:
        heads = self.heads
        return self.optional("num_key_value_heads", least=1) or heads

    @property
    def head_dim(self) -> int:
        """Width of a head: given, or the model's width by heads."""
        given = self.optional("head_dim", least=1)
        return given or self.divided("num_attention_heads", self.d_model, self.heads)

    @property
    def vocab_size(self) -> int:
        return self.whole("vocab_size", "padded_vocab_size", "tgt_vocab_size")

    def divided(self, field: str, whole: int, by: int) -> int:
        """Return `whole` by `by`. Raises ArchitectureError naming `field` unless it comes out even."""
        if whole % by:
            raise self.refuse(field, f"= {by} does not divide the width {whole}")
        return whole // by

    def kinds(self, *names: str, known: Iterable[str]) -> list[str] | None:
        """Return the kind of each layer, each one of `known`; None if the file does not list them."""
        listed = self.items(*names, kind=str, length=self.n_layers)
        for kind in listed or ():
            if kind not in known:
                raise self.refuse(names[0], f"names {kind!r}, which is not one of {', '.join(known)}")
        return listed


def _plain(item: Any, kind: type) -> bool:
    return kind is not int or (not isinstance(item, bool) and 0 <= item <= MOST)


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
