"""A way to tune: what is trained, how the rest is stored, and the bytes that each of its parameters takes."""

from collections.abc import Collection
from dataclasses import dataclass

from analysis.suggest import nearest
from analysis.tuning import adapters
from analysis.tuning.adapters import TuningError

METHODS = ("full", "lora", "qlora")
#: NF4 stores 4 bits a weight and an absolute maximum for each 64 of them. In 32 bits that adds 0.5 bits a weight; double
#: quantisation keeps it in 8 bits, with a further 32 for each 256 of them (Dettmers et al. 2023, section 3).
NF4_BLOCK, NF4_SECOND_BLOCK = 64, 256
#: Bytes of a frozen weight of the layers' matrices.
WEIGHT_BYTES = {
    "bf16": 2.0,
    "fp16": 2.0,
    "fp8": 1.0,
    "int8": 1.0,
    "nf4": (4 + 8 / NF4_BLOCK + 32 / (NF4_BLOCK * NF4_SECOND_BLOCK)) / 8,
    "nf4-single": (4 + 32 / NF4_BLOCK) / 8,
}
#: Formats that are widened to 16 bits before each product.
QUANTISED = ("int8", "nf4", "nf4-single")
#: Adam's two means in 8 bits have a 32-bit maximum for each 256 numbers of each (Dettmers et al. 2022).
_EIGHT_BITS = 2 * (1 + 4 / 256)
#: Bytes that an optimizer keeps of a trained parameter beside its weight, and how many of them must lie on the chip:
#: paged states move to the host's memory when the chip is full.
OPTIMIZERS = {"adamw": 8.0, "adamw_8bit": _EIGHT_BITS, "paged_adamw": 8.0, "paged_adamw_8bit": _EIGHT_BITS, "sgd": 0.0}
#: "mixed" trains a 32-bit copy of the weights, "bf16" trains the 16-bit weights themselves with states of 16 bits.
PRECISIONS = ("mixed", "bf16")
#: Bytes that the loss keeps for each score of the vocabulary. Whole: 16-bit scores, their 32-bit logarithms, and gradients
#: in 32 and 16 bits. Copied: 32-bit scores, a copy of them moved by one place, logarithms and gradients of it, as in the
#: transformers library up to 2024. Chunked: 16-bit scores and gradients, and an eighth of the rest at once. Fused: none.
LOGIT_BYTES = {"whole": 12.0, "copied": 16.0, "chunked": 4.0 + 8 / 8, "fused": 0.0}


@dataclass(frozen=True)
class Tuning:
    """A way to tune a model. Raises TuningError when made.

    `targets` and `rank` are those of adapters. `weights` is the format of the frozen layers' matrices ("" for what the
    method has); embeddings, norms and the head stay in 16 bits. `accumulates`: gradients of several micro-batches add up,
    so that they are there from the first to the last; None where it follows from the batch. `fused_step`: each gradient is
    used and dropped as it comes.
    """

    method: str = "lora"
    rank: int = 16
    targets: str = "all"
    weights: str = ""
    optimizer: str = "adamw"
    precision: str = "mixed"
    logits: str = "chunked"
    accumulates: bool | None = None
    fused_step: bool = False

    def __post_init__(self) -> None:
        for field, known in (("method", METHODS), ("optimizer", OPTIMIZERS), ("precision", PRECISIONS), ("logits", LOGIT_BYTES)):
            check(field, getattr(self, field), known)
        usual = "nf4" if self.method == "qlora" else "bf16"
        object.__setattr__(self, "weights", self.weights or usual)
        check("weights", self.weights, WEIGHT_BYTES)
        if self.method == "full" and self.weights in QUANTISED:
            raise TuningError(f"weights = {self.weights!r} can't be trained whole; valid: bf16, or method lora or qlora")
        if self.method == "qlora" and self.weights not in QUANTISED:
            raise TuningError(f"weights = {self.weights!r} is not quantised; valid: {', '.join(QUANTISED)}, or method lora")
        if self.trains_adapters:
            adapters.targets(self.targets)
            if isinstance(self.rank, bool) or self.rank % 1 or not 1 <= self.rank <= 8192:
                raise TuningError(f"rank = {self.rank!r} is not valid; valid: a whole number from 1 to 8,192")

    @property
    def trains_adapters(self) -> bool:
        return self.method != "full"

    @property
    def quantised(self) -> bool:
        return self.weights in QUANTISED

    @property
    def frozen_bytes(self) -> float:
        """Bytes of a weight of the layers' matrices as they are stored."""
        return WEIGHT_BYTES[self.weights]

    @property
    def trained_bytes(self) -> float:
        """Bytes of a trained weight beside those of the optimizer: adapters in 32 bits need no further copy."""
        return 4.0 if self.trains_adapters and self.precision == "mixed" else 2.0

    @property
    def gradient_bytes(self) -> float:
        return 4.0 if self.trains_adapters and self.precision == "mixed" else 2.0

    @property
    def optimizer_bytes(self) -> float:
        """Bytes of a trained parameter's optimizer states, wherever they lie."""
        wide = OPTIMIZERS[self.optimizer]
        states = min(wide, 4.0) if self.precision == "bf16" else wide
        copy = 4.0 if self.precision == "mixed" and not self.trains_adapters else 0.0
        return states + copy

    @property
    def paged(self) -> bool:
        """Whether the optimizer's states may leave the chip."""
        return self.optimizer.startswith("paged")


def check(field: str, value: str, known: Collection[str]) -> None:
    """Raise TuningError unless `value` is one of `known`."""
    if value not in known:
        raise TuningError(f"{field} = {value!r} is not known{nearest(str(value), known) or ';'} valid: {', '.join(known)}")
