"""The model and the chip on which the page *Plan a run* opens: those of a scenario that names them."""

from pydantic import model_validator

from analysis.hardware import machine
from analysis.plan.chip import Chip
from analysis.plan.model import Model
from analysis.settings import FromScenario
from analysis.steps.shape import shape_case

#: The most kinds of layers of a model that the page's engine takes.
MOST_KINDS = 4


class Opening(FromScenario):
    """The `model` and the `chip` on which the page opens."""

    model: str = "Llama-3.1-70B"
    chip: str = "H100 SXM5"

    @model_validator(mode="after")
    def _can_be_planned(self) -> "Opening":
        architecture, chip = Model.load(self.model).architecture, Chip.load(self.chip)
        if architecture.kind != "decoder":
            raise ValueError(f"model = {self.model!r} is an {architecture.kind}; valid: a decoder")
        kinds = len(shape_case(architecture))
        if kinds > MOST_KINDS:
            raise ValueError(f"model = {self.model!r} has {kinds} kinds of layers; valid: at most {MOST_KINDS}")
        machine.case(chip.name, chip.precision)
        return self
