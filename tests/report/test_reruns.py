"""A notebook gives the same bytes wherever it is run; `python -m benchmarks.reruns` compares the whole report."""

import os
import shutil
import subprocess
import sys

from benchmarks.reruns import ELSEWHERE, LEFT_OUT

#: One with seeded draws, one that reads every scenario, one with dates on its axes, one of plain numbers.
NAMES = ("duration_sensitivity", "scenario_comparison", "token_prices", "training_estimate")


def test_another_folder_time_zone_language_hash_seed_and_umask_give_the_same_bytes(built, tmp_path):
    project = tmp_path / "another folder 另一个"
    shutil.copytree(built, project, ignore=LEFT_OUT)
    for path in (project / "notebooks").glob("*.ipynb"):
        if path.stem not in NAMES:
            path.unlink()
    home = tmp_path / ELSEWHERE["HOME"]
    home.mkdir()
    environment = os.environ | ELSEWHERE | {"HOME": str(home), "PYTHONPATH": str(project)}
    words = [sys.executable, "-m", "analysis", "run", "data/scenarios/deck.yml"]
    subprocess.run(words, cwd=project, env=environment, umask=0o077, check=True, capture_output=True)
    for name in NAMES:
        first, again = (root / "notebooks" / "executed" / f"{name}.ipynb" for root in (built, project))
        assert first.read_bytes() == again.read_bytes(), name
