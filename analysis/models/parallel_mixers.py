"""Several mixers side by side in one layer, all of the same input, their outputs added (Falcon-H1)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from analysis.arrays import PerCase
from analysis.models.layers import Mixer
from analysis.models.operation import Operation, Pass, elementwise


@dataclass(frozen=True)
class ParallelMixers(Mixer):
    """`mixers` of one layer, behind one norm."""

    mixers: tuple[Any, ...]

    sparse = False

    @property
    def part(self) -> str:
        return " beside ".join(mixer.part for mixer in self.mixers)

    @property
    def cached_numbers(self) -> int:
        return sum(mixer.cached_numbers for mixer in self.mixers)

    @property
    def kv_shards(self) -> int:
        shards: int = max(mixer.kv_shards for mixer in self.mixers)
        return shards

    def cache_bytes(self, context: PerCase, element_bytes: PerCase = 2) -> PerCase:
        """Return the bytes that the mixers cache of a sequence of `context` tokens."""
        return sum(mixer.cache_bytes(context, element_bytes) for mixer in self.mixers)

    def state_bytes(self, element_bytes: PerCase = 2) -> PerCase:
        """Return the bytes that the mixers keep of a sequence whatever its length."""
        return sum(mixer.state_bytes(element_bytes) for mixer in self.mixers)

    def operations(self, p: Pass, part: str, repeats: int) -> Iterator[Operation]:
        """The mixers of `repeats` layers, and the sum of their outputs."""
        for mixer in self.mixers:
            yield from mixer.operations(p, part, repeats)
        yield elementwise("sum of mixers", "add", p.tokens * p.d_model, p, part, repeats, len(self.mixers))

    def kept(self, d_model: int, sequence: PerCase, stored: PerCase, selective: bool) -> tuple[PerCase, PerCase]:
        """Bytes a token that training keeps: copied over tensor parallelism, and split by it."""
        copied, split = zip(*(mixer.kept(d_model, sequence, stored, selective) for mixer in self.mixers), strict=True)
        return sum(copied), sum(split)
