"""A training run planned: the model, its tokens, and chips, or the days or the dollars that it may take."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis import numerals
from analysis.arrays import PerCase
from analysis.economics import market, whole_run
from analysis.evidence import runs
from analysis.hardware import formats, machine
from analysis.models import ledger
from analysis.plan import measured as measured_rows
from analysis.plan import training_search
from analysis.plan.chip import Chip
from analysis.plan.cost import Cost, cost
from analysis.plan.interval import Interval, PlanError
from analysis.plan.measured import Measured
from analysis.plan.model import Model
from analysis.plan.training_search import Answers, TrainingQuestion
from analysis.scenarios import sizing
from analysis.suggest import nearest
from analysis.training import assumptions, footprint, plans, step_time
from analysis.training.fitted import CONSTANTS, HALF_WIDTHS
from analysis.uncertainty import intervals

#: Tokens of a sequence where none are said, up to what the model can attend to.
SEQUENCE = assumptions.SEQUENCE["since 2023"]


@dataclass(frozen=True)
class TrainingPlan:
    """What a training run takes. `parts` are the seconds of a step, `memory` the bytes of a chip, by what they go to."""

    model: Model
    chip: Chip
    precision: str
    tokens: float
    sequence: float
    batch_tokens: float
    chips: Interval
    days: Interval
    chip_hours: Interval
    cost: Cost
    step_seconds: Interval
    tokens_per_second_per_chip: Interval
    model_flops_utilization: Interval
    sustained: Interval
    plan: str
    parallelism: dict[str, float]
    parts: dict[str, float]
    memory: dict[str, float]
    memory_bytes: Interval
    assumed: tuple[str, ...]
    basis: str

    @property
    def fits(self) -> bool:
        """Whether the fullest chip holds what is predicted; a plan that is returned does."""
        return self.memory_bytes.expected <= step_time.USABLE_MEMORY * self.chip.memory_bytes

    @property
    def sentence(self) -> str:
        """The answer in words."""
        dollars = "" if self.cost.dollars is None else f", for {self.cost.dollars.written(_digits(2))} dollars"
        return (
            f"{numerals.whole(self.chips.expected)} {self.chip.name} train {self.model.name} on "
            f"{numerals.words(self.tokens)} tokens in {self.days.written(_digits(3))} days{dollars}."
        )


def plan_training(
    model: Model,
    chip: Chip,
    tokens: float,
    *,
    chips: float | None = None,
    days: float | None = None,
    dollars: float | None = None,
    precision: str | None = None,
    sequence: float | None = None,
    batch_tokens: float | None = None,
    engine: str | None = None,
    measured: Measured | None = None,
) -> TrainingPlan:
    """Return the fastest plan of training `model` on `tokens`: on `chips`, or on the fewest that are done within `days`,
    or on the most whose rent (else whose cost of owning) stays within `dollars`; exactly one of the three is given.

    `precision` is that of matrix products, the chip's usual 16-bit format if left out; `sequence` and `batch_tokens` are in
    tokens; `engine` is one of data/runs.csv's families; rows `measured` on one's own stack, in the format of data/runs.csv,
    shift and narrow the intervals. Chips that divide badly are left idle. Raises PlanError, naming what would work.
    """
    question, assumed = _question(model, chip, tokens, precision, sequence, batch_tokens, engine, measured)
    given = {name: value for name, value in (("chips", chips), ("days", days), ("dollars", dollars)) if value is not None}
    if len(given) != 1:
        said = " and ".join(given) or "none"
        raise PlanError(f"give exactly one of chips, days and dollars; given: {said}")
    ((asked, amount),) = given.items()
    if not np.isfinite(amount) or amount <= 0:
        raise PlanError(f"{asked} = {amount:g} is not above 0")
    if asked == "chips":
        answer, range_ = _on(question, amount), None
        if answer.chips[0] < amount:
            idle = amount - answer.chips[0]
            assumed.append(f"{idle:g} of {amount:,.15g} chips stay idle: {answer.chips[0]:,.0f} are faster, or divide better")
    elif asked == "days":
        answer, range_ = _within_days(question, amount)
    else:
        answer, range_ = _within_dollars(question, amount), None
    return _plan(model, chip, question, answer, range_, assumed)


def curve(
    model: Model, chip: Chip, tokens: float, *, precision: str | None = None, sequence: float | None = None,
    batch_tokens: float | None = None, engine: str | None = None, measured: Measured | None = None,
) -> pd.DataFrame:  # fmt: skip
    """Return one row a number of chips that can hold the model, of those that are tried: what its fastest plan takes.

    Columns: `chips`, `days`, `chip_hours`, `rent` and `owned` (dollars, NaN where no price is known), each with `low_` and
    `high_`; `megawatt_hours`, `model_flops_utilization` (of steps), `sustained` (6 N D over the whole run), `goodput` (time of
    all steps over the time that the run takes), and `plan` with its sizes. Raises PlanError.
    """
    question, _ = _question(model, chip, tokens, precision, sequence, batch_tokens, engine, measured)
    tried = training_search.answers(question, training_search.sizes(digits=4))
    steps, rates = tried.steps, market.rates(chip.name)
    hours = tried.wall_clock * tried.chips / whole_run.HOUR
    peak, run = steps.machine.peak * tried.chips, tried.wall_clock_width
    joules = whole_run.energy_joules(hours, rates.chip_watts, rates.server_share, rates.power_usage_effectiveness)
    flop = sizing.training_flop(ledger.active_parameters(model.architecture), tokens)
    rent = [intervals.combined(run, spread) for spread in rates.rental_spread]
    owned = [intervals.combined(run, spread) for spread in rates.owned_spread]
    return pd.DataFrame({
        "chips": tried.chips.astype(int),
        **_spread("days", tried.wall_clock / whole_run.DAY, run, run),
        **_spread("chip_hours", hours, run, run),
        **_spread("rent", hours * rates.dollars_per_chip_hour, *rent),
        **_spread("owned", hours * rates.owned_hour, *owned),
        "megawatt_hours": joules / 3.6e9,
        "model_flops_utilization": footprint.model_flop(steps, causal=True) / (tried.step_seconds * peak),
        "sustained": flop / (tried.wall_clock * peak),
        "goodput": tokens / steps.tokens * tried.step_seconds / tried.wall_clock,
        "steps_per_second": steps.tokens / tried.step_seconds,
        "plan": [plans.written(steps, index) for index in range(len(steps))],
        **{name: getattr(steps.plan, name).astype(int) for name in ("tensor", "pipeline", "data", "expert")},
    })  # fmt: skip


def _spread(name: str, values: PerCase, below: PerCase, above: PerCase) -> dict[str, PerCase]:
    """Return a column and those of the ends of its interval, by name."""
    return {name: values, f"low_{name}": values * np.exp(-below), f"high_{name}": values * np.exp(above)}


def pareto(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of `curve` that no other is both faster and cheaper to rent than, by days."""
    ordered = table.sort_values(["days", "rent"]).reset_index(drop=True)
    better = ordered["rent"] < ordered["rent"].cummin().shift(fill_value=np.inf)
    return ordered[better].reset_index(drop=True)


def _question(
    model: Model, chip: Chip, tokens: float, precision: str | None, sequence: float | None, batch_tokens: float | None,
    engine: str | None, measured: Measured | None,
) -> tuple[TrainingQuestion, list[str]]:  # fmt: skip
    """Return what is asked, and what was assumed for what is not said. Raises PlanError."""
    for name, value, least in (("tokens", tokens, 0), ("sequence", sequence, 1), ("batch_tokens", batch_tokens, 1)):
        if value is not None and not (np.isfinite(value) and value >= least and value > 0):
            raise PlanError(f"{name} = {value:g} is not {f'at least {least}' if least else 'above 0'}")
    families = runs.columns()["engine_family"].allowed
    if engine is not None and engine not in families:
        raise PlanError(f"engine {engine!r} is not known{nearest(engine, families)} valid: {', '.join(families)}")
    assumed = list(chip.assumed)
    if precision is None:
        precision = chip.precision
        assumed.append(f"matrix products in {machine.PRECISIONS[precision][0]}")
    precision = formats.named(precision)
    if sequence is None:
        longest = model.architecture.learned_positions or np.inf
        sequence = float(min(SEQUENCE, longest))
        assumed.append(f"sequences of {sequence:,.0f} tokens")
    if engine is None:
        assumed.append(f"software that is not named, as of {training_search.YEAR}")
    seen = None if measured is None else measured_rows.of_training(measured)
    question = TrainingQuestion(model.architecture, chip.name, precision, tokens, sequence, batch_tokens, engine, seen)
    return question, assumed


def _on(question: TrainingQuestion, chips: float) -> Answers:
    """Return the fastest plan on up to so many chips. Raises PlanError, saying how many would hold the model."""
    if chips < 1:
        raise PlanError(f"chips = {chips:g} is not at least 1")
    tried = training_search.up_to(min(chips, training_search.MOST_CHIPS))
    try:
        return _fastest(training_search.answers(question, tried))
    except PlanError as exc:
        enough = _fewest(question, chips)
        raise PlanError(f"{exc}; {enough} would" if enough else str(exc)) from exc


def _fewest(question: TrainingQuestion, chips: float) -> str:
    """Return the fewest chips, beyond `chips`, that hold the model, as text; "" if none tried does."""
    try:
        return f"{training_search.answers(question, training_search.sizes(least=chips)).chips[0]:,.0f}"
    except PlanError:
        return ""


def _fastest(answers: Answers) -> Answers:
    """Return the fastest; of equals, the one on the fewest chips."""
    return answers.take([int(np.argmin(answers.wall_clock))])


def _fewest_within(answers: Answers, seconds: float, factor: Callable[[Answers], PerCase]) -> int | None:
    """Return the position of the fewest chips whose wall clock times `factor` is within `seconds`, or None."""
    within = np.asarray(answers.wall_clock * factor(answers) <= seconds)
    return int(np.argmax(within)) if within.any() else None


def _within_days(question: TrainingQuestion, days: float) -> tuple[Answers, tuple[float, float]]:
    """Return the plan on the fewest chips that is done in time, and the numbers at both ends of the interval."""
    coarse = training_search.answers(question, training_search.sizes(digits=4))
    seconds = days * whole_run.DAY
    at: list[float] = []
    best: Answers | None = None
    for sign in (-1, 0, 1):

        def factor(some: Answers, sign: int = sign) -> PerCase:
            return np.exp(sign * np.asarray(some.wall_clock_width))

        place = _fewest_within(coarse, seconds, factor)
        if place is None:
            at.append(np.inf)
            continue
        last, before = coarse.chips[place], coarse.chips[place - 1] if place else 0
        between = tuple(size for size in training_search.sizes(last, training_search.FINE, before + 1))
        fine = training_search.answers(question, between or (int(last),))
        inside = _fewest_within(fine, seconds, factor)
        chosen = coarse.take([place]) if inside is None else fine.take([inside])
        at.append(float(chosen.chips[0]))
        best = chosen if sign == 0 else best
    if best is None:
        fastest = _fastest(coarse)
        raise PlanError(
            f"days = {days:g}: no number of {question.chip} up to {training_search.MOST_CHIPS:,} trains "
            f"{question.architecture.name} on {numerals.words(question.tokens)} tokens in time; the fastest takes "
            f"{numerals.significant(fastest.wall_clock[0] / whole_run.DAY)} days on {fastest.chips[0]:,.0f}"
        )
    return best, (at[0], at[2])


def _within_dollars(question: TrainingQuestion, dollars: float) -> Answers:
    """Return the fastest plan whose chip-hours cost at most `dollars`. Raises PlanError, saying what the cheapest costs."""
    rates = market.rates(question.chip)
    hour = rates.dollars_per_chip_hour if np.isfinite(rates.dollars_per_chip_hour) else rates.owned_hour
    if not np.isfinite(hour):
        raise PlanError(
            f"dollars: no price of {question.chip} is known; give its rent or its purchase price, or chips or days instead"
        )
    tried = training_search.answers(question, training_search.sizes(digits=4))
    bill = tried.wall_clock / whole_run.HOUR * tried.chips * hour
    within = np.flatnonzero(bill <= dollars)
    if not len(within):
        cheapest = int(np.argmin(bill))
        raise PlanError(
            f"dollars = {dollars:,.0f} are too few: the cheapest run costs {numerals.words(bill[cheapest], 2)} dollars, on "
            f"{tried.chips[cheapest]:,.0f} x {question.chip} in "
            f"{numerals.significant(tried.wall_clock[cheapest] / whole_run.DAY)} days"
        )
    return _fastest(tried.take(within))


def _plan(
    model: Model, chip: Chip, question: TrainingQuestion, answer: Answers, ends: tuple[float, float] | None, assumed: list[str]
) -> TrainingPlan:
    steps = answer.steps
    chips, run_width, step_width = steps.chips.item(), float(answer.wall_clock_width[0]), float(answer.step_width[0])
    seconds, wall_clock = float(answer.step_seconds[0]), float(answer.wall_clock[0])
    hours = Interval.around(wall_clock * chips / whole_run.HOUR, run_width)
    peak = steps.machine.peak.item()
    utilization = footprint.model_flop(steps, causal=True).item() / (seconds * chips * peak)
    flop = sizing.training_flop(ledger.active_parameters(model.architecture), question.tokens)
    parts = step_time.step_parts(steps, CONSTANTS)
    scale = seconds / sum(np.asarray(value).sum() for value in parts.values())
    if question.batch_tokens is None:
        batch = steps.global_batch.item()
        assumed = [*assumed, f"batches of {batch:,.0f} sequences, {numerals.words(batch * question.sequence, 2)} tokens"]
    return TrainingPlan(
        model=model,
        chip=chip,
        precision=question.precision,
        tokens=question.tokens,
        sequence=question.sequence,
        batch_tokens=steps.tokens.item(),
        chips=Interval(chips, chips, chips) if ends is None else Interval(ends[0], chips, ends[1]),
        days=Interval.around(wall_clock / whole_run.DAY, run_width),
        chip_hours=hours,
        cost=cost(chip.name, hours),
        step_seconds=Interval.around(seconds, step_width),
        tokens_per_second_per_chip=Interval.around(steps.tokens.item() / seconds / chips, step_width),
        model_flops_utilization=_share(Interval.around(utilization, step_width)),
        sustained=_share(Interval.around(flop / (wall_clock * chips * peak), run_width)),
        plan=plans.written(steps),
        parallelism={name: getattr(steps.plan, name).item() for name in plans.FIELDS},
        parts={name: np.asarray(value, dtype=float).item() * scale for name, value in parts.items()},
        memory={name: float(np.asarray(value).item()) for name, value in footprint.memory_parts(steps).items()},
        memory_bytes=Interval.around(float(answer.memory[0]), HALF_WIDTHS["memory"]),
        assumed=tuple(assumed),
        basis=_basis(answer),
    )


def _share(interval: Interval) -> Interval:
    """Return the interval of a share, which ends at 1."""
    return Interval(*(min(value, 1.0) for value in (interval.low, interval.expected, interval.high)))


def _basis(answer: Answers) -> str:
    known = (
        "no published run has such layers, so the interval is the widest"
        if answer.steps.shape.unmeasured[0] > 0
        else ("the errors on published runs of sources that were held out")
    )
    return f"80% interval; it rests on {known}"


def _digits(count: int) -> Callable[[float], str]:
    return lambda value: numerals.words(value, count)
