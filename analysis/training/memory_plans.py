"""Plans to spread the training of one model, and the memory that each takes of one accelerator."""

from dataclasses import asdict, fields

import pandas as pd

from analysis.arrays import PerCase
from analysis.models import memory
from analysis.models.architecture import Architecture
from analysis.models.parallelism import Parallelism

#: As Megatron-LM kept activations before fused attention: scores are kept, with dropout (Korthikanti et al. 2022).
UNFUSED = memory.Stored(fused_attention=False, dropout=True)
PARTS = [field.name for field in fields(memory.Memory)]

#: One accelerator, by what is recomputed.
ON_ONE = {f"{name} recomputation".capitalize(): Parallelism(recomputation=name) for name in ("none", "selective", "full")}
ON_ONE = {name.replace("None", "No"): plan for name, plan in ON_ONE.items()}
#: The same 64 accelerators, used in one way or another; 8 are a server.
OVER_64 = {
    "Data 64": Parallelism(data=64),
    "ZeRO 1 over 64": Parallelism(data=64, zero=1),
    "ZeRO 2 over 64": Parallelism(data=64, zero=2),
    "Tensor 8, data 8": Parallelism(tensor=8, data=8),
    "Pipeline 32, data 2": Parallelism(pipeline=32, data=2),
    "ZeRO 3 over 64": Parallelism(data=64, zero=3),
    "Tensor 8, pipeline 8": Parallelism(tensor=8, pipeline=8),
    "Tensor 8, pipeline 8, selective recomputation": Parallelism(tensor=8, pipeline=8, recomputation="selective"),
    "ZeRO 3 over 64, full recomputation": Parallelism(data=64, zero=3, recomputation="full"),
}
#: Plans that come near what one accelerator holds.
NEAR = {
    "Tensor 8, pipeline 8": OVER_64["Tensor 8, pipeline 8"],
    "the same, selective recomputation": OVER_64["Tensor 8, pipeline 8, selective recomputation"],
    "the same, full recomputation": Parallelism(tensor=8, pipeline=8, recomputation="full"),
    "selective, 8 replicas, ZeRO 1": Parallelism(tensor=8, pipeline=8, data=8, zero=1, recomputation="selective"),
    "ZeRO 3 over 64, full recomputation": OVER_64["ZeRO 3 over 64, full recomputation"],
    "ZeRO 3 over 512, full recomputation": Parallelism(data=512, zero=3, recomputation="full"),
}


def compare(architecture: Architecture, plans: dict[str, Parallelism], sequence: int) -> pd.DataFrame:
    """Return one row a plan: its `chips`, and the bytes of each part, and their `total`, on the fullest accelerator."""
    rows = []
    for name, plan in plans.items():
        held = memory.training_memory(architecture, plan, sequence, stored=UNFUSED)
        rows.append({"plan": name, "chips": plan.chips} | asdict(held) | {"total": held.total})
    return pd.DataFrame(rows)


def by_part(architecture: Architecture, plans: dict[str, Parallelism], sequence: int) -> pd.DataFrame:
    """Return one row a plan and part: its bytes are `fixed` + micro_batch x s (`linear` + `quadratic` x s).

    s is the sequence length. The part is that of the pipeline stage which is fullest at `sequence`.
    """
    rows = []
    for name, plan in plans.items():
        totals = [_held(architecture, plan, sequence, stage).total for stage in range(plan.pipeline)]
        stage = totals.index(max(totals))
        at_none, at_1024, at_2048 = (_held(architecture, plan, length, stage) for length in (0, 1024, 2048))
        for part in PARTS:
            fixed, first, second = (float(getattr(held, part)) for held in (at_none, at_1024, at_2048))
            quadratic = (second - 2 * first + fixed) / (2 * 1024**2)
            linear = (first - fixed) / 1024 - 1024 * quadratic
            rows.append({"plan": name, "part": part, "fixed": fixed, "linear": linear, "quadratic": quadratic})
    return pd.DataFrame(rows)


def bytes_at(fixed: PerCase, linear: PerCase, quadratic: PerCase, micro_batch: PerCase, sequence: PerCase) -> PerCase:
    """Bytes of a part of `by_part` at a micro-batch and a sequence length."""
    return fixed + micro_batch * sequence * (linear + quadratic * sequence)


def _held(architecture: Architecture, plan: Parallelism, sequence: int, stage: int) -> memory.Memory:
    return memory.stage_memory(architecture, plan, sequence, stage, stored=UNFUSED)
