"""Precision: what the bits of a number are for, and the peak that an accelerator has in each."""

import altair as alt
import pandas as pd

from analysis import numerals
from analysis.figures.render import figure
from analysis.figures.rows import rows
from analysis.figures.tooltips import tips
from analysis.hardware import accelerators, number_formats
from analysis.scenarios.scenario import Scenario

_BITS = {"sign_bits": "Sign", "exponent_bits": "Exponent", "fraction_bits": "Fraction"}
#: Chips beside the scenario's own.
_CHIPS = ("A100 PCIe 80GB", "H100 SXM5", "B200 SXM (HGX/DGX)", "Instinct MI355X")


def chips(scenario: Scenario) -> list[str]:
    """Return the accelerators to compare, the scenario's own first if the table has it."""
    chosen = [scenario.accelerator] if accelerators.is_known(scenario.accelerator) else []
    return list(dict.fromkeys((*chosen, *_CHIPS)))


def bits() -> alt.LayerChart:
    """Return the bits of each format: sign, exponent and fraction."""
    table = number_formats.table()
    used = table[list(_BITS)].sum(axis=1)
    label = [
        f"{name}: {numerals.whole(row.sign_bits)} + {numerals.whole(row.exponent_bits)} + {numerals.whole(row.fraction_bits)}"
        for name, row in zip(table.index, table.itertuples(), strict=True)
    ]
    frame = table.assign(label=label).melt("label", value_vars=list(_BITS), var_name="kind", value_name="bits")
    frame["rank"] = frame["kind"].map(list(_BITS).index)
    frame = frame.replace({"kind": _BITS})
    return figure(
        rows(
            frame,
            label="label",
            mark="bar",
            x=alt.X("bits:Q", title="Bits of one number", axis=alt.Axis(values=[0, 8, 16, 24, 32, 40, 48, 56, 64])),
            colour=alt.Color("kind:N", title=None, sort=list(_BITS.values()), legend=alt.Legend(columns=3)),
            order=alt.Order("rank:Q"),
            tooltip=tips("label:N | Format", "kind:N | Part", "bits:Q | Bits"),
        ),
        title="TF32 is not a format of 32 bits",
        subtitle=f"It computes with {numerals.whole(used['TF32'])} bits: the exponent of FP32, the fraction of FP16.",
        description="Bits of sign, exponent and fraction by format: " + "; ".join(label) + ".",
        source="IEEE 754; definitions of the makers and of papers",
    )


def peaks(scenario: Scenario) -> alt.LayerChart:
    """Return the dense peak by precision, one row each, for the scenario's accelerator and some others."""
    shown = chips(scenario)
    frame = pd.DataFrame(
        [
            {"chip": chip, "precision": precision, "peak": accelerators.peak_flop_per_second(chip, precision) / 1e12}
            for precision in number_formats.precisions()
            for chip in shown
            if precision in accelerators.precisions(chip)
        ]
    )
    first = frame[frame["chip"] == shown[0]].set_index("precision")["peak"]  # none if it computes with integers alone
    return figure(
        rows(
            frame,
            label="precision",
            mark="point",
            x=alt.X(
                "peak:Q",
                title="Dense peak, TFLOPS",
                scale=alt.Scale(type="log"),
                axis=alt.Axis(values=[1, 10, 100, 1000, 10_000], format=","),
            ),
            colour=alt.Color("chip:N", title=None, sort=shown, legend=alt.Legend(columns=1)),
            tooltip=tips("chip:N | Accelerator", "precision:N | Precision", "peak:Q | Dense peak, TFLOPS | ,.4~r"),
        ),
        title="One chip has many peaks",
        subtitle=_headline(shown[0], first),
        description="Dense peaks in TFLOPS on a logarithmic scale, by precision: "
        + "; ".join(f"{row.precision} {row.chip} {numerals.plain(row.peak)}" for row in frame.itertuples())
        + ".",
        source="makers' data sheets [accelerators]",
    )


def _headline(chip: str, peaks_: pd.Series) -> str:
    if peaks_.empty:
        return f"{chip} has no published peak in any of these formats; others have several."
    low, high = peaks_.min(), peaks_.max()
    if low == high:
        return f"One {chip} has a peak of {numerals.plain(high)} TFLOPS in {' and '.join(peaks_.index)}; others have several."
    return (
        f"One {chip} has peaks from {numerals.plain(low)} TFLOPS in {peaks_.idxmin()} to {numerals.plain(high)} in "
        f"{peaks_.idxmax()}, {numerals.significant(high / low, 2)} times as much."
    )
