"""One's own accelerator: a YAML file of the columns of `data/accelerators.csv`, named by its path wherever a chip's name goes.

    bf16_dense_tflops: 989 TFLOPS
    memory_gb: 80 GB
    mem_bw_tbs: 3.35 TB/s

Besides come what surrounds it, of the columns of `data/systems.csv`, and its price, of those of `data/gpu_prices.csv`. A
number alone is in the column's unit. What is left out is assumed by the rules of `RULES`, and told by `assumed`.

A chip of `data/accelerators.csv` that was changed in a few columns is one's own, too: `changed` names it.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from analysis import facts, paths, units, yaml_text
from analysis.quote import quote
from analysis.suggest import nearest

ENDINGS = (".yml", ".yaml")
MOST_CHARACTERS = 20_000
#: The unit of each quantity, as the columns' names have it, and how the message writes one.
_FLOPS, _BYTES, _RATE = ("TFLOPS", "989 TFLOPS"), ("GB", "80 GB"), ("GB/s", "900 GB/s")
QUANTITIES = {
    **dict.fromkeys(("fp64_tflops", "fp32_tflops", "tf32_dense_tflops", "bf16_dense_tflops", "fp16_dense_tflops",
                     "fp8_dense_tflops", "int8_dense_tops", "fp4_dense_tflops"), _FLOPS),
    "memory_gb": _BYTES, "mem_bw_tbs": ("TB/s", "3.35 TB/s"), "interconnect_gbs": _RATE, "tdp_w": ("W", "700 W"),
    "chips_on_fast_links": ("", "8"), "network_gbs": _RATE, "ceiling_16bit": ("", "75%"), "ceiling_8bit": ("", "75%"),
    "ceiling_4bit": ("", "75%"), "usd_per_gpu_hour_on_demand": ("USD/hour", "2.5 USD/hour"),
    "usd_purchase_per_gpu": ("USD", "30000 USD"),
}  # fmt: skip
TEXTS = ("chip", "vendor", "release_date", "interconnect_note", "form_factor", "source", "note")
#: What is assumed of a chip whose file leaves a column out.
RULES = {
    "interconnect_gbs": "links of PCIe 4.0 x16, 64 GB/s both ways",
    "tdp_w": "500 W",
    "chips_on_fast_links": "a server of eight",
    "network_gbs": "a port of 200 Gbit/s a chip",
    "ceiling_16bit": "matrix products that reach three quarters of the peak",
    "usd_per_gpu_hour_on_demand": "no rent",
    "usd_purchase_per_gpu": "no price",
}
_SIXTEEN = ("bf16_dense_tflops", "fp16_dense_tflops")
_SHARES = ("ceiling_16bit", "ceiling_8bit", "ceiling_4bit")
#: More than any chip has, in any column's unit: a number in bytes or in FLOP/s that lacks its unit.
_MOST = 1e6


class OwnChipError(ValueError):
    """A file that describes no accelerator; the message names the file, the column and what it may hold."""


#: Chips that were changed in a few columns, by their name: what they were changed from, and all their columns.
_CHANGED: dict[str, tuple[str, Mapping[str, str | float | None]]] = {}


def is_own(name: str) -> bool:
    """Say whether a chip's name is the path of a file, or that of a chip that was changed."""
    return name in _CHANGED or name.casefold().endswith(ENDINGS)


def base(name: str) -> str:
    """Return the chip that `name` was changed from, or `name` itself."""
    return _CHANGED[name][0] if name in _CHANGED else name


def changed(chip: str, columns: Mapping[str, str | float | None], changes: Mapping[str, object]) -> str:
    """Return the name of `chip`, whose `columns` are given, with `changes` of them. Raises OwnChipError.

    The name says what was changed, so that equal changes have equal names.
    """
    known = (*QUANTITIES, *TEXTS)
    for column in changes:
        if column not in known:
            raise OwnChipError(f"{chip}: {quote(column)} is not a column{nearest(column, known)}; valid: {', '.join(known)}")
    values = {column: _quantity(chip, column, value) if column in QUANTITIES else str(value) for column, value in changes.items()}
    written = (f"{value:g}" if isinstance(value, float) else value for _, value in sorted(values.items()))
    name = f"{chip} with {', '.join(f'{column} {text}' for column, text in zip(sorted(values), written, strict=True))}"
    nothing = dict.fromkeys((*facts.origin("accelerators").columns, *QUANTITIES, *TEXTS))
    described = {**nothing, **columns, **values, "chip": name, "verified": "no"}
    _CHANGED[name] = base(chip), MappingProxyType(described)
    return name


@cache
def read(name: str) -> Mapping[str, str | float | None]:
    """Return the columns of the chip in the file `name`, None where it is silent. Raises OwnChipError."""
    if name in _CHANGED:
        return _CHANGED[name][1]
    given = _written(name)
    chip: dict[str, str | float | None] = dict.fromkeys((*facts.origin("accelerators").columns, *QUANTITIES, *TEXTS))
    for column, value in given.items():
        chip[column] = _quantity(name, column, value) if column in QUANTITIES else str(value)
    for format_, other in (_SIXTEEN, _SIXTEEN[::-1]):
        chip[format_] = chip[format_] or chip[other]
    if chip[_SIXTEEN[0]] is None:
        raise OwnChipError(f"{name}: gives no peak in 16 bits; write bf16_dense_tflops, for example 989 TFLOPS")
    return MappingProxyType(chip | {"chip": name, "verified": "no", "source": chip["source"] or "as given"})


def assumed(name: str) -> list[str]:
    """Return what is assumed of the chip in the file `name`, in words."""
    return [] if name in _CHANGED else [rule for column, rule in RULES.items() if read(name)[column] is None]


def _written(name: str) -> dict[str, object]:
    """Return what the file says by column, its columns known. Raises OwnChipError."""
    try:
        document = yaml_text.mapping(paths.read_text(paths.plain_file(Path(name)), MOST_CHARACTERS), "a chip")
    except OSError as exc:
        raise OwnChipError(f"{name}: can't be read: {exc.strerror or exc}") from exc
    except ValueError as exc:  # it is no text, or no YAML
        raise OwnChipError(f"{name}: {exc}") from exc
    known = (*QUANTITIES, *TEXTS)
    for column in document:
        if column not in known:
            raise OwnChipError(f"{name}: {quote(column)} is not a column{nearest(str(column), known)}; valid: {', '.join(known)}")
    return {column: value for column, value in document.items() if value is not None}


def _quantity(name: str, column: str, value: object) -> float:
    unit, example = QUANTITIES[column]
    text = value.replace("OPS", "FLOPS") if column.endswith("tops") and isinstance(value, str) and "FLOPS" not in value else value
    try:
        quantity = units.read(text, unit, example, bare=True)
    except units.QuantityError as exc:
        raise OwnChipError(f"{name}: {column}: {exc}") from exc
    most = 1.0 if column in _SHARES else _MOST
    if not 0 < quantity <= most:
        raise OwnChipError(
            f"{name}: {column} = {quote(value)} is not above 0 and at most {most:g} {unit}; write for example {example}"
        )
    if column == "chips_on_fast_links" and quantity % 1:
        raise OwnChipError(f"{name}: {column} = {quote(value)} is not a whole number")
    return quantity
