"""Where the memory goes: training on one accelerator, plans that spread it, and the key-value cache."""

import altair as alt
import numpy as np
import pandas as pd

from analysis import numerals
from analysis.figures import sliders, walk
from analysis.figures.render import figure, vega
from analysis.figures.rows import rows
from analysis.figures.tooltips import tips
from analysis.hardware import accelerators
from analysis.languages.walks import word
from analysis.models import memory
from analysis.models.architecture import Architecture, load
from analysis.training import memory_plans

_PARTS = {
    "weights": "Weights",
    "gradients": "Gradients",
    "optimizer": "Optimizer states",
    "activations": "Activations",
    "working": "Working space",
}
_TRAINING_SOURCE = "this book's account of memory; chip from its data sheet"
_GIGABYTES = alt.Axis(labelExpr="format(datum.value, ',')", tickCount=5)
#: Architectures by kind of attention, most bytes a token first.
CACHED = ("GPT-3 175B", "Llama-2-7B", "Llama-3.1-405B", "Llama-3.1-70B", "Llama-3.1-8B", "PaLM-540B", "DeepSeek-V3")
KINDS = {"mha": "Multi-head", "gqa": "Grouped-query", "mqa": "Multi-query", "mla": "Latent"}


def on_one(architecture: Architecture, sequence: int, accelerator: str) -> alt.LayerChart:
    """Return what training takes on one accelerator, by part, for each recomputation of activations."""
    frame = memory_plans.compare(architecture, memory_plans.ON_ONE, sequence)
    room = accelerators.memory_bytes(accelerator)
    first = frame.iloc[0]
    has = "Memory of the accelerator"
    capacity = {"plan": f"One {accelerator} has", "total": room / 1e9, "part": has, "rank": 0, "gigabytes": room / 1e9}
    return figure(
        rows(
            pd.concat([_long(frame), pd.DataFrame([capacity])], ignore_index=True),
            label="plan",
            mark="bar",
            x=alt.X("gigabytes:Q", title="Memory, GB", axis=_GIGABYTES),
            colour=alt.Color("part:N", title=None, sort=[*_PARTS.values(), has]),
            order=alt.Order("rank:Q"),
            value="datum.rank == 0 ? format(datum.total, ',.0f') + ' GB' : ''",
            tooltip=_tooltip("gigabytes"),
        ),
        title=f"One accelerator {'can hold' if first['total'] <= room else 'is too small for'} GPT-3 in training",
        subtitle=(
            f"Training takes {numerals.whole(first['total'] / 1e9)} GB, {numerals.significant(first['total'] / room, 2)} times "
            f"what one {accelerator} holds; the weights alone are {numerals.significant(first['weights'] / room, 2)} times that."
        ),
        description="Stacked bars of memory on one accelerator by recomputation. "
        + "; ".join(_described(row) for row in frame.itertuples())
        + f". The accelerator has {numerals.plain(room / 1e9)} GB.",
        source=_TRAINING_SOURCE,
    )


def over_64(architecture: Architecture, sequence: int, accelerator: str) -> alt.LayerChart:
    """Return the memory that one accelerator needs under each way of sharing the training out over 64."""
    room = accelerators.memory_bytes(accelerator)
    frame = memory_plans.compare(architecture, memory_plans.OVER_64, sequence).sort_values("total", ascending=False)
    frame = frame.assign(gigabytes=frame["total"] / 1e9)
    frame["kind"] = [_fits(total, room) for total in frame["total"]]
    frame["label"] = [f"{row.plan}: {numerals.significant(row.gigabytes)} GB" for row in frame.itertuples()]
    fitting = (frame["total"] <= room).sum()
    return figure(
        rows(
            frame[["label", "gigabytes", "kind"]],
            label="label",
            mark="point",
            x=alt.X(
                "gigabytes:Q",
                title="Memory of one accelerator, GB",
                scale=alt.Scale(type="log", domain=[30, 10_000]),
                axis=alt.Axis(values=[30, 100, 300, 1000, 3000, 10_000], format=","),
            ),
            colour=alt.Color("kind:N", title=None, scale=alt.Scale(domain=["Fits", "Does not fit"])),
            tooltip=tips("label:N | Plan", "gigabytes:Q | Memory, GB | ,.1f"),
        ),
        title="Which ways of sharing GPT-3 fit into memory",
        subtitle=(
            f"Of {numerals.whole(len(frame))} ways to share GPT-3 out over 64 × {accelerator}, "
            f"{numerals.whole(fitting)} fit into its {numerals.plain(room / 1e9)} GB."
        ),
        description="Memory of one accelerator, logarithmic, by plan: "
        + "; ".join(f"{row.plan} {numerals.whole(row.gigabytes)} GB, {row.kind.lower()}" for row in frame.itertuples())
        + f". The accelerator has {numerals.plain(room / 1e9)} GB.",
        source=_TRAINING_SOURCE,
    )


def freed(architecture: Architecture, sequence: int, accelerator: str, language: str = "en") -> alt.LayerChart:
    """Return what each part takes on one of 64 accelerators, for one way of sharing at a time; a slider takes the next way."""
    room = accelerators.memory_bytes(accelerator) / 1e9
    frame = memory_plans.compare(architecture, memory_plans.OVER_64, sequence).sort_values("total", ascending=False)
    parts = [word("whole_memory", language), *_PARTS.values()]
    long = pd.DataFrame(
        {"place": place, "plan": row["plan"], "part": part, "gigabytes": round(row[name] / 1e9, 3),
         "first": round(frame.iloc[0][name] / 1e9, 3)}
        for place, (_, row) in enumerate(frame.iterrows())
        for name, part in {"total": parts[0], **_PARTS}.items()
    )  # fmt: skip
    fits = frame["total"] / 1e9 <= room
    said = {
        str(place): word(
            "sharing_said", language, plan=row["plan"], total=numerals.significant(row["total"] / 1e9),
            part=_PARTS[max(_PARTS, key=lambda name: row[name])].lower(), room=numerals.plain(room),
            fits=word("sharing_fits" if fits.iloc[place] else "sharing_does_not_fit", language),
        )
        for place, (_, row) in enumerate(frame.iterrows())
    }  # fmt: skip
    start = int(fits.to_numpy().argmax()) if fits.any() else len(frame) - 1
    kinds = [word("not_shared", language), word("shared_so", language)]
    long = long[long["gigabytes"] > 0]  # a logarithmic axis has no place for nothing
    least, most = 10.0 ** np.floor(np.log10(long["gigabytes"].min())), 2 * long["first"].max()
    scale = alt.Scale(type="log", domain=[least, most], nice=False)
    axis = alt.Axis(
        format=",~r", values=[10.0**power for power in range(-4, 9) if least <= 10.0**power <= 2 * long["first"].max()]
    )
    shown = [part for part in parts if part in set(long["part"])]
    y = alt.Y("part:N", title=None, scale=alt.Scale(domain=shown, paddingInner=0.5), axis=alt.Axis(ticks=False, domain=False))
    colour = {"scale": alt.Scale(domain=kinds), "title": None, "legend": alt.Legend(columns=1)}
    now = alt.Chart(long).transform_filter("datum.place == walk_sharing")
    before = now.transform_filter("datum.first > 0")
    x = alt.X("gigabytes:Q", title=word("gigabytes", language), scale=scale, axis=axis)
    tooltip = tips(f"plan:N | {word('sharing', language)}", f"part:N | {word('part', language)}",
                   f"gigabytes:Q | {word('gigabytes', language)} | ,.3~r")  # fmt: skip
    return figure(
        alt.layer(
            alt.Chart(pd.DataFrame([{"room": room}]))
            .mark_rule(strokeDash=[4, 4], aria=False)
            .encode(x=alt.X("room:Q", scale=scale)),
            before.mark_rule(strokeWidth=5, opacity=0.3).encode(x=x, x2="first:Q", y=y),
            before.transform_calculate(kind=repr(kinds[0])).mark_point(size=90, filled=True, opacity=1)
            .encode(x=alt.X("first:Q", scale=scale), y=y, color=alt.Color("kind:N", **colour)),
            now.transform_calculate(kind=repr(kinds[1])).mark_point(size=140, filled=True, opacity=1)
            .encode(x=x, y=y, color=alt.Color("kind:N", **colour), tooltip=tooltip),
        )
        .properties(height=38 * len(parts))
        .add_params(
            walk.slider("walk_sharing", word("sharing", language), len(frame) - 1, start),
            walk.said(said, "walk_sharing"),
        ),
        title="What each way of sharing frees on a chip",
        subtitle=f"GPT-3 over 64 × {accelerator}; the dashed line is the {numerals.plain(room)} GB that one has.",
        description="Parts of the memory of one chip, under one way of sharing at a time beside the way that shares least. "
        + " ".join(said.values()),
        source=_TRAINING_SOURCE,
    )  # fmt: skip


def by_plan(architecture: Architecture, sequence: int, accelerator: str) -> alt.LayerChart:
    """Return the parts of memory under plans that nearly fit, with sliders for micro-batch and sequence length."""
    micro_batch = sliders.slider("micro_batch", "Micro-batch, sequences", 1, 1, 8, 1)
    length = sliders.slider("memory_sequence", "Sequence, tokens", sequence, 512, 8192, 512)
    room = accelerators.memory_bytes(accelerator)
    frame = memory_plans.by_part(architecture, memory_plans.NEAR, sequence)
    frame = frame.assign(rank=frame["part"].map(list(_PARTS).index)).replace({"part": _PARTS})
    sums = frame.groupby("plan")[["fixed", "linear", "quadratic"]].sum().add_prefix("all_")
    frame = frame.join(sums, on="plan")
    datum = alt.datum
    part = memory_plans.bytes_at(datum.fixed, datum.linear, datum.quadratic, micro_batch, length)
    total = memory_plans.bytes_at(datum.all_fixed, datum.all_linear, datum.all_quadratic, micro_batch, length)
    compared = memory_plans.compare(architecture, memory_plans.NEAR, sequence).set_index("plan")["total"]
    none, selective, full = (compared.iloc[n] / 1e9 for n in range(3))
    chart = rows(
        frame,
        label="plan",
        mark="bar",
        x=alt.X("gigabytes:Q", title="Memory, GB; dashed: what the accelerator has", axis=_GIGABYTES),
        colour=alt.Color("part:N", title=None, sort=list(_PARTS.values())),
        order=alt.Order("rank:Q"),
        value="datum.rank == 0 ? format(datum.total, ',.3~r') + ' GB' : ''",
        tooltip=_tooltip("gigabytes"),
        rule=room / 1e9,
        calculate={"gigabytes": vega(part / 1e9), "total": vega(total / 1e9)},
    )
    return figure(
        (chart + _beyond(room)).add_params(micro_batch, length),
        title="Recomputation makes room at the price of work",
        subtitle=(
            f"On tensor 8, pipeline 8, a chip keeps {numerals.significant(none)} GB of GPT-3; with attention's core recomputed "
            f"{numerals.significant(selective)} GB, with everything {numerals.significant(full)} GB."
        ),
        description=f"Stacked bars of memory on one accelerator by plan, at {sequence:,} tokens and a micro-batch of one: "
        + "; ".join(f"{plan} {numerals.significant(value / 1e9)} GB" for plan, value in compared.items())
        + f". The accelerator has {numerals.plain(room / 1e9)} GB.",
        source=_TRAINING_SOURCE,
    )


def kv_cache(context: int, accelerator: str) -> alt.LayerChart:
    """Return the key-value cache of architectures with different attention, with sliders for context and sequences."""
    length = sliders.slider("cache_context", "Context, tokens", context, 1024, 131_072, 1024)
    sequences = sliders.slider("cache_sequences", "Sequences at once", 1, 1, 64, 1)
    room = accelerators.memory_bytes(accelerator)
    frame = cache_by_model()
    multi_head, latent = frame.iloc[0], frame.set_index("attention").loc[KINDS["mla"]]
    chart = rows(
        frame,
        label="label",
        mark="bar",
        x=alt.X("gigabytes:Q", title="Key-value cache, GB; dashed: one accelerator", axis=_GIGABYTES),
        colour=alt.Color("attention:N", title=None, sort=list(KINDS.values())),
        value="format(datum.gigabytes, ',.3~r') + ' GB'",
        rule=room / 1e9,
        tooltip=tips("label:N | Model", "attention:N | Attention", "gigabytes:Q | Cache, GB | ,.2f"),
        calculate={"gigabytes": vega(alt.datum.token_bytes * length * sequences / 1e9)},
    )
    factor = numerals.significant(multi_head["token_bytes"] / latent["token_bytes"], 2)
    return figure(
        (chart + _beyond(room)).add_params(length, sequences),
        title="What a token keeps depends on the kind of attention",
        subtitle=(
            f"A token's keys and values take {written(multi_head['token_bytes'])} in {multi_head['model']}, {factor} times "
            f"the {written(latent['token_bytes'])} of {latent['model']}."
        ),
        description=f"Bars of the key-value cache of one sequence of {context:,} tokens, by model: "
        + "; ".join(
            f"{row.model}, {row.attention.lower()}, {numerals.significant(row.token_bytes * context / 1e9)} GB"
            for row in frame.itertuples()
        )
        + f". The accelerator has {numerals.plain(room / 1e9)} GB.",
        source="the models' published shapes, at two bytes a number",
    )


def cache_by_model() -> pd.DataFrame:
    """Return `token_bytes`, what one token takes of the key-value cache in 16 bits, by model, most first."""
    rows_ = []
    for name in CACHED:
        architecture = load(name)
        token = float(memory.kv_cache_bytes(architecture, 1))
        kind = KINDS[architecture.attention]
        rows_.append(
            {
                "model": name,
                "attention": kind,
                "label": f"{name}: {written(token)} a token",
                "token_bytes": token,
            }
        )
    return pd.DataFrame(rows_).sort_values("token_bytes", ascending=False, ignore_index=True)


def written(size: float) -> str:
    """Return bytes as text, in kB or MB."""
    return f"{numerals.significant(size / 1e3)} kB" if size < 1e6 else f"{numerals.significant(size / 1e6)} MB"


def _beyond(room: float) -> alt.Chart:
    """Return nothing to see: it keeps the axis going beyond `room`, so that the line does not cross the values."""
    return alt.Chart(pd.DataFrame([{}])).mark_point(opacity=0, aria=False).encode(x=alt.datum(1.2 * room / 1e9))


def _fits(total: float, room: float) -> str:
    return "Fits" if total <= room else "Does not fit"


def _long(frame: pd.DataFrame) -> pd.DataFrame:
    long = frame.melt(["plan", "total"], value_vars=list(_PARTS), var_name="part", value_name="bytes")
    long = long.assign(rank=long["part"].map(list(_PARTS).index), gigabytes=long["bytes"] / 1e9, total=long["total"] / 1e9)
    return long.drop(columns="bytes").replace({"part": _PARTS})


def _tooltip(amount: str) -> list[alt.Tooltip]:
    return tips("plan:N | Plan", "part:N | Part", f"{amount}:Q | Memory, GB | ,.1f")


def _described(row) -> str:
    parts = ", ".join(f"{title.lower()} {numerals.whole(getattr(row, name) / 1e9)} GB" for name, title in _PARTS.items())
    return f"{row.plan}: {parts}"
