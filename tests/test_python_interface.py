"""The page of public names: every name with its docstring, and nothing that is not there."""

from sphinx.cmd.build import build_main

import analysis
from analysis import paths


def test_every_public_name_is_described(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(paths.ROOT / "book" / "_ext")
    (tmp_path / "conf.py").write_text('extensions = ["python_interface"]\nhtml_theme = "basic"\n')
    (tmp_path / "index.rst").write_text("Page\n====\n\n.. python-interface::\n")
    assert build_main(["-q", "-W", str(tmp_path), str(tmp_path / "out")]) == 0
    page = (tmp_path / "out" / "index.html").read_text()
    for markup, plain in (('<span class="pre">', ""), ("</span>", ""), ("&#39;", "'")):
        page = page.replace(markup, plain)
    for name in analysis.__all__:
        assert f">{name}" in page, name
    for said in ("exactly one of the three is given", "replace(**changes)", "plan_training(model, chip, tokens, *, chips=None"):
        assert said in page
