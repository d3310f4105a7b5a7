from types import SimpleNamespace

from tests.conftest import book_last
from tests.quick import covering, imported, users

TESTS = {
    "tests/test_units.py": {"analysis.units"},
    "tests/training/test_step_time.py": {"analysis.training", "analysis.training.step_time", "analysis.units", "numpy"},
    "tests/lint/test_prose.py": {"lint.prose", "lint"},
    "tests/test_book.py": {"tests.opened"},
}


def test_a_modules_mirror_comes_before_those_that_import_it():
    assert covering(["analysis/units.py"], TESTS) == ["tests/test_units.py", "tests/training/test_step_time.py"]
    assert covering(["analysis/training/step_time.py"], TESTS) == ["tests/training/test_step_time.py"]
    assert covering(["analysis/training/__init__.py"], TESTS) == ["tests/training/test_step_time.py"]


def test_what_is_outside_the_package_has_its_tests_too():
    assert covering(["lint/prose.py"], TESTS) == ["tests/lint/test_prose.py"]
    assert covering(["tests/opened.py"], TESTS) == ["tests/test_book.py"]
    assert covering(["tests/test_book.py"], TESTS) == ["tests/test_book.py"]
    assert covering(["README.md", "data/demand.csv"], TESTS) == []


def test_a_module_without_tests_is_tested_by_what_uses_it():
    modules = {"analysis/training/links.py": {"analysis.reading"}, "analysis/units.py": {"analysis.training.links"}}
    assert users("analysis/reading.py", TESTS, modules) == {"analysis/units.py"}
    assert users("analysis/units.py", TESTS, modules) == {"analysis/units.py"}
    assert users("README.md", TESTS, modules) == set()


def test_imports_are_read_in_both_forms(tmp_path):
    path = tmp_path / "one.py"
    path.write_text("import a.b\nfrom c import d\n\ndef f():\n    from e.f import g\n")
    assert imported(path) == {"a.b", "c", "c.d", "e.f", "e.f.g"}


def test_two_processes_begin_with_what_waits_for_no_book():
    items = [SimpleNamespace(name=name, fixturenames=[name]) for name in ("a1", "html", "a2", "built", "a3", "a4", "html")]
    ordered = [item.name for item in book_last(items)]
    assert ordered == ["a1", "a2", "html", "a3", "a4", "built", "html"]
    assert book_last([]) == []
