"""One batch on ever more chips: the best plan for each number, as planned."""

import pandas as pd

from analysis import numerals
from analysis.models import architecture
from analysis.plan import training_search
from analysis.plan.interval import PlanError
from analysis.plan.training_search import TrainingQuestion
from analysis.training import footprint, plans
from analysis.training.plans import PlanSettings

#: Batches and numbers of chips that are compared, as multiples of those given.
BATCH_TIMES = (0.25, 1.0, 4.0)
CHIP_TIMES = tuple(factor * 2.0**power for power in range(-4, 5) for factor in (1, 1.5))


def by_batch(chosen: PlanSettings) -> pd.DataFrame:
    """Return the best plan for numbers of chips, for each multiple of the batch (`times`, and `batch` as text).

    Further columns: `chips`, `utilization` of a step (model FLOP, attention causal), `micro_batch` and `plan`.
    """
    chips = tuple(sorted({int(chosen.chips * factor) for factor in CHIP_TIMES if (chosen.chips * factor) % 1 == 0}))
    frames = []
    for times in BATCH_TIMES:
        batch = round(chosen.global_batch * times) * chosen.sequence
        question = TrainingQuestion(
            architecture.load(chosen.model), chosen.chip, chosen.number_format, batch, chosen.sequence, batch_tokens=batch
        )
        try:
            answers = training_search.answers(question, chips)
        except PlanError:
            continue
        steps = answers.steps
        flop = footprint.model_flop(steps, causal=True)
        frames.append(pd.DataFrame({
            "chips": answers.chips.astype(int),
            "utilization": flop / (answers.step_seconds * steps.machine.peak * answers.chips),
            "micro_batch": steps.plan.micro_batch,
            "plan": [plans.written(steps, index) for index in range(len(steps))],
            "times": times,
            "batch": f"{numerals.words(batch, 2)} tokens a step",
        }))  # fmt: skip
    return pd.concat(frames, ignore_index=True)
