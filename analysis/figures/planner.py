"""The panel of the page "Plan a run": its controls, the first answer, and places for what the page's script computes.

What computes is `analysis/tracing`: the engine, written down as JavaScript, and the data that it needs; the scripts
`planning.js`, `serving.js`, `queue.js` and `plan.js` search with it and show what they find.
"""

import html
import json
from dataclasses import asdict, dataclass
from functools import cache

from analysis.plan.chip import Chip
from analysis.plan.interval import PlanError
from analysis.plan.model import Model
from analysis.plan.opening import Opening
from analysis.plan.requests import Requests
from analysis.plan.serving_plan import ServingPlan, plan_serving
from analysis.plan.training_plan import TrainingPlan, plan_training
from analysis.scenarios.alternatives import REQUESTS_PER_USER
from analysis.tracing import engine, planner_data

#: The questions that are answered before anything is touched; and the chips that every answer is compared with.
MODEL, CHIP, TOKENS, CHIPS = Opening().model, Opening().chip, 15e12, 1024
REQUESTS, TTFT, TPOT = Requests(prompt=2000, answer=500, per_second=100), 2.0, 0.05
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
    "Model and chip (模型与芯片)": (
        Control("model", "Model", "模型", MODEL, "Type a part of its name.", "model"),
        Control("chip", "Chip", "芯片型号", CHIP, "", "choice"),
    ),
    "Training (训练)": (
        Control("tokens", "Training tokens", "训练词元", "15 trillion", "", least=1e6, most=1e16, unit="tokens"),
        Control("by", "What is given", "已知条件", "chips", "", "choice"),
        Control("chips", "Chips", "芯片数", "1,024", "At most; what divides badly stays idle.", least=1, most=131_072,
                whole=True, unit="chips"),
        Control("days", "Days", "天数", "90", "The fewest chips that are done in time.", least=0.01, most=36_500, unit="days"),
        Control("dollars", "Dollars", "预算", "20 million", "The fastest plan whose rent stays within.", least=1,
                most=1e13, unit="dollars"),
        Control("precision", "Number format", "数值格式", "bf16", "Of matrix products.", "choice"),
    ),
    "Serving (推理服务)": (
        Control("demand", "Demand", "需求", "requests", "", "choice"),
        Control("requests", "Requests", "请求数", "100", "On the mean of the day.", least=1e-6, most=1e9, unit="a second"),
        Control("users", "Users a day", "日活用户", "1 million", f"{REQUESTS_PER_USER} requests each.", least=1, most=1e11,
                unit="users"),
        Control("busiest", "Busiest hour", "高峰", "1", "Over the mean; 1: a flat day.", least=1, most=24, unit="times"),
        Control("prompt", "Prompt", "提示长度", "2,000", "", least=1, most=10_000_000, whole=True, unit="tokens"),
        Control("answer", "Answer", "回答长度", "500", "", least=2, most=10_000_000, whole=True, unit="tokens"),
        Control("cached", "Known of a prompt", "缓存命中", "0", "From an earlier request.", least=0, most=100, unit="%"),
        Control("ttft", "First token", "首词元时间", "2", "At most, for 95% of requests.", least=0.001, most=10_000, unit="s"),
        Control("tpot", "Each further token", "每词元时间", "50", "At most, on the mean of an answer, for 95%.", least=0.1,
                most=100_000, unit="ms"),
        Control("weights", "Weights", "权重格式", "bf16", "The format they are kept in.", "choice"),
    ),
    "Changed in the chip (修改芯片)": (
        Control("memory", "Memory", "显存", "", "", optional=True, least=1, most=10_000, unit="GB"),
        Control("memory_bandwidth", "Memory bandwidth", "显存带宽", "", "", optional=True, least=0.05, most=1000, unit="TB/s"),
        Control("peak", "Peak in 16 bits", "峰值算力", "", "Dense.", optional=True, least=1, most=1e6, unit="TFLOPS"),
        Control("links", "Links between chips", "互联带宽", "", "Both directions together.", optional=True, least=1, most=1e5,
                unit="GB/s"),
        Control("rent", "Rent of a chip-hour", "租金", "", "", optional=True, least=0.001, most=10_000, unit="dollars"),
    ),
    "The step (每步训练)": (
        Control("sequence", "Sequence", "序列长度", "", "Empty: 4,096, or what the model can attend to.", optional=True,
                least=1, most=1_048_576, whole=True, unit="tokens"),
        Control("batch_tokens", "Batch", "批大小", "", "Empty: as is usual for so many chips.", optional=True, least=1,
                most=1e9, unit="tokens"),
    ),
}  # fmt: skip
#: Groups that a reader may leave as they are.
FOLDED = ("Changed", "The step")
#: What `by` and `demand` may be, as the page shows it: each names the field that then counts.
GIVEN = {
    "by": {"chips": "Chips", "days": "Days", "dollars": "Dollars"},
    "demand": {"requests": "Requests a second", "users": "Users a day"},
}
#: Parts of a step's time and of a chip's memory in Chinese.
WORDS = {
    "matrix products": "矩阵乘法", "attention": "注意力", "elementwise": "逐元素运算", "tensor-parallel": "张量并行通信",
    "context-parallel": "上下文并行通信", "expert-parallel": "专家并行通信", "waiting for the host": "等待主机",
    "recomputation": "重计算", "vocabulary": "词表", "uneven stages": "流水线不均", "sharded weights": "权重聚合",
    "pipeline sends": "流水线传输", "pipeline bubble": "流水线气泡", "gradients": "梯度", "slowest chip": "等待最慢芯片",
    "optimizer": "优化器", "attention weights": "注意力权重", "MLP": "前馈网络", "experts": "专家", "kernels": "内核启动",
    "host": "主机", "key-value cache": "键值缓存", "attention of prompts": "提示的注意力", "communication": "通信",
    "cache": "缓存", "weights": "权重", "activations": "激活值", "loss": "损失", "free": "空闲",
}  # fmt: skip


class Planner:
    """The panel as HTML, for `publish`, as it opens."""

    def __init__(self, opening: Opening) -> None:
        self.opening = opening

    def _repr_html_(self) -> str:
        return markup(self.opening)

    def __repr__(self) -> str:
        return answers(self.opening)[0]


@cache
def first(model: str = MODEL, chip: str = CHIP) -> TrainingPlan:
    """Return the training run that is planned before anything is touched. Raises PlanError."""
    return plan_training(Model.load(model), Chip.load(chip), TOKENS, chips=CHIPS)


@cache
def first_service(model: str = MODEL, chip: str = CHIP) -> ServingPlan:
    """Return the service that is planned before anything is touched. Raises PlanError."""
    return plan_serving(Model.load(model), Chip.load(chip), REQUESTS, ttft=TTFT, tpot=TPOT)


def answers(opening: Opening) -> list[str]:
    """Return the sentences that stand in the page before its script has run, each a plan or why there is none."""
    told = []
    for plan in (first, first_service):
        try:
            told.append(plan(opening.model, opening.chip).sentence)
        except PlanError as exc:
            told.append(str(exc))
    return told


def controls(opening: Opening) -> list[dict]:
    """Return the fields of the form, as the page opens."""
    usual = Chip.load(opening.chip).precision
    opens = {"model": Model.load(opening.model).name, "chip": Chip.load(opening.chip).name, "precision": usual, "weights": usual}
    every = [asdict(control) for group in CONTROLS.values() for control in group]
    return [control | {"value": opens.get(control["name"], control["value"])} for control in every]


@cache
def data() -> dict:
    """Return what the planner of every page has to know."""
    return planner_data.described()


def description(opening: Opening) -> dict:
    """Return what the page's script has to know."""
    known, asked = data(), Model.load(opening.model)
    if asked.name not in known["models"]:  # a config.json of the scenario's own
        known = known | {"models": known["models"] | {asked.name: planner_data.model(asked.architecture)}}
    return {"controls": controls(opening), "given": GIVEN, "others": OTHERS, "words": WORDS, "data": known}


def markup(opening: Opening) -> str:
    """Return the panel as HTML. Without JavaScript it shows the first answers alone."""
    described = description(opening)
    text = json.dumps(described, separators=(",", ":"), ensure_ascii=False).replace("<", "\\u003c")
    groups = [_group(title, fields, described["data"]) for title, fields in CONTROLS.items()]
    form = f'<form class="what-if-controls" hidden>{"".join(groups)}{_ACTIONS}</form>'
    run, service = map(html.escape, answers(opening))
    told = (
        f'<p class="planner-answer" role="status">{run}</p><p class="planner-answer planner-service" role="status">{service}</p>'
        '<p class="planner-working"></p>'
    )
    return (
        '<section class="what-if planner" aria-label="Plan a run">'
        "<noscript><p>The planner needs JavaScript. Below stand its first answers, and a table of common models.</p></noscript>"
        f'{told}{form}<p class="planner-said what-if-said" role="alert"></p>{_SHOWN}'
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
    if name in GIVEN:
        return "".join(f'<option value="{value}">{text}</option>' for value, text in GIVEN[name].items())
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


_DEPLOYED = ("Plan", "Chips", "Weights on a chip", "Fit at once", "ms a token", "Tokens a second and chip")
_COMPARED = ("Chip", "Format", "Chips", "Days", "Million dollars", "Sustained")
_SHOWN = (
    _part("What the answer rests on", "方案", _table("plan", "The plan and what it takes"))
    + _part("Where the time of a step goes", "每步时间构成", _table("parts", "Parts of a step"))
    + _part("Memory of the fullest chip", "显存构成", '<p data-shown="fits"></p>', _table("memory", "Parts of the memory"))
    + _part("Other chips, as many of them", "其他芯片", _table("chips", "Other chips", *_COMPARED))
    + _part("Days over numbers of chips", "天数与芯片数", '<div class="planner-picture" data-shown="days"></div>')
    + _part("Dollars over numbers of chips", "成本与芯片数", '<div class="planner-picture" data-shown="dollars"></div>')
    + _part("What serving rests on", "推理方案", _table("service", "The service and what it takes"))
    + _part("Where the time of a token goes", "每词元时间构成", _table("writing", "Parts of a step of answers"))
    + _part("Memory of a chip that writes", "推理显存构成", _table("cache", "Parts of the memory of a chip that writes"))
    + _part(
        "How fast a chip writes",
        "推理速度",
        '<p class="what-if-help">Writing alone, without prompts in between: one line a replica, more requests to the right. The '
        'dot is the plan.</p><div class="planner-picture" data-shown="speeds"></div>',
    )
    + '<details class="planner-shown" hidden><summary>Every replica that holds the model, with as many requests as fit</summary>'
    + _table("deployments", "Replicas", *_DEPLOYED)
    + "</details>"
    + '<details class="planner-shown" hidden><summary>The numbers behind both pictures</summary>'
    + _table("curve", "A run on each number of chips", "Chips", "Days", "Million dollars", "Sustained")
    + "</details>"
)
