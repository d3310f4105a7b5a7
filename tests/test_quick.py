from tests.quick import covering, imported

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


def test_imports_are_read_in_both_forms(tmp_path):
    path = tmp_path / "one.py"
    path.write_text("import a.b\nfrom c import d\n\ndef f():\n    from e.f import g\n")
    assert imported(path) == {"a.b", "c", "c.d", "e.f", "e.f.g"}
