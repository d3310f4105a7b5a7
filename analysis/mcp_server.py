"""The planner as tools for programs: a server of the Model Context Protocol over standard input and output.

It answers as the command `plan` does, with the same fields, messages and numbers. Nothing in it reaches the network. The
protocol's own SDK is an extra: `pip install '.[mcp]'`.
"""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError

from analysis import plan_command
from analysis.economics import market
from analysis.hardware import accelerators, machine
from analysis.models import architecture, report
from analysis.plan import answer
from analysis.plan.chip import Chip
from analysis.refused import Refused

NAME = "llm-compute-report"
_FIELDS = (
    "Fields are those of a scenario, as people write them: model or parameters; training_tokens with training_accelerators, "
    "training_time ('60 days') or training_budget; users, requests_per_day or tokens_per_day; prompt_tokens, answer_tokens, "
    "ttft_target, tpot_target; tuning_tokens with tuning_method; rl_prompts; accelerator and precision."
)


def _told(tool: Callable[..., Any]) -> Callable[..., Any]:
    """Return a tool whose refusals are errors of the protocol, each with the message that people get."""

    @wraps(tool)
    def asked(*args: Any, **kwargs: Any) -> Any:
        try:
            return tool(*args, **kwargs)
        except (Refused, ValueError) as exc:
            raise ToolError(str(exc)) from exc

    return asked


def _question(fields: dict[str, Any], scenario: str | None) -> tuple[Any, tuple[str, ...], tuple[str, ...]]:
    values = {plan_command.FIELDS.get(name, name): value for name, value in fields.items()}
    return plan_command.question(scenario, values)


def plan(fields: dict[str, Any], scenario: str | None = None) -> dict[str, Any]:
    """Plan training, serving, fine-tuning or reinforcement learning: chips, time, cost and power, with 80% intervals.

    `scenario` names a file or one of the report's own; `fields` put values over it. A part that was not asked is null, one that
    can't be has its `reason`. Units are SI, dollars and days.
    """
    asked, parts, assumed = _question(fields, scenario)
    answered = answer.answer(asked, parts, None, None, assumed)
    if not answered.stands:
        raise plan_command.PlanQuestionError("; ".join(answered.reasons.values()))
    return answer.as_dict(answered)


def compare(chips: list[str], fields: dict[str, Any], scenario: str | None = None) -> dict[str, Any]:
    """Plan the same work on each of `chips`, the cheapest first; of those that can't do it, the `reasons`."""
    asked, parts, _ = _question(fields | {"accelerator": chips[0]} if chips else fields, scenario)
    return plan_command.compared(asked, parts, chips)


def model(name: str, context: str = "4096") -> dict[str, Any]:
    """Tell what a model is: parameters, bytes of weights and cache, FLOP a token at a context, by kind of layer.

    `name` is one of the library, as people or Hugging Face write it, or the path of a config.json.
    """
    described: dict[str, Any] = json.loads(report.as_json(architecture.load(name), report.tokens(context)))
    return described


def chips(name: str | None = None) -> dict[str, Any]:
    """List the chips that plans know, or tell the facts of one: peaks by format, memory, bandwidth, power, rent and owning."""
    if name is None:
        return {"chips": list(machine.chips())}
    chip = Chip.load(name)
    around, rates = machine.case(chip.name, chip.precision), market.rates(chip.name)
    return {
        "chip": chip.name,
        "peak_flop_per_second": {
            precision: accelerators.peak_flop_per_second(chip.name, precision) for precision in accelerators.precisions(chip.name)
        },
        "memory_bytes": around["memory_bytes"],
        "memory_bytes_per_second": around["memory_bandwidth"],
        "watts": rates.chip_watts,
        "rent_dollars_per_hour": _known(rates.dollars_per_chip_hour),
        "owned_dollars_per_hour": _known(rates.owned_hour),
    }


def _known(price: float) -> float | None:
    return None if price != price else float(price)


def server() -> MCPServer:
    """Return the server with its tools."""
    made = MCPServer(NAME, instructions=f"Plans of language models, computed from public facts. {_FIELDS}")
    for tool, also in ((plan, f" {_FIELDS}"), (compare, f" {_FIELDS}"), (model, ""), (chips, "")):
        made.tool(description=" ".join(str(tool.__doc__).split()) + also, structured_output=False)(_told(tool))
    return made
