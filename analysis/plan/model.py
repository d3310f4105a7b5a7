"""A model, as the planner takes it: its layers, and what they hold."""

from dataclasses import dataclass

from analysis.inference.deployments import WEIGHT_BYTES
from analysis.models import ledger, library, memory
from analysis.models.architecture import Architecture
from analysis.plan.interval import PlanError
from analysis.suggest import nearest


@dataclass(frozen=True)
class Model:
    """A language model by the layers it is made of; `load` finds one by its name, or reads a config.json."""

    architecture: Architecture

    @classmethod
    def load(cls, model: str) -> "Model":
        """Return the model of a name, as people or Hugging Face write it, or of a config.json. Raises ArchitectureError."""
        return cls(library.load(model))

    def __repr__(self) -> str:
        return f"Model({self.name!r})"

    @property
    def name(self) -> str:
        """The model's name."""
        return self.architecture.name

    @property
    def parameters(self) -> int:
        """Parameters in all."""
        return ledger.parameters(self.architecture)

    @property
    def active_parameters(self) -> int:
        """Parameters that a token meets: all of a dense model, those of the experts chosen of one with experts."""
        return ledger.active_parameters(self.architecture)

    @property
    def has_experts(self) -> bool:
        """Whether some layers are mixtures of experts."""
        return bool(self.architecture.n_experts)

    def weight_bytes(self, precision: str = "bf16") -> float:
        """Bytes of all weights stored in `precision`. Raises PlanError for a format that is not known."""
        if precision not in WEIGHT_BYTES:
            hint = nearest(precision, WEIGHT_BYTES)
            raise PlanError(f"precision {precision!r} is not a format of weights{hint} valid: {', '.join(WEIGHT_BYTES)}")
        return self.parameters * WEIGHT_BYTES[precision]

    def cache_bytes(self, context: float = 1, element_bytes: float = 2) -> float:
        """Bytes of keys, values and states of one request of `context` tokens."""
        cached = memory.kv_cache_bytes(self.architecture, context, element_bytes=element_bytes)
        return float(cached + memory.state_bytes(self.architecture, element_bytes=element_bytes))
