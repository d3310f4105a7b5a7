"""A sweep whose every point is a run of whole notebooks, and not of the formulas alone."""

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import pandas as pd

from analysis import paths
from analysis.report import runner
from analysis.suggest import nearest
from analysis.sweeps import sweep as sweeps
from analysis.sweeps.sweep import Sweep, SweepError, Workers

#: A notebook takes seconds, so that more points would not be what is meant.
MOST_POINTS = 10_000


def chosen(names: Sequence[str]) -> list[str]:
    """Return the notebooks of the given names, or all that have assumptions. Raises SweepError for an unknown name."""
    known = [path.stem for path in runner.notebooks()]
    for name in names:
        if name not in known:
            raise SweepError(f"there is no notebook {name!r}{nearest(name, known)}")
    return list(names) or known


def run(sweep: Sweep, out: Path, notebooks: Sequence[str], workers: Workers) -> Iterator[int]:
    """Write `out`/point-N/NOTEBOOK.ipynb for each point that lacks it; yield the number of notebooks that are there.

    points.csv in the same folder says what each point assumes. Raises SweepError, RunError or OSError.
    """
    if len(sweep) > MOST_POINTS:
        raise SweepError(f"that is {len(sweep):,} points of whole notebooks; at most {MOST_POINTS:,} are allowed")
    sweeps.prepare(sweep, out, notebooks=list(notebooks))
    varied = pd.concat([sweeps.points(sweep, part) for part in range(sweep.parts)], ignore_index=True)
    paths.write(out / "points.csv", varied.to_csv(index_label="point"))
    wanted = [(point, name) for point in range(len(sweep)) for name in notebooks]
    missing = [item for item in wanted if not _path(out, item).is_file()]
    done = len(wanted) - len(missing)
    yield done
    for item, content in workers(partial(_executed, sweep), missing):
        paths.write(_path(out, item), content)
        done += 1
        yield done


def _executed(sweep: Sweep, item: tuple[int, str]) -> bytes:
    point, name = item
    notebook = next(path for path in runner.notebooks() if path.stem == name)
    return runner.executed_bytes(notebook, sweeps.scenario_at(sweep, point), f"point {point} of a sweep")


def _path(out: Path, item: tuple[int, str]) -> Path:
    point, name = item
    return out / f"point-{point:05}" / f"{name}.ipynb"
