"""Rows of inference in the format of data/runs.csv: what is asked, what has to be assumed, and the row's own metric.

A row that serves is in equilibrium: as many requests start as end, so each step of answering carries the prefill of the
requests that take the place of those that end. What does not fit into memory waits.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from analysis.arrays import Arrays, PerCase
from analysis.evidence import runs
from analysis.evidence.runs import Run, RunsError
from analysis.hardware import accelerators
from analysis.inference import deployments, pass_time
from analysis.inference.deployments import Cases, Deployment, DeploymentError
from analysis.inference.inference_constants import InferenceConstants
from analysis.models import architecture
from analysis.models.architecture import ArchitectureError
from analysis.models.parallelism import Parallelism, ParallelismError

KINDS = ("prefill", "decode", "serve")
METRICS = {
    "prefill": ("ttft_seconds", "tokens_per_second_per_chip", "tokens_per_second"),
    "decode": ("tpot_seconds", "tokens_per_second_per_chip", "tokens_per_second"),
    "serve": ("ttft_seconds", "tpot_seconds", "tokens_per_second_per_chip", "tokens_per_second"),
}
LATENCIES = ("ttft_seconds", "tpot_seconds")
#: Groups of rows that are predicted unequally well, each with an interval of its own.
GROUPS = ("prefill", "first token", "output token")
#: Engine, prompt, answer and requests of a row that does not say.
USUAL_ENGINE, PROMPT, ANSWER = "vLLM", 1024.0, 1024.0
#: Requests in flight beyond which a row is taken for a slip of the pen.
_MOST_REQUESTS = 1e9
#: Formats of rows that this report names otherwise.
_FORMATS = {"int4_wo": "int4", "int8_wo": "int8"}
#: Steps of the iteration to the equilibrium of a row that serves.
_ITERATIONS = 4


@dataclass(frozen=True)
class Load(Arrays):
    """What is asked of each deployment: requests in flight, tokens of prompt and answer, and how many requests fit.

    `prefill`, `decode` and `serve` are 1 for the row's kind.
    """

    requests: PerCase
    prompt: PerCase
    answer: PerCase
    capacity: PerCase
    prefill: PerCase
    decode: PerCase
    serve: PerCase


@dataclass(frozen=True)
class Question:
    """One row: the deployment it describes, its load, and what was assumed, in words."""

    deployment: Deployment
    load: dict[str, float]
    assumed: str


def question(run: Run) -> Question:
    """Return what one run asks. Raises RunsError for what can't be answered."""
    check_metric(run)
    try:
        return _question(run)
    except (DeploymentError, ParallelismError, ArchitectureError, accelerators.AcceleratorError) as exc:
        raise RunsError(runs.in_columns(str(exc), _COLUMNS)) from exc


def check_metric(run: Run) -> None:
    """Raise RunsError for a metric that the run's kind does not have."""
    valid = METRICS[run.kind]
    if run.metric not in valid:
        raise RunsError(f"metric = {run.metric!r} does not fit kind = {run.kind!r}; valid: {', '.join(valid)}")


def _question(run: Run) -> Question:
    said: dict[str, str] = {}
    wide = deployments.usual_16bit(run.chip)
    precision = run.precision
    if precision is None:
        precision = said["precision"] = wide
    precision = _FORMATS.get(precision, precision)
    if precision == "bf16" and wide == "fp16":
        precision = "bf16"  # refused below, by name
    engine = run.engine_family
    if engine not in deployments.ENGINES:
        engine = said["engine"] = USUAL_ENGINE
    narrow = precision == "nvfp4" or (engine == "TensorRT-LLM" and deployments.WEIGHT_BYTES.get(precision, 2.0) < 2)
    kept = "fp8" if narrow else wide
    prompt = run.input_len
    if not prompt:
        if prompt == 0 and run.kind == "prefill":
            raise RunsError("input_len = 0 is not valid; valid: a prompt of at least 1 token")
        prompt = PROMPT if prompt is None else 0.0
        said["input_len"] = f"{prompt:g}"
    answer = run.output_len
    if run.kind == "serve" and answer == 0:
        raise RunsError("output_len = 0 leaves nothing to decode; valid: at least 1 token, or kind prefill")
    if run.kind == "serve" and run.metric == "tpot_seconds" and answer is not None and answer <= 1:
        raise RunsError(
            f"output_len = {answer:g}, and an answer of one token has no time per output token; "
            "valid: at least 2 tokens, or metric ttft_seconds"
        )
    if answer is None:
        answer = ANSWER if run.kind == "serve" else 0.0
        if run.kind == "serve":
            said["output_len"] = f"{answer:g}"
    if run.concurrency is not None and not 1 <= run.concurrency <= _MOST_REQUESTS:
        raise RunsError(f"concurrency = {run.concurrency:g} is not valid; valid: 1 to {_MOST_REQUESTS:g} requests")
    arch = architecture.load(run.model)
    compute = deployments.possible_compute(run.chip, precision)
    if compute != deployments.usual_compute(run.chip, precision):
        said["matrix products"] = compute
    deployed = None
    refused: Exception | None = None
    for plan in _plans(run, arch):
        try:
            deployed = deployments.deploy(
                arch, run.chip, weight_precision=precision, compute_precision=compute, cache_precision=kept,
                engine=engine, **plan,
            )  # fmt: skip
            break
        except (DeploymentError, ParallelismError) as exc:
            refused = refused or exc
            if isinstance(exc, DeploymentError) and "do not fit" not in str(exc):
                raise
    if deployed is None:
        raise refused or RunsError(_no_plan(run))
    for name, field in (("tp", "tensor"), ("pp", "pipeline"), ("dp", "data"), ("n_chips", "chips")):
        if getattr(run, name) is None:
            said[name] = f"{getattr(deployed, field):g}"
    if run.ep is None and arch.n_experts:
        said["ep"] = f"{deployed.expert:g}"
    if redundant := deployments.expert_slots(arch.n_experts, deployed.expert) - arch.n_experts:
        said["redundant experts"] = f"{redundant:g}"
    deployments.check_context(deployed, max(prompt + answer, 1.0))
    # Requests are at all stages of their answers, so their caches are of the mean length.
    context = max(prompt + answer / 2, 1.0)
    capacity = float(deployments.largest_batch(deployed, context))
    requests = run.concurrency
    if requests is None:
        requests = 1.0 if run.kind == "prefill" else max(capacity, 1.0)
        said["concurrency"] = f"{requests:.15g}"
    if requests > capacity and kept == wide:
        deployed = replace(deployed, cache_precision="fp8")
        capacity = float(deployments.largest_batch(deployed, context))
    said["key-value cache"] = deployed.cache_precision
    if capacity < 1 or (run.kind != "serve" and requests > capacity):
        deployments.check_batch(deployed, requests, context)
    load = {"requests": requests, "prompt": prompt, "answer": answer, "capacity": capacity,
            **{kind: float(run.kind == kind) for kind in KINDS}}  # fmt: skip
    return Question(deployed, load, ", ".join(f"{name} {value}" for name, value in said.items()))


def _plans(run: Run, arch: architecture.Architecture) -> list[dict[str, Any]]:
    """Return the plans that a run may have had: what it says, and of what it does not the least that fits."""
    chips, expert = run.n_chips, run.ep
    stages = chips / (run.tp * run.dp) if chips and run.tp and run.dp else 1.0
    pipeline = int(run.pp or (stages if stages >= 1 and stages % 1 == 0 else 1))
    tensors = [run.tp] if run.tp else [size for size in (1, 2, 4, 8, 16) if not arch.n_heads % size]
    plans = []
    for tensor in tensors:
        data = run.dp
        if data is None:
            data = chips / (tensor * pipeline) if chips else 1
        if data < 1 or data % 1:
            continue
        if chips and tensor * pipeline * data != chips:
            if not run.tp:
                continue
            Parallelism(int(tensor), pipeline, int(data)).check_chips(int(chips))
        # Data-parallel groups without experts that they share are replicas; with experts they share these.
        experts = int(expert or 1)
        if experts == 1 and expert is None and arch.n_experts and data > 1:
            experts = int(tensor * data) if not arch.n_experts % (tensor * data) else 1
        plans.append({"tensor": int(tensor), "pipeline": pipeline, "data": int(data), "expert": experts})
    return plans


def _no_plan(run: Run) -> str:
    given = ", ".join(f"{name} = {getattr(run, name):g}" for name in ("tp", "pp", "dp") if getattr(run, name)) or "none"
    return f"n_chips = {run.n_chips:g} can't be divided by the plan given ({given}); valid: a multiple of it"


_COLUMNS = {"tensor": "tp", "pipeline": "pp", "data": "dp", "expert": "ep", "batch": "concurrency",
            "weight_precision": "precision"}  # fmt: skip


def stacked(questions: Sequence[Question]) -> tuple[Cases, Load]:
    """Return the deployments and loads of rows as arrays."""
    return deployments.cases([asked.deployment for asked in questions]), Load.stack([asked.load for asked in questions])


@dataclass(frozen=True)
class Equilibrium:
    """Seconds to the first token and an output token of rows, and the requests that are answered at a time."""

    first_token: PerCase
    output_token: PerCase
    answered: PerCase


def equilibrium(cases: Cases, load: Load, constants: InferenceConstants) -> Equilibrium:
    """Return what rows settle at.

    Decode rows answer all their requests; prefill rows pass all at once. In rows that serve, memory holds a number of
    requests, of which the share answering time / (time to first token + answering time) is answered (Little 1961).
    """
    context = np.maximum(load.prompt + load.answer / 2, 1.0)
    prompt, answer = np.maximum(load.prompt, 1.0), np.maximum(load.answer, 1.0)
    serves = load.serve == 1
    most = np.where(serves, np.minimum(load.requests, np.maximum(load.capacity, 1.0)), load.requests)
    arrival = cases.vllm * constants.vllm_arrival + cases.sglang * constants.sglang_arrival
    arrival = arrival + cases.tensorrt_llm * constants.tensorrt_llm_arrival
    held_back = constants.balancing_steps * cases.tensorrt_llm * (cases.plan.data > 1)
    answered: PerCase = most
    one_a_group = prompt * cases.plan.data
    # SGLang passes prompts by themselves while answers wait; the other engines pass both in one step.
    apart = pass_time.step_seconds(cases, one_a_group, 0.0, prompt, constants=constants)
    for _ in range(_ITERATIONS):
        decode = pass_time.decode_seconds(cases, answered, context, constants)
        both = pass_time.step_seconds(cases, one_a_group, answered, context, prompt=prompt, constants=constants)
        # What the prefill of a request in each group adds to the step of those that are answered.
        added = np.where(cases.sglang == 1, apart, both - decode)
        token = decode / pass_time.tokens_per_step(cases.draft_tokens, cases.acceptance)
        token = token + np.where(serves, answered / answer * added / cases.plan.data, 0.0)
        first = arrival + (1.5 + held_back) * decode + added
        first = first + constants.burst * load.requests / cases.plan.data * added
        answered = np.where(serves, most * answer * token / (first + answer * token), most)
    # Requests beyond the memory wait for their turn.
    waiting = np.maximum(load.requests - most, 0.0) / most * (first + answer * token)
    alone = pass_time.prefill_seconds(cases, load.requests, prompt, constants)
    return Equilibrium(np.where(serves, first + waiting, alone), token, answered)


def in_metric(cases: Cases, load: Load, settled: Equilibrium, metrics: Sequence[str]) -> PerCase:
    """Return what rows settle at in the metric of each."""
    names = np.array(metrics, dtype=object)
    decoded = settled.answered / settled.output_token
    speed = np.where(load.prefill == 1, load.requests * load.prompt / settled.first_token, decoded)
    return np.select(
        [names == "ttft_seconds", names == "tpot_seconds", names == "tokens_per_second"],
        [settled.first_token, settled.output_token, speed],
        speed / cases.chips,
    )


def predicted(questions: Sequence[Question], metrics: Sequence[str], constants: InferenceConstants) -> PerCase:
    """Return the prediction of each row in its metric."""
    cases, load = stacked(questions)
    return in_metric(cases, load, equilibrium(cases, load, constants), metrics)


def group(asked: Question, metric: str) -> str:
    """Return the group of a row: prefill alone; the first token of a server; what is decoded."""
    if asked.load["prefill"]:
        return "prefill"
    return "first token" if metric == "ttft_seconds" else "output token"
