"""A notebook's computation in this process, without a kernel: what it publishes under a scenario, and what can't be read."""

import re
from pathlib import Path
from typing import Any

import altair as alt
import nbformat
import pytest
from hypothesis import strategies as st

from analysis import paths
from analysis.hardware import accelerators
from analysis.report import notebook as notebook_module
from analysis.report import runner
from analysis.scenarios import reading
from analysis.scenarios.scenario import ASSUMPTIONS, DECK, Scenario, limits

#: What Python and pandas write where there is no number, and digits that nobody counts.
_UNREADABLE = re.compile(r"(?<![\w'])[-−]?(?:nan|NaN|inf|Infinity|NaT)(?![\w'])|Traceback|\d{1,3}(?:,\d{3}){6,}|0\.0{9,}")

_NUMBERS = [name for name, about in ASSUMPTIONS.items() if about.unit is not None and getattr(DECK, name) is not None]
_OWN_CHIPS = [{"accelerator": "Mine", "precision": "FP6", "peak": f"{peak!r} FLOP/s"} for peak in limits("peak")]


def of_scenario() -> list[str]:
    """Return the notebooks whose computation depends on the scenario."""
    return [path.stem for path in runner.notebooks() if runner.assumptions(path).keys() & ASSUMPTIONS.keys()]


@st.composite
def scenarios(draw: st.DrawFn) -> Scenario:
    """Draw a valid scenario: some of its numbers anywhere within their bounds, or at one; any chip with a format it has."""
    values: dict[str, Any] = {}
    for name in draw(st.sets(st.sampled_from(_NUMBERS), min_size=1)):
        low, high = limits(name)
        share = draw(st.sampled_from([0.0, 1.0]) | st.floats(0, 1))
        value = min(high, max(low, low * (high / low) ** share))
        values[name] = round(value) if name == "accelerators_per_server" else f"{value!r}{_unit(name)}"
    return reading.build(draw(chips()) | values | {"title": "Drawn"}, "drawn")


@st.composite
def chips(draw: st.DrawFn) -> dict[str, str]:
    """Draw an accelerator and a format that it has a peak in, or one of the reader's own."""
    names = [name for name in accelerators.table().index if accelerators.precisions(name)]
    name = draw(st.sampled_from(names))
    listed = {"accelerator": name, "precision": draw(st.sampled_from(accelerators.precisions(name)))}
    return draw(st.sampled_from([listed, listed, *_OWN_CHIPS]))


def _unit(name: str) -> str:
    return " s" if ASSUMPTIONS[name].unit == "second" else ""


def published(name: str, scenario: Scenario) -> dict[str, Any]:
    """Return what the notebook `name` publishes under `scenario`, by name: texts, charts, and what shows itself as HTML."""
    path = paths.NOTEBOOKS / f"{name}.ipynb"
    cells = [cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    given = [f"{field} = {value!r}" for field, value in runner.parameters(path, scenario).items()]
    cells.insert(1, "\n".join(["# Parameters", *given]))
    found: dict[str, Any] = {}
    space: dict[str, Any] = {"In": [""]}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(notebook_module, "glue", lambda key, value, display=True: found.update({key: value}))
        for number, source in enumerate(cells):
            space["In"].append(source)
            exec(compile(source, f"{name}, cell {number}", "exec"), space)
    return found


def unreadable(results: dict[str, Any]) -> list[str]:
    """Return a line for each result with something in it that is no number and no sentence, and for each empty chart."""
    lines = []
    for name, value in results.items():
        text = _text(value)
        if found := _UNREADABLE.search(text):
            lines.append(f"{name}: {text[max(0, found.start() - 60) : found.end() + 40]!r}")
        if isinstance(value, alt.TopLevelMixin) and not any(value.to_dict().get("datasets", {"": True}).values()):
            lines.append(f"{name}: a chart of nothing")
    return lines


def _text(value: Any) -> str:
    """Return what a reader reads of a result."""
    if isinstance(value, alt.TopLevelMixin):
        spec = value.to_dict()
        return "\n".join([spec["title"], spec["usermeta"].get("subtitle", ""), spec["usermeta"]["description"]])
    html = value if isinstance(value, str) else getattr(value, "data", "") or ""
    return re.sub(r"<script.*?</script>|<[^>]*>", " ", html, flags=re.DOTALL)


def case(name: str) -> Path:
    """Return the scenario file `name` of tests/scenarios/at_the_bounds."""
    return paths.ROOT / "tests" / "scenarios" / "at_the_bounds" / f"{name}.yml"
