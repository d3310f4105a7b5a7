"""What stands beside the book for those who publish and cite it: the workflow, CITATION.cff, the metadata of an address."""

import os
import re
import tomllib

import pytest
from bs4 import BeautifulSoup
from ruamel.yaml import YAML

from analysis import paths
from tests.built import run

_yaml = YAML(typ="safe")


@pytest.fixture
def workflow():
    return _yaml.load((paths.ROOT / ".github" / "workflows" / "deploy.yml").read_text(encoding="utf-8"))


def test_nothing_is_published_before_every_test_has_passed(workflow):
    jobs = workflow["jobs"]
    assert jobs["build"]["needs"] == "test"
    assert jobs["deploy"]["needs"] == "build"
    test = [step for step in jobs["test"]["steps"] if "make test" in step.get("run", "")]
    assert len(test) == 1
    assert test[0]["env"]["CI"], "a missing browser fails in place of skipping"
    assert not any("continue-on-error" in step or "if" in step for job in jobs.values() for step in job["steps"])


def test_actions_are_pinned_and_may_do_no_more_than_they_need(workflow):
    used = [step["uses"] for job in workflow["jobs"].values() for step in job["steps"] if "uses" in step]
    assert all(re.fullmatch(r"actions/[\w-]+@[0-9a-f]{40}", name) for name in used), used
    assert workflow["permissions"] == {"contents": "read"}
    writing = [name for name, job in workflow["jobs"].items() if "write" in job.get("permissions", {}).values()]
    assert writing == ["deploy"]
    assert "secrets." not in (paths.ROOT / ".github" / "workflows" / "deploy.yml").read_text(encoding="utf-8")


def test_what_the_workflow_makes_the_makefile_has(workflow):
    makefile = (paths.ROOT / "Makefile").read_text(encoding="utf-8")
    commands = " ".join(step.get("run", "") for job in workflow["jobs"].values() for step in job["steps"])
    for target in re.findall(r"\bmake (\S+)", commands):
        assert re.search(rf"^{re.escape(target)}:", makefile, re.MULTILINE), target


def test_the_citation_is_whole_and_agrees_with_the_package_and_the_page():
    record = _yaml.load((paths.ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    project = tomllib.loads((paths.ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert record["cff-version"] == "1.2.0"
    assert record["type"] in ("software", "dataset")
    for part in (record, record["preferred-citation"]):
        assert part["title"]
        assert all(set(author) == {"name"} for author in part["authors"])
        assert str(part["version"]) == project["version"]
    assert record["message"]
    assert record["license"][0] == project["license"]
    bibtex = (paths.ROOT / "book" / "references.md").read_text(encoding="utf-8").partition("```bibtex")[2]
    assert str(record["preferred-citation"]["year"]) in bibtex
    assert f"version = {{{project['version']}}}" in bibtex


def test_with_an_address_each_page_has_its_own_and_a_card(small_project, monkeypatch):
    """On a book of a single page, as the address is the same for all."""
    for path in (small_project / "book").glob("*.md"):
        path.unlink()
    for path in (small_project / "notebooks").glob("*.ipynb"):
        path.unlink()
    (small_project / "book" / "index.md").write_text("# A title & more\n\nWhat it “is” about.\n")
    (small_project / "_toc.yml").write_text("format: jb-book\nroot: book/index\n")
    monkeypatch.setenv("REPORT_BASE_URL", "https://example.org/report")
    assert os.environ["REPORT_BASE_URL"]
    start = "import sys; from jupyter_book.cli.main import main; sys.exit(main())"
    run(small_project, "-c", start, "build", ".", "-n", "--keep-going", "--quiet")
    html = small_project / "_build" / "html"
    page = BeautifulSoup((html / "book" / "index.html").read_text(encoding="utf-8"), "html.parser")
    said = {
        str(tag.get("property") or tag.get("name")): tag["content"]
        for tag in page.select("meta[content]")
        if not tag.get("charset")
    }
    assert said["og:title"] == said["twitter:title"] == "A title & more"
    assert said["description"] == said["og:description"] == "What it “is” about."
    assert said["og:url"] == page.select_one("link[rel=canonical]")["href"] == "https://example.org/report/book/index.html"
    card = said["og:image"].removeprefix("https://example.org/report/")
    assert (html / card).read_bytes().startswith(b"\x89PNG")
