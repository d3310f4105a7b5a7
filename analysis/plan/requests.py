"""What is asked of a service: how many requests, how long, and how uneven."""

from dataclasses import dataclass

from analysis.plan.interval import PlanError
from analysis.serving import serving_queue, serving_ranges
from analysis.serving.demand import DAY_SECONDS, Demand, DemandError
from analysis.serving.serving_queue import ServingError


@dataclass(frozen=True)
class Requests:
    """Requests of a service: mean tokens of `prompt` and `answer`, and how many come `per_second` on the mean of the day.

    A share `cached` of a prompt is known from an earlier request. `spread` is the squared coefficient of variation of
    lengths (variance over the mean squared), `peak_to_mean` the load of the busiest hour over the day's mean. `unsure` names
    those of `prompt_tokens`, `answer_tokens`, `fresh` and `peak_to_mean` that were assumed: intervals then hold their ranges.
    """

    prompt: float
    answer: float
    per_second: float
    cached: float = 0.0
    spread: float = serving_ranges.VARIATION
    peak_to_mean: float = 1.0
    unsure: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        known = ("prompt_tokens", "answer_tokens", "fresh", "peak_to_mean")
        for name in self.unsure:
            if name not in known:
                raise PlanError(f"unsure: {name!r} is not one of {', '.join(known)}")
        try:
            serving_queue.Requests(self.prompt, self.answer, self.cached, self.spread, self.spread)
            Demand(self.per_second * DAY_SECONDS, self.prompt, self.answer, self.cached, self.peak_to_mean)
        except (ServingError, DemandError) as exc:
            raise PlanError(f"requests: {exc}") from exc

    @property
    def lengths(self) -> serving_queue.Requests:
        """The requests as a queue takes them."""
        return serving_queue.Requests(self.prompt, self.answer, self.cached, self.spread, self.spread)

    @property
    def day(self) -> Demand:
        """The day that they make."""
        return Demand(self.per_second * DAY_SECONDS, self.prompt, self.answer, self.cached, self.peak_to_mean)
