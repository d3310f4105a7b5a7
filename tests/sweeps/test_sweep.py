import io
import json
import math
import os
import re
import signal
import subprocess
import sys
import time

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import paths
from analysis.scenarios.estimate import estimate
from analysis.scenarios.reading import ScenarioError, build
from analysis.scenarios.scenario import DECK
from analysis.sweeps import sweep, workers
from analysis.sweeps.sweep import SweepError
from tests.built import run
from tests.sweeps import work

GRID = [
    "utilization=30%:60%:15%",
    "accelerator=A100 PCIe 80GB, H100 SXM5",
    "precision=TF32,BF16",
    "training_time=10 days:90 days:40 days",
]


def _here(function, items):
    """Workers that are this process."""
    for item in items:
        yield item, function(item)


def _frame(content):
    return pq.read_table(io.BytesIO(content)).to_pandas()


def test_a_grid_has_every_combination_once():
    made = sweep.read(DECK, GRID, None)
    frame = _frame(sweep.part_bytes(made, 0))
    assert len(frame) == len(made) == 3 * 2 * 2 * 3
    assert len(frame[["utilization", "accelerator", "precision", "training_time"]].drop_duplicates()) == len(made)
    assert sorted(frame["training_time"].unique()) == pytest.approx([864_000, 4_320_000, 7_776_000])


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32), point=st.integers(0, 999))
def test_a_point_of_a_sample_is_the_estimate_of_its_scenario(seed, point):
    ranges = [
        "parameters=1e9:1e12",
        "utilization=20%:100%",
        "accelerator=A100 PCIe 80GB,H100 SXM5",
        "accelerators_per_server=4:72",
    ]
    made = sweep.read(DECK, ranges, 1000, seed)
    row = _frame(sweep.part_bytes(made, 0)).iloc[point]
    alone = sweep.scenario_at(made, point)
    assert (alone.accelerator, alone.utilization) == (row["accelerator"], pytest.approx(row["utilization"]))
    for name, value in estimate(alone).flat().items():
        assert row[name] == pytest.approx(value, rel=1e-12), name


def test_samples_lie_in_their_ranges_and_are_even_on_a_logarithmic_scale():
    made = sweep.read(DECK, ["parameters=1e9:1e12"], 100_000)
    drawn = np.log10(sweep.points(made, 0)["parameters"])
    assert 9 <= drawn.min() < drawn.max() <= 12
    assert drawn.mean() == pytest.approx(10.5, abs=0.01)
    assert drawn.std() == pytest.approx(3 / math.sqrt(12), abs=0.01)


def test_a_given_peak_is_not_read_from_the_table():
    given = build({"peak": "100 TFLOPS"}, "test")
    with pytest.raises(SweepError, match="a peak is given"):
        sweep.read(given, ["accelerator=A100 PCIe 80GB,H100 SXM5"], None)
    made = sweep.read(given, ["utilization=30%:60%:15%"], None)
    rows = _frame(sweep.part_bytes(made, 0))
    assert rows["training.accelerators"].tolist() == [
        estimate(sweep.scenario_at(made, n)).training.accelerators for n in range(3)
    ]


def test_the_last_value_stays_in_range():
    values = sweep.read(DECK, ["utilization=10%:100%:0.1%"], None).axes[0].values
    assert len(values) == 901
    assert values[-1] == 1.0


def test_fields_have_units():
    table = pq.read_table(io.BytesIO(sweep.part_bytes(sweep.read(DECK, GRID, None), 0)))
    assert table.schema.field("training_time").metadata[b"unit"] == b"second"


@pytest.mark.parametrize(
    ("grid", "samples", "message"),
    [
        ([], None, "name at least one field to vary"),
        (["utilisation=1:2:3"], None, "there is no assumption 'utilisation'; did you mean 'utilization'?"),
        (["title=a:b:c"], None, "there is no assumption 'title'"),
        (["utilization"], None, "write FIELD=start:stop:step"),
        (["utilization=30%:60%"], None, "write utilization=start:stop:step, each such as 50%"),
        (["utilization=30%:60%:5%"], 10, "write utilization=low:high"),
        (["utilization=60%:30%:5%"], None, "is empty: 60% is not below 30%"),
        (["utilization=30%:60%:0%"], None, "is empty: the step 0% is not above 0"),
        (["utilization=30%:60%:5%", "utilization=30%:60%:5%"], None, "names utilization more than once"),
        (["accelerators_per_server=1:8:0.5"], None, "whole numbers only"),
        (["parameters=1:1e16:0.001"], None, "values; at most"),
        (["parameters=1:100000:1", "training_tokens=1:100000:1"], None, "that is 10,000,000,000 points"),
        (["utilization=30%:60%:5 days"], None, "the step '5 days' has the wrong unit"),
        (["utilization=30%:60%:5"], None, "the step 5 is larger than from 30% to 60%"),
        (["visits_per_day=1:1e9:1"], None, "that is 999,999,999 values; at most 1,000,000"),
        (["parameters=1:100000:1"] * 5, None, "names parameters more than once"),
        (["utilization=30%:60%"], 10**30, "write a whole number above 0, and at most 2,000,000,000"),
        (["utilization=30%:60%"], 10**4000, "write a whole number above 0"),
        (["x" * 5000], None, "write FIELD=start:stop:step"),
        (["utilization=30%:60%"], 0, "--sample 0: write a whole number above 0"),
        (["precision=TF32,BF16", "peak=1 TFLOPS:3 TFLOPS:1 TFLOPS"], None, "a peak is given, so the accelerator"),
    ],
)
def test_a_sweep_that_cannot_be_made_is_refused(grid, samples, message):
    with pytest.raises(SweepError, match=re.escape(message)) as caught:
        sweep.read(DECK, grid, samples)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(
    ("grid", "message"),
    [
        ("utilization=30%:120%:5%", "out of range; allowed: at least 0.1%, at most 100%"),
        ("training_time=30:60:1", "has no unit"),
        ("accelerator=H10", "did you mean 'H100"),
        ("precision=TF32,FP8", "A100 PCIe 80GB has no published dense peak in FP8"),
    ],
)
def test_values_are_checked_as_a_scenarios_are(grid, message):
    with pytest.raises(ScenarioError, match=re.escape(message)):
        sweep.read(DECK, [grid], None)


@pytest.mark.parametrize("content", ["[]", "3", "null", "{", "[" * 100_000, '{"secret": 1}'])
def test_a_folder_whose_record_is_none_is_refused(tmp_path, content):
    (tmp_path / "sweep.json").write_text(content)
    with pytest.raises(SweepError, match="is no record of a sweep|holds another sweep") as caught:
        sweep.prepare(sweep.read(DECK, GRID, None), tmp_path)
    assert "secret" not in str(caught.value)


def test_formats_are_named_in_any_case():
    assert sweep.read(DECK, ["precision=tf32, bf16"], None).axes[0].values == ("TF32", "BF16")


def test_an_interrupted_sweep_goes_on_and_gives_the_same_bytes(tmp_path, monkeypatch):
    monkeypatch.setattr(sweep, "PART", 10)
    made = sweep.read(DECK, GRID, None)
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    assert list(sweep.run(made, whole, _here)) == [0, 10, 20, 30, 36]
    for done in sweep.run(made, broken, _here):
        if done == 20:
            break
    assert list(sweep.run(made, broken, _here)) == [20, 30, 36], "what is there is not computed again"
    names = sorted(path.name for path in whole.iterdir())
    assert names == sorted(path.name for path in broken.iterdir()) == [*(f"part-{n:05}.parquet" for n in range(4)), "sweep.json"]
    assert all((whole / name).read_bytes() == (broken / name).read_bytes() for name in names)


def test_a_folder_of_another_sweep_or_of_something_else_is_refused(tmp_path):
    list(sweep.run(sweep.read(DECK, GRID, None), tmp_path / "made", _here))
    with pytest.raises(SweepError, match="holds another sweep, with other axes, points"):
        list(sweep.run(sweep.read(DECK, GRID[1:], None), tmp_path / "made", _here))
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "a.txt").write_text("dear")
    with pytest.raises(SweepError, match="is not empty, and holds no sweep"):
        list(sweep.run(sweep.read(DECK, GRID, None), tmp_path / "letters", _here))


def test_a_killed_worker_loses_nothing_and_the_work_goes_on():
    done, killed = [], set()
    for item, process in workers.here(2)(work.slow, range(20)):
        done.append(item)
        if len(killed) < 2 and process not in killed:
            os.kill(process, signal.SIGKILL)
            killed.add(process)
    assert sorted(done) == list(range(20)) and len(killed) == 2


def test_workers_that_keep_dying_or_fail_are_said():
    with pytest.raises(workers.WorkersError, match="4 worker processes died .* exit status -9"):
        list(workers.here(1)(work.dying, range(20)))
    with pytest.raises(ValueError, match="item 0"):
        list(workers.here(1)(work.failing, range(20)))


def test_a_leftover_of_a_killed_process_stops_no_sweep(tmp_path):
    made = sweep.read(DECK, GRID, None)
    for name in ("sweep.json.part", ".0123.part"):
        (tmp_path / name).write_text("{")
    assert list(sweep.run(made, tmp_path, _here))[-1] == len(made)


def test_an_interrupt_of_notebooks_prints_one_line(tmp_path):
    """Of the whole group of processes, as a terminal sends it."""
    words = [sys.executable, "-m", "analysis", "sweep", "deck", "--grid", GRID[0], "--notebooks", "--only", "training_estimate",
             "--jobs", "2", "--out", str(tmp_path / "made")]  # fmt: skip
    process = subprocess.Popen(words, cwd=paths.ROOT, env=os.environ | {"PYTHONPATH": str(paths.ROOT)}, text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)  # fmt: skip
    deadline = time.monotonic() + 60
    while not (tmp_path / "made" / "sweep.json").is_file():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    time.sleep(3)
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    lines = [line for line in said.splitlines() if line.strip() and not line.startswith(("points", "notebooks"))]
    assert lines == [f"Stopped; what was finished stays in {tmp_path / 'made'}, and the same command goes on."]
    assert not list(tmp_path.rglob("*.part"))


def test_the_command_line_writes_parts_and_says_what_it_cannot_do(tmp_path):
    words = ["-m", "analysis", "sweep", "deck", "--grid", "utilization=30%:60%:5%", "--jobs", "1"]
    done = run(paths.ROOT, *words, "--out", str(tmp_path / "made"))
    assert done.stdout.startswith("7 points: ")
    assert len(_frame((tmp_path / "made" / "part-00000.parquet").read_bytes())) == 7
    (tmp_path / "file").write_text("")
    failed = run(paths.ROOT, *words, "--out", str(tmp_path / "file" / "made"), check=False)
    assert failed.returncode == 2
    assert "can't be written" in failed.stderr
    assert "Traceback" not in failed.stderr


def test_notebooks_run_at_each_point(tmp_path):
    words = ["-m", "analysis", "sweep", "deck", "--grid", "utilization=30%:60%:30%", "--notebooks", "--only", "training_estimate"]
    done = run(paths.ROOT, *words, "--jobs", "2", "--out", str(tmp_path / "made"))
    assert done.stdout.startswith("2 notebooks: ")
    texts = [(tmp_path / "made" / f"point-0000{n}" / "training_estimate.ipynb").read_text(encoding="utf-8") for n in (0, 1)]
    assert "2,597" in texts[0], "3.15e23 / (30 days x 156e12 x 30%), rounded up"
    assert "1,299" in texts[1]
    assert (tmp_path / "made" / "points.csv").read_text().splitlines() == ["point,utilization", "0,0.3", "1,0.6"]
    failed = run(paths.ROOT, *words[:-1], "training_estimat", "--out", str(tmp_path / "other"), check=False)
    assert "there is no notebook 'training_estimat'; did you mean 'training_estimate'?" in failed.stderr


def test_a_scheduler_that_does_not_answer_is_said_within_ten_seconds(tmp_path):
    began = time.monotonic()
    with pytest.raises(workers.WorkersError, match=r"no Dask scheduler answers at 'tcp://127\.0\.0\.1:9'"):
        list(sweep.run(sweep.read(DECK, GRID, None), tmp_path / "made", workers.cluster("tcp://127.0.0.1:9")))
    assert time.monotonic() - began < 10


class Cluster:
    """A Dask scheduler with workers, each a process of this machine on the loopback address."""

    def __init__(self, folder, count):
        self.file = folder / "scheduler.json"
        self.environment = os.environ | {"PYTHONPATH": str(paths.ROOT), "DASK_DISTRIBUTED__WORKER__MEMORY__TERMINATE": "0"}
        local = ("--host", "127.0.0.1", "--no-dashboard")
        self.scheduler = self._start("scheduler", *local, "--port", "0", "--scheduler-file", str(self.file))
        deadline = time.monotonic() + 60
        while not self.file.is_file() or not self.file.read_text():
            assert time.monotonic() < deadline, "the scheduler did not start"
            time.sleep(0.2)
        self.address = json.loads(self.file.read_text())["address"]
        options = (*local, "--no-nanny", "--nthreads", "1", "--local-directory", str(folder))
        self.workers = [self._start("worker", self.address, *options) for _ in range(count)]

    def _start(self, kind, *words):
        command = [sys.executable, "-m", "distributed.cli.dask_" + kind, *words]
        return subprocess.Popen(command, env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def __enter__(self):
        from distributed import Client

        with Client(self.address, timeout=30) as client:
            client.wait_for_workers(len(self.workers), timeout=60)
        return self

    def __exit__(self, *_):
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()


def test_a_cluster_gives_the_same_bytes_even_when_a_worker_is_killed_and_says_when_its_scheduler_is(tmp_path, capfd):
    made = sweep.read(DECK, ["utilization=10%:100%:0.01%", "parameters=1e9:300e9:1e9"], None)
    assert made.parts > 8
    list(sweep.run(made, tmp_path / "here", _here))
    with Cluster(tmp_path, 2) as cluster:
        for number, _ in enumerate(sweep.run(made, tmp_path / "there", workers.cluster(cluster.address))):
            if number == 2:
                cluster.workers[0].send_signal(signal.SIGKILL)
        with pytest.raises(workers.WorkersError, match="is gone; start one, and the same command goes on"):
            for number, _ in enumerate(sweep.run(made, tmp_path / "again", workers.cluster(cluster.address))):
                if number == 2:
                    cluster.scheduler.kill()
        assert capfd.readouterr().err == "", "one line says what happened, and no traceback of Dask's"
    names = sorted(path.name for path in (tmp_path / "here").iterdir())
    assert names == sorted(path.name for path in (tmp_path / "there").iterdir())
    assert all((tmp_path / "here" / name).read_bytes() == (tmp_path / "there" / name).read_bytes() for name in names)
