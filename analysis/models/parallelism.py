"""How training is spread over accelerators: a plan, and which layers of an architecture each of its stages holds."""

from dataclasses import dataclass, fields

from analysis.models.architecture import Architecture, is_whole
from analysis.suggest import nearest

RECOMPUTATION = ("none", "selective", "full")
ZERO_STAGES = (0, 1, 2, 3)
#: Embedding and loss, which Megatron-Core may place as if they were layers, so that 16 x 8 divides 126 layers.
_ENDS = 2


class ParallelismError(ValueError):
    """A plan that can't be; the message names the field, its value and what is valid."""


@dataclass(frozen=True)
class Parallelism:
    """A parallel plan. Raises ParallelismError when made, if its parts contradict each other.

    `tensor` x `pipeline` x `data` x `context` accelerators. `virtual_pipeline` chunks of layers lie on each pipeline
    stage (interleaving). `expert` groups hold different experts, each expert divided by `expert_tensor` (default:
    `tensor`); both are taken from the accelerators of one stage, not added to them. `zero`: what replicas share
    out: 0 nothing, 1 optimizer states, 2 gradients too, 3 weights too. `recomputation` of activations: none,
    selective (the core of attention), full (all but a layer's input). `micro_batch`: sequences of one replica that
    pass at once. `sequence_parallel`: tensor-parallel accelerators also share out norms and residuals.
    """

    tensor: int = 1
    pipeline: int = 1
    data: int = 1
    context: int = 1
    virtual_pipeline: int = 1
    expert: int = 1
    expert_tensor: int = None  # type: ignore[assignment]  # set when made
    zero: int = 0
    recomputation: str = "none"
    micro_batch: int = 1
    sequence_parallel: bool = True

    def __post_init__(self) -> None:
        if self.expert_tensor is None:
            object.__setattr__(self, "expert_tensor", self.tensor)
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name in ("zero", "recomputation", "sequence_parallel"):
                continue
            if not (is_whole(value) and value >= 1):
                raise ParallelismError(f"{field.name} = {value!r} is not a whole number of at least 1")
        if self.zero not in ZERO_STAGES:
            raise ParallelismError(f"zero = {self.zero!r} is not one of 0, 1, 2, 3")
        if self.recomputation not in RECOMPUTATION:
            hint = nearest(str(self.recomputation), RECOMPUTATION)
            raise ParallelismError(f"recomputation = {self.recomputation!r} is not one of none, selective, full{hint}")
        if self.virtual_pipeline > 1 and self.pipeline == 1:
            raise ParallelismError(f"virtual_pipeline = {self.virtual_pipeline} needs pipeline above 1, which is 1")
        if self.stage_chips % (self.expert * self.expert_tensor):
            raise ParallelismError(
                f"expert = {self.expert} with expert_tensor = {self.expert_tensor} does not divide the "
                f"{self.stage_chips} accelerators of one stage (tensor x data x context)"
            )

    @property
    def stage_chips(self) -> int:
        """Accelerators of one pipeline stage."""
        return self.tensor * self.data * self.context

    @property
    def chips(self) -> int:
        """Accelerators of the whole plan."""
        return self.stage_chips * self.pipeline

    @property
    def replicas(self) -> int:
        """Accelerators that hold the same dense weights, and that ZeRO shares out over."""
        return self.data * self.context

    @property
    def expert_replicas(self) -> int:
        """Accelerators that hold the same expert weights."""
        return self.stage_chips // (self.expert * self.expert_tensor)

    def micro_batches(self, global_batch: int) -> int:
        """Return the micro-batches of one step, for `global_batch` sequences. Raises ParallelismError."""
        at_once = self.data * self.micro_batch
        if not is_whole(global_batch) or global_batch < 1 or global_batch % at_once:
            below = global_batch // at_once * at_once if is_whole(global_batch) else 0
            valid = f"{below:g} or {below + at_once:g}" if below >= 1 else f"{at_once}"
            raise ParallelismError(
                f"global_batch = {global_batch!r} is not a multiple of data x micro_batch = {self.data} x "
                f"{self.micro_batch} = {at_once}; valid near it: {valid}"
            )
        return int(global_batch // at_once)

    def check_chips(self, chips: int) -> None:
        """Raise ParallelismError unless the plan takes just `chips` accelerators."""
        if self.chips == chips:
            return
        without_data = self.chips // self.data
        fits = (
            f"data = {chips // without_data} would fit"
            if chips % without_data == 0 and chips > 0
            else f"{chips} is not a multiple of tensor x pipeline x context = {without_data}"
        )
        raise ParallelismError(
            f"tensor x pipeline x data x context = {self.tensor} x {self.pipeline} x {self.data} x {self.context} "
            f"= {self.chips}, not the {chips} chips given; {fits}"
        )

    def check_architecture(
        self, architecture: Architecture, *, redundant_experts: bool = False, padded_heads: bool = False
    ) -> None:
        """Raise ParallelismError unless the plan divides `architecture`.

        With `redundant_experts`, some of its experts may lie in several groups, so that each group holds as many; with
        `padded_heads`, heads of zeros may be added to them, fewer than there are.
        """
        name, heads, kv_heads = architecture.name, architecture.n_heads, architecture.n_kv_heads
        padded = padded_heads and self.tensor <= heads
        if heads % self.tensor and not padded:
            raise ParallelismError(f"tensor = {self.tensor} does not divide the {heads} heads of {name}")
        if kv_heads % self.tensor and self.tensor % kv_heads and not padded:
            raise ParallelismError(
                f"tensor = {self.tensor} does not divide the {kv_heads} key-value heads of {name}, nor is it a multiple of them"
            )
        layers = architecture.n_layers + architecture.n_encoder_layers
        chunks = self.pipeline * self.virtual_pipeline
        if chunks > layers and chunks != layers + _ENDS:
            raise ParallelismError(
                f"pipeline x virtual_pipeline = {self.pipeline} x {self.virtual_pipeline} is more "
                f"than the {layers} layers of {name}, and not {layers + _ENDS}, which embedding and loss as layers make"
            )
        uneven = architecture.n_experts % self.expert and not redundant_experts
        if self.expert > 1 and (not architecture.n_experts or uneven):
            raise ParallelismError(f"expert = {self.expert} does not divide the {architecture.n_experts} experts of {name}")

    def stage_layers(self, architecture: Architecture, stage: int) -> tuple[int, ...]:
        """Return the indices of the layers that pipeline stage `stage` holds; the first stages take what is over.

        Chunks that are `_ENDS` more than the layers hold one layer each, but for the embedding's and the loss's.
        """
        n = architecture.n_layers + architecture.n_encoder_layers
        chunks = self.pipeline * self.virtual_pipeline
        if chunks == n + _ENDS:
            return tuple(chunk - 1 for chunk in range(stage, chunks, self.pipeline) if 1 <= chunk <= n)
        starts = [chunk * (n // chunks) + min(chunk, n % chunks) for chunk in range(chunks + 1)]
        held = range(stage, chunks, self.pipeline)
        return tuple(layer for chunk in held for layer in range(starts[chunk], starts[chunk + 1]))
