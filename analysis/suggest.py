"""Known names, for messages about an unknown one."""

import difflib
import re
from collections.abc import Iterable

_MOST = 6
#: How alike two names are, and the words that they begin with, to be taken for each other.
_ALIKE, _BEGIN_ALIKE, _NEARLY = 0.65, 0.6, 0.88

#: Letters that are typed for digits.
_MISREAD = str.maketrans("oil", "011")


def nearest(name: str, known: Iterable[str]) -> str:
    """Return "; did you mean 'X'?" for the known names that `name` is a part of, or the one most like it; "" for none."""
    by_fold = {other.casefold(): other for other in known}
    fold = str(name).casefold().strip()[:200]
    bare, words = _bare(fold), set(_words(fold))
    near = [other for other in by_fold if bare and _bare(other) == bare]
    near = near or [other for other in by_fold if len(bare) > 1 and _bare(other).startswith(bare)]
    near = near or [other for other in by_fold if len(bare) > 1 and words <= set(_words(other))]
    if not near:
        like = difflib.get_close_matches(fold, by_fold, n=3, cutoff=_ALIKE)
        near = [other for other in like if _of_one_kind(fold, other)][:1]
    if not near:
        return ""
    shown = [repr(by_fold[other]) for other in near[:_MOST]]
    last = [f"{len(near) - _MOST} more"] if len(near) > _MOST else [shown.pop()]
    return f"; did you mean {' or '.join([', '.join(shown), *last] if shown else last)}?"


def _words(name: str) -> list[str]:
    return re.findall(r"[^\W_]+", name)


def _bare(name: str) -> str:
    return "".join(_words(name))


def _of_one_kind(given: str, other: str) -> bool:
    """Say whether two names begin alike, and have the same digits or nearly all else: GPT-4 is no GPT-1."""
    begins = [re.split(r"[\W\d_]", name, maxsplit=1)[0] for name in (given, other)]
    digits = [sorted(filter(str.isdigit, name)) for name in (given, other)]
    same = digits[0] == digits[1] or given.translate(_MISREAD) == other.translate(_MISREAD)
    return (same and _ratio(*begins) >= _BEGIN_ALIKE) or (begins[0] == begins[1] and _ratio(given, other) >= _NEARLY)


def _ratio(given: str, other: str) -> float:
    return difflib.SequenceMatcher(None, given, other).ratio()
