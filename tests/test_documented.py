"""Every command that README, CONTRIBUTING and the Makefile name is there and takes the words that they give it.

Each is run in a short form: with words that make it quick, or on a book that is not built, where it says so. A command
that the table below lacks fails, so that none is documented which nobody ran.
"""

import re
import shlex
import subprocess

import pytest

from analysis import paths
from tests.built import build, copy, run
from tests.conftest import command

_DOCUMENTS = ("README.md", "CONTRIBUTING.md")
_STARTS = ("make ", "python -m ", "papermill ", "jupyter-book ")


def documented() -> list[str]:
    """Return the commands of the documents, from blocks and from the text, without comments."""
    found = []
    for name in _DOCUMENTS:
        text = (paths.ROOT / name).read_text(encoding="utf-8")
        blocks = "\n".join(re.findall(r"```shell\n(.*?)```", text, re.DOTALL))
        inline = re.findall(r"`([^`]+)`", re.sub(r"```.*?```|``.*?``", "", text, flags=re.DOTALL))
        for line in (*blocks.splitlines(), *(" ".join(one.split()) for one in inline)):
            found += [part.strip() for part in re.sub(r"\s+#.*", "", line).split("&&")]
    return sorted({one.removeprefix(".venv/bin/") for one in found if one.removeprefix(".venv/bin/").startswith(_STARTS)})


COMMANDS = documented()
MAKE = [one for one in COMMANDS if one.startswith("make ")]
TARGETS = re.findall(r"^([a-z]+):", (paths.ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
ANALYSIS = [one for one in COMMANDS if re.match(r"python -m analysis \w", one)]

#: Commands of the package that are quick as they stand; of the others, their own tests run one, and here their words are held
#: against what they take.
QUICK = ("scenarios", "estimate", "compare")

#: The other commands: the words of their short form, and what it says.
SHORT = {
    "python -m publishing.pdf": (["-m", "publishing.pdf"], "run make book first"),
    "python -m publishing.archive": (["-m", "publishing.archive"], "run make book first"),
    "python -m publishing.catalogues": (["-m", "publishing.catalogues", "--help"], "usage"),
    "python -m benchmarks.pages": (["-m", "benchmarks.pages"], "run make book first"),
    "python -m benchmarks.reruns": (["-m", "benchmarks.reruns", "--help"], "usage"),
    "python -m benchmarks.pages --stock": (["-m", "benchmarks.pages", "--stock"], "run make book first"),
    "python -m benchmarks.ledger ../before": (["-m", "benchmarks.ledger", "--help"], "usage"),
    "python -m analysis.ageing": (["-m", "analysis.ageing"], "newest row"),
    "python -m analysis.ageing NAME": (["-m", "analysis.ageing", "accelerators"], "Newest row"),
    "python -m benchmarks.shell": (["-m", "benchmarks.shell", "--help"], ""),
    "python -m analysis.validation.training_validation --write": (["-c", "import analysis.validation.training_validation"], ""),
    "python -m analysis.validation.inference_validation --write": (["-c", "import analysis.validation.inference_validation"], ""),
    "python -m analysis.validation.ablation --write": (["-c", "import analysis.validation.ablation"], ""),
    "python -m analysis.validation.record --write": (["-m", "analysis.validation.record"], "nothing is new"),
    "python -m pytest": (["-m", "pytest", "--version"], "pytest"),
    "python -m lint": (["-c", "import lint.__main__"], ""),  # make test runs it whole
    "jupyter-book build . -W --keep-going -n": (["-c", "import jupyter_book.cli.main"], ""),  # built.py builds by it
}


@pytest.fixture(scope="module")
def unbuilt(tmp_path_factory):
    """Return a copy of the project, as a fresh clone has it: no notebook is run, no book is built."""
    project = tmp_path_factory.mktemp("unbuilt")
    copy(project)
    return project


@pytest.mark.parametrize("target", TARGETS)
def test_a_target_of_make_can_be_made(target):
    said = subprocess.run(["make", "-n", target], cwd=paths.ROOT, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stderr


def test_the_targets_that_are_named_are_there():
    named = {shlex.split(one)[1] for one in MAKE}
    assert named <= set(TARGETS)


def test_the_modules_that_make_runs_are_there():
    makefile = (paths.ROOT / "Makefile").read_text(encoding="utf-8")
    for module in set(re.findall(r"python -m ([\w.]+)", makefile)) - {"pytest", "training."}:
        path = paths.ROOT / module.replace(".", "/")
        assert path.with_suffix(".py").is_file() or (path / "__main__.py").is_file(), module
    for name in re.search(r"^NETWORKS = (.*)", makefile, re.MULTILINE)[1].split():
        assert (paths.ROOT / "training" / f"{name}.py").is_file()


@pytest.mark.parametrize("given", ANALYSIS)
def test_a_command_of_the_package_takes_the_words_that_it_is_given(given):
    example = given.replace('accelerator="NAME"', 'accelerator="H100 SXM5"').replace("NAME", "deck")
    words = shlex.split(example)[3:]
    help_of_it = command(words[0], "--help").stdout
    for option in (word for word in words if word.startswith("--")):
        assert option.partition("=")[0] in help_of_it, option
    if words[0] in QUICK and "--html" not in words:
        command(*words)


@pytest.mark.parametrize("given", [one for one in COMMANDS if one not in MAKE and one not in ANALYSIS and "papermill" not in one])
def test_the_other_commands_start(given, unbuilt):
    if match := re.fullmatch(r"python -m pytest (tests/.*?)(?: -k [A-Z]+)?", given):
        assert all((paths.ROOT / path).exists() for path in match[1].split())
        return
    if match := re.fullmatch(r"python -m (tests\.[\w.]+)(?: [A-Z]+)*", given):
        run(paths.ROOT, "-c", f"import {match[1]}")
        return
    words, says = SHORT[given]
    done = run(unbuilt, *words, check=False)
    assert "Traceback" not in done.stderr
    assert says in done.stdout + done.stderr
    assert done.returncode == 0 or says


@pytest.mark.parametrize("given", [one for one in COMMANDS if "papermill" in one])
def test_a_notebook_that_papermill_is_asked_for_has_the_settings(given):
    _, notebook, out, *settings = shlex.split(given)
    said = run(paths.ROOT, "-m", "papermill", "--help-notebook", notebook).stdout
    for flag, name in zip(settings[::3], settings[1::3], strict=True):
        assert flag == "-p"
        assert f"  {name}:" in said, name


def test_the_benchmarks_start(unbuilt):
    programs = (path for path in (paths.ROOT / "benchmarks").glob("*.py") if "__main__" in path.read_text(encoding="utf-8"))
    for name in {path.stem for path in programs} - {"rivals"}:  # which is run by an interpreter that has them
        done = run(unbuilt, "-m", f"benchmarks.{name}", "--help", check=False)
        assert done.returncode == 0, done.stderr
        assert "usage" in done.stdout


def test_a_chapter_is_weighed_beside_the_stock_theme(small_book):
    run(small_book, "-m", "analysis", "run", "data/scenarios/deck.yml")
    build(small_book)
    said = run(small_book, "-m", "benchmarks.pages", "--stock", "book/compute-sizing", check=False).stdout  # 1: a slow machine
    assert re.search(r"^book/compute-sizing( +[\d,.]+){6}$", said, re.MULTILINE), said


def test_the_panels_repaint_is_timed(built):
    said = run(built, "-m", "benchmarks.repaint", "--moves", "20").stdout
    assert re.search(r"^4 x slower +20 +[\d.]+ +[\d.]+ +[\d.]+$", said, re.MULTILINE), said
