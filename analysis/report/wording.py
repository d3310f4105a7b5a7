"""Words for names and numbers of the code, and phrases that know how tightly they bind."""

import ast
import math
import re
from dataclasses import dataclass
from numbers import Real
from typing import Any

from analysis import numerals

#: How tightly a phrase binds: what binds less than its place asks for stands in brackets.
SENTENCE, AMOUNT, SUM, PRODUCT, POWER, ATOM = range(6)
ORDINALS = {0: "the first", 1: "the second", 2: "the third", -1: "the last", -2: "the second-last"}
#: Words for functions and methods that make one number, or fewer, of many.
AMOUNTS = {
    "max": "the largest of", "min": "the smallest of", "mean": "the mean of", "sum": "the sum of", "median": "the median of",
    "std": "the standard deviation of", "prod": "the product of", "nunique": "the number of different values of",
    "unique": "the different values of", "count": "the number of", "size": "the number of", "len": "the number of",
    "abs": "the absolute value of", "ptp": "the range of", "sqrt": "the square root of", "log": "the natural logarithm of",
    "log2": "the logarithm to base 2 of", "log10": "the logarithm to base 10 of", "average": "the mean of",
    "all": "whether all of", "any": "whether any of", "set": "the different values of", "sorted": "the sorted",
    "norm": "the length of", "degrees": "the angle in degrees of", "cumsum": "the running sum of", "fsum": "the sum of",
    "nanmax": "the largest of", "nanmin": "the smallest of", "ceil": "the next whole number above", "floor": "the whole part of",
    "value_counts": "how often each value occurs in", "diff": "the steps of", "any_of": "any of",
}  # fmt: skip
_NAMES = {
    "d_k": "key width",
    "d_v": "value width",
    "d_model": "model width",
    "d_head": "head width",
    "d_ff": "feed-forward width",
}
_SPELLED = {
    "flop": "FLOP", "kv": "KV", "pue": "PUE", "gpt3": "GPT-3", "gpt2": "GPT-2", "mlp": "MLP", "mlps": "MLPs", "ppo": "PPO",
    "kl": "KL", "h20": "H20", "h100": "H100", "a100": "A100", "p90": "90th percentile", "ttft": "time to first token",
    "tpot": "time per output token", "mfu": "model FLOP utilization", "hfu": "hardware FLOP utilization", "usd": "dollars",
    "tflops": "TFLOPS", "kwh": "kWh", "llama": "Llama", "chatgpt": "ChatGPT",
    "deepseek": "DeepSeek", "deepseeks": "DeepSeek’s", "nvidia": "NVIDIA", "decks": "deck’s", "fp8": "FP8", "bf16": "BF16",
}  # fmt: skip


class Unsaid(ValueError):
    """An expression that has no words."""


@dataclass(frozen=True)
class Phrase:
    """A text, and how tightly it binds."""

    text: str
    level: int = ATOM

    def at(self, level: int) -> str:
        """Return the text as it stands where at least `level` is asked for."""
        return self.text if self.level >= level else f"({self.text})"

    def as_word(self) -> str:
        """Return the text as one word, or in brackets."""
        return self.text if self.level == ATOM and " " not in self.text else f"({self.text})"


class Part(Phrase):
    """A part of something, "part of whole"."""


def read(name: str) -> str:
    """Return a name of the code as words within a sentence: "training time", "FLOP per day"; other texts as they are."""
    if not re.fullmatch(r"_*[A-Za-z][A-Za-z0-9_.]*", name) or (name != name.lower() and "_" not in name and not name.isupper()):
        return name
    if name.isupper() and any(map(str.isdigit, name)) and "_" not in name:  # a format, a chip
        return name
    if len(name) > 1:
        name = name.strip("_").rpartition(".")[2].lower()
    words = name.split("_")
    if name in _NAMES or len(words) == 1:
        return _NAMES.get(name, _SPELLED.get(name, name))
    return " ".join("number of" if word == "n" else _SPELLED.get(word, word) for word in words)


def titled(name: str) -> str:
    """Return a name of the code as a title: "Training time", "kWh per server"."""
    text = read(name)
    return text[:1].upper() + text[1:] if text.partition(" ")[0].islower() else text


def constant(value: Any) -> Phrase:
    if isinstance(value, bool) or value is None:
        return Phrase({True: "yes", False: "no", None: "none"}[value])
    if isinstance(value, str):
        return Phrase(read(value) if value else "nothing")
    if isinstance(value, Real):
        return Phrase(written(value), *([PRODUCT] if " × " in written(value) or value < 0 else []))
    raise Unsaid(repr(value))


def written(value: float) -> str:
    """Return a number of the code in full: "86,400", "10¹²"."""
    if not math.isfinite(value):
        return "no limit" if value > 0 else "not known"
    if value < 0:
        return f"−{written(-value)}"
    if isinstance(value, int) and value < 10_000_000:
        return f"{value:,}"
    return numerals.plain(value, 12).replace("\N{NO-BREAK SPACE}", " ").removeprefix("1 × ")


def number(node: ast.expr) -> float | None:
    if isinstance(node, ast.Constant):
        value = node.value
        return value if isinstance(value, Real) and not isinstance(value, bool) else None
    if not isinstance(node, ast.UnaryOp | ast.BinOp):
        return None
    try:
        value = eval(compile(ast.fix_missing_locations(ast.Expression(node)), "", "eval"), {"__builtins__": {}})
    except (NameError, TypeError, AttributeError, SyntaxError):
        return None
    return value if isinstance(value, Real) and not isinstance(value, bool) else None


def integer(node: ast.expr) -> int | None:
    value = number(node)
    return value if isinstance(value, int) else None


def listed(items: list[str]) -> str:
    return f"{', '.join(items[:-1])} and {items[-1]}" if len(items) > 1 else "".join(items)


def snake(name: str) -> str:
    """Return a class's name as those of functions are written."""
    return "".join(f"_{one.lower()}" if one.isupper() and place else one.lower() for place, one in enumerate(name))
