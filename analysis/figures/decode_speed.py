"""Prefill and decode: what a pass is spent on, the roofline, and what batch, length, format, experts and drafts do."""

import altair as alt
import numpy as np
import pandas as pd

from analysis.figures import walk
from analysis.figures.render import figure, vega
from analysis.figures.rows import rows
from analysis.figures.tooltips import tips
from analysis.hardware import machine
from analysis.inference import decode_case, decode_roofline, pass_time
from analysis.inference.decode_case import DecodeCase
from analysis.inference.inference_fitted import HALF_WIDTHS
from analysis.languages.walks import word
from analysis.numerals import percent, significant, whole

_SOURCE = "this book's model of a pass, fitted to published runs; chips from their data sheets"
_POWERS = [2**power for power in range(0, 21, 2)]
_TOKENS = alt.Axis(values=[2**power for power in range(8, 24, 3)], format=",")
_SPEED = "Tokens a second and chip"


def title_of(case: DecodeCase) -> str:
    """Return the case's deployment as people write it."""
    return f"{case.model} in {case.weight_precision.upper()} on {case.tensor} × {case.chip}"


def passes(case: DecodeCase) -> alt.LayerChart:
    """Return what reading a prompt, answering one request, and answering a batch are spent on, as shares of the pass."""
    frame = decode_case.passes(case)
    names = {
        "Prompt": f"Prefill, one prompt of {case.prompt_tokens:,} tokens",
        "One answer": "Decode, one request",
        "Batch of answers": f"Decode, {case.batch:,} request{'s' * (case.batch != 1)}",
    }
    each = frame.drop_duplicates("name").set_index("name")
    took = {name: f"{significant(1e3 * row['seconds'])} ms" for name, row in each.iterrows()}
    frame = frame.assign(
        label=[f"{names[name]}: {took[name]}" for name in frame["name"]],
        share=frame["part"] / frame["seconds"], milliseconds=1e3 * frame["part"],
        rank=frame["group"].map(list(decode_case.GROUPS).index),
    )  # fmt: skip
    a_token = each["seconds"] / each["tokens"]
    chart = rows(
        frame[["label", "group", "share", "milliseconds", "rank"]],
        label="label",
        mark="bar",
        x=alt.X("share:Q", title="Share of the pass", axis=alt.Axis(format="%"), scale=alt.Scale(domain=[0, 1])),
        colour=alt.Color("group:N", title=None, sort=list(decode_case.GROUPS)),
        order=alt.Order("rank:Q"),
        tooltip=tips("label:N | Pass", "group:N | Spent on", "milliseconds:Q | Milliseconds | ,.3~r", "share:Q | Share | .1%"),
    )
    return figure(
        chart,
        title="Writing one token alone wastes the chip",
        subtitle=(
            f"A token takes {_micro(a_token['Prompt'])} µs when it is read, {_micro(a_token['One answer'])} when it is "
            f"written alone, {_micro(a_token['Batch of answers'])} when {case.batch:,} are written together."
        ),
        description="Stacked bars of what a pass is spent on: "
        + "; ".join(
            f"{label}, " + ", ".join(f"{row.group.lower()} {percent(row.share)}" for row in group.itertuples())
            for label, group in frame.groupby("label", sort=False)
        )
        + ".",
        source=f"{_SOURCE}; {title_of(case)}",
    )


def by_batch(case: DecodeCase) -> alt.LayerChart:
    """Return tokens a second and chip against the time of a token, a point each batch, by format of the weights."""
    frame = decode_case.by_format(case)
    frame = frame.assign(precision=frame["precision"].str.upper())
    frame = frame.assign(milliseconds=1e3 * frame["seconds"], speed=frame["tokens_per_second_per_chip"])
    order = list(dict.fromkeys(frame["precision"]))
    asked = frame[frame["precision"] == order[0]]
    base = alt.Chart(frame[["precision", "batch", "milliseconds", "speed", "tokens_per_second_per_request"]])
    x = alt.X("milliseconds:Q", title="Milliseconds for each output token", scale=alt.Scale(type="log", nice=False, padding=12),
              axis=alt.Axis(values=[1, 2, 5, 10, 20, 50, 100, 200, 500, 1000], format=",~r"))  # fmt: skip
    y = alt.Y("speed:Q", title=_SPEED, scale=alt.Scale(type="log", nice=False, padding=14),
              axis=alt.Axis(values=[1, 10, 100, 1000, 10_000], format=",~r"))  # fmt: skip
    colour = alt.Color("precision:N", title="Weights in", sort=order)
    tooltip = tips(
        "precision:N | Weights",
        "batch:Q | Requests | ,",
        "milliseconds:Q | Milliseconds a token | ,.3~r",
        "tokens_per_second_per_request:Q | Tokens/s for a request | ,.3~r",
        "speed:Q | Tokens/s and chip | ,.3~r",
    )
    named = asked[asked["batch"].isin([1, 4, 16, 64, asked["batch"].max()])]
    texts = alt.Chart(named[["batch", "milliseconds", "speed"]]).mark_text(align="left", dx=8, dy=9)
    first, last = asked.iloc[0], asked.iloc[-1]
    slower = last["seconds"] / first["seconds"]
    return figure(
        alt.layer(
            base.mark_line(strokeWidth=2).encode(x=x, y=y, color=colour, order="batch:Q"),
            base.mark_point(size=36, opacity=1).encode(x=x, y=y, color=colour, tooltip=tooltip),
            texts.encode(x=x, y=y, text=alt.Text("batch:Q", format=",")),
        ).properties(height=340),
        title="A large batch yields tokens and costs patience",
        subtitle=(
            f"{whole(last['batch'])} requests together, all that fit, write {significant(last['speed'] / first['speed'], 2)} "
            f"times as many tokens as one, and each waits {significant(slower, 2)} times as long for its own."
        ),
        description="Tokens a second and chip against milliseconds a token, both logarithmic, by format of the weights. "
        + "; ".join(
            f"{name}: alone {_point(group.iloc[0])}, with {whole(group['batch'].iloc[-1])} requests {_point(group.iloc[-1])}"
            for name, group in frame.groupby("precision", sort=False)
        )
        + ".",
        source=f"{_SOURCE}; {title_of(case)} and in other formats, {whole(decode_case.context(case))} tokens in the cache",
    )


def roofline(case: DecodeCase) -> alt.LayerChart:
    """Return the rate of decoding against its FLOP a byte, under the chip's bounds; measured steps where it is that chip."""
    deployment, length = decode_case.deployed(case), decode_case.context(case)
    around = machine.case(deployment.chip, deployment.compute_precision)
    line = decode_roofline.by_batch(deployment, decode_case.batches(deployment, length), length)
    line = line.assign(teraflop=line["flop_per_second_per_chip"] / 1e12, kind=f"Predicted: {case.model}")
    points = decode_case.measured()
    points = points[(points["chip"] == case.chip) & (around["element_bytes"] >= 2)]
    named = points["model"].str.replace("^llama", "Llama-", regex=True).str.replace("b$", "B", regex=True)
    points = points.assign(teraflop=points["flop_per_second"] / 1e12, kind="Measured: " + named)
    corner = around["peak"] / around["memory_bandwidth"]
    least, most = min(0.8, line["flop_per_byte"].min()), 4 * corner
    roof = pd.DataFrame({
        "flop_per_byte": [least, corner], "teraflop": [least * around["memory_bandwidth"] / 1e12, around["peak"] / 1e12],
        "to": [corner, most], "up_to": around["peak"] / 1e12,
    })  # fmt: skip
    kinds = [line["kind"].iloc[0], *dict.fromkeys(points["kind"])]
    x = alt.X("flop_per_byte:Q", title="FLOP for each byte that is read", scale=alt.Scale(type="log", nice=False),
              axis=alt.Axis(values=[1, 3, 10, 30, 100, 300, 1000, 3000], format=",~r"))  # fmt: skip
    y = alt.Y("teraflop:Q", title="TFLOP/s of one chip", scale=alt.Scale(type="log", nice=False),
              axis=alt.Axis(values=[1, 10, 100, 1000, 10_000], format=",~r"))  # fmt: skip
    colour = alt.Color("kind:N", title=None, sort=kinds, legend=alt.Legend(columns=1))
    columns = ["flop_per_byte", "teraflop", "kind", "batch"]
    tooltip = tips(
        "kind:N | Step", "batch:Q | Requests | ,", "flop_per_byte:Q | FLOP a byte | ,.3~r", "teraflop:Q | TFLOP/s | ,.3~r"
    )
    layers = [
        alt.Chart(roof).mark_rule(strokeDash=[5, 4], strokeWidth=1.5, aria=False).encode(x=x, y=y, x2="to:Q", y2="up_to:Q"),
        alt.Chart(line[columns]).mark_line(strokeWidth=2).encode(x=x, y=y, color=colour),
        alt.Chart(line[columns]).mark_point(size=24, opacity=1).encode(x=x, y=y, color=colour, tooltip=tooltip),
    ]
    if len(points):
        rings = points.assign(teraflop=points["predicted_flop_per_second"] / 1e12)
        layers += [
            alt.Chart(rings[columns]).mark_point(filled=False, size=95, strokeWidth=1.2).encode(x=x, y=y, color=colour),
            alt.Chart(points[[*columns, "context"]]).mark_point(size=36, opacity=1).encode(
                x=x, y=y, color=colour, tooltip=[*tooltip, alt.Tooltip("context:Q", title="Tokens in the cache", format=",")],
            ),
        ]  # fmt: skip
    line = line.assign(place=range(len(line)))
    at = len(line) // 2
    slider = walk.slider("walk_batch", word("batch_walk"), len(line) - 1, at)
    heard = {
        str(row.place): word(
            "batch_memory" if row.flop_per_byte < corner else "batch_compute", batch=whole(row.batch),
            intensity=significant(row.flop_per_byte), rate=significant(row.teraflop),
        )
        for row in line.itertuples()
    }  # fmt: skip
    layers.append(
        alt.Chart(line[[*columns, "place"]])
        .transform_filter("datum.place == walk_batch")
        .mark_point(style="diagram-hollow", size=210, strokeWidth=2.5)
        .encode(x=x, y=y)
    )
    best = line.iloc[-1]
    said = (
        f"{whole(len(points))} measured steps reach {percent(points['share'].min())} to "
        f"{percent(points['share'].max())} of what the data sheet allows. "
        if len(points)
        else f"No step was measured on {case.chip}. "
    )
    return figure(
        alt.layer(*layers).properties(height=360).add_params(slider, walk.said(heard, "walk_batch")),
        title=f"Memory holds decoding back {'until batches are large' if best['flop_per_byte'] > corner else 'at every batch'}",
        subtitle=(
            f"{said}With {whole(best['batch'])} requests, decoding does {significant(best['flop_per_byte'])} FLOP for each byte; "
            f"the roof turns flat at {significant(corner)}."
        ),
        description=(
            f"Roof of {case.chip}: {significant(around['memory_bandwidth'] / 1e12)} TB/s and "
            f"{significant(around['peak'] / 1e12)} TFLOP/s, meeting at {significant(corner)} FLOP a byte. Predicted: "
            f"{significant(line['teraflop'].iloc[0])} TFLOP/s at one request to {significant(best['teraflop'])}. {said}"
        ),
        source=f"{_SOURCE}; filled points measured by this book on one H100, in 16 bits; rings: the same steps predicted",
    )


def capacity(case: DecodeCase) -> alt.LayerChart:
    """Return how many requests fit beside the weights, by formats of weights and cache, with a slider for the context."""
    frame = decode_case.held(case)
    held = decode_case.context(case)
    reach = alt.binding_range(min=min(256, held), max=decode_case.longest(case), step=1, name="Tokens of a request ")
    length = alt.param(name="decode_context", value=held, bind=reach)
    fit = np.floor(frame["free"] / frame["token"] / held)
    chart = rows(
        frame,
        label="label",
        mark="bar",
        x=alt.X("requests:Q", title="Requests that fit at once", axis=alt.Axis(format=",~r")),
        value="format(datum.requests, ',')",
        tooltip=tips("label:N | Formats", "requests:Q | Requests | ,", "gigabytes:Q | Free on one chip, GB | ,.1f"),
        calculate={"requests": f"floor({vega(alt.datum.free / alt.datum.token / length)})", "gigabytes": "datum.free / 1e9"},
    )
    return figure(
        chart.add_params(length),
        title="Memory decides how many requests fit",
        subtitle=(
            f"Beside the weights of {case.model}, {whole(fit.iloc[0])} requests of {whole(held)} tokens fit on "
            f"{case.tensor} × {case.chip}; in the smallest formats shown, {whole(fit.iloc[-1])}."
        ),
        description="Bars of the requests that fit, by format: "
        + "; ".join(f"{label[0].lower()}{label[1:]} {whole(count)}" for label, count in zip(frame["label"], fit, strict=True))
        + ".",
        source="the model's published shape; chip from its data sheet",
    )


def first_token(case: DecodeCase) -> alt.LayerChart:
    """Return the seconds in which one prompt is read, by its length, with the interval, the bound, and attention's part."""
    frame = decode_case.first_token(case)
    width = np.exp(HALF_WIDTHS["prefill"])
    kinds = {"seconds": "Predicted, with its 80% interval", "bound": "Bound by the data sheet", "attention": "Attention alone"}
    long = frame.melt("tokens", value_vars=list(kinds), var_name="kind", value_name="time").replace({"kind": kinds})
    x = alt.X("tokens:Q", title="Tokens of the prompt", scale=alt.Scale(type="log", nice=False), axis=_TOKENS)
    y = alt.Y("time:Q", title="Seconds to read it", scale=alt.Scale(type="log", nice=False),
              axis=alt.Axis(values=[10.0**power for power in range(-6, 5)], format=",~r"))  # fmt: skip
    band = frame.assign(low=frame["seconds"] / width, high=frame["seconds"] * width)[["tokens", "low", "high"]]
    shown = long[long["time"] > frame["seconds"].min() / 20]
    last = frame.iloc[-1]
    half = np.interp(last["tokens"] / 2, frame["tokens"], frame["seconds"])
    return figure(
        alt.layer(
            alt.Chart(band).mark_area(opacity=0.18).encode(
                x=x, y=alt.Y("low:Q", title="Seconds to read it", scale=alt.Scale(type="log", nice=False)), y2="high:Q"),
            alt.Chart(shown).mark_line(strokeWidth=2).encode(
                x=x, y=y, color=alt.Color("kind:N", title=None, sort=list(kinds.values()), legend=alt.Legend(columns=1)),
                tooltip=tips("kind:N | Time", "tokens:Q | Tokens | ,", "time:Q | Seconds | ,.3~r"),
            ),
        ).properties(height=320),
        title="A long prompt keeps its reader waiting",
        subtitle=(
            f"A prompt of {whole(last['tokens'])} tokens is read in {_seconds(last['seconds'])}, "
            f"{percent(last['attention'] / last['seconds'])} of it attention; one of half the length, in {_seconds(half)}."
        ),
        description="Seconds to read one prompt against its length, both logarithmic: "
        + "; ".join(
            f"{whole(row.tokens)} tokens {_seconds(row.seconds)}, the bound {_seconds(row.bound)}"
            for row in frame.iloc[[0, len(frame) // 2, -1]].itertuples()
        )
        + ".",
        source=f"{_SOURCE}; {title_of(case)}, prompts in chunks of {whole(pass_time.CHUNK_TOKENS)} tokens",
    )  # fmt: skip


def by_context(case: DecodeCase) -> alt.LayerChart:
    """Return tokens a second and chip with memory full, by length of the context and format of the cache."""
    frame = decode_case.by_context(case)
    frame = frame.assign(cache=frame["cache"].str.upper())
    order = list(dict.fromkeys(frame["cache"]))
    asked = frame[frame["cache"] == order[0]]
    first, last = asked.iloc[0], asked.iloc[-1]
    fit = "one request fits" if last["batch"] == 1 else f"{whole(last['batch'])} requests fit"
    base = alt.Chart(frame.assign(milliseconds=1e3 * frame["seconds"])).encode(
        x=alt.X("context:Q", title="Tokens in each request's cache", scale=alt.Scale(type="log", nice=False), axis=_TOKENS),
        y=alt.Y("speed:Q", title=_SPEED, scale=alt.Scale(type="log", nice=False),
                axis=alt.Axis(values=[factor * 10**power for power in range(5) for factor in (1, 3)], format=",~r")),
        color=alt.Color("cache:N", title="Cache in", sort=order),
        tooltip=tips("cache:N | Cache", "context:Q | Tokens | ,", "batch:Q | Requests that fit | ,",
                     "milliseconds:Q | Milliseconds a token | ,.3~r", f"speed:Q | {_SPEED} | ,.3~r"),
    )  # fmt: skip
    return figure(
        alt.layer(base.mark_line(strokeWidth=2), base.mark_point(size=24, opacity=1)).properties(height=300),
        title="Long contexts cost throughput" if last["speed"] < first["speed"] else "Throughput by the length of contexts",
        subtitle=(
            f"With memory full, a chip writes {significant(first['speed'])} tokens a second at {whole(first['context'])} tokens "
            f"of context, and {significant(last['speed'], 2)} at {whole(last['context'])}, where {fit}."
        ),
        description="Tokens a second and chip against the context, both logarithmic, by format of the cache: "
        + "; ".join(
            f"{name}, from {significant(group['speed'].iloc[0])} to {significant(group['speed'].iloc[-1])}"
            for name, group in frame.groupby("cache", sort=False)
        )
        + ".",
        source=f"{_SOURCE}; {title_of(case)}",
    )


def experts() -> alt.LayerChart:
    """Return the share of a layer's experts that a batch touches, by model."""
    frame = decode_case.experts_touched()
    order = list(dict.fromkeys(frame["model"]))
    shown = "DeepSeek-V3"
    shares = frame[frame["model"].str.startswith(shown)].set_index("batch")
    base = alt.Chart(frame).encode(
        x=alt.X("batch:Q", title="Requests in the batch", scale=alt.Scale(type="log", base=2, nice=False),
                axis=alt.Axis(values=_POWERS, format=",")),
        y=alt.Y("share:Q", title="Experts of a layer that are read", axis=alt.Axis(format="%")),
        color=alt.Color("model:N", title="Experts for each token", sort=order, legend=alt.Legend(columns=1)),
        tooltip=tips("model:N | Model", "batch:Q | Requests | ,", "touched:Q | Experts read | ,.1f",
                     "reads:Q | Tokens that share a reading | ,.3~r"),
    )  # fmt: skip
    return figure(
        alt.layer(base.mark_line(strokeWidth=2), base.mark_point(size=36, opacity=1)).properties(height=300),
        title="A batch soon reads nearly all experts",
        subtitle=(
            f"A token of {shown} needs {percent(shares.loc[1, 'share'])} of the experts of a layer, 64 tokens together "
            f"{percent(shares.loc[64, 'share'])}: each reading then serves {significant(shares.loc[64, 'reads'])} tokens, not 64."
        ),
        description="Share of experts that a batch touches, alone and with 64 requests: "
        + "; ".join(
            f"{name}, {percent(group['share'].iloc[0])} and {percent(group['share'].iloc[6])}"
            for name, group in frame.groupby("model", sort=False)
        )
        + ".",
        source="the models' published shapes, every expert equally likely",
    )


def speculation(case: DecodeCase) -> alt.LayerChart:
    """Return how much faster tokens come with drafts, by batch and number of drafted tokens."""
    frame = decode_case.speculation(case)
    frame = frame.assign(kind=[f"{drafts} drafted token{'s' * (drafts != 1)}" for drafts in frame["drafts"]])
    order = list(dict.fromkeys(frame["kind"]))
    alone = frame[frame["batch"] == 1].set_index("drafts")["faster"]
    full = frame[frame["batch"] == frame["batch"].max()].set_index("drafts")["faster"]
    most = decode_case.DRAFTS[-1]
    base = alt.Chart(frame).encode(
        x=alt.X("batch:Q", title="Requests in the batch", scale=alt.Scale(type="log", base=2, nice=False),
                axis=alt.Axis(values=_POWERS, format=",")),
        y=alt.Y("faster:Q", title="Times as fast as without drafts", scale=alt.Scale(zero=True)),
        color=alt.Color("kind:N", title=None, sort=order, legend=alt.Legend(columns=1)),
        tooltip=tips("kind:N | Drafts", "batch:Q | Requests | ,", "faster:Q | Times as fast | .2f"),
    )  # fmt: skip
    rule = alt.Chart(pd.DataFrame([{}])).mark_rule(strokeDash=[4, 4], aria=False).encode(y=alt.datum(1))
    return figure(
        alt.layer(rule, base.mark_line(strokeWidth=2), base.mark_point(size=36, opacity=1)).properties(height=300),
        title=(
            "Drafts help while few requests share a pass"
            if alone[most] > max(1.0, full[most])
            else "What drafts do, by the requests in a pass"
        ),
        subtitle=(
            f"With {most} drafted tokens, each accepted with a probability of {percent(case.acceptance)}, one request gets its "
            f"answer {significant(alone[most])} times as fast; {whole(frame['batch'].max())} together, "
            f"{significant(full[most], 2)} times."
        ),
        description="Speed over that without drafts, alone and with all that fit: "
        + "; ".join(
            f"{name}, {significant(alone[drafts])} and {significant(full[drafts], 2)}"
            for drafts, name in zip(decode_case.DRAFTS, order, strict=True)
        )
        + ".",
        source=f"{_SOURCE}; {title_of(case)}; drafting as in Leviathan et al. 2023, at no cost of its own",
    )


def _point(row: pd.Series) -> str:
    return f"{significant(row['speed'])} tokens a second at {significant(row['milliseconds'])} ms"


def _micro(seconds: float) -> str:
    return significant(1e6 * seconds)


def _seconds(seconds: float) -> str:
    return f"{significant(seconds)} s" if seconds >= 1 else f"{significant(1e3 * seconds)} ms"
