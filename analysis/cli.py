"""The command line: `python -m analysis COMMAND`."""

import gc
import json
import math
import os
import signal
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from analysis import paths, terminal
from analysis.plan_command import overridden, plan_command
from analysis.quote import printable
from analysis.refused import Refused
from analysis.terminal import fail

# What a command uses is imported in it: `--help` and a refused typo should not wait for it.
if TYPE_CHECKING:
    from analysis.scenarios.scenario import Scenario

app = typer.Typer(
    add_completion=False, no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False,
    help="Plan, estimate, and rebuild the report, under a scenario.",
)  # fmt: skip

ScenarioFile = Annotated[str, typer.Argument(metavar="SCENARIO", help="A scenario file, or the name of one in data/scenarios.")]
Override = Annotated[
    list[str] | None, typer.Option("--set", metavar="FIELD=VALUE", help="Put a value over the scenario's; may be repeated.")
]

BAD_INPUT = 2
app.command("plan")(plan_command)
_UsageError = typer.BadParameter.__base__


@app.command("estimate")
def estimate_command(
    scenario: ScenarioFile,
    set_: Override = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Print the deck's division under a scenario; `plan` plans it."""
    assumptions = _load(scenario, set_)
    from analysis.scenarios.estimate import estimate
    from analysis.scenarios.scenario import ASSUMPTIONS

    result = estimate(assumptions)
    if as_json:
        values = {name: getattr(assumptions, name) for name in ASSUMPTIONS} | {"peak": assumptions.peak_flop_per_second}
        print(json.dumps(result.as_dict() | {"scenario": {"title": assumptions.title} | values}, indent=2, ensure_ascii=False))
    else:
        print("The deck's division; `python -m analysis plan` plans the same.")
        terminal.assumptions(assumptions)
        terminal.results(result)


@app.command("model")
def model_command(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="A name, a config.json, its folder, or a framework's settings.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    context: Annotated[
        str, typer.Option(metavar="N", help="Tokens of context that FLOP are counted at: 131,072 or 128k.")
    ] = "4096",
) -> None:
    """Print what a model is: parameters, cache and FLOP, by kind of layer."""
    from analysis.models import architecture, report
    from analysis.models.shape import ArchitectureError

    try:
        counted, tokens = architecture.load(model), report.tokens(context)
        print(report.as_json(counted, tokens) if as_json else report.as_text(counted, tokens))
    except ArchitectureError as exc:
        fail(str(exc), status=BAD_INPUT)


@app.command("serve")
def serve_command(
    scenario: ScenarioFile,
    set_: Override = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Serve a scenario's day within its latency targets: from the deck's number to the plan, step by step."""
    assumptions = _load(scenario, set_)
    from analysis.deck import deck_serving
    from analysis.plan import scenario_serving
    from analysis.plan.interval import PlanError
    from analysis.serving.serving_words import count, written

    try:
        steps = deck_serving.steps(assumptions)
    except PlanError as exc:
        fail(str(exc), status=BAD_INPUT)
    day = scenario_serving.planned(assumptions)
    low, high = day.chips.low, day.chips.high
    if as_json:
        values = {"chip": day.chip.name, "chips": int(day.chips.expected), "servers": day.servers,
                  "low": low if math.isfinite(low) else None, "high": high if math.isfinite(high) else None}  # fmt: skip
        print(json.dumps(values | {"steps": dict(zip(steps["key"], steps["accelerators"], strict=True))}, indent=2))
    else:
        terminal.assumptions(assumptions)
        rows = [(row.step, written(row.key, row.accelerators)) for row in steps.itertuples()]
        rows.append(("80% interval", f"{count(low)} to {count(high)}"))
        terminal.table("Accelerators, step by step", ("Step", "Accelerators"), rows)


@app.command("compare")
def compare_command(
    before: Annotated[str, typer.Argument(metavar="BEFORE", help="The scenario to start from: a file, or a name.")],
    after: Annotated[str, typer.Argument(metavar="AFTER", help="The scenario to compare with it.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    html: Annotated[Path | None, typer.Option(metavar="PAGE.html", help="Write a page, too.")] = None,
) -> None:
    """Say what two scenarios assume differently, what that does to the results, and which change does how much."""
    from analysis.notes import comparison_page  # charts take a second to import
    from analysis.scenarios import comparison
    from analysis.tables import estimate_tables

    compared = comparison.compare(_load(before, None), _load(after, None))
    if html is not None:
        try:
            paths.write(html, comparison_page.page(compared))
        except OSError as exc:
            fail(f"{html} can't be written: {exc.strerror or exc}", status=BAD_INPUT)
    if as_json:
        print(json.dumps(comparison.as_dict(compared), indent=2, ensure_ascii=False))
        return
    if not compared.changes:
        print("The two scenarios assume the same.")
        return
    terminal.frame("What is assumed", estimate_tables.changed_assumptions(compared))
    terminal.frame("What follows", estimate_tables.changed_results(compared))
    for name, work in (("training.accelerators_exact", "Training"), ("inference.accelerators_exact", "Inference")):
        if compared.steps[name]:
            terminal.frame(f"{work}: each change alone", estimate_tables.factors(compared, name))


@app.command("sweep")
def sweep_command(
    scenario: ScenarioFile,
    out: Annotated[Path, typer.Option(metavar="FOLDER", help="Where the results are written; the same command goes on.")],
    grid: Annotated[
        list[str] | None,
        typer.Option(metavar="FIELD=START:STOP:STEP", help="A field to vary; may be repeated. Names are listed: A, B."),
    ] = None,
    sample: Annotated[int | None, typer.Option(metavar="N", help="Draw N points from FIELD=LOW:HIGH instead.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of the draws.")] = 0,
    set_: Override = None,
    notebooks: Annotated[bool, typer.Option("--notebooks", help="Run whole notebooks for each point.")] = False,
    only: Annotated[
        list[str] | None, typer.Option(metavar="NOTEBOOK", help="With --notebooks: this one; may be repeated.")
    ] = None,
    scheduler: Annotated[str | None, typer.Option(metavar="ADDRESS", help="Of a Dask scheduler whose workers do it.")] = None,
    jobs: Annotated[int, typer.Option(min=1, max=64, help="Processes on this machine.")] = min(4, os.cpu_count() or 1),
) -> None:
    """Estimate over a grid, or over samples, of any fields, and write Parquet."""
    if notebooks:
        _need_repository("sweep --notebooks")
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from analysis.report import runner
    from analysis.sweeps import notebook_sweep, sweep, workers

    try:
        made = sweep.read(_load(scenario, set_), grid or (), sample, seed)
        doing = workers.cluster(scheduler) if scheduler else workers.here(jobs)
        if notebooks:
            names = notebook_sweep.chosen(only or ())
            steps, total, what = notebook_sweep.run(made, out, names, doing), len(made) * len(names), "notebooks"
        else:
            steps, total, what = sweep.run(made, out, doing), len(made), "points"
        columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=Console(stderr=True)) as progress, closing(steps):
            task = progress.add_task(what, total=total)
            for done in steps:
                progress.update(task, completed=done)
    except KeyboardInterrupt:
        print(f"Stopped; what was finished stays in {out}, and the same command goes on.", file=sys.stderr, flush=True)
        os._exit(130)
    except (sweep.SweepError, workers.WorkersError, runner.RunError) as exc:
        fail(str(exc), status=BAD_INPUT)
    except OSError as exc:
        fail(f"{out} can't be written: {exc.strerror or exc}", status=BAD_INPUT)
    print(f"{total:,} {what}: {out}")


_TITLE = Annotated[str | None, typer.Option(metavar="TEXT", help="The note's title; left out, the scenario's.")]
_AUTHOR = Annotated[str, typer.Option(metavar="NAME", help="Whose note it is.")]
_DATE = Annotated[str | None, typer.Option(metavar="DAY", help="Such as 2026-11-24; left out, the scenario's, if it has one.")]
_BASE = Annotated[str, typer.Option(metavar="SCENARIO", help="What the note is held against.")]
_LANGUAGE = Annotated[str, typer.Option(metavar="en|zh", help="The note's language.")]
_KIND = Annotated[str | None, typer.Option(metavar="KIND", help="estimate, run, service, chips, change, correction or risk.")]
_CORRECTS = Annotated[str | None, typer.Option(metavar="NOTE", help="The published note that this one corrects.")]
_RISK = Annotated[
    str | None, typer.Option(metavar="RISK", help="The stress that the scenario is put under, such as export-rules.")
]
_ONLY = Annotated[str | None, typer.Option(metavar="training|inference", help="Write about this part of the work alone.")]
_HOUSE = Annotated[str | None, typer.Option(metavar="HOUSE.yml", help="Whose look and words: a file, or one of data/houses.")]


@app.command("note")
def note_command(
    scenario: ScenarioFile,
    out: Annotated[Path, typer.Option(metavar="FOLDER", help="Where note.html, .pdf, .xlsx and .pptx are written.")],
    title: _TITLE = None,
    author: _AUTHOR = "",
    date: _DATE = None,
    base: _BASE = "deck",
    language: _LANGUAGE = "en",
    only: _ONLY = None,
    kind: _KIND = None,
    corrects: _CORRECTS = None,
    risk: _RISK = None,
    house: _HOUSE = None,
    set_: Override = None,
) -> None:
    """Write a research note on a scenario: a page, a PDF, a live workbook and slides, that can be sent as they are."""
    from analysis.notes import FILES, RECORD, content, request, writing  # charts and the typesetter take a second to import

    options = request.Options(scenario, base, title, author, date, language, only, tuple(set_ or ()), kind, corrects, risk, house)
    asked = request.read(options, _load(scenario, set_), _load(base, None))
    try:
        paths.check_replaceable(*(out / name for name in (*FILES, RECORD)))  # before the note, which takes seconds
        paths.write_all(out, writing.all_files("note", content.make(asked)))
    except OSError as exc:
        fail(f"{out} can't be written: {exc.strerror or exc}", status=BAD_INPUT)
    for name in FILES:
        print(paths.shown(out / name))


@app.command("publish")
def publish_command(
    scenario: ScenarioFile,
    name: Annotated[str, typer.Option(metavar="NAME", help="The note's folder in book/notes: letters, digits and hyphens.")],
    author: _AUTHOR,
    title: _TITLE = None,
    date: _DATE = None,
    base: _BASE = "deck",
    language: _LANGUAGE = "en",
    only: _ONLY = None,
    kind: _KIND = None,
    corrects: _CORRECTS = None,
    risk: _RISK = None,
    house: _HOUSE = None,
    uncommitted: Annotated[
        bool, typer.Option("--uncommitted", help="Publish though the working tree has changes in no commit; the receipt says so.")
    ] = False,
) -> None:
    """Write a note into the book's research notes, its index and its feed. A published note is never written again."""
    _need_repository("publish")
    from analysis.notes import publication, request

    publication.check_name(name)
    if not uncommitted:
        publication.check_committed()
    options = request.Options(
        scenario, base, title, author, date, language, only, kind=kind, corrects=corrects, risk=risk, house=house
    )
    asked = request.read(options, _load(scenario, None), _load(base, None))
    try:
        print(paths.shown(publication.publish(asked, name, [paths.scenario(scenario), paths.scenario(base)])))
    except OSError as exc:
        fail(f"{paths.shown(paths.NOTES)} can't be written: {exc.strerror or exc}", status=BAD_INPUT)


@app.command("reproduce")
def reproduce_command(
    note: Annotated[str, typer.Argument(metavar="NOTE", help="A published note's name, or the folder that `note` wrote.")],
) -> None:
    """Make a note anew; say whether it says the same, and what changed and why. Exit with 1 if it doesn't, or can't be told."""
    from analysis.notes import reproduction

    reproduced = reproduction.reproduce(reproduction.find(note))
    for line in reproduction.lines(reproduced):
        print(printable(line))
    if not reproduced.is_same:
        raise SystemExit(1)


@app.command("run")
def run_command(
    scenario: ScenarioFile,
    set_: Override = None,
    jobs: Annotated[int, typer.Option(min=1, max=64, help="Notebooks to run at a time.")] = min(4, os.cpu_count() or 1),
) -> None:
    """Run the notebooks under a scenario; those that are up to date are left alone."""
    _need_repository("run")
    from analysis.report import runner
    from analysis.scenarios.reading import load
    from analysis.scenarios.scenario_files import files

    assumptions = _load(scenario, set_)
    origin = " ".join([paths.shown(paths.scenario(scenario)), *(f"--set {text}" for text in set_ or ())])
    for path in files().values():
        load(path)  # notebooks compare all of them, so that a bad one is refused before anything is run
    print(printable(f"Scenario: {assumptions.title} ({origin})"), flush=True)
    before = signal.signal(signal.SIGINT, _stop)
    try:
        outcomes = runner.run(assumptions, origin, jobs, _print_outcome)
    except runner.RunError as exc:
        fail(str(exc), status=BAD_INPUT)
    except OSError as exc:
        fail(f"{paths.shown(paths.EXECUTED)} can't be written: {exc}", status=1)
    finally:
        signal.signal(signal.SIGINT, before)
    if any(outcome.status == "failed" for outcome in outcomes):
        fail("Some notebooks failed; the last good results of those are still in place.", status=1)


def _stop(*_: object) -> None:
    """End the process at once: kernels end with their parent, and nothing of an unfinished notebook was written.

    A handler, since an exception may be raised where it is swallowed, such as in a destructor.
    """
    print("Stopped; what was finished stays.", file=sys.stderr, flush=True)
    os._exit(130)


@app.command("check")
def check_command() -> None:
    """Recompute every digest; say which executed notebooks are stale. Exit with 1 if any is."""
    _need_repository("check")
    from analysis import facts
    from analysis.report import runner

    for name in facts.names():
        facts.read(name)
    states = list(runner.states())
    for state in states:
        print(f"stale  {state.name}  ({', '.join(state.changed)})" if state.changed else f"fresh  {state.name}")
    if any(state.changed for state in states):
        fail("Run the notebooks again: python -m analysis run SCENARIO", status=1)


@app.command("scenarios")
def scenarios_command() -> None:
    """List the scenarios in data/scenarios, one line each."""
    from analysis.scenarios.reading import load
    from analysis.scenarios.scenario_files import ScenarioError, files

    by_name = files()
    width = max(map(len, by_name), default=0)
    bad = []
    for name, path in by_name.items():
        try:
            print(printable(f"{name:<{width}}  {load(path).title}"))
        except ScenarioError as exc:
            bad.append(str(exc))
    if bad:
        fail("\n".join(bad), status=BAD_INPUT)


@app.command("predict")
def predict_command(
    runs_file: Annotated[Path, typer.Argument(metavar="RUNS.csv", help="Rows in the format of data/runs.csv.")],
    out: Annotated[Path, typer.Option(metavar="PREDICTED.csv", help="Where every row is written back, predicted.")],
    measured: Annotated[
        Path | None, typer.Option(metavar="ROWS.csv", help="Runs measured on your own stack; they shift and narrow intervals.")
    ] = None,
) -> None:
    """Predict training and inference; every row comes back, with an interval or the reason why not."""
    from analysis.evidence import runs
    from analysis.validation import predict

    try:
        if out.exists() and runs_file.exists() and out.samefile(runs_file):
            fail(f"--out: {out} is the file of runs itself; choose another name", status=BAD_INPUT)
        measured_runs = None if measured is None else runs.read(measured)
        predicted = predict.predict(runs.read(runs_file), measured=measured_runs)
        paths.write(out, predicted.to_csv(index=False))
    except runs.RunsError as exc:
        fail(str(exc), status=BAD_INPUT)
    except OSError as exc:
        fail(f"{paths.shown(out)} can't be written: {exc.strerror}", status=BAD_INPUT)
    done = (predicted["status"] == predict.PREDICTED).sum()
    print(f"{done:,} of {len(predicted):,} rows predicted: {paths.shown(out)}")


@app.command("validate")
def validate_command() -> None:
    """Predict every published run with its source held out, and print the errors; takes some minutes."""
    from analysis.validation import inference_validation, training_validation

    training_validation.main([])
    inference_validation.main([])


@app.command("mcp")
def mcp_command() -> None:
    """Answer programs over standard input and output, as the Model Context Protocol has it: plan, compare, model, chips."""
    try:
        from analysis import mcp_server
    except ModuleNotFoundError as exc:
        if (exc.name or "").partition(".")[0] != "mcp":
            raise
        fail("mcp needs the protocol's SDK: pip install '.[mcp]'", status=BAD_INPUT)
    mcp_server.server().run()


def main() -> None:
    """Run the command line; bad input ends with one message and exit status 2."""
    gc.set_threshold(100_000)  # what is imported and read stays, so that looking through it for garbage finds nothing
    # Else pydantic looks through every installed package for a plug-in, which takes as long as all else of a refusal.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    try:
        app(standalone_mode=False)
    except Refused as exc:
        fail(str(exc), status=BAD_INPUT)
    except _UsageError as exc:
        usage = exc.ctx.get_usage() if exc.ctx else ""
        message = exc.format_message()
        fail(message if message.startswith("Usage: ") else f"{usage}\n{message}", status=exc.exit_code)
    except BrokenPipeError:  # who read has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(1) from None
    except typer.Abort:
        fail("Stopped.", status=130)


def _load(scenario: str, overrides: list[str] | None) -> "Scenario":
    from analysis.scenarios.scenario_files import there

    path, pairs = there(paths.scenario(scenario)), overridden(overrides)
    from analysis.scenarios.reading import load

    if (read := load(path, pairs)).is_settled:
        return read
    from analysis.plan.settled import settled

    return settled(read)


def _print_outcome(outcome, done: int, total: int) -> None:
    verb = {"ran": "ran     ", "fresh": "is fresh", "failed": "FAILED  "}[outcome.status]
    print(f"  {done}/{total}  {verb}  {outcome.name}", flush=True)
    if outcome.message:
        print(f"  {outcome.message}", file=sys.stderr, flush=True)


def _need_repository(command: str) -> None:
    if paths.IS_INSTALLED:
        fail(
            f"{command} needs the notebooks and chapters of the report's repository, and this is an installed package, in "
            f"{paths.ANALYSIS}; clone the repository, and run the command there",
            status=BAD_INPUT,
        )
