import numpy as np
import pytest

from analysis import paths
from analysis.networks import weights


def test_weights_are_read_by_name(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "WEIGHTS", tmp_path)
    np.savez(tmp_path / "small.npz", a=np.arange(3))
    np.testing.assert_array_equal(weights.load("small")["a"], [0, 1, 2])
    with pytest.raises(weights.WeightsError, match=r"smal.npz is missing; did you mean 'small'\?; `make weights` trains"):
        weights.load("smal")


@pytest.mark.parametrize("name", weights.names())
def test_weights_are_small_and_have_a_log_with_its_origin(name):
    assert (paths.WEIGHTS / f"{name}.npz").stat().st_size <= 5e6
    assert (paths.WEIGHTS / f"{name}_log.origin.yml").is_file()
