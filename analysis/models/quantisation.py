"""How a file's weights are stored: its `quantization_config` read as data, and bytes of weights in number formats.

Matrices of layers are quantised; embeddings, head, norms, routers and vectors stay as they are, and so do the modules that
the file names. A format's bits a weight have those of its scales. Biases are counted with their matrix.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from typing import TYPE_CHECKING, Any

from analysis.models.families.fields import Fields
from analysis.models.operation import Operation

if TYPE_CHECKING:
    from analysis.models.architecture import Architecture

#: Bits a weight, with a scale of 32 bits a block of 128 x 128, of 8 bits for 32 (OCP MX) or 16 (NVFP4) weights, or of
#: 16 bits, and a zero point of 4, for 128 weights.
BITS = {"fp32": 32.0, "bf16": 16.0, "fp8": 8 + 32 / 128**2, "int8": 8.0, "mxfp4": 4.25, "nvfp4": 4.5, "int4": 4 + 20 / 128}
WIDE = {"float32": 32.0, "float": 32.0, "torch.float32": 32.0}
#: What a layer's operations are called in files: the module, then the matrix.
MODULES = {
    "attention": ("self_attn", "attn", "attention", "mixer"),
    "mixer": ("linear_attn", "self_attn", "mamba", "mixer", "conv"),
    "mlp": ("mlp", "ffn", "feed_forward", "mixer"),
    "experts": ("mlp", "ffn", "block_sparse_moe", "feed_forward", "mixer", "moe"),
}
MATRICES = {
    "qkv projection": ("q_proj", "k_proj", "v_proj", "qkv_proj"),
    "qkvz projection": ("in_proj_qkvz", "in_proj_qkv", "in_proj_z"),
    "decay and correction": ("in_proj_ba", "in_proj_a", "in_proj_b"),
    "input projection": ("in_proj",),
    "output projection": ("o_proj", "out_proj"),
    "query down": ("q_a_proj", "wq_a"),
    "query up": ("q_b_proj", "wq_b"),
    "key-value down": ("kv_a_proj_with_mqa",),
    "key-value up": ("kv_b_proj",),
    "index query": ("indexer.wq_b",),
    "index key": ("indexer.wk",),
    "mlp gate": ("gate_proj", "gate_up_proj"),
    "mlp up": ("up_proj", "gate_up_proj", "fc1"),
    "mlp down": ("down_proj", "fc2"),
    "expert gate": ("experts.0.gate_proj", "experts.gate_up_proj"),
    "expert up": ("experts.0.up_proj", "experts.gate_up_proj"),
    "expert down": ("experts.0.down_proj", "experts.down_proj"),
    "shared expert gate": ("shared_experts.gate_proj", "shared_expert.gate_proj"),
    "shared expert up": ("shared_experts.up_proj", "shared_expert.up_proj"),
    "shared expert down": ("shared_experts.down_proj", "shared_expert.down_proj"),
}
#: Matrices that no method quantises: small, and what a choice hangs on.
KEPT = ("router", "index weights", "shared expert's gate")
HEAD = "lm_head"
#: Routed experts, not shared ones.
EXPERTS = "*.experts.*"
#: Patterns of a file that is no attack on the reader of patterns.
MOST_PATTERNS, MOST_WILD, MOST_CHARACTERS = 20_000, 200, 300
LAYER = re.compile(r"(?:^|\.)layers\.(\d{1,5})(?=$|[.*])\*?\.?")
#: Modules outside the text model.
APART = re.compile(r"(^|\.)(visual|vision_tower|vision_model|audio_tower|mtp)(\.|\*|$)")


#: The formats of ModelOpt's algorithms.
ALGORITHMS = {
    "fp8": "fp8", "fp8_per_channel_per_token": "fp8", "nvfp4": "nvfp4", "nvfp4_awq": "nvfp4", "w4a8_nvfp4_fp8": "nvfp4",
    "mxfp4": "mxfp4", "w4a8_mxfp4_fp8": "mxfp4", "mxfp8": "mxfp8", "int8_sq": "int8", "w8a16": "int8", "w4a16": "int4",
    "w4a16_awq": "int4", "w4a8_awq": "int4",
}  # fmt: skip


@dataclass(frozen=True)
class Rule:
    """Modules that fit a `target` (empty: all) are stored in `format`, at `bits` a weight."""

    format: str
    bits: float
    target: str = ""


@dataclass(frozen=True)
class Quantisation:
    """How a file stores weights: by the first of `rules` that fits, but those that fit `kept`; the others in `base` bits."""

    method: str = ""
    rules: tuple[Rule, ...] = ()
    kept: tuple[str, ...] = ()
    base: float = 16.0
    kv_cache: str = ""
    unknown: str = ""
    head: bool = False


def read(config: Mapping[str, Any], inner: Mapping[str, Any], fields: Fields) -> Quantisation:
    """Return how the file stores weights. An unknown method is noted in `fields` by name. Raises ArchitectureError."""
    wide = str(inner.get("dtype") or inner.get("torch_dtype") or config.get("dtype") or config.get("torch_dtype"))
    base = WIDE.get(wide, 16.0)
    names = ("quantization_config", "compression_config", "hf_quant_config", "quantization")
    named = next(((name, scope[name]) for scope in (config, inner) for name in names if scope.get(name) is not None), None)
    if named is None:
        return Quantisation(base=base)
    name, block = named
    if isinstance(block, dict) and isinstance(block.get("quantization"), dict):
        block = block["quantization"]
    if not isinstance(block, dict):
        raise fields.refuse(name, f"= {block!r:.60} is not an object")
    q = Fields(f"{fields.name}: {name}", block, {})
    algorithm = q.text("quant_algo").lower()
    method = q.text("quant_method", default="modelopt" if algorithm else "").lower()
    kept = _patterns(q)
    mixed = algorithm == "mixed_precision"
    rules = _layers(q)
    if not rules and inner.get("expert_dtype") == "fp4":
        rules = [Rule("mxfp4", BITS["mxfp4"], EXPERTS)]
    rules += _rules(q, "" if mixed else algorithm, method)
    if not rules or not all(rule.format for rule in rules):
        what = "quantisation " + repr(method or algorithm or "without a method")[:40]
        fields.uncounted.append(what)
        return Quantisation(method or algorithm, base=base, unknown=what)
    head = method in ("compressed-tensors", "modelopt") or q.flag("lm_head")
    return Quantisation(method, tuple(rules), () if mixed else kept, base, _kv_cache(q), head=head)


def _patterns(q: Fields) -> tuple[str, ...]:
    result: list[str] = []
    for name in ("ignore", "modules_to_not_convert", "exclude_modules", "ignored_layers", "llm_int8_skip_modules"):
        result += q.items(name, kind=str) or []
    if len(result) > MOST_PATTERNS or any(len(pattern) > MOST_CHARACTERS for pattern in result):
        raise q.refuse("ignore", f"names more than {MOST_PATTERNS:,} modules, or one of over {MOST_CHARACTERS} characters")
    wild = [pattern for pattern in result if not LAYER.search(pattern) and re.search(r"^re:|[*?[]", pattern)]
    if len(wild) > MOST_WILD:
        raise q.refuse("ignore", f"has more than {MOST_WILD} patterns for any layer")
    return tuple(result)


def _layers(q: Fields) -> list[Rule]:
    """Return the rules of modules that a mixed precision names one by one."""
    named = q.value("quantized_layers")
    if named is None:
        return []
    if not isinstance(named, dict) or len(named) > MOST_PATTERNS:
        raise q.refuse("quantized_layers", "is not an object of at most 20,000 modules")
    result = []
    for path, what in named.items():
        inside = Fields(f"{q.name}: quantized_layers", what if isinstance(what, dict) else {}, {})
        result += [Rule(rule.format, rule.bits, path[:MOST_CHARACTERS])
                   for rule in _rules(inside, inside.text("quant_algo").lower(), "modelopt") or [Rule("", 0)]]  # fmt: skip
    return result


def _rules(q: Fields, algorithm: str, method: str) -> list[Rule]:
    """Return the rules of a method, or none if it is not one that is known."""
    if algorithm:
        plain = algorithm.split("_pb_")[0]
        known = ALGORITHMS.get(plain)
        if known == "int4":
            return [_integer(q, 4, zero_point=False)]
        return [Rule(known, 8.25 if known == "mxfp8" else 8.0 if known == "fp8" else BITS[known])] if known else []
    if method == "fp8" or method == "fbgemm_fp8":
        block = q.items("weight_block_size", kind=int)
        area = 1
        for side in block or ():
            area *= max(side, 1)
        return [Rule("fp8", 8 + 32 / area if block else 8.0)]
    if method == "mxfp4":
        return [Rule("mxfp4", BITS["mxfp4"], EXPERTS)]
    if method in ("awq", "gptq", "gptq_marlin", "awq_marlin", "auto-round", "autoround"):
        return [_integer(q, q.whole("bits", "w_bit", default=4, least=2, most=8), zero_point=True)]
    if method == "bitsandbytes":
        return _bitsandbytes(q)
    groups = q.value("config_groups")
    if method in ("compressed-tensors", "modelopt") and isinstance(groups, dict) and len(groups) <= 1000:
        return [rule for group in groups.values() for rule in _group(q, group)]
    return []


def _integer(q: Fields, bits: int, *, zero_point: bool) -> Rule:
    """Return the rule of integers in groups with a scale of 16 bits, and a zero point if they have one."""
    size = q.value("group_size", "q_group_size")
    group = size if isinstance(size, int) and not isinstance(size, bool) and 0 < size <= 10**6 else 0
    return Rule(f"int{bits}", bits + ((16 + bits * zero_point) / group if group else 0))


def _bitsandbytes(q: Fields) -> list[Rule]:
    """8 bits, or 4 with a scale of 32 bits for 64 weights, itself in 8 bits with one for 256 if quantised twice."""
    if not q.flag("load_in_4bit"):
        return [Rule("int8", 8.0)] if q.flag("load_in_8bit") else []
    name = q.text("bnb_4bit_quant_type", default="fp4")
    return [Rule(name, 4 + (8 / 64 + 32 / (64 * 256) if q.flag("bnb_4bit_use_double_quant") else 32 / 64))]


def _group(q: Fields, group: Any) -> Iterator[Rule]:
    """Yield the rules of a group of modules, one a target."""
    inside = Fields(f"{q.name}: config_groups", group if isinstance(group, dict) else {}, {})
    weights = inside.inside("weights")
    named = weights.text("type", default="int")
    bits = weights.whole("num_bits", least=1, most=16)
    size = weights.optional("group_size", least=-1, most=10**6) or 0
    stored = inside.text("format")
    if named == "float" and bits == 4:
        rule = Rule("mxfp4", BITS["mxfp4"]) if size == 32 or "mxfp4" in stored else Rule("nvfp4", BITS["nvfp4"])
    elif named == "float" and bits == 8:
        area = 1
        for side in weights.items("block_structure", kind=int) or ():
            area *= max(side, 1)
        rule = Rule("fp8", 8 + (32 / area if area > 1 else 0))
    elif named == "int":
        rule = _integer(weights, bits, zero_point=not weights.flag("symmetric", default=True))
    else:
        rule = Rule("", 0)
    for target in inside.items("targets", kind=str) or ["Linear"]:
        yield Rule(rule.format, rule.bits, "" if target == "Linear" else target[:MOST_CHARACTERS])


def _kv_cache(q: Fields) -> str:
    """Return the number format that the file means for the cache, empty where it does not say."""
    scheme = q.value("kv_cache_scheme", "kv_cache_quant_algo")
    if isinstance(scheme, str):
        return scheme.lower()[:40]
    if isinstance(scheme, dict):
        inside = q.inside("kv_cache_scheme")
        return ("fp" if inside.text("type") == "float" else "int") + str(inside.whole("num_bits", most=16))
    return ""


def in_formats(rows: tuple[Operation, ...]) -> dict[str, int]:
    """Return the bytes of the text model's weights in each format: in those below 16 bits, the matrices of its layers."""
    every = sum(row.repeats * row.parameters for row in rows)
    small = sum(row.repeats * row.parameters for row in rows if _quantisable(row))
    return {name: round((every * bits if bits >= 16 else small * bits + (every - small) * 16) / 8) for name, bits in BITS.items()}


def of_file(architecture: "Architecture", rows: tuple[Operation, ...]) -> dict[str, int]:
    """Return the bytes of the text model's weights as its file stores them, by format; empty where that is unknown."""
    q = architecture.quantisation
    if q is None or q.unknown:
        return {}
    sums: dict[str, float] = {}
    base = "fp32" if q.base == 32 else "bf16"
    where = _where(architecture)
    stored = _Patterns(q)
    for row in rows:
        for share, rule in stored.shares(row, where.get(row.layer, ())):
            bits, name = (rule.bits, rule.format) if rule else (q.base, base)
            sums[name] = sums.get(name, 0) + share * row.repeats * row.parameters * bits / 8
    return {name: round(size) for name, size in sums.items() if size}


def _quantisable(row: Operation) -> bool:
    return row.kind == "matmul" and row.layer not in ("embedding", "final") and row.name not in KEPT and not row.layer.startswith(
        ("hyper-connections", "attention residuals", "alternating updates", "per-layer input", "low-rank residual"))  # fmt: skip


def _where(architecture: "Architecture") -> dict[str, tuple[tuple[int, ...], str]]:
    """Return of each part the numbers of its layers, and the role of its block."""
    result: dict[str, tuple[list[int], str]] = {}
    for stack, count in (
        (architecture.encoder_stack, architecture.n_encoder_layers), (architecture.stack, architecture.n_layers)
    ):  # fmt: skip
        blocks = {part.name: part.block for part in stack.parts}
        for index in range(count):
            for name in stack.layer(index):
                block = blocks[name]
                role = getattr(block, "part", "") if getattr(block, "role", "") == "mlp" else getattr(block, "role", "")
                result.setdefault(name, ([], role))[0].append(index)
    return {name: (tuple(layers), role) for name, (layers, role) in result.items()}


class _Patterns:
    """The patterns of a file, ready to be asked of each module of each layer."""

    def __init__(self, q: Quantisation) -> None:
        self.q = q
        self.kept = _by_layer((pattern, True) for pattern in q.kept)
        self.rules = _by_layer((rule.target, rule) for rule in q.rules)

    def shares(self, row: Operation, where: Any) -> list[tuple[float, Rule | None]]:
        """Return which shares of a row's repeats are stored by which rule, None for those that stay as they are."""
        if row.name == "unembedding" and row.parameters and self.q.head:
            return [(1.0, self.rule(None, (HEAD,)))]
        if not self.q.rules or not where or not _quantisable(row):
            return [(1.0, None)]
        layers, role = where
        leaves = MATRICES.get(row.name, (row.name.replace(" ", "_"),))
        paths = tuple(f"{module}.{leaf}" for module in MODULES.get(role, MODULES["mlp"]) for leaf in leaves)
        numbers: dict[Rule | None, int] = {}
        for layer in layers:
            rule = self.rule(layer, paths)
            numbers[rule] = numbers.get(rule, 0) + 1
        return [(count / len(layers), rule) for rule, count in numbers.items()]

    def rule(self, layer: int | None, paths: tuple[str, ...]) -> Rule | None:
        """Return the rule of the module called one of `paths` in a layer, None if it is kept as it is."""
        for key in dict.fromkeys((layer, None)):
            if key in self.kept and any(self.kept[key].find(layer, path) for path in paths):
                return None
        for key in dict.fromkeys((layer, None)):
            for path in paths if key in self.rules else ():
                applies: Rule | None = self.rules[key].find(layer, path)
                if applies:
                    return applies
        return None


class _Table:
    """Patterns and what each stands for: those without wildcards by name, so that thousands are asked at once."""

    def __init__(self) -> None:
        self.exact: dict[str, Any] = {}
        self.wild: dict[str, Any] = {}

    def add(self, pattern: str, what: Any) -> None:
        table = self.wild if pattern.startswith("re:") or any(sign in pattern for sign in "*?[") else self.exact
        table.setdefault(pattern if pattern.startswith("re:") else re.sub(r"^(model\.|language_model\.)+", "", pattern), what)

    def find(self, layer: int | None, path: str) -> Any:
        """Return what the pattern stands for that fits a module, or one that it lies in; None if none does."""
        matched = next((self.exact[run] for run in _runs(path) if run in self.exact), None)
        matched = matched or next((what for pattern, what in self.wild.items() if _fits(pattern, layer, path)), None)
        return matched or self.exact.get("")


@cache
def _runs(path: str) -> tuple[str, ...]:
    """Return the parts of a path that follow one another, as paths."""
    names = path.split(".")
    return tuple(".".join(names[i:j]) for i in range(len(names)) for j in range(i + 1, len(names) + 1))


def _by_layer(patterns: Any) -> dict[int | None, _Table]:
    """Return patterns by the number of the layer that they name, None for those of any layer, without what is before it."""
    result: dict[int | None, _Table] = {}
    for pattern, what in patterns:
        if APART.search(pattern) and not pattern.startswith("re:"):
            continue
        named = None if pattern.startswith("re:") else LAYER.search(pattern)
        table = result.setdefault(int(named[1]) if named else None, _Table())
        table.add((pattern[named.end() :] or "*") if named else pattern, what)
    return result


@cache
def _fits(pattern: str, layer: int | None, path: str) -> bool:
    """Say whether a pattern with wildcards fits a module: its path, one that it lies in, or the end of it."""
    full = path if layer is None else f"model.layers.{layer}.{path}"
    if pattern.startswith("re:"):
        return _simple(pattern[3:]) and re.match(pattern[3:], full) is not None
    ends = (pattern, f"{pattern}.*", f"*.{pattern}", f"*.{pattern}.*")
    return any(fnmatchcase(name, end) for name in (path, full) for end in ends)


@cache
def _simple(pattern: str) -> bool:
    """Say whether a regular expression is one that can't take long: no repeated group, few repetitions."""
    if re.search(r"\)[*+?{]", pattern) or len(re.findall(r"[*+{]", pattern)) > 8:
        return False
    try:
        re.compile(pattern)
    except (re.error, RecursionError, OverflowError):
        return False
    return True
