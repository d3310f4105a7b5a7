"""Training steps for tests, from the cells of a row of runs; and what a person may have written into these."""

import pandas as pd
from hypothesis import strategies as st

from analysis import facts
from analysis.evidence import runs
from analysis.steps.step import Steps
from analysis.training import assumptions
from analysis.training.constants import Constants
from analysis.training.fitted import CONSTANTS
from analysis.validation.predict import PREDICTED, predict

ROW = {
    "kind": "train", "model": "GPT-3-175B", "chip": "H100 SXM5", "precision": "bf16", "seq_len": "2048",
    "global_batch": "512", "micro_batch": "1", "tp": "1", "pp": "1", "vp": "1", "dp": "8", "cp": "1", "ep": "1",
    "sharding": "zero1", "recompute": "none", "engine": "Megatron-Core", "metric": "step_seconds", "date": "2025",
}  # fmt: skip


def row(**cells):
    """Return a row of runs, with the chips that its plan takes."""
    result = ROW | cells
    chips = 1
    for name in ("tp", "pp", "dp", "cp"):
        chips *= int(result[name] or 1)
    return {"n_chips": str(chips)} | result


def case(constants: Constants = CONSTANTS, **cells) -> Steps:
    """Return one training step; what `cells` do not say is as in ROW."""
    return assumptions.decide([assumptions.question(runs.parsed(row(**cells)))], constants)[0]


def any_cells() -> st.SearchStrategy[dict[str, str]]:
    """Return cells of a row that a person may have written, right or wrong."""
    return st.dictionaries(
        st.sampled_from(sorted(set(facts.origin("runs").columns) - {"run_id"})),
        st.sampled_from(["", "0", "1", "3", "8", "64", "-1", "0.5", "1e9", "1e300", "nan", "inf", "x", " 8 ", "1,024"]),
        max_size=6,
    )


def assert_comes_back(cells: dict[str, str]) -> None:
    """Assert that a row is predicted within its interval, or comes back with a reason."""
    result = predict(pd.DataFrame([cells]))
    assert len(result) == 1
    if result["status"].item() == PREDICTED:
        assert 0 < result["low"].item() < result["predicted"].item() < result["high"].item() < float("inf")
    else:
        assert result["predicted"].isna().item() and result["status"].item()
