"""Thousands or millions of scenarios at once: a grid over fields of one, or samples from ranges of them.

The points are numbered, and cut into parts of one size. A part depends on its number alone, so that it may be computed
anywhere and in any order, and always gives the same bytes: a Parquet file. A folder with some of its parts is a sweep
that was interrupted, and goes on with the rest.
"""

import io
import json
import math
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd

from analysis import numerals, paths, units
from analysis.hardware import formats
from analysis.quote import quote
from analysis.report import digest
from analysis.scenarios.alternatives import GROUPS
from analysis.scenarios.estimate import Estimate, estimate
from analysis.scenarios.reading import build
from analysis.scenarios.scenario import ASSUMPTIONS, DECK, Scenario
from analysis.suggest import nearest

PART = 250_000
MOST_POINTS = 2_000_000_000
#: Values of one axis, which are held in memory.
MOST_VALUES = 1_000_000
#: Fields whose values are names: a grid lists them, with commas.
_NAMES = ("accelerator", "precision")
MANIFEST = "sweep.json"
_LARGEST_MANIFEST = 1024 * 1024


class SweepError(ValueError):
    """A sweep that can't be made; the message says what was given and what is allowed."""


@dataclass(frozen=True)
class Axis:
    """A field with the values that it takes: numbers in the package's units, or names. In samples, the two ends."""

    name: str
    values: tuple[Any, ...]


@dataclass(frozen=True)
class Sweep:
    """A scenario with some fields varied: over a grid, the last axis fastest, or by `samples` seeded draws.

    A draw of a number is evenly likely between the two ends on a logarithmic scale; a draw of a name is one of those
    given.
    """

    scenario: Scenario
    axes: tuple[Axis, ...]
    samples: int | None = None
    seed: int = 0

    def __len__(self) -> int:
        return self.samples if self.samples is not None else math.prod(len(axis.values) for axis in self.axes)

    @property
    def parts(self) -> int:
        """Parts that its points are cut into."""
        return -(-len(self) // PART)


def read(scenario: Scenario, grid: Sequence[str], samples: int | None, seed: int = 0) -> Sweep:
    """Return the sweep of `scenario` over `grid`, texts such as "utilization=30%:60%:5%" or "accelerator=A, B".

    With `samples`, a range has two ends and no step. Raises SweepError, or ScenarioError for a value out of range.
    """
    if not grid:
        raise SweepError("name at least one field to vary: --grid utilization=30%:60%:5%")
    if samples is not None and not 1 <= samples <= MOST_POINTS:
        raise SweepError(f"--sample {quote(samples)}: write a whole number above 0, and at most {MOST_POINTS:,}")
    axes = tuple(_axis(text, sampled=samples is not None) for text in grid)
    names = [axis.name for axis in axes]
    for name in names:
        if names.count(name) > 1:
            raise SweepError(f"--grid names {name} more than once")
    if samples is None and (count := math.prod(len(axis.values) for axis in axes)) > MOST_POINTS:
        raise SweepError(f"that is {count:,} points; at most {MOST_POINTS:,} are allowed")
    sweep = Sweep(scenario, axes, samples, seed)
    if set(names) & set(_NAMES):
        if scenario.peak is not None or "peak" in names:
            raise SweepError("a peak is given, so the accelerator and its precision change nothing; leave one of them out")
        _peaks(sweep)  # refuses a chip that lacks the format
    return sweep


def points(sweep: Sweep, part: int) -> pd.DataFrame:
    """Return the varied fields of the points of one part, a column each; names are categories."""
    first, last = part * PART, min((part + 1) * PART, len(sweep))
    if not 0 <= first < last:
        raise SweepError(f"part {part} is not one of 0 to {sweep.parts - 1}")
    if sweep.samples is None:
        index = np.unravel_index(np.arange(first, last), [len(axis.values) for axis in sweep.axes])
        return pd.DataFrame({axis.name: _taken(axis, at) for axis, at in zip(sweep.axes, index, strict=True)})
    draw = np.random.default_rng([sweep.seed, part])
    return pd.DataFrame({axis.name: _drawn(axis, draw, last - first) for axis in sweep.axes})


def results(sweep: Sweep, varied: pd.DataFrame) -> pd.DataFrame:
    """Return every result of the estimate for each of the points `varied`, a column each."""
    fields = {name: getattr(sweep.scenario, name) for name in ASSUMPTIONS if name != "peak"}
    fields |= {name: varied[name].to_numpy() for name in varied if name not in (*_NAMES, "peak")}
    at = SimpleNamespace(**fields, peak_flop_per_second=_peak(sweep, varied))
    estimated: Estimate = estimate(at)
    return pd.DataFrame({name: np.broadcast_to(value, len(varied)) for name, value in estimated.flat().items()})


def part_bytes(sweep: Sweep, part: int) -> bytes:
    """Return one part as a Parquet file: the varied fields and every result, with their units as metadata."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    varied = points(sweep, part)
    table = pa.Table.from_pandas(pd.concat([varied, results(sweep, varied)], axis=1), preserve_index=False)
    fields = [
        field.with_metadata({"unit": ASSUMPTIONS[field.name].unit or ""}) if field.name in ASSUMPTIONS else field
        for field in table.schema
    ]
    buffer = io.BytesIO()
    pq.write_table(table.cast(pa.schema(fields)), buffer, compression="zstd", compression_level=1)
    return buffer.getvalue()


def part_path(out: Path, part: int) -> Path:
    """Return where a part of a sweep lies in its folder."""
    return out / f"part-{part:05}.parquet"


def prepare(sweep: Sweep, out: Path, **more: Any) -> None:
    """Make the folder `out` for a sweep, or see that it is this one's. Raises SweepError, or OSError.

    A folder that holds another sweep, or anything else, is refused, so that nothing is mixed or lost. `more` are
    further things in which sweeps may differ.
    """
    described = {
        "scenario": {name: getattr(sweep.scenario, name) for name in ASSUMPTIONS} | {"title": sweep.scenario.title},
        "axes": {axis.name: _shown(axis.values) for axis in sweep.axes},
        "samples": sweep.samples, "seed": sweep.seed, "points": len(sweep),
        "analysis": digest.package(), "data": digest.data(), **more,
    }  # fmt: skip
    manifest = out / MANIFEST
    if os.path.lexists(manifest):
        try:
            stored = json.loads(paths.read_text(manifest, _LARGEST_MANIFEST))
            if not isinstance(stored, dict):
                raise ValueError("no object")
        except (ValueError, RecursionError, OSError):
            raise SweepError(f"{paths.shown(manifest)} is no record of a sweep; choose another folder for --out") from None
        changed = [name for name in sorted(described) if stored.get(name) != json.loads(json.dumps(described[name]))]
        changed += ["fields"] if stored.keys() - described.keys() else []
        if changed:
            raise SweepError(f"{out} holds another sweep, with other {', '.join(changed)}; choose another folder for --out")
    elif out.exists() and (not out.is_dir() or not all(map(paths.is_part, out.iterdir()))):
        raise SweepError(f"{out} is not empty, and holds no sweep; choose another folder for --out")
    else:
        paths.write(manifest, json.dumps(described, indent=2, ensure_ascii=False) + "\n")


#: Computes `function` of each item, somewhere, and yields the items with their results as these are done.
Workers = Callable[[Callable[[Any], bytes], Iterable[Any]], Iterator[tuple[Any, bytes]]]


def run(sweep: Sweep, out: Path, workers: Workers) -> Iterator[int]:
    """Write the parts that `out` lacks; yield the number of points that are there: at first, and after each part."""
    prepare(sweep, out)
    missing = [part for part in range(sweep.parts) if not part_path(out, part).is_file()]
    sizes = {part: min(PART, len(sweep) - part * PART) for part in range(sweep.parts)}
    done = len(sweep) - sum(sizes[part] for part in missing)
    yield done
    for part, content in workers(partial(part_bytes, sweep), missing):
        paths.write(part_path(out, part), content)
        done += sizes[part]
        yield done


def scenario_at(sweep: Sweep, point: int) -> Scenario:
    """Return one point of a sweep as a scenario of its own."""
    part, row = divmod(point, PART)
    varied = points(sweep, part).iloc[row].to_dict()
    given = {name: value if name in _NAMES else _exact(name, value) for name, value in varied.items()}
    return build(sweep.scenario.handed, "sweep", given, handed=True)


def _shown(values: tuple[Any, ...]) -> Any:
    """Return the values of an axis as a manifest has them: in full if they are few."""
    return list(values) if len(values) <= 64 else {"first": values[0], "last": values[-1], "count": len(values)}


def _axis(text: str, *, sampled: bool) -> Axis:
    name, equals, written = (part.strip() for part in text.partition("="))
    form = "low:high" if sampled else "start:stop:step"
    if not equals or not written:
        raise SweepError(f"--grid {quote(text)}: write FIELD={form}")
    if name in _NAMES:
        values = (formats.on_sheet(part) if name == "precision" else part.strip() for part in written.split(","))
        return Axis(name, tuple(dict.fromkeys(values)))
    about = ASSUMPTIONS.get(name)
    if about is None:
        raise SweepError(f"--grid {quote(text)}: there is no assumption {quote(name)}{nearest(name, ASSUMPTIONS)}")
    if name != "peak" and getattr(DECK, name) is None:
        ways = next((ways for ways in GROUPS if any(name in way for way in ways)), None)
        instead = f"; vary {' or '.join(ways[0])}" if ways else ""
        raise SweepError(f"--grid {quote(text)}: the division does not take {name}{instead}")
    ends = [part.strip() for part in written.split(":")]
    if len(ends) != (2 if sampled else 3):
        raise SweepError(f"--grid {quote(text)}: write {name}={form}, each such as {_example(name)}")
    low, high = (_value(name, end) for end in ends[:2])
    if not low < high:
        raise SweepError(f"--grid {quote(text)} is empty: {ends[0]} is not below {ends[1]}")
    if sampled:
        return Axis(name, (low, high))
    try:
        step = units.read(ends[2], about.unit, _example(name))
    except units.QuantityError as exc:
        raise SweepError(f"--grid {quote(text)}: the step {exc}") from None
    if not step > 0:
        raise SweepError(f"--grid {quote(text)} is empty: the step {ends[2]} is not above 0")
    count = (high - low) / step
    if count > MOST_VALUES:
        raise SweepError(f"--grid {quote(text)}: that is {numerals.whole(count)} values; at most {MOST_VALUES:,} are allowed")
    if count < 1 - 1e-9:
        raise SweepError(f"--grid {quote(text)}: the step {ends[2]} is larger than from {ends[0]} to {ends[1]}")
    # Not beyond the end by the rounding of floats, which could be out of range.
    values = tuple(min(low + step * number, high) for number in range(int(count + 1e-9) + 1))
    if Scenario.model_fields[name].annotation is int and any(value % 1 for value in values):
        raise SweepError(f"--grid {quote(text)}: {name} takes whole numbers only")
    return Axis(name, values)


def _value(name: str, written: str) -> float:
    """Return a value of a field, checked as a scenario's is."""
    return float(getattr(build({name: written}, "--grid"), name))


def _example(name: str) -> str:
    return ASSUMPTIONS[name].written(DECK.peak_flop_per_second if name == "peak" else getattr(DECK, name))


def _exact(name: str, value: float) -> str:
    return f"{float(value)!r} {ASSUMPTIONS[name].unit}".strip()


def _taken(axis: Axis, at: Any) -> Any:
    if axis.name in _NAMES:
        return pd.Categorical.from_codes(at, categories=list(axis.values))
    return np.array(axis.values)[at]


def _drawn(axis: Axis, draw: np.random.Generator, count: int) -> Any:
    if axis.name in _NAMES:
        return pd.Categorical.from_codes(draw.integers(len(axis.values), size=count), categories=list(axis.values))
    low, high = axis.values
    values = low * (high / low) ** draw.random(count)
    return np.floor(values + 0.5) if Scenario.model_fields[axis.name].annotation is int else values


def _peaks(sweep: Sweep) -> dict[tuple[str, str], float]:
    """Return the peak of each chip at each format that the sweep pairs. Raises ScenarioError for one that lacks it."""
    chosen = {axis.name: axis.values for axis in sweep.axes}
    peaks = {}
    for chip in chosen.get("accelerator", (sweep.scenario.accelerator,)):
        for precision in chosen.get("precision", (sweep.scenario.precision,)):
            peaks[chip, precision] = build({"accelerator": chip, "precision": precision}, "--grid").peak_flop_per_second
    return peaks


def _peak(sweep: Sweep, varied: pd.DataFrame) -> Any:
    """Return the peak of each point: as varied, as the scenario has it, or as the chip has it at the format."""
    if "peak" in varied:
        return varied["peak"].to_numpy()
    names = [name for name in _NAMES if name in varied]
    if not names:
        return sweep.scenario.peak_flop_per_second
    peaks = _peaks(sweep)
    chips, formats = (
        varied[name] if name in varied else pd.Categorical([getattr(sweep.scenario, name)] * len(varied)) for name in _NAMES
    )
    chips, formats = pd.Categorical(chips), pd.Categorical(formats)
    table = np.array([[peaks[chip, format_] for format_ in formats.categories] for chip in chips.categories])
    return table[chips.codes, formats.codes]
