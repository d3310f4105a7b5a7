"""Names beside points: which of them find room beside each other."""

from collections.abc import Iterable, Mapping

_LETTER, _LINE, _GAP = 8, 15, 4  # px of a letter at most, of a line, and between two names


def apart(wanted: Iterable[tuple[str, ...]], middles: Mapping[str, tuple[float, float]], width: float) -> list[str]:
    """Return those of the `wanted` names that find room in a figure `width` px wide, the first first; a tuple wholly or not.

    `middles` has where the middle of each name would be, in px.
    """
    kept: dict[str, tuple[float, float, float]] = {}
    for names in wanted:
        boxes = {name: (*middles[name], len(name) * _LETTER / 2) for name in names}
        if all(
            half <= x <= width - half
            and all(abs(x - other) > half + more + _GAP or abs(y - up) > _LINE for other, up, more in kept.values())
            for x, y, half in boxes.values()
        ):
            kept |= boxes
    return list(kept)
