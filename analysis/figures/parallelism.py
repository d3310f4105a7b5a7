"""How parallelism is chosen: every plan, where their time goes, more chips at one batch, longer sequences."""

import altair as alt
import numpy as np
import pandas as pd

from analysis import numerals
from analysis.figures.render import figure
from analysis.figures.rows import rows
from analysis.figures.tooltips import tips
from analysis.models import architecture
from analysis.training import plans
from analysis.training.plans import PlanSettings

_SOURCE = "this book's model of a training step, fitted to published runs; chip from its data sheet"
_PERCENT = alt.Axis(format=".0%", tickCount=5)
#: Sequence lengths and micro-batches that are compared.
SEQUENCES = (1024, 2048, 4096, 8192, 16_384, 32_768)
MICRO_BATCHES = (1, 2, 4, 8)

#: What the fastest plan does, by whether it has tensor and pipeline parallelism.
_SPLIT_TITLES = {
    (True, True): "This run's plan has both tensor and pipeline parallelism",
    (True, False): "This run's plan has tensor parallelism and no pipeline",
    (False, True): "This run's plan has a pipeline and no tensor parallelism",
    (False, False): "This run's plan has neither tensor nor pipeline parallelism",
}


def by_split(chosen: PlanSettings) -> alt.LayerChart:
    """Return the utilization of the fastest plan that fits, by pipeline parallelism, a line each tensor parallelism."""
    _, every = plans.every(chosen)
    fitting = every[every["fits"]]
    frame = plans.by_split(every)
    frame["across"] = [f"{size:g}" for size in frame["tensor"]]
    frame["recomputes"] = [
        plans.recomputed(kind, share) for kind, share in zip(frame["recomputation"], frame["recomputed_layers"], strict=True)
    ]
    x = alt.X(
        "pipeline:Q", title="Pipeline parallelism, stages", scale=alt.Scale(type="log", base=2, nice=False),
        axis=alt.Axis(values=[2.0**power for power in range(8)], format="d"),
    )  # fmt: skip
    y = alt.Y("utilization:Q", title="Model FLOP utilization", axis=_PERCENT, scale=alt.Scale(domainMin=0))
    columns = ["pipeline", "utilization", "across", "plan", "micro_batch", "recomputes", "seconds", "memory_gb"]
    base = alt.Chart(frame[columns]).encode(
        x=x,
        y=y,
        color=alt.Color("across:N", title="Tensor parallelism", sort=None, legend=alt.Legend(columns=4)),
        tooltip=tips(
            "plan:N | Plan",
            "micro_batch:Q | Micro-batch, sequences",
            "recomputes:N | Recomputed",
            "utilization:Q | Utilization | .1%",
            "seconds:Q | Seconds a step | .1f",
            "memory_gb:Q | Memory, GB | .0f",
        ),
    )
    best = every.iloc[0]
    slowest = fitting["seconds"].max() / best["seconds"]
    return figure(
        alt.layer(
            base.mark_line(strokeWidth=2),
            base.mark_point(size=70, opacity=1),
            alt.Chart(frame.loc[[frame["utilization"].idxmax()], columns])
            .mark_point(size=260, filled=False, strokeWidth=2, shape="diamond")
            .encode(x=x, y=y),
        ).properties(height=320),
        title=_SPLIT_TITLES[bool(best["tensor"] > 1), bool(best["pipeline"] > 1)],
        subtitle=(
            f"Of {numerals.whole(len(every))} plans for {numerals.whole(chosen.chips)} × {chosen.chip}, "
            f"{numerals.whole(len(fitting))} fit. The fastest (◇) is {best['plan']}, at "
            f"{numerals.percent(best['utilization'])} of the peak; the slowest takes "
            f"{numerals.significant(slowest, 2)} times as long."
        ),
        description="Utilization of the fastest plan that fits, by pipeline and tensor parallelism: "
        + "; ".join(f"{row.plan} {numerals.percent(row.utilization)}" for row in frame.itertuples())
        + ".",
        source=_SOURCE,
    )


def split(chosen: PlanSettings) -> alt.LayerChart:
    """Return the seconds of a step by what they go to, for the fastest plan and others that depart from it."""
    names, steps = plans.best_split(chosen)
    described = plans.described(steps, plans.slower(chosen))
    seconds = plans.split(steps, plans.slower(chosen))
    label = [
        f"{name[0].upper()}{name[1:]}{'' if fits else ' (does not fit)'}"
        for name, fits in zip(names, described["fits"], strict=True)
    ]
    frame = seconds.assign(label=label, total=described["seconds"], plan=described["plan"])
    long = frame.melt(["label", "total", "plan"], value_vars=list(plans.GROUPS), var_name="part", value_name="seconds")
    long["rank"] = long["part"].map(list(plans.GROUPS).index)
    best, worst = described["seconds"].iloc[0], described["seconds"].idxmax()
    heaviest = (seconds.iloc[worst] - seconds.iloc[0]).idxmax()
    return figure(
        rows(
            long,
            label="label",
            mark="bar",
            x=alt.X("seconds:Q", title="Seconds of one step", axis=alt.Axis(tickCount=6)),
            colour=alt.Color("part:N", title=None, sort=list(plans.GROUPS)),
            order=alt.Order("rank:Q"),
            value="datum.rank == 0 ? format(datum.total, ',.3~r') + ' s' : ''",
            tooltip=tips("label:N | Plan", "plan:N | In numbers", "part:N | Goes to", "seconds:Q | Seconds | ,.2f"),
        ),
        title="Each bad plan loses time in a way of its own",
        subtitle=(
            f"The fastest plan that fits spends {numerals.percent(seconds['Matrix products'].iloc[0] / best)} of a step in "
            f"matrix products. “{label[worst].removesuffix(' (does not fit)')}” takes "
            f"{numerals.significant(described['seconds'].max() / best, 2)} times as long; most of that is "
            f"{_lower(heaviest)}."
        ),
        description="Stacked bars of seconds a step. "
        + "; ".join(
            f"{name}: {numerals.significant(total)} s, of which "
            + ", ".join(f"{_lower(part)} {numerals.significant(row[part], 2)}" for part in plans.GROUPS if row[part] > 0.01)
            for name, total, (_, row) in zip(label, described["seconds"], seconds.iterrows(), strict=True)
        )
        + ".",
        source=_SOURCE,
    )


def more_chips(frame: pd.DataFrame) -> alt.LayerChart:
    """Return the utilization of the best plan against the number of chips, by batch, from strong_scaling.by_batch."""
    same_batch = frame[frame["times"] == 1].set_index("chips")["utilization"]
    first, last = same_batch.index.min(), same_batch.index.max()
    x = alt.X("chips:Q", title="Chips", scale=alt.Scale(type="log", nice=False), axis=_chips_axis(frame["chips"]))
    y = alt.Y("utilization:Q", title="Model FLOP utilization", axis=_PERCENT, scale=alt.Scale(domainMin=0))
    order = list(dict.fromkeys(frame["batch"]))
    base = alt.Chart(frame).encode(
        x=x,
        y=y,
        color=alt.Color("batch:N", title=None, sort=order, legend=alt.Legend(columns=1)),
        tooltip=tips("chips:Q | Chips | ,", "batch:N | Batch", "utilization:Q | Utilization | .1%", "plan:N | Plan"),
    )
    return figure(
        alt.layer(base.mark_line(), base.mark_point(size=50)).properties(height=320),
        title=f"More chips on the same batch are used {'less' if same_batch[last] < same_batch[first] else 'no less'}",
        subtitle=(
            f"At one batch, the best plans use {numerals.percent(same_batch[first])} of the peak on {numerals.whole(first)} "
            f"chips and {numerals.percent(same_batch[last])} on {numerals.whole(last)}. A larger batch feeds more."
        ),
        description="Utilization of the best plan against the number of chips, a line for each batch. "
        + "; ".join(
            f"{name}: " + ", ".join(f"{row.chips:,} chips {numerals.percent(row.utilization)}" for row in group.itertuples())
            for name, group in frame.groupby("batch", sort=False)
        )
        + ".",
        source=_SOURCE,
    )


def by_length(chosen: PlanSettings) -> alt.LayerChart:
    """Return the utilization of the fastest plan against the sequence length, for several micro-batches."""
    steps, _ = plans.every(chosen)
    best = steps.take(np.array([0]))
    arch = architecture.load(chosen.model)
    many = plans.lengths(best, SEQUENCES, MICRO_BATCHES)
    frame = plans.described(many, plans.slower(chosen)).assign(sequence=many.sequence, micro_batches=many.micro_batches)
    frame["held"] = np.where(frame["fits"], "Fits", "Does not fit")
    frame["sequences"] = [f"{int(n)}" for n in frame["micro_batch"]]
    order = list(dict.fromkeys(frame.sort_values("micro_batch")["sequences"]))
    x = alt.X(
        "sequence:Q", title="Sequence, tokens", scale=alt.Scale(type="log", base=2, nice=False),
        axis=alt.Axis(values=list(SEQUENCES[1::2]), format=","),
    )  # fmt: skip
    y = alt.Y("utilization:Q", title="Model FLOP utilization", axis=_PERCENT, scale=alt.Scale(zero=False))
    base = alt.Chart(frame).encode(
        x=x,
        y=y,
        color=alt.Color("sequences:N", title="Micro-batch, sequences", sort=order, legend=alt.Legend(columns=4)),
        tooltip=tips(
            "sequence:Q | Sequence, tokens | ,",
            "micro_batch:Q | Sequences at once",
            "micro_batches:Q | Micro-batches a step",
            "utilization:Q | Utilization | .1%",
            "memory_gb:Q | Memory, GB | .0f",
            "held:N | Memory",
        ),
    )
    fitting = frame[frame["fits"]]
    longest = fitting["sequence"].max() if len(fitting) else 0
    is_piped = bool(frame["pipeline"].iloc[0] > 1)
    return figure(
        alt.layer(
            base.mark_line(strokeWidth=1.5),
            base.transform_filter(alt.datum.fits).mark_point(size=90, opacity=1),
        ).properties(height=320),
        title="Too many tokens at once starve the pipeline" if is_piped else "How sequences' length changes the fastest plan",
        subtitle=(
            f"The fastest plan for {arch.name}, at other lengths: memory suffices (points) up to "
            f"{numerals.whole(longest)} tokens."
            + " More tokens at once leave fewer micro-batches to fill the pipeline with."
            * is_piped
        ),
        description="Utilization against sequence length by micro-batch. "
        + "; ".join(
            f"{int(row.sequence):,} tokens, {row.sequences} at once: {numerals.percent(row.utilization)}, {row.held.lower()}"
            for row in frame.itertuples()
        )
        + ".",
        source=_SOURCE,
    )


def _chips_axis(chips: pd.Series) -> alt.Axis:
    lowest, highest = chips.min(), chips.max()
    values = [size for power in range(20) if lowest <= (size := 4**power) <= highest]
    return alt.Axis(values=values, format=",")


def _lower(text: str) -> str:
    return text[0].lower() + text[1:]
