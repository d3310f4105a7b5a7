from urllib.parse import parse_qs, urlparse

import pytest

from analysis import paths
from analysis.report import launch, runner


@pytest.mark.parametrize("written", ["https://github.com/some-one/report.x", "https://github.com/some-one/report.x.git/"])
def test_both_addresses_lead_to_the_notebook_as_it_is_stored(written):
    found = launch.addresses(written, "a/branch", "training_estimate")
    binder, colab = urlparse(found.jupyterlab), urlparse(found.colab)
    assert binder.path == "/v2/gh/some-one/report.x/a%2Fbranch"
    opened = parse_qs(binder.query)["urlpath"][0].removeprefix("lab/tree/")
    assert paths.ROOT / opened in runner.notebooks()
    assert colab.path.endswith(f"/some-one/report.x/blob/a%2Fbranch/{opened}")
    assert f"-b a/branch {written} report" in found.colab_first


@pytest.mark.parametrize("written", ["github.com/a/b", "https://github.com/a", "https://example.org/a/b", "a/b", " "])
def test_what_is_no_repository_is_refused(written):
    with pytest.raises(launch.LaunchError, match="is not like 'https://github.com/OWNER/NAME'"):
        launch.addresses(written, "main", "training_estimate")


def test_binder_installs_what_is_locked():
    folder = paths.ROOT / ".binder"
    assert "-r requirements.lock" in (folder / "postBuild").read_text()
    assert (folder / "runtime.txt").read_text().startswith("python-3.11")
    assert (folder / "postBuild").stat().st_mode & 0o111
