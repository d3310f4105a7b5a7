"""What a kernel records, in a process of its own: what Python hears once, it hears to the end."""

import json
import os
import subprocess
import sys

from analysis import paths

SCRIPT = """
import json
import os
import sys
from pathlib import Path

root, elsewhere = Path(sys.argv[1]), Path(sys.argv[2])
sys.path.append({package!r})
from analysis import paths

paths.ROOT = root
from analysis.report import used

used.watch()
os.chdir(root / "notebooks")
(root / "data" / "text.csv").read_text()
open(os.fsencode("../data/raw.csv"), "rb").close()
os.close(os.open(root / "data" / "low.csv", os.O_RDONLY))
list((root / "data").glob("*.csv"))
(root / "made.csv").write_text("")
(root / "made.csv").read_text()
try:
    open(root / "data" / "missing.csv")
except FileNotFoundError:
    pass
(elsewhere / "own.csv").read_text()
Path(os.__file__).read_text()
sys.path.append(str(root))
import package.module
print(json.dumps(used.recorded()))
"""


def test_files_folders_and_modules_are_recorded_and_what_was_made_is_not(tmp_path):
    root, elsewhere = tmp_path / "a project 项目", paths.BUILD / "tests"
    for name in ("data/text.csv", "data/raw.csv", "data/low.csv", "notebooks/x", "package/__init__.py", "package/module.py"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    elsewhere.mkdir(parents=True, exist_ok=True)
    (elsewhere / "own.csv").touch()
    script = SCRIPT.format(package=str(paths.ROOT))
    words = [sys.executable, "-c", script, str(root), str(elsewhere)]
    # What lies in the folder for temporary files is none of a run's inputs; the project itself may lie there.
    around = os.environ | {"TMPDIR": str(tmp_path / "temporary")}
    (tmp_path / "temporary").mkdir()
    found = json.loads(subprocess.run(words, capture_output=True, text=True, check=True, env=around).stdout)
    read = ["data/", "data/low.csv", "data/missing.csv", "data/raw.csv", "data/text.csv"]
    assert found["files"] == [str(elsewhere / "own.csv"), *read]
    assert found["modules"] == ["package/__init__.py", "package/module.py"]
    assert "package" in found["imported"]
