"""Published iterations, each beside what is predicted of it by its own plan.

One constant is fitted to them, for chips together and apart: how much longer than its parts an iteration takes. A row is
predicted with that of the rows of other models.
"""

from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from analysis import facts
from analysis.evidence import runs
from analysis.inference import deployments
from analysis.models import architecture
from analysis.rl import iteration, rollout, update
from analysis.rl.batch import Batch
from analysis.rl.iteration import SCORES
from analysis.training import assumptions
from analysis.tuning import search
from analysis.tuning.method import Tuning
from analysis.uncertainty import intervals


def batch_of(row: Any) -> Batch:
    """Return the answers of a row of data/rl_runs.csv."""
    return Batch(int(row.prompts), int(row.samples), row.prompt_tokens, row.answer_tokens, row.longest_tokens - row.prompt_tokens)


@cache
def predicted() -> pd.DataFrame:
    """Return the usable rows with their `placement`; the `rollout`, `scoring`, `update` and `handover` that their work asks for
    and `bare`, the iteration that these make, in seconds; `predicted`, with what other models' rows take beyond that; and
    `error`, the logarithm of predicted over measured."""
    table = facts.read("rl_runs")
    table = table[table["usable"] == "yes"].reset_index(drop=True)
    table = table.assign(
        placement=np.where(table["generating_chips"].notna(), "apart", "together"),
        **pd.DataFrame([_parts(row) for row in table.itertuples()]),
    )
    longer = np.log(table["seconds"] / table["bare"])
    factor = [
        np.exp(longer[(table["placement"] == row.placement) & (table["model"] != row.model)].median())
        for row in table.itertuples()
    ]
    table = table.assign(predicted=table["bare"] * factor)
    return table.assign(error=np.log(table["predicted"] / table["seconds"]))


def beyond(placement: str) -> float:
    """Return what published iterations of the placement take over what their parts are predicted to, the median."""
    rows = predicted()
    rows = rows[rows["placement"] == placement]
    return float(np.exp(np.log(rows["seconds"] / rows["bare"]).median()))


def held_out(placement: str) -> float:
    """Return the half width that holds 80% of the errors of the placement."""
    rows = predicted()
    rows = rows[rows["placement"] == placement]
    return intervals.half_width(rows["error"], rows["source"])


def _parts(row: Any) -> dict[str, float]:
    arch, batch, tuning = architecture.load(row.model), batch_of(row), Tuning("full")
    apart = bool(np.isfinite(row.generating_chips))
    generating = int(row.generating_chips if apart else row.n_chips)
    learning = int(row.n_chips - generating if apart else row.n_chips)
    writer = deployments.deploy(
        arch, row.chip, weight_precision=row.precision, tensor=int(row.generation_tensor), padded_heads=True
    )
    copies = rollout.copied((writer,))
    seconds, place = rollout.best(copies, batch, generating, max(1, int(row.steps_off)))
    updates = int(batch.answers // row.update_answers)
    steps = runs.run(
        kind="train", metric="step_seconds", model=row.model, chip=row.chip, n_chips=learning, precision=row.precision,
        seq_len=round(batch.length), global_batch=int(row.update_answers), tp=int(row.tensor), pp=int(row.pipeline),
        cp=int(row.context), ep=int(row.expert), engine_family="Megatron-Core", date=row.date,
    )  # fmt: skip
    options, _ = assumptions.every_plan([assumptions.question(steps, arch)])
    some = update.evaluated(arch, tuning, search.evaluated(arch, options, tuning), batch, scores=SCORES, updates=updates)
    parts = iteration.parts(copies, place, seconds, some, update.best(some), apart=apart)
    return parts | {"bare": iteration.period(parts, apart=apart)}
