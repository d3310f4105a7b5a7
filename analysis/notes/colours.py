"""Contrast of colours, as the Web Content Accessibility Guidelines (WCAG 2.2, section 1.4.3 and 1.4.11) measure it."""

#: The least contrast that level AA allows: of text with its ground, and of lines and areas with theirs.
TEXT, GRAPHICS = 4.5, 3.0
_STEPS = 20


def contrast(colour: str, ground: str) -> float:
    """Return the contrast ratio of two colours written as "#1f62ab": 1 for the same, 21 for black on white."""
    light, dark = sorted((_luminance(colour), _luminance(ground)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def readable(colour: str, ground: str, least: float) -> str:
    """Return `colour`, mixed with as much white or black as it needs to have the contrast `least` with `ground`."""
    end = "#ffffff" if _luminance(ground) < 0.18 else "#000000"
    mixed = (_mixed(colour, end, step / _STEPS) for step in range(_STEPS + 1))
    return next((made for made in mixed if contrast(made, ground) >= least), end)


def _mixed(colour: str, end: str, share: float) -> str:
    pairs = zip(_channels(colour), _channels(end), strict=True)
    return "#" + "".join(f"{round(begin + (stop - begin) * share):02x}" for begin, stop in pairs)


def _channels(colour: str) -> list[int]:
    return [int(colour[place : place + 2], 16) for place in (1, 3, 5)]


def _luminance(colour: str) -> float:
    """Return the relative luminance of a colour, from 0 for black to 1 for white."""
    linear = [
        share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4
        for share in (channel / 255 for channel in _channels(colour))
    ]
    return sum(weight * value for weight, value in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
