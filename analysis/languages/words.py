"""The texts of notes, and of the charts that notes share with chapters, in one of their languages."""

import math
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from analysis import numerals
from analysis.languages import chinese, english
from analysis.scenarios.scenario import ASSUMPTIONS
from analysis.scenarios.titles import assumption_title

TABLES: Mapping[str, Mapping[str, str]] = {"en": english.TEXTS, "zh": chinese.TEXTS}
_TRANSLATED: Mapping[str, Mapping[str, str]] = {"en": {}, "zh": chinese.TRANSLATED}
_UNITS = {"en": (), "zh": chinese.UNITS}

#: What a quantity is divided by for reading: energy is read in MWh, dollars in millions, power in MW, memory in GB.
SCALES = {"energy": 3.6e9, "dollars": 1e6, "power": 1e6, "bytes": 1e9, "share": 0.01}
#: Large numbers as the language counts them, the largest first; English is written by analysis/numerals.py.
_LARGE = {"zh": ((1e12, "万亿"), (1e8, "亿"), (1e4, "万"))}


@dataclass(frozen=True)
class Words:
    """The texts of one language: `words("key")`, with gaps filled by name."""

    language: str

    def __call__(self, name: str, /, **gaps: object) -> str:
        """Return the text `name` with its gaps filled."""
        return TABLES[self.language][name].format(**gaps)

    def quantity(self, kind: str, value: float) -> str:
        """Return a value, in SI units, as people read this kind of quantity, with its unit."""
        return self(kind, value=self.number(kind, value))

    def interval(self, kind: str, low: float, expected: float, high: float) -> str:
        """Return a value and its interval as a sentence has them, with the unit: "205 days (137 to 308)"."""
        if low == high == expected:
            return self(kind, value=self.amount(kind, expected))
        ends = (self.amount(kind, end) if math.isfinite(end) else self("no limit") for end in (low, high))
        return self("between", value=self(kind, value=self.amount(kind, expected)), low=next(ends), high=next(ends))

    def amount(self, kind: str, value: float) -> str:
        """Return a value as a sentence has it, without its unit: two or three digits, large numbers as the language counts."""
        value = value / SCALES.get(kind, 1.0)
        for size, name in _LARGE.get(self.language, ()):
            if value >= size:
                return f"{numerals.significant(value / size)}{name}"
        if value >= 1e6:
            return numerals.words(value)
        if value >= 1e3 or value == round(value):
            return numerals.rounded(value)
        return numerals.significant(value)

    @staticmethod
    def number(kind: str, value: float) -> str:
        """Return the same without its unit."""
        if kind == "count":
            return numerals.whole(value)
        return numerals.plain(value / SCALES.get(kind, 1.0), 3 if kind in ("dollars", "price") else 4)

    def assumption(self, name: str) -> str:
        """Return the name of an assumption."""
        return ASSUMPTIONS[name].chinese if self.language == "zh" else assumption_title(name)

    def quoted(self, text: str) -> str:
        """Return a title or a source: the package's own in this language, a scenario's as it was written."""
        return _TRANSLATED[self.language].get(text, text)

    def written(self, name: str, value: object) -> str:
        """Return the value of the assumption `name` as people write it."""
        text = ASSUMPTIONS[name].written(value)
        for unit, other in _UNITS[self.language]:
            if text.endswith(f" {unit}"):
                return f"{text.removesuffix(unit)}{other}"
        return text


def letters(text: str) -> int:
    """Return how many Latin letters a text is about as wide as."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
