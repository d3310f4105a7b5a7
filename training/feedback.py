"""Learn from feedback with several amounts of comparisons and penalties, from several seeds: `python -m training.feedback`.

Everything is drawn anew by the seed: demonstrations, comparisons and first weights. Writes
`data/generated/feedback.csv`. NumPy alone, on one thread some five minutes.
"""

from collections.abc import Iterable, Iterator

from analysis.feedback import optima, rlhf
from analysis.feedback.rlhf import Feedback
from training import written

COMPARISONS = (500, 1_000, 2_000, 4_000)
PENALTIES = (0.0, 0.03, 0.1, 0.3, 1.0)
ANSWERS = (4, 16, 64, 256, 1_024, 4_096)
BEST_PENALTIES = (0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0)
SEEDS = range(8)


def measured(comparisons: Iterable[int] = COMPARISONS, seeds: Iterable[int] = SEEDS) -> Iterator[dict[str, object]]:
    """Yield a row for each policy that is measured; `strength` is the penalty, or the answers of which the best is taken."""
    for count in comparisons:
        for seed in seeds:
            found = rlhf.judged(Feedback(comparisons=count, seed=seed))
            same = {"comparisons": count, "seed": seed, "agreement": found.agreement, "ceiling": found.ceiling}
            for penalty in PENALTIES:
                for row in rlhf.followed(found, penalty, seed)[1].to_dict("records"):
                    yield same | {"way": "PPO", "strength": penalty} | row
            for n in ANSWERS:
                row = rlhf.measured(optima.best_of(found.log_q, found.scored, n), found)
                yield same | {"way": "Best of n", "strength": n, "iteration": 0} | row
            for penalty in BEST_PENALTIES:
                row = rlhf.measured(optima.tilted(found.log_q, found.scored, penalty), found)
                yield same | {"way": "Optimum", "strength": penalty, "iteration": 0} | row


if __name__ == "__main__":
    written.table("feedback", measured(), __doc__)
