"""The engine as JavaScript: a training step with its memory, and a pass of inference with its cache."""

from collections.abc import Mapping
from dataclasses import fields, replace

from analysis.arrays import PerCase
from analysis.economics import whole_run
from analysis.hardware.machine import Machine
from analysis.inference import cache_room, deployments, pass_time
from analysis.inference.deployments import Cases
from analysis.inference.inference_constants import InferenceConstants
from analysis.inference.inference_fitted import CONSTANTS as CONSTANTS_OF_INFERENCE
from analysis.plan.opening import MOST_KINDS
from analysis.steps.parameters import parameters
from analysis.steps.shape import Shape
from analysis.steps.software import Behaviour
from analysis.steps.step import Plan, Steps
from analysis.tracing import javascript
from analysis.tracing.traced import Traced, inputs
from analysis.training import assumptions, footprint, metrics, step_time
from analysis.training.constants import Constants
from analysis.training.fitted import CONSTANTS

#: Names of the fields of one kind of layers, and what a pass is asked.
SHAPE = tuple(field.name for field in fields(Shape)[:-1])
PASS = ("prefill_tokens", "batch", "context", "prompt", "length")


def shape_inputs(kinds: int) -> Shape:
    """Return a model of so many kinds of layers whose numbers are inputs: `shape0.n_layers` and so on."""
    first, *others = (inputs(Shape, f"shape{place}.", more=()) for place in range(kinds))
    return replace(first, more=tuple(others))


def training(kinds: int, constants: Constants = CONSTANTS) -> Mapping[str, PerCase]:
    """Return what is predicted of a training step of a model with so many kinds of layers, traced.

    The seconds by part, as `seconds.NAME`, and the memory, as `memory.NAME`; what analysis/training/step_time.py has beside
    them; and whether a run of `tokens` trains a model that is meant to be used, with the seconds of a step by the clock.
    `plan.free` is 1 where as many layers are recomputed whole as memory asks for.
    """
    asked = Steps(
        **{name: Traced(name) for name in ("sequence", "global_batch", "predicted_tokens")},
        shape=shape_inputs(kinds),
        machine=inputs(Machine, "machine."),
        behaviour=inputs(Behaviour, "behaviour."),
        plan=inputs(Plan, "plan."),
    )
    steps = assumptions.filled(asked, Traced("plan.free"))
    prediction = step_time.predict(steps, constants)
    model = parameters(steps)
    trains = ~whole_run.is_benchmark(Traced("tokens"), model.active + model.output)
    return {
        "memory": prediction.memory_bytes,
        "fits": prediction.fits,
        "seconds": prediction.seconds,
        "trains": trains,
        "clock_seconds": metrics.by_the_clock(prediction.seconds, steps, trains, constants.loss_exponent),
        "model_flop": prediction.model_flop,
        "hardware_flop": prediction.hardware_flop,
        "recomputed_layers": steps.plan.recomputed_layers,
        **{f"seconds.{name}": seconds for name, seconds in prediction.parts.items()},
        **{f"memory.{name}": held for name, held in footprint.memory_parts(steps).items()},
    }


def training_inputs(kinds: int) -> tuple[list[str], list[str], list[str]]:
    """Return the names of the inputs of `training`: those that differ from plan to plan, those that a question fixes, and those
    that many plans share: their split and micro-batch."""
    varying = [f"plan.{name}" for name in ("virtual_pipeline", "zero", "recomputation", "recomputed_layers", "free")] + ["tokens"]
    fixed = ["sequence", "predicted_tokens", *_names("machine", Machine), *_names("behaviour", Behaviour), *_shape(kinds)]
    return varying, fixed, ["global_batch", *(name for name in _names("plan", Plan) if name not in varying)]


def _names(prefix: str, kind: type) -> list[str]:
    return [f"{prefix}.{field.name}" for field in fields(kind)]


def _shape(kinds: int) -> list[str]:
    return [f"shape{place}.{name}" for place in range(kinds) for name in SHAPE]


def serving(kinds: int, constants: InferenceConstants = CONSTANTS_OF_INFERENCE) -> Mapping[str, PerCase]:
    """Return what is predicted of a pass of inference of a model with so many kinds of layers, traced.

    The pass reads `prefill_tokens` of prompts of `prompt` tokens and writes a token for each of `batch` requests at `context`
    tokens: its seconds, and by part as `seconds.NAME`; the tokens that each request gets by it; and how many requests of
    `length` tokens fit, as the engine leaves room and where all memory is used.
    """
    cases = inputs(Cases, "case.", shape=shape_inputs(kinds), machine=inputs(Machine, "machine."), plan=inputs(Plan, "plan."))
    asked = {name: Traced(name) for name in PASS}
    parts = pass_time.step_parts(
        cases, asked["prefill_tokens"], asked["batch"], asked["context"], prompt=asked["prompt"], constants=constants
    )
    return {
        "seconds": sum(parts.values()),
        "tokens": pass_time.tokens_per_step(cases.draft_tokens, cases.acceptance),
        "largest_batch": deployments.largest_batch(cases, asked["length"]),
        "largest_batch_tuned": deployments.largest_batch(cases, asked["length"], tuned=True),
        "request_bytes": cases.request_bytes(asked["length"]),
        "room": cache_room.room(cases),
        **{f"seconds.{name}": seconds for name, seconds in parts.items()},
    }


def serving_inputs(kinds: int) -> tuple[list[str], list[str], list[str]]:
    """Return the names of the inputs of `serving`: those that differ from pass to pass, and those that a replica fixes."""
    cases = [name for name in _names("case", Cases) if name not in ("case.shape", "case.machine", "case.plan")]
    return list(PASS), [*_names("machine", Machine), *_names("plan", Plan), *cases, *_shape(kinds)], []


def script() -> str:
    """Return the classic script of the engine: `engine()` gives `training1` to `training4`, by the number of kinds of layers,
    and `serving1` to `serving4`. Of a training step that does not fit they give the memory alone."""
    functions = {}
    for kinds in range(1, MOST_KINDS + 1):
        varying, fixed, shared = training_inputs(kinds)
        functions[f"training{kinds}"] = javascript.function(varying, training(kinds), fixed, shared, guard="fits")
        varying, fixed, shared = serving_inputs(kinds)
        functions[f"serving{kinds}"] = javascript.function(varying, serving(kinds), fixed, shared)
    return javascript.script("engine", functions)
