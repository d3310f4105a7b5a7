"""The command `plan`: any model, any work, any chips, planned."""

import csv
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from analysis import paths, terminal
from analysis.quote import quote
from analysis.refused import Refused
from analysis.terminal import fail

if TYPE_CHECKING:
    from analysis.plan.answer import Answer
    from analysis.plan.chip import Chip
    from analysis.plan.cost import Cost
    from analysis.scenarios.scenario import Scenario

BAD_INPUT = 2
#: Fields of a scenario by the options that set them.
FIELDS = {
    "model": "model", "tokens": "training_tokens", "accelerator": "accelerator", "accelerators": "training_accelerators",
    "days": "training_time", "budget": "training_budget", "users": "users",
}  # fmt: skip
#: Fields that ask for a service.
DEMAND = ("users", "requests_per_day", "tokens_per_day", "visits_per_day")
#: Fields that ask for a fine-tuning and for reinforcement learning, beside the model.
TUNED, LEARNT = "tuning_tokens", "rl_prompts"
#: What a table of chips shows of each part: titles, and the names of their cells.
COLUMNS = {
    "training": {"Chips": "accelerators", "Days": "days", "Dollars": "dollars", "MWh": "megawatt_hours"},
    "serving": {"Chips": "accelerators", "Dollars a million tokens of answers": "dollars_per_million_tokens",
                "Megawatts": "megawatts"},
    "tuning": {"Chips": "accelerators", "Hours": "hours", "Dollars": "dollars", "MWh": "megawatt_hours"},
    "rl": {"Chips": "accelerators", "Hours": "hours", "Dollars": "dollars", "MWh": "megawatt_hours"},
}  # fmt: skip
TITLES = {"training": "Training", "serving": "Serving", "tuning": "Fine-tuning", "rl": "Reinforcement learning"}
#: The chip where none is said.
ACCELERATOR = "H100 SXM5"


class PlanQuestionError(Refused):
    """A question that asks for nothing, or for one thing twice; the message says what to give."""


def plan_command(
    scenario: Annotated[str | None, typer.Argument(metavar="SCENARIO", help="A scenario, its name, or QUESTIONS.csv.")] = None,
    set_: Annotated[
        list[str] | None, typer.Option("--set", metavar="FIELD=VALUE", help="Put a value over the scenario's; may be repeated.")
    ] = None,
    model: Annotated[str | None, typer.Option(metavar="NAME", help="A model of the library, or a config.json.")] = None,
    tokens: Annotated[str | None, typer.Option(metavar="N", help="Tokens that it is trained on: 15e12.")] = None,
    accelerator: Annotated[str | None, typer.Option(metavar="CHIP", help="A chip of the data, or a YAML file.")] = None,
    accelerators: Annotated[str | None, typer.Option(metavar="N", help="How many train it.")] = None,
    days: Annotated[str | None, typer.Option(metavar="N", help="Days within which training ends.")] = None,
    budget: Annotated[str | None, typer.Option(metavar="DOLLARS", help="Dollars that training may cost.")] = None,
    users: Annotated[str | None, typer.Option(metavar="N", help="Users a day of the service.")] = None,
    tune: Annotated[str | None, typer.Option(metavar="METHOD", help="Tune on --tokens instead: full, lora or qlora.")] = None,
    price: Annotated[str | None, typer.Option(metavar="PRICE", help="Your own: 2 USD/hour to rent, 30000 USD to buy.")] = None,
    measured: Annotated[Path | None, typer.Option(metavar="ROWS.csv", help="Runs measured on your own stack.")] = None,
    chips: Annotated[str | None, typer.Option(metavar="A,B,…", help="Chips to compare on the same work.")] = None,
    out: Annotated[Path | None, typer.Option(metavar="ANSWERS.csv", help="With QUESTIONS.csv: where answers go.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Plan training, serving, fine-tuning and reinforcement learning: chips, time, cost and power, with intervals.

    Fields that no option sets, such as those of reinforcement learning (rl_prompts …), are set by --set.
    """
    given = {"model": model, "tokens": tokens, "accelerator": accelerator, "accelerators": accelerators,
             "days": None if days is None else days if days.strip().endswith(("days", "day", "天")) else f"{days} days",
             "budget": budget, "users": users}  # fmt: skip
    values = {FIELDS[name]: value for name, value in given.items() if value is not None} | overridden(set_)
    if scenario is not None and scenario.casefold().endswith(".csv"):
        _refuse("a file of questions", price=price, measured=measured, chips=chips, tune=tune, json=as_json)
        _answer_file(Path(scenario), values, out)
        return
    if out is not None:
        raise PlanQuestionError("--out: takes the answers of a file of questions; give QUESTIONS.csv before it")
    if tune is not None:
        _refuse("--tune", measured=measured, chips=chips, days=days, budget=budget, users=users)
    if chips is not None:
        _refuse("--chips", price=price, measured=measured, accelerator=accelerator)
    if tune is not None:
        values = _tuned(scenario, values, tune)
    asked, parts, assumed = question(scenario, values)
    if tune is not None:
        parts, assumed = ("tuning",), tuple(line for line in assumed if "training" not in line and "products" not in line)
    chosen = _chip(asked.accelerator, price)
    if chips is not None:
        _compare(asked, parts, [name.strip() for name in chips.split(",") if name.strip()], as_json)
        return
    from analysis.plan import answer

    answered = answer.answer(asked, parts, chosen, measured, assumed)
    if as_json:
        print(json.dumps(answer.as_dict(answered), indent=2, ensure_ascii=False))
    else:
        _print(answered)
    if not answered.stands:
        fail("; ".join(answered.reasons.values()), status=BAD_INPUT)


def _refuse(what: str, **options: Any) -> None:
    """Raise PlanQuestionError for an option that is given and that `what` does not take."""
    given = [f"--{name}" for name, value in options.items() if value not in (None, False)]
    if given:
        raise PlanQuestionError(f"{what} takes no {' and no '.join(given)}")


def overridden(set_: list[str] | None) -> dict[str, str]:
    """Return the values that `--set` puts over a scenario's, by field. Raises ScenarioError."""
    from analysis.scenarios.scenario_files import ScenarioError

    pairs = {}
    for text in set_ or ():
        name, equals, value = text.partition("=")
        if not equals:
            raise ScenarioError(f"--set {quote(text)}: write FIELD=VALUE, for example --set utilization=40%")
        pairs[name.strip()] = value.strip()
    return pairs


def question(scenario: str | None, values: dict[str, Any]) -> tuple["Scenario", tuple[str, ...], tuple[str, ...]]:
    """Return the scenario that is asked, which parts of it, and what was assumed for what is not said. Raises Refused."""
    from analysis.scenarios import reading
    from analysis.scenarios.scenario_files import there

    if scenario is not None:
        path = there(paths.scenario(scenario))
        from analysis.plan.answer import parts_of

        read = reading.load(path, values)
        return read, parts_of(read), ()
    trains = "training_tokens" in values
    serves = any(values.get(name) is not None for name in DEMAND)
    also = {"tuning": values.get(TUNED) is not None, "rl": values.get(LEARNT) is not None}
    if "model" not in values and "parameters" not in values:
        raise PlanQuestionError("say which model: --model NAME, or --set parameters=70e9, or a scenario")
    if not trains and not serves and not any(also.values()):
        raise PlanQuestionError(
            "say what the model does: --tokens N to train it, --users N to serve it, --tokens N --tune lora to fine-tune it, "
            "--set rl_prompts=N for reinforcement learning, or a scenario"
        )
    assumed = []
    if "accelerator" not in values:
        values = values | {"accelerator": ACCELERATOR}
        assumed.append(f"accelerators: {ACCELERATOR}")
    if "precision" not in values:
        values = values | {"precision": _usual(str(values["accelerator"]))}
        assumed.append(f"matrix products in {values['precision']}")
    if trains and not {"training_accelerators", "training_time", "training_budget"} & values.keys():
        assumed.append("training ends within 30 days")
    parts = tuple(part for part, is_asked in ({"training": trains, "serving": serves} | also).items() if is_asked)
    return reading.build({"title": "A question"} | values, "plan", predicts=True), parts, tuple(assumed)


def _usual(accelerator: str) -> str:
    """Return BF16, or FP16 on a chip without it. Raises PlanQuestionError for an unknown chip."""
    from analysis.hardware.accelerators import AcceleratorError
    from analysis.plan.chip import Chip

    try:
        return Chip.load(accelerator).precision.upper()
    except AcceleratorError as exc:
        raise PlanQuestionError(f"accelerator: {exc}") from exc


def _chip(accelerator: str, price: str | None) -> "Chip":
    """Return the chip, at a price of one's own if one is given: by the hour a rent, else what one costs to buy."""
    from analysis.hardware.accelerators import AcceleratorError
    from analysis.plan.chip import Chip

    try:
        chip = Chip.load(accelerator)
        if price is None:
            return chip
        if not any(sign.isalpha() for sign in price):
            raise PlanQuestionError(f"--price {quote(price)}: write 2 USD/hour for a rent, or 30000 USD for a price to buy")
        return chip.replace(rent=price) if "/" in price else chip.replace(price=price)
    except AcceleratorError as exc:
        raise PlanQuestionError(str(exc)) from exc


def compared(scenario: "Scenario", parts: tuple[str, ...], chips: list[str]) -> dict[str, Any]:
    """Return what the same work takes on each of `chips`, the cheapest first, and the `reasons` of those that can't. Raises
    PlanQuestionError."""
    from analysis.plan import answer

    if not chips:
        raise PlanQuestionError('--chips: names no chip; write for example --chips "H100 SXM5,H20"')
    rows, refused = [], []
    for name in chips:
        chip = _chip(name, None)
        answered = answer.answer(scenario.model_copy(update={"accelerator": chip.name}), parts, chip)
        described = answer.as_dict(answered)
        refused += [f"{chip.name}, {part}: {reason}" for part, reason in answered.reasons.items()]
        rows.append({"accelerator": chip.name} | {part: described[part] for part in parts})
    rows.sort(key=lambda row: tuple(_order(row[part]) for part in parts))
    return {"chips": rows, "reasons": refused}


def _compare(scenario: "Scenario", parts: tuple[str, ...], chips: list[str], as_json: bool) -> None:
    """Print what the same work takes on each of `chips`, the cheapest first."""
    from analysis import numerals

    answers = compared(scenario, parts, chips)
    rows, refused = answers["chips"], answers["reasons"]
    if as_json:
        print(json.dumps(answers, indent=2, ensure_ascii=False))
    for part in () if as_json else parts:
        cells = [
            (row["accelerator"], *(_cell(row[part], name, numerals) for name in COLUMNS[part].values()))
            for row in rows
            if row[part] is not None
        ]
        terminal.table(f"{TITLES[part]} on each chip, the cheapest first", ("Chip", *COLUMNS[part]), cells)
    if not as_json:
        for line in refused:
            print(line)
    if not any(row[part] for row in rows for part in parts):
        fail("; ".join(refused), status=BAD_INPUT)


def _tuned(scenario: str | None, values: dict[str, Any], method: str) -> dict[str, Any]:
    """Return `values` with those of a fine-tuning in place of those of a training run: its tokens, and its accelerators."""
    values = values | {"tuning_method": method}
    if "tuning_tokens" not in values:
        tokens = values.get("training_tokens")
        if scenario is not None and tokens is None:
            from analysis.scenarios import reading
            from analysis.scenarios.scenario_files import there

            read = reading.load(
                there(paths.scenario(scenario)), {name: value for name, value in values.items() if name != "tuning_method"}
            )
            tokens = read.tuning_tokens or read.training_tokens
        if tokens is None:
            raise PlanQuestionError("--tune: say on how many tokens; give --tokens N")
        values["tuning_tokens"] = tokens
    if "training_accelerators" in values:
        values["tuning_accelerators"] = values.pop("training_accelerators")
    if scenario is None:
        values.pop("training_tokens", None)
    return values


def _order(described: dict[str, Any] | None) -> float:
    """Return what chips are sorted by: dollars; a chip without a price, or that can't, is last."""
    if described is None:
        return float("inf")
    dollars = described.get("dollars", described.get("dollars_per_million_tokens"))
    return float("inf") if dollars is None else float(dollars)


def _cell(described: dict[str, Any], name: str, numerals: Any) -> str:
    value, low, high = (described.get(key) for key in (name, f"low_{name}", f"high_{name}"))
    if name == "accelerators":
        low, high = (
            described.get("low", described.get("low_accelerators")),
            described.get("high", described.get("high_accelerators")),
        )
    if value is None:
        return "–"
    text = numerals.words(value)
    return text if low is None or high is None or low == high else f"{text} ({numerals.words(low)} to {numerals.words(high)})"


def _print(answered: "Answer") -> None:
    """Print an answer: words first, then what they rest on."""
    from analysis import numerals

    training, serving = answered.training, answered.serving
    if training is not None:
        print(training.sentence)
        cost = training.cost
        rows = [
            ("Plan", training.plan),
            ("Memory of a chip, GB", _memory(training.memory_bytes.expected, training.chip)),
            ("Chips", training.chips.written()),
            ("Days", training.days.written()),
            ("Chip-hours", training.chip_hours.written()),
            ("Utilization of steps (MFU)", training.model_flops_utilization.written(numerals.percent)),
            ("Utilization of the run, 6ND", training.sustained.written(numerals.percent)),
            ("Tokens a second and chip", training.tokens_per_second_per_chip.written()),
            ("Energy, MWh, at most", cost.megawatt_hours.written()),
            ("Rent, dollars", "no price is known" if cost.rent is None else cost.rent.written()),
            ("Owning, dollars", "no price is known" if cost.owned is None else cost.owned.written()),
        ]
        _table("Training", rows, training.assumed, training.basis, answered, "training")
    if serving is not None:
        print(serving.sentence)
        rent, owned = serving.cost_per_million_tokens, serving.owned_per_million_tokens
        rows = [
            ("Way", f"prompts and answers {serving.way.kind}"),
            ("Replicas", f"{serving.replicas:,}; one that writes has {serving.replica.chips} chips: {serving.replica.plan}"),
            ("Requests in flight in it", numerals.words(serving.replica.requests_in_flight)),
            ("Memory of a chip, GB", _memory(serving.memory_bytes, serving.chip)),
            ("Chips", serving.chips.written()),
            ("First token, 95%, s", numerals.significant(serving.ttft)),
            ("Output token, 95%, s", numerals.significant(serving.tpot)),
            ("Answers' tokens a second and chip", serving.tokens_per_second_per_chip.written()),
            ("Rent a million of them, dollars", "no price is known" if rent is None else rent.written(numerals.significant)),
            ("Owning a million, dollars", "no price is known" if owned is None else owned.written(numerals.significant)),
            ("Megawatts, at most", serving.megawatts.written(numerals.significant)),
        ]
        _table("Serving", rows, serving.assumed, serving.basis, answered, "serving")
    if answered.tuning is not None:
        _print_tuning(answered)
    if answered.rl is not None:
        _print_rl(answered)
    if answered.assumed:
        print(f"Assumed: {'; '.join(answered.assumed)}.")
    if answered.stands:
        for part, reason in answered.reasons.items():
            print(f"{TITLES[part]} can't be planned: {reason}")


def _print_tuning(answered: "Answer") -> None:
    from analysis import numerals

    plan = answered.tuning
    assert plan is not None
    print(plan.sentence)
    rows = [
        ("Trained parameters", numerals.words(plan.trained_parameters)),
        ("Plan", plan.plan),
        ("Memory of a chip, GB", f"{_memory(plan.memory_bytes.expected, plan.chip)}: {_by_part(plan.memory)}"),
        ("Hours", plan.hours.written(numerals.significant)),
        ("Tokens a second and chip", plan.tokens_per_second_per_chip.written()),
        *_dollars(plan.cost),
    ]
    _table(TITLES["tuning"], rows, plan.assumed, plan.basis, answered, "tuning")


def _print_rl(answered: "Answer") -> None:
    from analysis import numerals

    plan = answered.rl
    assert plan is not None
    print(plan.sentence)
    others = "; ".join(f"{way.placement} {numerals.significant(way.seconds)}" for way in plan.ways)
    rows = [
        (
            "Way",
            f"generation and update {plan.placement}; {numerals.percent(plan.generating_share)} of the chips' time generates",
        ),
        ("Seconds of an iteration", plan.iteration_seconds.written(numerals.significant)),
        ("Of these", "; ".join(f"{name} {numerals.significant(seconds)}" for name, seconds in plan.parts.items())),
        ("Seconds by way", others),
        ("Plan of the rollout", plan.rollout_plan),
        ("Plan of the update", plan.plan),
        ("Memory of a chip, GB", f"{_memory(plan.memory_bytes.expected, plan.chip)}: {_by_part(plan.memory)}"),
        ("Hours", plan.hours.written(numerals.significant)),
        ("Tokens a second and chip", plan.tokens_per_second_per_chip.written()),
        *_dollars(plan.cost),
    ]
    _table(TITLES["rl"], rows, plan.assumed, plan.basis, answered, "rl")


def _by_part(memory: dict[str, float]) -> str:
    return ", ".join(f"{name} {size / 1e9:.1f}" for name, size in memory.items() if size >= 5e7)


def _dollars(cost: "Cost") -> list[tuple[str, str]]:
    from analysis import numerals

    return [
        (name, "no price is known" if dollars is None else dollars.written(numerals.significant))
        for name, dollars in (("Rent, dollars", cost.rent), ("Owning, dollars", cost.owned))
    ]


def _memory(used: float, chip: "Chip") -> str:
    return f"{used / 1e9:.0f} of {chip.memory_bytes / 1e9:.0f}; it fits"


def _table(title: str, rows: list[tuple[str, str]], assumed: tuple[str, ...], basis: str, answered: "Answer", part: str) -> None:
    near = answered.nearest(part)
    if near is not None:
        from analysis import numerals

        published, predicted = numerals.words(near.published), near.predicted.written()
        like = f"{near.model} on {near.chips:,.0f} x {near.chip} ({near.source})"
        rows = [*rows, ("Nearest published run", f"{like}: {near.metric} {published}; predicted {predicted}")]
    rows = [*rows, ("Assumed", "; ".join(assumed) or "nothing"), ("Interval", basis)]
    terminal.table(title, ("What", "Planned"), rows)


def _answer_file(path: Path, values: dict[str, Any], out: Path | None) -> None:
    """Answer each row of a file of questions, whose columns are options or fields; a row that can't be has its reason."""
    from analysis.plan import answer

    if out is None:
        raise PlanQuestionError(f"{path}: where should the answers go? Give --out ANSWERS.csv")
    try:
        if out.exists() and path.exists() and out.samefile(path):
            raise PlanQuestionError(f"--out: {out} is the file of questions itself; choose another name")
        rows = list(csv.DictReader(io.StringIO(paths.plain_file(path).read_text(encoding="utf-8-sig"))))
    except FileNotFoundError as exc:
        raise PlanQuestionError(f"{path} does not exist") from exc
    except (OSError, UnicodeDecodeError) as exc:
        raise PlanQuestionError(f"{path} can't be read: {exc}") from exc
    if not rows:
        raise PlanQuestionError(f"{path} has no question; its first line names fields such as model, tokens, accelerator, days")
    answers = []
    for row in rows:
        cells = {FIELDS.get(name, name): cell for name, cell in row.items() if name and cell not in (None, "")}
        if "days" in row and row["days"]:
            cells["training_time"] = f"{row['days']} days"
        flat: dict[str, Any] = {}
        try:
            asked, parts, assumed = question(None, values | cells)
            answered = answer.answer(asked, parts, _chip(asked.accelerator, None), None, assumed)
            flat = _flat(answer.as_dict(answered))
        except Refused as exc:
            flat["reason"] = str(exc)
        answers.append(row | {"reason": ""} | flat)
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(dict.fromkeys(name for row in answers for name in row)))
    writer.writeheader()
    writer.writerows(answers)
    try:
        paths.write(out, text.getvalue())
    except OSError as exc:
        raise PlanQuestionError(f"{out} can't be written: {exc.strerror or exc}") from exc
    done = sum(not row["reason"] for row in answers)
    print(f"{done:,} of {len(answers):,} questions answered: {paths.shown(out)}")


def _flat(described: dict[str, Any], before: str = "") -> dict[str, Any]:
    """Return nested names as `training.days`; lists as text, reasons as one."""
    flat: dict[str, Any] = {}
    for name, value in described.items():
        if name == "reason":
            flat["reason"] = "; ".join(value.values())
        elif isinstance(value, dict):
            flat |= _flat(value, f"{before}{name}.")
        else:
            flat[f"{before}{name}"] = "; ".join(value) if isinstance(value, list) else value
    return flat
