"""The what-if panel: controls for a scenario's fields, whose results the page computes with the package's own formulas.

The formulas are called with Altair parameters, so that the page evaluates what Python does (see analysis/scenarios/sizing.py);
what is described here for the page's script is only which control has which bounds, unit and name. A control holds a
number as people write it, "30" with the unit "days", and the scenario file that a reader takes away says just that.
"""

import html
import inspect
import json
import re
from collections.abc import Mapping

import altair as alt
import pandas as pd
import sympy

from analysis import facts, numerals, units
from analysis.figures.render import vega
from analysis.hardware import accelerators
from analysis.scenarios import equations, sizing
from analysis.scenarios.estimate import FLOAT_NOISE, estimate
from analysis.scenarios.scenario import ASSUMPTIONS, DECK, Scenario, limits

#: The fields that the deck's formulas take: what a reader calls each, the unit in which its control holds it, and the
#: size of that unit in the package's own.
_CONTROLS = {
    "parameters": ("Parameters of the model", "billion", 1e9),
    "training_tokens": ("Training tokens", "billion", 1e9),
    "training_time": ("Time for training", "days", 86_400.0),
    "accelerator": ("Accelerator", "", 1.0),
    "precision": ("Number format", "", 1.0),
    "peak": ("Peak of one accelerator", "TFLOPS", 1e12),
    "utilization": ("Utilization of the peak", "%", 0.01),
    "accelerators_per_server": ("Accelerators in a server", "", 1.0),
    "visits_per_day": ("Visits a day", "million", 1e6),
    "questions_per_visit": ("Questions a visit", "", 1.0),
    "characters_per_question": ("Characters a question, with its answer", "", 1.0),
    "tokens_per_character": ("Tokens a character", "", 1.0),
    "serving_time": ("Hours in which a day is served", "hours", 3600.0),
}
_NAMES = ("accelerator", "precision")
#: Which fields a stage hangs on; the rest concern both.
_OF_TRAINING = ("training_tokens", "training_time")
_OF_INFERENCE = ("visits_per_day", "questions_per_visit", "characters_per_question", "tokens_per_character", "serving_time")
#: A slider reaches so many times as far as the scenario's value, up and down; the number field takes all that is allowed.
_REACH = 100.0

#: What the page shows of each stage: a result's name in the estimate, what a reader calls it, and its unit.
RESULTS = {
    "Training": (
        ("training.flop", "Work", "FLOP"),
        ("training.accelerators", "Accelerators", ""),
        ("training.servers", "Servers", ""),
    ),
    "Inference": (
        ("inference.tokens_per_day", "Tokens a day", ""),
        ("inference.flop_per_day", "Work a day", "FLOP"),
        ("inference.accelerators", "Accelerators", ""),
        ("inference.servers", "Servers", ""),
    ),
}


#: The formula of each stage's accelerators.
FORMULAS = {"Training": sizing.training_accelerators, "Inference": sizing.inference_accelerators}


def takes(stage: str) -> list[str]:
    """Return the fields that the formula of a stage takes."""
    return list(inspect.signature(FORMULAS[stage]).parameters)


def accelerators_exact(stage: str, at: Mapping[str, object]) -> object:
    """Return the accelerators of a stage, not yet whole, of the fields `at` by name: numbers, or Altair parameters."""
    return FORMULAS[stage](**{name: at[name] for name in takes(stage)})


def _work(stage: str, at: Mapping[str, object]) -> dict[str, object]:
    """Return what a stage has to do, by the names of the estimate."""
    if stage == "Training":
        return {"training.flop": sizing.training_flop(at["parameters"], at["training_tokens"])}
    tokens = sizing.tokens_per_day(**{name: at[name] for name in inspect.signature(sizing.tokens_per_day).parameters})
    return {"inference.tokens_per_day": tokens, "inference.flop_per_day": sizing.inference_flop(at["parameters"], tokens)}


def signals(scenario: Scenario) -> dict[str, alt.Parameter]:
    """Return an Altair parameter for each number that the formulas take, at the value of `scenario`, by field."""
    return {name: alt.param(name=name, value=value) for name, value in fields(scenario).items()}


def fields(scenario: Scenario) -> dict[str, float]:
    """Return the numbers of `scenario` that the formulas take, in the package's units, by field."""
    values = {name: getattr(scenario, name) for name in _CONTROLS if name not in (*_NAMES, "peak")}
    return values | {"peak": scenario.peak_flop_per_second}


def result_parameters(stage: str, given: dict[str, alt.Parameter]) -> list[alt.Parameter]:
    """Return a parameter for each result of a stage, computed by the page from the parameters `given`."""
    key = stage.lower()
    work = [_computed(name, value) for name, value in _work(stage, given).items()]
    exact = _computed(f"{key}.accelerators_exact", accelerators_exact(stage, given))
    accelerators_whole = _computed(f"{key}.accelerators", _whole(exact))
    servers = sizing.servers_needed(accelerators_whole, given["accelerators_per_server"])
    return [*work, exact, accelerators_whole, _computed(f"{key}.servers", _whole(servers))]


def _computed(name: str, value: object) -> alt.Parameter:
    return alt.param(name=_signal(name), expr=vega(value))


def _whole(exact: alt.Parameter | alt.ParameterExpression) -> object:
    """Return the expression of what `analysis.scenarios.estimate.whole` computes."""
    nearest = alt.expr.round(exact)
    return alt.expr.if_(alt.expr.abs(exact - nearest) <= FLOAT_NOISE * exact, nearest, alt.expr.ceil(exact))


class Panel:
    """The panel of one scenario as HTML, for `publish`; the page's script `panel.js` brings it to life."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario

    def _repr_html_(self) -> str:
        return markup(self.scenario)

    def __repr__(self) -> str:
        return f"What-if panel: {self.scenario.title}"


def description(scenario: Scenario) -> dict:
    """Return what the page's script has to know: controls, peaks of the chips, models, results, equations."""
    return {
        "controls": [_control(name, scenario) for name in _CONTROLS],
        "others": {
            name: about.written(getattr(scenario, name))
            for name, about in ASSUMPTIONS.items()
            if name not in _CONTROLS and getattr(scenario, name) != getattr(DECK, name)
        },
        **_chips(scenario),
        "models": _models(),
        "results": {_signal(name): unit for results in RESULTS.values() for name, _label, unit in results},
        "equations": [_equation(stage) for stage in RESULTS],
        "number": units.NUMBER,
        "comma": units.COMMA,
    }


def markup(scenario: Scenario) -> str:
    """Return the panel as HTML. Without the script it shows the scenario's results, and says what is missing."""
    described = description(scenario)
    text = json.dumps(described, sort_keys=True, separators=(",", ":"), ensure_ascii=False).replace("<", "\\u003c")
    groups = {
        "The model and its training": ("model", "parameters", *_OF_TRAINING),
        "The hardware": ("accelerator", "precision", "peak", "utilization", "accelerators_per_server"),
        "The demand": _OF_INFERENCE,
    }
    fields_of = {control["name"]: _field(control) for control in described["controls"]}
    fields_of["model"] = _model_field(described["models"])
    sets = "".join(
        f"<fieldset><legend>{html.escape(title)}</legend>{''.join(fields_of[name] for name in names)}</fieldset>"
        for title, names in groups.items()
    )
    return (
        '<section class="what-if" aria-label="What-if panel">'
        "<noscript><p>The controls of this panel need JavaScript; the results below are the book's own.</p></noscript>"
        f'<form class="what-if-controls" hidden>{sets}'
        '<p class="what-if-actions"><button type="reset">Reset</button> '
        '<button type="button" data-action="download">Download as scenario</button> '
        '<button type="button" data-action="copy">Copy link</button></p></form>'
        f'<p class="what-if-summary" hidden></p>{_results_table(scenario)}<p class="what-if-said" role="status"></p>'
        '<div class="what-if-equations"></div>'
        f'<script type="application/json">{text}</script></section>'
    )


def _control(name: str, scenario: Scenario) -> dict:
    about = ASSUMPTIONS[name]
    label, unit, size = _CONTROLS[name]
    # The control has a unit of its own beside it.
    explained = re.sub(r", in (seconds|FLOP/s)", "", about.help)
    explained = "" if explained.rstrip(".") == label else explained
    shared = {"name": name, "label": label, "chinese": about.chinese, "help": explained, "unit": unit}
    if name in _NAMES:
        return shared | {"kind": "name", "value": getattr(scenario, name)}
    low, high = limits(name)
    value = scenario.peak if name == "peak" else getattr(scenario, name)
    number = {"size": size, "least": low / size, "most": high / size, "whole": name == "accelerators_per_server"}
    if name == "peak":
        return shared | number | {"kind": "optional", "value": None if value is None else _held(value, size)}
    middle = value / size
    if name in ("utilization", "serving_time"):
        slider = {"scale": "linear", "from": min(middle, 1.0), "to": high / size}
    else:
        slider = {"scale": "log", "from": max(low / size, middle / _REACH), "to": min(high / size, middle * _REACH)}
    return shared | number | slider | {"kind": "number", "value": _held(value, size)}


def _held(value: float, size: float) -> float:
    """Return the number that a control shows for `value`: the shortest that is `value` again in the package's unit."""
    for digits in range(1, 18):
        short = float(f"{value / size:.{digits}g}")
        if short * size == value:
            return short
    return value / size


def _chips(scenario: Scenario) -> dict[str, object]:
    """Return `peaks` by chip and format, with the scenario's own; `given` names those if data/accelerators.csv lacks them."""
    peaks = {chip: by_precision for chip in accelerators.table().index if (by_precision := _peaks(chip))}
    chip, precision = scenario.accelerator, scenario.precision
    if precision in peaks.get(chip, {}):
        return {"peaks": peaks, "given": None}
    peaks[chip] = peaks.get(chip, {}) | {precision: scenario.peak_flop_per_second}
    return {"peaks": peaks, "given": [chip, precision]}


def _peaks(chip: str) -> dict[str, float]:
    return {precision: accelerators.peak_flop_per_second(chip, precision) for precision in accelerators.precisions(chip)}


def _models() -> dict[str, dict[str, float]]:
    """Return parameters and training tokens of known models; of a mixture of experts, the parameters that a token uses."""
    table = facts.read("models")
    known = table[table["training_tokens"].notna() & table["parameters"].notna() & (table["verified"] == "yes")]
    return {
        row.model: {
            "parameters": _held(row.parameters if pd.isna(row.active_parameters) else row.active_parameters, 1e9),
            "training_tokens": _held(row.training_tokens, 1e9),
        }
        for row in known.sort_values("date", kind="stable").itertuples()
    }


def _equation(stage: str) -> dict[str, object]:
    """Return the equation of a stage's accelerators in LaTeX: with symbols, and with a place for each number."""
    expr, latex = equations.expression(FORMULAS[stage])
    places = {symbol: f"@{symbol.name.split('_', 1)[1]}@" for symbol in latex}
    return {
        "stage": stage,
        "symbols": sympy.latex(expr, symbol_names=latex),
        "numbers": equations.put(expr, places),
        "result": _signal(f"{stage.lower()}.accelerators_exact"),
    }


def _signal(name: str) -> str:
    return "result_" + name.replace(".", "_")


def _id(name: str) -> str:
    return f"what-if-{name.replace('_', '-')}"


def _field(control: dict) -> str:
    name, key = control["name"], _id(control["name"])
    label = f'{html.escape(control["label"])} <span lang="zh">({control["chinese"]})</span>'
    helped = f'<span class="what-if-help" id="{key}-help">{html.escape(control["help"])}</span>'
    wrong = f'<span class="what-if-wrong" id="{key}-wrong" role="alert"></span>'
    described = f'aria-describedby="{key}-help {key}-wrong"'
    if control["kind"] == "name":
        entry = f'<select id="{key}" name="{name}" {described}></select>'
    else:
        unit = f'<span class="what-if-unit">{html.escape(control["unit"])}</span>'
        entry = f'<input type="text" inputmode="decimal" autocomplete="off" id="{key}" name="{name}" {described}>{unit}'
    slider = ""
    if control["kind"] == "number":
        slider = f'<input type="range" data-field="{name}" aria-label="{html.escape(control["label"])}, slider">'
    return (
        f'<div class="what-if-field"><label for="{key}">{label}</label>'
        f'<div class="what-if-entry">{entry}</div>{slider}{helped}{wrong}</div>'
    )


def _model_field(models: dict) -> str:
    options = "".join(f"<option>{html.escape(name)}</option>" for name in models)
    return (
        '<div class="what-if-field"><label for="what-if-model">Model</label><div class="what-if-entry">'
        '<select id="what-if-model" name="model" aria-describedby="what-if-model-help">'
        f'<option value="">as set below</option>{options}</select></div>'
        '<span class="what-if-help" id="what-if-model-help">Sets parameters and tokens to those of a published model; '
        "of a mixture of experts, the parameters that a token uses.</span></div>"
    )


def _results_table(scenario: Scenario) -> str:
    book = estimate(scenario).flat()
    rows = "".join(
        f'<tr><th scope="row">{stage}: {label.lower()}</th>'
        f'<td class="number" data-result="{_signal(name)}">{_shown(book[name], unit)}</td>'
        f'<td class="number">{_shown(book[name], unit)}</td>'
        f'<td class="number" data-ratio="{_signal(name)}" data-book="{book[name]!r}">1</td></tr>'
        for stage, results in RESULTS.items()
        for name, label, unit in results
    )
    return (
        '<div class="what-if-results" tabindex="0" role="region" aria-label="Results">'
        '<table class="result-table table"><thead><tr><th scope="col">Result</th>'
        '<th scope="col" class="number">This panel</th><th scope="col" class="number">This book</th>'
        f'<th scope="col" class="number">Ratio</th></tr></thead><tbody>{rows}</tbody></table></div>'
    )


def _shown(value: float, unit: str) -> str:
    text = numerals.whole(value) if isinstance(value, int) and abs(value) < 1e15 else numerals.scientific(value)
    return f"{text} {unit}".strip()
