"""Offsets that rows share, against normal distributions conditioned by hand and against draws of known deviations."""

import numpy as np
import pandas as pd
import pytest
from scipy import optimize

from analysis.evidence import offsets
from analysis.evidence.offsets import NOISE, NOTHING, Evidence, Scales

SCALES = Scales({"engine": 0.2, "source": 0.1}, {"dense": 0.05, "experts": 0.3})


def rows(*lines):
    return pd.DataFrame(lines, columns=["engine", "source", NOISE])


def test_one_mean_is_drawn_to_zero_as_its_variances_say():
    seen = offsets.evidence(rows(("A", "s", "dense"), ("A", "s", "dense")), np.array([0.3, 0.5]))
    assert list(seen.weight) == [2] and list(seen.error) == [0.4]
    expected, deviation = offsets.at(seen, SCALES, rows(("A", "new", "dense"), ("A", "s", "dense"), ("B", "new", "dense")))
    total = 0.2**2 + 0.1**2 + 0.05**2 / 2
    assert expected == pytest.approx([0.4 * 0.2**2 / total, 0.4 * (0.2**2 + 0.1**2) / total, 0])
    left = 0.2**2 + 0.1**2 - 0.2**4 / total + 0.05**2
    assert deviation[0] == pytest.approx(np.sqrt(left))
    assert deviation[2] == pytest.approx(np.sqrt(0.2**2 + 0.1**2 + 0.05**2))


def test_one_noisy_row_of_ones_own_hardly_moves_and_many_do():
    asked = rows((NOTHING, "own", "experts"))
    others = offsets.evidence(rows(("B", "t", "dense")), np.array([0.0]))
    moved = []
    for count in (1, 100):
        own = Evidence(rows((NOTHING, "own", "experts")), np.array([0.5]), np.array([float(count)]))
        expected, deviation = offsets.at(others.joined(own), SCALES, asked)
        moved.append((expected.item(), deviation.item()))
    (one, wide), (many, narrow) = moved
    assert one < 0.06 and many > 0.4 and narrow < wide


def test_a_trait_that_a_row_lacks_neither_moves_nor_widens():
    seen = offsets.evidence(rows((NOTHING, "s", "dense")), np.array([0.4]))
    expected, deviation = offsets.at(seen, SCALES, rows((NOTHING, "other", "dense")))
    assert expected.item() == 0
    assert deviation.item() == pytest.approx(np.hypot(0.1, 0.05))


def test_deviations_are_found_again():
    random = np.random.default_rng(7)
    traits = rows(*((f"e{i % 30}", f"s{i % 120}", ("dense", "experts")[i % 2]) for i in range(1200)))
    engines, sources = (dict(zip(traits[name].unique(), random.normal(0, size, 200), strict=False))
                        for name, size in (("engine", 0.2), ("source", 0.1)))  # fmt: skip
    noise = traits[NOISE].map(SCALES.noise) * random.normal(size=len(traits))
    scales, weight = offsets.fit(traits, (traits["engine"].map(engines) + traits["source"].map(sources) + noise).to_numpy())
    assert scales.effects["engine"] == pytest.approx(0.2, rel=0.3)
    assert scales.effects["source"] == pytest.approx(0.1, rel=0.3)
    for kind, size in SCALES.noise.items():
        assert scales.noise[kind] == pytest.approx(size, rel=0.25)
    assert weight.max() <= 1.25


def test_a_row_far_off_counts_less():
    traits = rows(*(("A", "s", "dense"),) * 30)
    error = np.array([0.1, 0.08, 0.12] * 9 + [0.1, 0.1, 5.0])
    scales, weight = offsets.fit(traits, error)
    assert weight[-1] < 0.05 * weight[0]
    expected, _ = offsets.at(offsets.evidence(traits, error, weight), scales, traits)
    assert expected[0] == pytest.approx(0.1, abs=0.02)


def test_slopes_of_the_fit_are_those_of_its_value(monkeypatch):
    checked = []

    def minimize(function, position, **_):
        value, slopes = function(position)
        for place in range(len(position)):
            step = 1e-5 * np.eye(len(position))[place]
            checked.append(((function(position + step)[0] - function(position - step)[0]) / 2e-5, slopes[place]))
        return type("Found", (), {"x": position})

    monkeypatch.setattr(optimize, "minimize", minimize)
    random = np.random.default_rng(1)
    traits = rows(*((f"e{i % 5}", f"s{i % 12}", ("dense", "experts")[i % 2]) for i in range(60)))
    offsets.fit(traits, random.normal(0, 0.2, 60))
    for numeric, slope in checked:
        assert slope == pytest.approx(numeric, rel=1e-4, abs=1e-5)
