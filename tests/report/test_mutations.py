"""One byte is changed in each of a hundred files: what it can change is stale then, and what it can't is not.

Nothing is run: the receipts are those of the built book. What must be stale is worked out here anew, from the text of the
sources, by regular expressions.
"""

import functools
import random
import re
import shutil
import statistics
from importlib import metadata

import pytest

from analysis import paths
from analysis.report import runner
from analysis.report.inputs import Now

SEED = 16
#: Packages, by how their import begins; every notebook is run by the first, and none loads the last.
PACKAGES = {
    **dict.fromkeys(("numpy", "pandas", "altair", "papermill", "ipykernel", "pydantic"), ""),
    "scikit-learn": "import sklearn|from sklearn",
    "salib": "from SALib",
    **dict.fromkeys(("jupyterlab", "sphinx", "typst"), "(?!)"),
}
_IMPORT = re.compile(r"^[ \t]*(?:from (analysis[\w.]*) import (\([^)]*\)|[^\n]*)|import (analysis[\w.]+))", re.MULTILINE)


@pytest.fixture(scope="module")
def project(built, tmp_path_factory):
    """Return a copy of the built project's sources and executed notebooks, which `paths` leads to."""
    copy = tmp_path_factory.mktemp("mutated")
    for name in ("analysis", "data", "notebooks", "book/_ext", "book/_templates"):
        shutil.copytree(built / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(built / paths.LOCK.name, copy)
    with pytest.MonkeyPatch.context() as patch:
        for name in ("ANALYSIS", "DATA", "SCENARIOS", "NOTEBOOKS", "EXECUTED", "LOCK", "BUILD"):
            patch.setattr(paths, name, copy / getattr(paths, name).relative_to(paths.ROOT))
        patch.setattr(paths, "ROOT", copy)
        # These are no inputs, and stay as they are.
        patch.setattr(runner, "_read", functools.cache(runner._read))
        patch.setattr(runner, "_outputs_digest", lambda notebook: notebook.metadata[runner.RECEIPT]["outputs"])
        yield copy


@pytest.fixture(scope="module")
def texts(project):
    """Return for each notebook its text and those of all modules that it reaches, by their names."""
    return {path.stem: _reached(project, path.relative_to(project).as_posix()) for path in runner.notebooks()}


def _reached(project, start):
    running = ["analysis/report/execution.py", "analysis/report/kernel.py"]
    found, waiting = {}, [start, *running]
    while waiting:
        name = waiting.pop()
        if name in found or not (project / name).is_file():
            continue
        text = (project / name).read_text(encoding="utf-8")
        if name.endswith(".ipynb"):
            text = re.sub(r'^\s*"(.*?)(?:\\n)?",?$', r"\1", text, flags=re.MULTILINE).replace('\\"', '"')
        found[name] = text
        for module, taken, whole in _IMPORT.findall(text):
            for dotted in (whole or module, *(f"{module}.{word}" for word in re.findall(r"\w+", taken))):
                parts = dotted.split(".")
                waiting += [
                    "/".join(parts[:count]) + end for count in range(1, len(parts) + 1) for end in (".py", "/__init__.py")
                ]
    return found


def _mutated(content, draw):
    place = draw.randrange(len(content))
    return content[:place] + bytes([content[place] ^ draw.randrange(1, 256)]) + content[place + 1 :]


def _stale():
    return {one.name for one in runner.states() if one.changed}


def _chosen(project, draw):
    """Return a hundred things to change, less the packages: names of files, a seeded choice of each kind."""
    kinds = {"analysis/**/*.py": 58, "data/**/*.*": 16, "notebooks/*.ipynb": 8, "book/_ext/*.py": 6, "requirements.lock": 1}
    found = []
    for pattern, count in kinds.items():
        files = sorted(path.relative_to(project).as_posix() for path in project.glob(pattern) if path.stat().st_size)
        found += draw.sample(files, count)
    return found


def _expected(project, texts, name):
    """Return the notebooks that a change of a file must make stale, and those that it may."""
    everyone = set(texts)
    if name == paths.LOCK.name:
        return everyone, everyone
    if name.startswith("book/"):
        return set(), set()
    if name.endswith((".py", ".ipynb")):
        reached = {notebook for notebook, found in texts.items() if name in found}
        return reached, reached
    stem = name.rpartition("/")[2].split(".")[0]
    if name.startswith("data/scenarios/"):
        # A notebook that takes no assumption depends on no scenario.
        takes = re.compile(r"^# Assumptions.*\n\w+ = ", re.MULTILINE)
        given = {notebook for notebook in everyone if takes.search(texts[notebook][f"notebooks/{notebook}.ipynb"])}
        is_decks, is_compared = name == "data/scenarios/deck.yml", name.count("/") == 2
        must = given if is_decks else {"scenario_comparison"} if is_compared else set()
        return must, everyone
    literal = re.compile(rf"""["'/]{re.escape(stem.removesuffix("_log"))}(?:_log)?["']""")
    reads = re.compile(rf"""facts\.read\("[\w/]*\b{re.escape(stem)}"\)""")
    must = {notebook for notebook in everyone if reads.search(texts[notebook][f"notebooks/{notebook}.ipynb"])}
    may = {notebook for notebook in everyone if any(literal.search(text) for text in texts[notebook].values())}
    return must | ({"data_files"} if name.endswith((".csv", ".origin.yml")) else set()), may | {"data_files", "how_current"}


def test_a_changed_byte_makes_stale_what_it_can_change_and_nothing_else(project, texts):
    assert not _stale(), "the built book is fresh"
    draw = random.Random(SEED)
    chosen = _chosen(project, draw)
    assert len(chosen) + len(PACKAGES) == 100
    pages = Now().pages()
    for name in chosen:
        path = project / name
        content = path.read_bytes()
        path.write_bytes(_mutated(content, draw))
        try:
            stale = _stale()
            if name.startswith("book/"):
                assert Now().pages() != pages, f"{name} makes pages"
        finally:
            path.write_bytes(content)
        must, may = _expected(project, texts, name)
        assert must <= stale, f"{name} has to make stale {sorted(must - stale)}"
        assert stale <= may, f"{name} need not make stale {sorted(stale - may)}"
    assert not _stale()


@pytest.mark.parametrize(("name", "imported"), PACKAGES.items())
def test_an_upgrade_makes_stale_those_that_load_it(project, texts, tmp_path, monkeypatch, name, imported):
    record = metadata.distribution(name)._path
    version = metadata.version(name)
    upgraded = f"{version[:-1]}{(int(version[-1]) + 1) % 10}"
    target = tmp_path / record.name
    target.mkdir()
    text = (record / "METADATA").read_text(encoding="utf-8")
    (target / "METADATA").write_text(text.replace(f"Version: {version}\n", f"Version: {upgraded}\n", 1), encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    assert metadata.version(name) == upgraded
    reach = {notebook for notebook, found in texts.items() if any(re.search(imported, text) for text in found.values())}
    stale = _stale()
    assert stale <= reach
    assert stale == reach or (imported and stale), "one imported in a function need not be loaded"


def test_a_change_of_one_module_makes_few_notebooks_stale(texts):
    """The median over all modules, of sixty notebooks."""
    modules = [path.relative_to(paths.ROOT).as_posix() for path in paths.ANALYSIS.rglob("*.py")]
    assert statistics.median(sum(name in found for found in texts.values()) for name in modules) <= 2
