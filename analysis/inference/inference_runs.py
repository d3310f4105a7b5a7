"""Rows of inference in the format of data/runs.csv: what is asked, what has to be assumed, and the row's own metric.

What a row that serves settles at is in analysis/inference/server_load.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from analysis.arrays import PerCase
from analysis.evidence import runs
from analysis.evidence.runs import Run, RunsError
from analysis.hardware import accelerators
from analysis.inference import deployments, inference_layers
from analysis.inference.deployments import Cases, Deployment, DeploymentError
from analysis.inference.inference_constants import InferenceConstants
from analysis.inference.server_load import Equilibrium, Load, equilibrium
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
GROUPS = ("bare prefill", "bare step", "prefill", "decode step", "first token", "output token", "server speed")
#: Engine, prompt, answer and requests of a row that does not say.
USUAL_ENGINE, PROMPT, ANSWER = "vLLM", 1024.0, 1024.0
#: Requests in flight beyond which a row is taken for a slip of the pen.
_MOST_REQUESTS = 1e9
#: Formats of rows that this report names otherwise.
_FORMATS = {"int4_wo": "int4", "int8_wo": "int8"}
#: Tokens that are drafted a step, and the probability that one is accepted, where a row says no more than that some are:
#: what EAGLE-3 (Li et al. 2025) and models' own further layers reach on texts, two to three tokens a step.
DRAFT_TOKENS, ACCEPTANCE = 3.0, 0.7
#: Requests that vLLM runs at once at most by default, before and since its second engine's defaults for large chips.
VLLM_REQUESTS, VLLM_REQUESTS_SINCE = (256.0, 1024.0), "2025-05"
#: Times the model's own context to which runs stretch its positions.
STRETCHED = 2.0
#: Steps in which people round lengths, and how near to a multiple of one a round length is, as a share of it.
_ROUND, _NEAR = (50.0, 64.0), 0.006


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
    # Intel's recipes for Gaudi quantize the cache with the weights.
    narrow = narrow or (precision == "fp8" and run.chip.startswith("Gaudi"))
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
    drafted = _drafted(run, said)
    deployed = None
    refused: Exception | None = None
    for plan in _plans(run, arch):
        try:
            deployed = deployments.deploy(
                arch, run.chip, weight_precision=precision, compute_precision=compute, cache_precision=kept,
                engine=engine, software_year=_software_year(run), padded_heads=run.tp is not None, **drafted, **plan,
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
    _check_context(deployed, max(prompt + answer, 1.0), said)
    # Requests are at all stages of their answers, so their caches are of the mean length.
    context = max(prompt + answer / 2, 1.0)
    burst = run.kind == "serve" and run.arrivals in ("burst", "static")
    varied = burst and not _is_round(prompt)
    # A load that is published has mostly been tuned for; a burst, or one that is not said, comes to the engine's defaults.
    cases = deployments.cases(deployed)
    capacity = _capacity(cases, context, tuned=run.arrivals != "burst")
    requests = run.concurrency
    if requests is None:
        requests = 1.0 if run.kind == "prefill" else max(_capacity(cases, context), 1.0)
        said["concurrency"] = f"{requests:.15g}"
    if requests > capacity and kept == wide and run.arrivals != "burst":
        deployed = replace(deployed, cache_precision="fp8")
        capacity = _capacity(deployments.cases(deployed), context, tuned=True)
    if run.kind == "serve" and run.arrivals == "burst":
        capacity = max(min(capacity / _lengthening(prompt, answer, varied), _most_requests(run, deployed)), 1.0)
    elif burst:
        capacity = max(capacity, requests)
    if varied:
        said["answers"] = "of varied lengths"
    said["key-value cache"] = deployed.cache_precision
    if capacity < 1 or (run.kind != "serve" and requests > capacity):
        deployments.check_batch(deployed, requests, context, tuned=True)
    load = {"requests": requests, "prompt": prompt, "answer": answer, "capacity": capacity, "burst": burst, "varied": varied,
            "steady": run.arrivals == "steady", **{kind: float(run.kind == kind) for kind in KINDS}}  # fmt: skip
    return Question(deployed, load, ", ".join(f"{name} {value}" for name, value in said.items()))


def _check_context(deployed: Deployment, tokens: float, said: dict[str, str]) -> None:
    """Raise DeploymentError for a context that is much longer than the model's; runs stretch rotary positions somewhat."""
    longest = deployments.context_length(deployed.architecture)
    if tokens > (1.0 if deployed.architecture.learned_positions else STRETCHED) * longest:
        deployments.check_context(deployed, tokens)
    if tokens > longest:
        said["context"] = "beyond the model's own"


def _capacity(cases: Cases, context: float, *, tuned: bool = False) -> float:
    """Return how many requests of `context` tokens fit into one deployment at once."""
    return float(deployments.largest_batch(cases, context, tuned=tuned).item())


def _software_year(run: Run) -> float:
    """Return the year of a run's software as its date tells it; of an engine that is not known that of the present, since
    what its host does is not known, but for what every engine's kernels did before."""
    if run.date and not run.date[:4].isdecimal():
        raise RunsError(f"date = {run.date!r} is not valid; valid: a year, or a year and more, such as 2026-03")
    year = float(run.date[:4]) if run.date else deployments.CURRENT_YEAR
    known = run.engine_family in deployments.ENGINES or year < inference_layers.GROUPED_SINCE
    return min(year, deployments.CURRENT_YEAR) if known else deployments.CURRENT_YEAR


def _drafted(run: Run, said: dict[str, str]) -> dict[str, Any]:
    """Return the drafted tokens a step of a run and the probability that one is accepted."""
    if run.draft_tokens is None and not run.acceptance:
        return {}
    drafts = run.draft_tokens if run.draft_tokens is not None else DRAFT_TOKENS
    acceptance = run.acceptance
    if acceptance is None:
        acceptance = ACCEPTANCE
        said["acceptance"] = f"{acceptance:g}"
    return {"draft_tokens": int(drafts), "acceptance": acceptance}


def _is_round(tokens: float) -> bool:
    """Say whether a length is one that people choose, rather than the mean of texts."""
    return any(abs(tokens - round(tokens / step) * step) <= _NEAR * tokens for step in _ROUND)


def _lengthening(prompt: float, answer: float, varied: bool) -> float:
    """Return how much longer the requests that run are than the mean request: long answers run longer. Exponential answers
    are half written at twice the mean's half."""
    return (prompt + answer) / (prompt + answer / 2) if varied else 1.0


def _most_requests(run: Run, deployed: Deployment) -> float:
    """Return how many requests the engine's defaults run at once."""
    if deployed.engine != "vLLM":
        return np.inf
    return VLLM_REQUESTS[run.date is None or run.date >= VLLM_REQUESTS_SINCE] * deployed.data


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
    """Return the group of a row: prefill or decoding alone (bare without an engine); what of a server is told."""
    bare = asked.deployment.engine == "PyTorch"
    if asked.load["prefill"]:
        return "bare prefill" if bare else "prefill"
    if asked.load["decode"]:
        return "bare step" if bare else "decode step"
    return {"ttft_seconds": "first token", "tpot_seconds": "output token"}.get(metric, "server speed")
