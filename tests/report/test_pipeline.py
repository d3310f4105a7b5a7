"""The page on how the book was made counts what is there."""

import re
from importlib import metadata

import pytest

from analysis import facts, paths
from analysis.report import digest, pipeline


@pytest.fixture(scope="module")
def counts():
    return pipeline.counts()


def test_files_modules_and_notebooks_are_those_on_the_disk(counts):
    assert counts.files == len(list(paths.DATA.rglob("*.csv")))
    assert counts.rows == sum(len(facts.read(name)) for name in facts.names())
    assert counts.scenarios == len(list(paths.SCENARIOS.rglob("*.yml")))
    assert counts.notebooks == len(list(paths.NOTEBOOKS.glob("*.ipynb")))
    assert counts.chapters == len(list((paths.ROOT / "book").glob("*.md")))
    named = [path for path in paths.ANALYSIS.rglob("*.py") if not path.name.startswith("__")]
    assert counts.modules == len(named)


def test_quoted_results_are_those_that_chapters_name(counts):
    text = "\n".join(path.read_text(encoding="utf-8") for path in (paths.ROOT / "book").glob("*.md"))
    for kind in ("chart", "table", "equation"):
        assert counts.quoted[pipeline.KINDS[kind]] == len(re.findall(rf"^`{{3,}}\{{result-{kind}\}}", text, re.MULTILINE))
    assert counts.quoted[pipeline.KINDS[None]] == text.count("{result}`")


def test_digests_are_of_the_package_the_data_and_the_lock():
    shown = {name: text for name, (_, text) in pipeline.digests().items()}
    assert shown == {"package": digest.package()[:12], "data": digest.data()[:12], "lock": digest.lock()[:12]}


def test_every_package_that_is_asked_for_has_its_installed_version():
    found = pipeline.packages()
    asked = [line.split("#")[0] for line in (paths.ROOT / "requirements.txt").read_text().splitlines()]
    assert len(found) == len([line for line in asked if line.strip()])
    assert all(version == metadata.version(name) for name, (version, _) in found.items())
    assert pipeline.locked() >= len(found)
