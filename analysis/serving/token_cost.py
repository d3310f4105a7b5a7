"""Dollars per million tokens, by rental or ownership of the chips; published prices; and DeepSeek's day recomputed."""

from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

from analysis import facts
from analysis.arrays import PerCase
from analysis.bounds import within
from analysis.economics import whole_run
from analysis.economics.market import facility
from analysis.inference import deployments, pass_time
from analysis.inference.deployments import Deployment, deploy
from analysis.serving.demand import DAY_SECONDS, Demand, published_parts

MILLION = 1e6


class TokenCostError(ValueError):
    """A cost that can't be computed; the message names the quantity and what is allowed."""


@dataclass(frozen=True)
class TokenCost:
    """Dollars per million tokens of prompts (cached ones counted), of answers, and of both as they come; arrays too."""

    input: PerCase
    output: PerCase
    blended: PerCase


def of_speeds(
    dollars_per_chip_hour: PerCase,
    input_per_second: PerCase,
    output_per_second: PerCase,
    output_share: PerCase,
    use: PerCase = 1.0,
) -> TokenCost:
    """Return the cost where separate chips read and write, each so many tokens a second.

    `output_share` is the share of answers among all tokens; chips are paid for also while they idle, and `use` (0 to 1)
    is the share of the paid time that the load needs.
    """
    for name, value in (("input_per_second", input_per_second), ("output_per_second", output_per_second)):
        within(TokenCostError, name, value, 1e-12)
    within(TokenCostError, "dollars_per_chip_hour", dollars_per_chip_hour, 0)
    within(TokenCostError, "output_share", output_share, 0, 1)
    within(TokenCostError, "use", use, 1e-6, 1)
    second = dollars_per_chip_hour / whole_run.HOUR / use
    read, written = (second / speed * MILLION for speed in (input_per_second, output_per_second))
    return TokenCost(read, written, read * (1 - output_share) + written * output_share)


@cache
def _prices() -> pd.DataFrame:
    rows = facts.read("api_prices")
    rows["date"] = [pd.Period(date).start_time for date in rows["date"]]
    return rows.sort_values("date", ignore_index=True)


def published_prices(output_share: float = 0.25, cached: float = 0.0) -> pd.DataFrame:
    """Return data/api_prices.csv by date, with `blended` dollars per million tokens.

    Of all tokens `output_share` are answers; of those of prompts `cached` are known, and cost the full price where no
    other is published. A quarter of answers is how Artificial Analysis and Epoch AI blend prices.
    """
    within(TokenCostError, "output_share", output_share, 0, 1)
    within(TokenCostError, "cached", cached, 0, 1)
    rows = _prices().copy()
    known = rows["usd_per_million_cached_input"].fillna(rows["usd_per_million_input"])
    prompts = rows["usd_per_million_input"] * (1 - cached) + known * cached
    rows["blended"] = prompts * (1 - output_share) + rows["usd_per_million_output"] * output_share
    return rows


# DeepSeek's day ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Day:
    """DeepSeek's day of 28 February 2025: what its engineers published, or what the model predicts for it."""

    input_per_second_and_node: float
    output_per_second_and_node: float
    reading_nodes: float
    writing_nodes: float
    dollars: float

    @property
    def nodes(self) -> float:
        """Servers of eight chips, on the mean of the day."""
        return self.reading_nodes + self.writing_nodes


_CHIPS_PER_NODE = 8
#: Tokens of prompts that a chip reads in one step; the rate hardly depends on it.
_READ_AT_ONCE = 8192


def deepseek_demand() -> Demand:
    """Return the demand of that day, its requests as long as the context that answers were written at."""
    tokens = published_parts("DeepSeek")
    read, written = tokens["input"], tokens["output"]
    prompt = facility("DeepSeek average context of a decode step")
    nodes = facility("DeepSeek peak nodes") / facility("DeepSeek V3/R1 inference fleet, average")
    questions = read / prompt
    cached = facility("DeepSeek input tokens known from the cache") / read
    return Demand(questions, prompt, written / questions, cached, nodes)


def deepseek_deployments() -> tuple[Deployment, Deployment]:
    """Return a group that reads and one that writes.

    DeepSeek spreads experts over 32 and 144 chips, with 32 copies of busy ones; here 256 experts lie on 32 and 128
    chips, so that a writing chip has two of them, as there.
    """
    reader, writer = (
        deploy(
            "DeepSeek-V3", "H800 SXM5", data=groups, expert=groups, weight_precision="fp8", cache_precision="bf16",
            engine="SGLang",
        )
        for groups in (32, 128)
    )  # fmt: skip
    return reader, writer


def deepseek_published() -> Day:
    """Return what DeepSeek published; its speeds and tokens give its nodes to a thousandth."""
    day = deepseek_demand()
    speeds = facility("DeepSeek prefill throughput per node"), facility("DeepSeek decode throughput per node")
    return _day(day, *speeds, facility("DeepSeek cost a day"))


def deepseek_predicted() -> Day:
    """Return what the model of decode and prefill steps predicts, at the speed that users saw.

    The largest batch whose steps are as fast as the published 20 to 22 tokens a second, at the published context and
    share of cached prompts. The day's speeds, nodes and cost do not go in; but two profiles of the same system, which
    DeepSeek published too, are among the rows that the constants were fitted to.
    """
    day = deepseek_demand()
    reader, writer = deepseek_deployments()
    step = 1 / facility("DeepSeek output speed")
    batches = np.arange(1, deployments.largest_batch(writer, day.prompt_tokens) / writer.chips + 1) * writer.chips
    seconds = pass_time.decode_seconds(writer, batches, day.prompt_tokens)
    if not (seconds <= step).any():
        raise TokenCostError(f"no batch writes a token in {step:.3g} s; the smallest takes {seconds.min():.3g} s")
    batch = batches[seconds <= step].max()
    written = batch / pass_time.decode_seconds(writer, batch, day.prompt_tokens) / writer.chips
    tokens = _READ_AT_ONCE * reader.chips
    read = tokens / pass_time.step_seconds(reader, tokens, 0.0, day.prompt_tokens) / reader.chips
    speeds = (float(np.ravel(speed)[0]) * _CHIPS_PER_NODE for speed in (read / (1 - day.cached), written))
    return _day(day, *speeds)


def _day(day: Demand, read: float, written: float, dollars: float | None = None) -> Day:
    """Return the day at these tokens a second and node; cached prompts are counted as read."""
    reading, writing = [tokens / DAY_SECONDS / speed for tokens, speed in (
        (day.input_tokens_per_day, read), (day.output_tokens_per_day, written)
    )]  # fmt: skip
    return Day(read, written, reading, writing, node_dollars(reading + writing) if dollars is None else dollars)


def node_dollars(nodes: float) -> float:
    """Return the dollars of a day of so many of DeepSeek's nodes, at the price of a chip's hour that it names."""
    hours = nodes * _CHIPS_PER_NODE * DAY_SECONDS / whole_run.HOUR
    dollars: float = whole_run.rental_cost(hours, facility("DeepSeek price of a GPU-hour"))
    return dollars
