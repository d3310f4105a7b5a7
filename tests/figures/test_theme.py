"""The theme's colours, told apart by computation: contrast with the page, and distance as colour-blind readers see it."""

from itertools import combinations

import numpy as np
import pytest

from analysis.figures import theme

#: Machado, Oliveira and Fernandes 2009, severity 1, on linear RGB.
VISION = {
    "all cones": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
#: Ottosson 2020: linear RGB to cones, and their cube roots to OKLab.
CONES = [
    [0.4122214708, 0.5363325363, 0.0514459929],
    [0.2119034982, 0.6806995451, 0.1073969566],
    [0.0883024619, 0.2817188376, 0.6299787005],
]
OKLAB = [
    [0.2104542553, 0.7936177850, -0.0040720468],
    [1.9779984951, -2.4285922050, 0.4505937099],
    [0.0259040371, 0.7827717662, -0.8086757660],
]

#: The grounds that charts stand on: the page's, and that of a card or a dialog.
GROUNDS = {False: ("#ffffff",), True: ("#121212", "#14181e")}
LEAST_CONTRAST = 3  # WCAG 2.2, 1.4.11, for parts of graphics
LEAST_CONTRAST_OF_TEXT = 4.5  # 1.4.3
LEAST_APART = 0.1  # about five times what an eye can just tell apart


def _linear(colour):
    value = np.array([int(colour[place : place + 2], 16) for place in (1, 3, 5)]) / 255
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def _contrast(one, other):
    darker, lighter = sorted(float(_linear(colour) @ [0.2126, 0.7152, 0.0722]) + 0.05 for colour in (one, other))
    return lighter / darker


def _oklab(colour, vision):
    seen = np.clip(np.array(vision) @ _linear(colour), 0, 1)
    return np.array(OKLAB) @ np.cbrt(np.array(CONES) @ seen)


def _apart(colours, vision):
    return min(float(np.linalg.norm(_oklab(one, vision) - _oklab(other, vision))) for one, other in combinations(colours, 2))


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("vision", VISION)
def test_categories_are_told_apart(dark, vision):
    assert _apart(theme.config(dark=dark)["range"]["category"], VISION[vision]) >= LEAST_APART


@pytest.mark.parametrize("dark", [False, True])
def test_marks_and_texts_stand_out_from_the_page(dark):
    config = theme.config(dark=dark)
    for ground in GROUNDS[dark]:
        for colour in (*config["range"]["category"], *config["range"]["ordinal"]):
            assert _contrast(colour, ground) >= LEAST_CONTRAST, colour
        for part, key in (("text", "color"), ("axis", "labelColor"), ("axis", "titleColor"), ("legend", "labelColor")):
            assert _contrast(config[part][key], ground) >= LEAST_CONTRAST_OF_TEXT, part


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("vision", VISION)
def test_ramps_grow_evenly_for_everybody(dark, vision):
    """An ordered scale is read by its lightness, which has to go one way."""
    for name in ("ordinal", "heatmap"):
        lightness = [_oklab(colour, VISION[vision])[0] for colour in theme.config(dark=dark)["range"][name]]
        steps = np.diff(lightness)
        assert (steps > 0.01).all() or (steps < -0.01).all(), name


def test_the_measure_knows_colours_that_are_confused():
    """Independent of our colours: a red and a green of one lightness are alike to a deuteranope alone."""
    confused = ("#b8860b", "#7f9a2b")
    assert _apart(confused, VISION["deuteranopia"]) < 0.5 * _apart(confused, VISION["all cones"])
    assert _contrast("#000000", "#ffffff") == pytest.approx(21)
