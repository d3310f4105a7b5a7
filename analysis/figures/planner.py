"""The panel of the page "Plan a run": its controls, the first answer, and places for what the page's script computes.

What computes is `analysis/tracing`: the engine, written down as JavaScript, and the data that it needs; the scripts
`planning.js` and `plan.js` search with it and show what they find.
"""

import html
import json
from dataclasses import asdict, dataclass
from functools import cache

from analysis.plan.chip import Chip
from analysis.plan.model import Model
from analysis.plan.training_plan import TrainingPlan, plan_training
from analysis.tracing import engine, planner_data

#: The question that is answered before anything is touched; and the chips that every answer is compared with.
MODEL, CHIP, TOKENS, CHIPS = "Llama-3.1-70B", "H100 SXM5", 15e12, 1024
OTHERS = ("H100 SXM5", "H200 SXM", "B200 SXM (HGX/DGX)", "GB300 (per GPU)", "Instinct MI355X", "TPU v5p", "Ascend 910C")


@dataclass(frozen=True)
class Control:
    """One field of the form: `least` and `most` bound a number, `optional` ones may be left empty."""

    name: str
    label: str
    chinese: str
    value: str
    help: str = ""
    kind: str = "number"
    unit: str = ""
    least: float = 0.0
    most: float = 0.0
    whole: bool = False
    optional: bool = False


CONTROLS = {
    "The work (任务)": (
        Control("model", "Model", "模型", MODEL, "Type a part of its name.", "model"),
        Control("tokens", "Training tokens", "训练词元", "15 trillion", "", least=1e6, most=1e16, unit="tokens"),
        Control("by", "What is given", "已知条件", "chips", "", "choice"),
        Control("chips", "Chips", "芯片数", "1,024", "At most; what divides badly stays idle.", least=1, most=131_072,
                whole=True, unit="chips"),
        Control("days", "Days", "天数", "90", "The fewest chips that are done in time.", least=0.01, most=36_500, unit="days"),
        Control("dollars", "Dollars", "预算", "20 million", "The fastest plan whose rent stays within.", least=1,
                most=1e13, unit="dollars"),
    ),
    "The chip (芯片)": (
        Control("chip", "Chip", "芯片型号", CHIP, "", "choice"),
        Control("precision", "Number format", "数值格式", "bf16", "Of matrix products.", "choice"),
    ),
    "Changed in the chip (修改芯片)": (
        Control("memory", "Memory", "显存", "", "", optional=True, least=1, most=10_000, unit="GB"),
        Control("memory_bandwidth", "Memory bandwidth", "显存带宽", "", "", optional=True, least=0.05, most=1000, unit="TB/s"),
        Control("peak", "Peak in 16 bits", "峰值算力", "", "Dense.", optional=True, least=1, most=1e6, unit="TFLOPS"),
        Control("links", "Links between chips", "互联带宽", "", "Both directions together.", optional=True, least=1, most=1e5,
                unit="GB/s"),
        Control("rent", "Rent of a chip-hour", "租金", "", "", optional=True, least=0.001, most=10_000, unit="dollars"),
    ),
    "The answers (推理)": (
        Control("weights", "Weights", "权重格式", "bf16", "The format they are kept in.", "choice"),
        Control("prompt", "Prompt", "提示长度", "2,000", "", least=1, most=10_000_000, whole=True, unit="tokens"),
        Control("answer", "Answer", "回答长度", "500", "", least=1, most=10_000_000, whole=True, unit="tokens"),
        Control("tpot", "Time per token", "每词元时间", "50", "At most, for each request.", least=0.1, most=100_000, unit="ms"),
    ),
    "The step (每步训练)": (
        Control("sequence", "Sequence", "序列长度", "", "Empty: 4,096, or what the model can attend to.", optional=True,
                least=1, most=1_048_576, whole=True, unit="tokens"),
        Control("batch_tokens", "Batch", "批大小", "", "Empty: as is usual for so many chips.", optional=True, least=1,
                most=1e9, unit="tokens"),
    ),
}  # fmt: skip
#: Groups that a reader may leave as they are.
FOLDED = ("Changed", "The step", "The answers")
#: What `by` may be, as the page shows it.
GIVEN = {"chips": "Chips", "days": "Days", "dollars": "Dollars"}
#: Parts of a step's time and of a chip's memory in Chinese.
WORDS = {
    "matrix products": "矩阵乘法", "attention": "注意力", "elementwise": "逐元素运算", "tensor-parallel": "张量并行通信",
    "context-parallel": "上下文并行通信", "expert-parallel": "专家并行通信", "waiting for the host": "等待主机",
    "recomputation": "重计算", "vocabulary": "词表", "uneven stages": "流水线不均", "sharded weights": "权重聚合",
    "pipeline sends": "流水线传输", "pipeline bubble": "流水线气泡", "gradients": "梯度", "slowest chip": "等待最慢芯片",
    "optimizer": "优化器", "weights": "权重", "activations": "激活值", "loss": "损失", "free": "空闲",
}  # fmt: skip


class Planner:
    """The panel as HTML, for `publish`."""

    def _repr_html_(self) -> str:
        return markup()

    def __repr__(self) -> str:
        return first().sentence


@cache
def first() -> TrainingPlan:
    """Return the answer that stands before anything is touched."""
    return plan_training(Model.load(MODEL), Chip.load(CHIP), TOKENS, chips=CHIPS)


@cache
def description() -> dict:
    """Return what the page's script has to know."""
    return {
        "controls": [asdict(control) for group in CONTROLS.values() for control in group],
        "others": OTHERS,
        "words": WORDS,
        "data": planner_data.described(),
    }


def markup() -> str:
    """Return the panel as HTML. Without JavaScript it shows the first answer alone."""
    described = description()
    text = json.dumps(described, separators=(",", ":"), ensure_ascii=False).replace("<", "\\u003c")
    groups = [_group(title, controls, described["data"]) for title, controls in CONTROLS.items()]
    form = f'<form class="what-if-controls" hidden>{"".join(groups)}{_ACTIONS}</form>'
    answer = f'<p class="planner-answer" role="status">{html.escape(first().sentence)}</p><p class="planner-working"></p>'
    return (
        '<section class="what-if planner" aria-label="Plan a run">'
        "<noscript><p>The planner needs JavaScript. Below stands its first answer, and a table of common models.</p></noscript>"
        f'{answer}{form}<p class="planner-said what-if-said" role="alert"></p>{_SHOWN}'
        f'<script>{engine.script()}</script><script type="application/json">{text}</script></section>'
    )


def _group(title: str, controls: tuple[Control, ...], data: dict) -> str:
    english, _, chinese = title.rstrip(")").partition(" (")
    fields = "".join(_field(control, data) + (_FILE if control.kind == "model" else "") for control in controls)
    legend = f'{html.escape(english)} <span lang="zh">({chinese})</span>'
    if title.startswith(FOLDED):
        hidden = f'<legend class="visually-hidden">{english}</legend>'
        return f"<details><summary>{legend}</summary><fieldset>{hidden}{fields}</fieldset></details>"
    return f"<fieldset><legend>{legend}</legend>{fields}</fieldset>"


def _field(control: Control, data: dict) -> str:
    key = f"plan-{control.name.replace('_', '-')}"
    described = f'id="{key}" name="{control.name}" aria-describedby="{key}-help {key}-wrong"'
    listed = ""
    if control.kind == "choice":
        entry = f"<select {described}>{_options(control.name, data)}</select>"
    else:
        if control.kind == "model":
            listed = f' list="{key}-names"'
        unit = f'<span class="what-if-unit">{control.unit}</span>' if control.unit else ""
        entry = f'<input type="text" autocomplete="off" spellcheck="false"{listed} {described}>{unit}'
    names = "".join(f"<option>{html.escape(name)}</option>" for name in data["models"]) if listed else ""
    return (
        f'<div class="what-if-field"><label for="{key}">{control.label} <span lang="zh">({control.chinese})</span></label>'
        f'<div class="what-if-entry">{entry}</div>{f"<datalist id={key}-names>{names}</datalist>" if listed else ""}'
        f'<span class="what-if-help" id="{key}-help">{control.help}</span>'
        f'<span class="what-if-wrong" id="{key}-wrong" role="alert"></span></div>'
    )


def _options(name: str, data: dict) -> str:
    if name == "by":
        return "".join(f'<option value="{value}">{text}</option>' for value, text in GIVEN.items())
    if name in ("precision", "weights"):
        return ""
    vendors: dict[str, list[str]] = {}
    for chip, about in data["chips"].items():
        vendors.setdefault(about["family"][0], []).append(chip)
    return "".join(
        f'<optgroup label="{html.escape(vendor)}">{"".join(f"<option>{html.escape(chip)}</option>" for chip in chips)}</optgroup>'
        for vendor, chips in sorted(vendors.items())
    )


_FILE = (
    '<div class="what-if-field"><label for="plan-file">or its config.json <span lang="zh">(配置文件)</span></label>'
    '<div class="what-if-entry"><input type="file" id="plan-file" accept=".json" aria-describedby="plan-file-help"></div>'
    '<span class="what-if-help" id="plan-file-help">Dropped here or chosen; it is sent nowhere.</span></div>'
)
_ACTIONS = (
    '<p class="what-if-actions"><button type="reset">Reset</button> '
    '<button type="button" data-action="scenario">Download as scenario</button> '
    '<button type="button" data-action="table">Table as CSV</button> '
    '<button type="button" data-action="copy">Copy link</button></p>'
)


def _table(shown: str, caption: str, *columns: str) -> str:
    head = "".join(f'<th scope="col">{column}</th>' for column in columns)
    head = f"<thead><tr>{head}</tr></thead>" if columns else ""
    return (
        f'<div class="what-if-results" tabindex="0" role="region" aria-label="{caption}"><table class="result-table table">'
        f'{head}<tbody data-shown="{shown}"></tbody></table></div>'
    )


def _part(title: str, chinese: str, *content: str) -> str:
    return (
        f'<div class="planner-shown" hidden><h2 class="planner-title">{title} <span lang="zh">({chinese})</span></h2>'
        f"{''.join(content)}</div>"
    )


_WRITING = (
    '<p class="what-if-help">Of writing alone, one line a deployment. What prompts that come in between and waiting add is left '
    'out; <code>plan_serving</code> has both, and the chips of a day.</p><div class="planner-picture" data-shown="speeds"></div>'
)
_DEPLOYED = ("Plan", "Chips", "Weights on a chip", "Fit at once", "Keep the time", "ms a token", "Tokens a second and chip",
             "First token, s")  # fmt: skip
_COMPARED = ("Chip", "Format", "Chips", "Days", "Million dollars", "Sustained")
_SHOWN = (
    _part("What the answer rests on", "方案", _table("plan", "The plan and what it takes"))
    + _part("Where the time of a step goes", "每步时间构成", _table("parts", "Parts of a step"))
    + _part("Memory of the fullest chip", "显存构成", '<p data-shown="fits"></p>', _table("memory", "Parts of the memory"))
    + _part("Other chips, as many of them", "其他芯片", _table("chips", "Other chips", *_COMPARED))
    + _part("Days over numbers of chips", "天数与芯片数", '<div class="planner-picture" data-shown="days"></div>')
    + _part("Dollars over numbers of chips", "成本与芯片数", '<div class="planner-picture" data-shown="dollars"></div>')
    + _part(
        "How fast it answers", "推理速度", '<p data-shown="served"></p><div class="planner-picture" data-shown="speeds"></div>'
    )
    + '<details class="planner-shown" hidden><summary>Every deployment that was tried</summary>'
    + _table("deployments", "Deployments", *_DEPLOYED)
    + "</details>"
    + '<details class="planner-shown" hidden><summary>The numbers behind both pictures</summary>'
    + _table("curve", "A run on each number of chips", "Chips", "Days", "Million dollars", "Sustained")
    + "</details>"
)
