"""What a run does not say: every unknown field is filled by a stated rule, and the rule is reported with the result.

The rules, in one sentence: whatever of the parallel plan, micro-batch, interleaving and recomputation is not said is
what is predicted to be fastest among what fits into memory. Where software has a default that makes the choice, the
default is taken (analysis/steps/software.py). No rule reads a run's result.
"""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from analysis.arrays import PerCase
from analysis.evidence import runs
from analysis.evidence.runs import Run, RunsError
from analysis.hardware import accelerators, machine
from analysis.hardware.machine import Machine
from analysis.models import architecture
from analysis.models.parallelism import Parallelism, ParallelismError
from analysis.steps import software
from analysis.steps.shape import Shape, shape_case
from analysis.steps.software import Behaviour, Software
from analysis.steps.step import Plan, Steps
from analysis.training import footprint, step_time
from analysis.training.constants import Constants

#: Sequence length, tokens of a batch and accelerators of a run that does not say: the usual ones of their time.
SEQUENCE = {"before 2023": 2048.0, "since 2023": 4096.0}
BATCH_TOKENS = 4e6
#: The largest batch that is assumed, however many the chips: that of Llama 3 405B (Grattafiori et al. 2024).
MOST_BATCH_TOKENS = 16.8e6
CHIPS = 1024.0
#: Micro-batches that are tried.
MICRO_BATCHES = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64)
MOST_VIRTUAL = 8
#: Share of memory that recomputation is taken to aim at.
FILLED = 0.9
#: How much more than its memory a plan may seem to need before it is called impossible; the estimate is not exact.
OVERFULL = 4.0
SHARDING = {"none": 0.0, "zero1": 1.0, "zero2": 2.0, "zero3": 3.0}
RECOMPUTATION = {"none": 0.0, "selective": 1.0, "full": 2.0}


#: Groups of runs that are predicted unequally well, each with an interval of its own.
GROUPS = ("dense", "experts", "assumed plan", "whole run")


@dataclass(frozen=True)
class Question:
    """One run: what is known, the plans that it may have had, and which of its fields are assumed."""

    sequence: float
    predicted_tokens: float
    precision: str
    shape: list[dict[str, float]]  # a kind of layers each
    machine: dict[str, float]
    behaviour: dict[str, float]
    plans: tuple[dict[str, float], ...]  # fields of Plan, global_batch, and whether recomputation is free
    assumed: tuple[str, ...]


def group(asked: Question, kind: str) -> str:
    """Return the group of a run: whole runs; those whose plan had to be assumed; those with experts; the others."""
    if kind == "whole_run":
        return "whole run"
    if {"tp", "pp", "dp", "n_chips"} & set(asked.assumed):
        return "assumed plan"
    return "experts" if any(kind["n_experts"] for kind in asked.shape) else "dense"


def question(run: Run, arch: architecture.Architecture | None = None) -> Question:
    """Return what has to be decided about one run, of `arch` if its model has no name. Raises RunsError for what can't be."""
    try:
        arch = arch or architecture.load(run.model)
        precision = run.precision or _usual_precision(run.chip)
        chip = machine.case(run.chip, precision)
        shape = shape_case(arch)
    except (architecture.ArchitectureError, accelerators.AcceleratorError) as exc:
        raise RunsError(str(exc)) from exc
    chip = dict(chip, chips_on_fast_links=_joined(run, chip["chips_on_fast_links"]))
    engine = software.software_of(
        run.engine_family, run.date, tpu=bool(chip["is_tpu"]),
        execution=run.execution, tp_overlap=run.tp_overlap, ep_overlap=run.ep_overlap,
    )  # fmt: skip
    since = "before 2023" if run.date and run.date < "2023" else "since 2023"
    sequence = run.seq_len or SEQUENCE[since]
    plans = _plans(run, arch, chip, engine, sequence)
    assumed = [name for name in ("precision", "seq_len", "global_batch", "n_chips", *_PLAN_FIELDS) if getattr(run, name) is None]
    if plans[0]["n_chips"] == 1 or run.pp == 1:
        assumed = [name for name in assumed if name != "vp"]
    if not arch.n_experts:
        assumed = [name for name in assumed if name != "ep"]
    return Question(
        sequence=sequence,
        predicted_tokens=run.mtp_depth or 0.0,
        precision=precision,
        shape=shape,
        machine=chip,
        behaviour=software.behaviour(engine, hopper=bool(chip["is_hopper"])),
        plans=plans,
        assumed=tuple(assumed),
    )


def decide(questions: Sequence[Question], constants: Constants) -> tuple[Steps, list[str]]:
    """Return the steps of the runs with what was not said filled in, and a sentence on it for each."""
    options, owner = every_plan(questions)
    seconds = step_time.step_seconds(options, constants)
    tokens_a_second = options.tokens / seconds / options.chips
    memory = footprint.memory_bytes(options)
    fits = memory <= step_time.USABLE_MEMORY * options.machine.memory_bytes
    # What does not fit comes last, the least overfull first.
    score = np.where(fits, tokens_a_second, -memory / options.machine.memory_bytes)
    order = np.lexsort((-score, owner))
    chosen = order[np.concatenate([[0], np.cumsum(np.bincount(owner, minlength=len(questions)))[:-1]])]
    steps = options.take(chosen)
    return steps, [_sentence(asked, steps.take([index])) for index, asked in enumerate(questions)]


def every_plan(questions: Sequence[Question]) -> tuple[Steps, PerCase]:
    """Return every plan of every run as one set of arrays, and the position of the run that each belongs to."""
    owner = np.repeat(np.arange(len(questions)), [len(asked.plans) for asked in questions])
    plans = [plan for asked in questions for plan in asked.plans]
    steps = Steps(
        sequence=np.array([asked.sequence for asked in questions])[owner],
        global_batch=np.array([plan["global_batch"] for plan in plans]),
        predicted_tokens=np.array([asked.predicted_tokens for asked in questions])[owner],
        shape=Shape.stack([asked.shape for asked in questions]).take(owner),
        machine=Machine.stack([asked.machine for asked in questions]).take(owner),
        behaviour=Behaviour.stack([asked.behaviour for asked in questions]).take(owner),
        plan=Plan.stack(plans),
    )
    return filled(steps, np.array([plan["free"] for plan in plans])), owner


def filled(steps: Steps, free: PerCase) -> Steps:
    """Return the steps with so many layers recomputed whole as memory asks for, where `free` is 1, which leaves that open."""
    whole = replace(steps, plan=replace(steps.plan, recomputed_layers=np.ones_like(steps.plan.recomputed_layers)))
    without, with_all = footprint.memory_bytes(steps), footprint.memory_bytes(whole)
    needed = (without - FILLED * steps.machine.memory_bytes) / np.maximum(without - with_all, 1.0)
    whole_layers = np.where(free == 1, np.clip(needed, 0.0, 1.0), steps.plan.recomputed_layers)
    return replace(steps, plan=replace(steps.plan, recomputed_layers=whole_layers))


def check_memory(steps: Steps) -> list[str]:
    """Return, for each of the steps, why it can't fit into memory, or ''.

    XLA recomputes or moves to the host what a TPU can't hold, by settings that a row has no column for.
    """
    memory = np.where(steps.machine.is_tpu == 1, 0.0, footprint.memory_bytes(steps))
    has = steps.machine.memory_bytes
    return [
        "" if need <= OVERFULL * have else
        f"the plan does not fit into memory: one chip of {have / 1e9:.0f} GB would need about {need / 1e9:.0f} GB; "
        "valid: more tp or pp, a smaller micro_batch, sharding zero3, or recompute full"
        for need, have in zip(memory, has, strict=True)
    ]  # fmt: skip


#: Columns of a run by the names of a plan's fields.
_COLUMNS = {"tensor": "tp", "virtual_pipeline": "vp", "pipeline": "pp", "data": "dp", "context": "cp", "expert": "ep"}
_PLAN_FIELDS = ("tp", "pp", "dp", "cp", "ep", "vp", "micro_batch", "sharding", "recompute")


def _usual_precision(chip: str) -> str:
    """Return bf16, or fp16 on a chip without it, for a run that does not say."""
    known = accelerators.is_known(chip)
    return "fp16" if known and "BF16" not in accelerators.precisions(chip) else "bf16"


def _joined(run: Run, chips: float) -> float:
    """Return how many chips the fast links join: those of the chip's kind, or of one slice where a run says its slices."""
    if run.slices is None:
        return chips
    if run.slices > (count := _chip_count(run)):
        raise RunsError(f"slices = {run.slices:g} is more than the {count:g} chips; valid: at most one slice a chip")
    return count / run.slices


def _plans(
    run: Run,
    arch: architecture.Architecture,
    chip: Mapping[str, float],
    engine: Software,
    sequence: float,
) -> tuple[dict[str, float], ...]:
    """Return the plans that the run may have had. Raises RunsError if what it says leaves none."""
    try:
        return tuple(_plans_of_batches(run, arch, chip, engine, sequence, 1.0))
    except RunsError:
        if run.global_batch or not run.micro_batch:
            raise
    # None of the usual batches is a multiple of the micro-batch given: larger ones that are.
    return tuple(_plans_of_batches(run, arch, chip, engine, sequence, run.micro_batch))


def _plans_of_batches(
    run: Run,
    arch: architecture.Architecture,
    chip: Mapping[str, float],
    engine: Software,
    sequence: float,
    multiple: float,
) -> Iterable[dict[str, float]]:
    """Yield the plans whose replicas pass a multiple of `multiple` sequences a step. Raises RunsError if there is none."""
    refused = ""
    any_divides = False
    splits = (
        (*split, batches)
        for split in _splits(run, arch, chip)
        for batches in _batches(run, engine, sequence, split[-1], multiple)
    )
    for tensor, pipeline, context, data, batches in splits:
        if not (run.global_batch or run.dp) and batches * sequence > MOST_BATCH_TOKENS:
            refused = f"{_chips(run)} share out no batch of at most {MOST_BATCH_TOKENS / 1e6:g} million tokens"
            continue
        for expert in _experts(run, arch, tensor * context * data):
            try:
                micro_batches = _check(run, arch, (tensor, pipeline, context, data, expert), batches)
            except (ParallelismError, RunsError) as exc:
                refused = refused or runs.in_columns(str(exc), _COLUMNS)
                continue
            for zero in _zero(run, chip, tensor, pipeline):
                shared = {"n_chips": tensor * pipeline * context * data, "global_batch": batches, "tensor": tensor,
                          "pipeline": pipeline, "data": data, "context": context, "expert": expert, "zero": zero,
                          "recomputed_layers": _whole_layers(run)}  # fmt: skip
                for micro_batch, virtual, (recompute, free) in product(
                    _micro_batches(run, engine, micro_batches, pipeline),
                    _virtual(run, arch, engine, pipeline),
                    _recompute(run, engine),
                ):
                    any_divides = True
                    serial = not engine.fused_attention and recompute != RECOMPUTATION["selective"]
                    yield shared | {"micro_batch": micro_batch, "virtual_pipeline": virtual, "recomputation": recompute,
                                    "free": free, "sequence_parallel": float(not serial)}  # fmt: skip
    if not any_divides:
        raise RunsError(refused or _no_split(run))


def _no_split(run: Run) -> str:
    given = ", ".join(f"{name} = {getattr(run, name):g}" for name in ("tp", "pp", "cp", "dp") if getattr(run, name))
    return f"{_chips(run)} can't be divided by the plan given ({given}); valid: a multiple of it"


def _chips(run: Run) -> str:
    """Return the chips of a run as messages name them."""
    return f"n_chips = {run.n_chips:g}" if run.n_chips else f"n_chips is empty, and {CHIPS:g} chips"


def _chip_count(run: Run) -> float:
    """Return the chips of a run: as it says, those of its plan, or the usual number as far as its plan divides it."""
    if run.n_chips:
        return run.n_chips
    given = math.prod(getattr(run, name) or 1.0 for name in ("tp", "pp", "dp", "cp"))
    return given if run.tp and run.pp and run.dp else given * max(1.0, CHIPS // given)


def _splits(run: Run, arch: architecture.Architecture, chip: Mapping[str, float]) -> Iterable[tuple[float, float, float, float]]:
    """Yield tensor, pipeline, context and data parallelism: what the run says, else what divides its chips."""
    tp, pp, dp = run.tp, run.pp, run.dp
    chips = _chip_count(run)
    over = chips / (tp * pp * dp) if tp and pp and dp else 1.0
    context = run.cp or (over if over >= 1 and over % 1 == 0 else 1.0)
    most_tensor = min(arch.n_heads or 8, chip["chips_on_fast_links"], 8)
    tensors = [tp] if tp else [size for size in (1.0, 2.0, 4.0, 8.0) if size <= most_tensor and not arch.n_heads % size]
    pipelines = [pp] if pp else [1.0] if chip["is_tpu"] else [
        size for size in (1.0, 2.0, 4.0, 6.0, 8.0, 12.0, 16.0, 32.0, 64.0) if size <= arch.n_layers / 2
    ]  # fmt: skip
    for tensor, pipeline in product(tensors, pipelines):
        data = dp or chips / (tensor * pipeline * context)
        if dp and tp and pp and data * tensor * pipeline * context != chips:
            plan = Parallelism(int(tensor), int(pipeline), int(data), int(context))
            try:
                plan.check_chips(int(chips))
            except ParallelismError as exc:
                raise RunsError(runs.in_columns(str(exc), _COLUMNS)) from exc
        if data >= 1 and data % 1 == 0 and data * tensor * pipeline * context == chips:
            yield tensor, pipeline, context, data


def _batches(run: Run, engine: Software, sequence: float, data: float, multiple: float) -> list[float]:
    """Return the global batches that may have been: the usual one, or smaller ones where it has to pass at once.

    Of those that are not given, a replica passes a multiple of `multiple` sequences.
    """
    if run.global_batch:
        return [run.global_batch]
    most = max(1.0, round(BATCH_TOKENS / sequence / data))
    usual = [most] if engine.micro_batch_rule != "whole" else [size for size in (1.0, 2.0, 4.0, 8.0, most) if size <= most]
    return list(dict.fromkeys(data * multiple * -(-sequences // multiple) for sequences in usual))


def _experts(run: Run, arch: architecture.Architecture, stage_chips: float) -> list[float]:
    if run.ep or not arch.n_experts:
        return [run.ep or 1.0]
    return [size for size in (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0) if not arch.n_experts % size and not stage_chips % size]


def _check(run: Run, arch: architecture.Architecture, split: tuple[float, ...], batches: float) -> float:
    """Return the sequences that one replica passes in a step. Raises ParallelismError or RunsError."""
    tensor, pipeline, context, data, expert = (int(size) for size in split)
    virtual = int(run.vp or 1) if pipeline > 1 else 1
    plan = Parallelism(tensor, pipeline, data, context, virtual, expert, 1, micro_batch=int(run.micro_batch or 1))
    plan.check_architecture(arch, padded_heads=True)
    plan.micro_batches(int(batches))
    return batches / data


def _zero(run: Run, chip: Mapping[str, float], tensor: float, pipeline: float) -> list[float]:
    if run.sharding:
        return [SHARDING[run.sharding]]
    if chip["is_tpu"]:
        return [3.0]
    usual = 1.0 if software.shards_optimizer(run.date) else 0.0
    return [usual, 3.0] if tensor == pipeline == 1 and not (run.tp and run.pp) else [usual]


def _micro_batches(run: Run, engine: Software, sequences: float, pipeline: float) -> list[float]:
    """Return the micro-batches that may have been, for `sequences` of one replica a step."""
    if run.micro_batch:
        return [run.micro_batch]
    if engine.micro_batch_rule == "whole":
        return [sequences]
    if engine.micro_batch_rule == "stages" and pipeline > 1:
        return [_divisor(sequences, sequences / pipeline)]
    return [float(size) for size in MICRO_BATCHES if not sequences % size]


def _divisor(number: float, most: float) -> float:
    """Return the largest divisor of `number` up to `most`, at least 1."""
    small = [size for size in range(1, math.isqrt(int(number)) + 1) if not number % size]
    return float(max((size for divisor in small for size in (divisor, number // divisor) if size <= most), default=1))


def _virtual(run: Run, arch: architecture.Architecture, engine: Software, pipeline: float) -> list[float]:
    """Return the chunks of layers that a stage may hold: those that divide the layers, or layers and both ends; any
    number where none does, since layers are then spread unevenly anyhow."""
    if run.vp or pipeline == 1 or not engine.interleaves:
        return [run.vp or 1.0]
    if engine.micro_batch_rule == "stages":
        return [min(2.0, arch.n_layers // pipeline)]
    layers, sizes = arch.n_layers, [float(size) for size in range(1, MOST_VIRTUAL + 1)]
    even = [size for size in sizes if not layers % (pipeline * size) or not (layers + 2) % (pipeline * size)]
    return even or [size for size in sizes if pipeline * size <= layers]


def _recompute(run: Run, engine: Software) -> list[tuple[float, float]]:
    """Return kinds of recomputation, each with 1 if as many whole layers may be added as memory asks for."""
    if run.recompute == "selective" and engine.full_recomputation:
        # XLA keeps a list of tensors; what is not on it is computed again, as much as memory asks for.
        return [(RECOMPUTATION[run.recompute], 1.0)]
    if run.recompute:
        return [(RECOMPUTATION[run.recompute.split()[0]], 0.0)]
    full = engine.full_recomputation or not engine.fused_attention
    return [(2.0, 0.0)] if full else [(0.0, 1.0), (1.0, 1.0)]


def _whole_layers(run: Run) -> float:
    """Return the share of layers that a run recomputes whole beyond its kind of recomputation."""
    share = re.search(r"and (\d+)% of layers whole", run.recompute or "")
    return int(share[1]) / 100 if share else 0.0


def _sentence(asked: Question, steps: Steps) -> str:
    """Return what was assumed of a run, as people write it."""
    plan = {field: value.item() for field, value in vars(steps.plan).items()}
    values = {column: f"{plan[field]:g}" for field, column in _COLUMNS.items()}
    values |= {
        "precision": asked.precision,
        "seq_len": f"{asked.sequence:.15g}",
        "global_batch": f"{steps.global_batch.item():.15g}",
        "n_chips": f"{steps.chips.item():.15g}",
        "micro_batch": f"{plan['micro_batch']:g}",
        "sharding": next(name for name, stage in SHARDING.items() if stage == plan["zero"]),
        "recompute": next(name for name, kind in RECOMPUTATION.items() if kind == plan["recomputation"]),
    }
    if plan["recomputed_layers"] == 1:
        values["recompute"] = "full"
    elif plan["recomputed_layers"] > 0:
        values["recompute"] += f" and {plan['recomputed_layers']:.0%} of layers whole"
    return ", ".join(f"{name} {values[name]}" for name in asked.assumed)
