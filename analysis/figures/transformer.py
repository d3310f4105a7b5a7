"""The Transformer as diagrams and counts, drawn from an architecture: they change with its shape."""

from itertools import pairwise

import altair as alt
import numpy as np
import pandas as pd

from analysis import numerals
from analysis.figures import axes
from analysis.figures.diagram import Arrow, Box, Frame, diagram
from analysis.figures.render import figure
from analysis.figures.rows import rows as by_row
from analysis.figures.tooltips import tips
from analysis.models import ledger
from analysis.models.architecture import Architecture

_SOURCE = "drawn from the architecture; parameters counted by analysis/models/ledger.py"
_ATTENTION, _MLP, _NORM, _VOCABULARY = "Attention", "Feed-forward", "Add and normalize", "Vocabulary"
_PARTS = {"projections": "Attention's projections", "products": "Scores and mixing", "mlp": "Feed-forward"}


def architecture(arch: Architecture) -> alt.LayerChart:
    """Return the whole encoder-decoder: each block with its parameters, and the shape of what flows."""
    count, width = _counts(arch), arch.d_model
    boxes = [
        Box("self", ["Self-attention", f"{count['encoder attention']:,}"], 2, 0, kind=_ATTENTION),
        Box("self_norm", ["Add and normalize", f"{count['norm']:,}"], 3, 0, kind=_NORM),
        Box("mlp", ["Feed-forward", f"{count['mlp']:,}"], 4, 0, kind=_MLP),
        Box("mlp_norm", ["Add and normalize", f"{count['norm']:,}"], 5, 0, kind=_NORM),
        Box("masked", ["Masked attention", f"{count['attention']:,}"], 2, 1, kind=_ATTENTION),
        Box("masked_norm", ["Add and normalize", f"{count['norm']:,}"], 3, 1, kind=_NORM),
        Box("cross", ["Cross-attention", f"{count['cross-attention']:,}"], 5, 1, kind=_ATTENTION),
        Box("cross_norm", ["Add and normalize", f"{count['norm']:,}"], 6, 1, kind=_NORM),
        Box("write_mlp", ["Feed-forward", f"{count['mlp']:,}"], 7, 1, kind=_MLP),
        Box("write_norm", ["Add and normalize", f"{count['norm']:,}"], 8, 1, kind=_NORM),
        Box("source", ["Source tokens", "n"], 0, 0),
        Box("target", ["Target tokens so far", "m"], 0, 1),
        Box("read", ["Embed + positions", f"{arch.vocab_size} × {width}"], 1, 0, kind=_VOCABULARY),
        Box("write", ["Embed + positions", "the same matrix"], 1, 1, kind=_VOCABULARY),
        Box("logits", ["Output layer", "the same matrix"], 9, 1, kind=_VOCABULARY),
        Box("next", ["Softmax: next token", f"m × {arch.vocab_size}"], 10, 1),
    ]
    encoder = ("self", "self_norm", "mlp", "mlp_norm")
    decoder = ("masked", "masked_norm", "cross", "cross_norm", "write_mlp", "write_norm")
    arrows = [
        *_chain(["source", "read", *encoder]),
        *_chain(["target", "write", *decoder, "logits", "next"]),
        Arrow("mlp_norm", "cross"),
    ]
    total = ledger.parameters(arch)
    return diagram(
        boxes,
        arrows,
        [Frame(encoder, f"{arch.n_encoder_layers} times"), Frame(decoder, f"{arch.n_layers} times")],
        title="An encoder reads, a decoder writes",
        subtitle=(
            f"An encoder reads, a decoder writes: {total:,} parameters, of which "
            f"{numerals.percent(_mlp_share(arch), 2)} are in feed-forward networks."
        ),
        description=(
            "The encoder-decoder as a diagram, encoder on the left, decoder on the right; numbers are parameters of one "
            f"block. Between blocks flow n × {width} numbers in the encoder, m × {width} in the decoder. The encoder's "
            "output enters each cross-attention."
        ),
        source=_SOURCE,
    )


def stacks(arch: Architecture) -> alt.LayerChart:
    """Return the stacks: each layer feeds the next, and the last encoder layer's output feeds every decoder layer."""
    n, m = arch.n_encoder_layers, arch.n_layers
    count = _counts(arch)
    each_encoder = count["encoder attention"] + count["mlp"] + 2 * count["norm"]
    each_decoder = count["attention"] + count["cross-attention"] + count["mlp"] + 3 * count["norm"]
    boxes = [Box("source", ["Source, embedded", f"n × {arch.d_model}"], 0, 0)]
    boxes += [Box(f"e{k}", [f"Encoder layer {k + 1}", f"{each_encoder:,}"], k + 1, 0, kind="Encoder") for k in range(n)]
    boxes.append(Box("target", ["Target, embedded", f"m × {arch.d_model}"], n, 1))
    for k in range(m):
        boxes.append(Box(f"m{k}", ["Encoder's output", f"n × {arch.d_model}"], n + 1 + k, 0))
        boxes.append(Box(f"d{k}", [f"Decoder layer {k + 1}", f"{each_decoder:,}"], n + 1 + k, 1, kind="Decoder"))
    boxes.append(Box("out", ["To the output layer", f"m × {arch.d_model}"], n + m + 1, 1))
    arrows = [
        *_chain(["source", *(f"e{k}" for k in range(n)), *(f"m{k}" for k in range(m))]),
        *_chain(["target", *(f"d{k}" for k in range(m)), "out"]),
        *(Arrow(f"m{k}", f"d{k}") for k in range(m)),
    ]
    return diagram(
        boxes,
        arrows,
        title="Every decoder layer reads the last encoder layer",
        subtitle=(
            f"{n} encoder layer{'s' * (n > 1)} in a row, then {m} of the decoder, each of which reads "
            "the last encoder layer's output; "
            f"a decoder layer has {numerals.significant(each_decoder / each_encoder, 3)} times the parameters."
        ),
        description=(
            "Layers as boxes with their parameters. What enters and what leaves a layer has the same shape, so that "
            "layers can be stacked."
        ),
        source=_SOURCE,
    )


def encoder_layer(arch: Architecture) -> alt.LayerChart:
    """Return one encoder layer with the residual connections and normalizations around its two sub-layers."""
    d, h, f = arch.d_model, arch.n_heads, arch.d_ff
    count = _counts(arch)
    boxes = [
        Box("in", ["Input", f"n × {d}"], 0),
        Box("qkv", ["Queries, keys, values", f"3 × {d} × {d}, for {h} heads"], 1, kind=_ATTENTION),
        Box("scores", ["Scores, softmax, mixing", f"{h} maps of n × n, no parameters"], 2, kind=_ATTENTION),
        Box("out", ["Output projection", f"{d} × {d}"], 3, kind=_ATTENTION),
        Box("norm1", ["Add the input, normalize", f"n × {d}"], 4, kind=_NORM),
        Box("up", ["First matrix, then ReLU", f"{d} × {f}; n × {f}"], 5, kind=_MLP),
        Box("down", ["Second matrix", f"{f} × {d}"], 6, kind=_MLP),
        Box("norm2", ["Add, normalize", f"n × {d}"], 7, kind=_NORM),
    ]
    arrows = [
        *_chain([box.key for box in boxes]),
        Arrow("in", "norm1", side="right"),
        Arrow("norm1", "norm2", side="left"),
    ]
    frames = [
        Frame(("qkv", "scores", "out"), f"Attention {_shown(count['encoder attention'])}"),
        Frame(("up", "down"), f"Matrices {_shown(count['mlp'])}"),
    ]
    return diagram(
        boxes,
        arrows,
        frames,
        title="Each sub-layer is added to what entered it",
        subtitle=(
            f"Each of an encoder layer's two sub-layers is added to what entered it, then normalized; the second has "
            f"{numerals.significant(count['mlp'] / count['encoder attention'], 3)} times the parameters of the first."
        ),
        description="One encoder layer as a diagram with its matrices' shapes. Two arrows go around the sub-layers.",
        source=_SOURCE,
    )


def cost_by_length(arch: Architecture, other: Architecture) -> alt.LayerChart:
    """Return the FLOP that an encoder's layer of `arch` takes for each token, by the length of the sequence."""
    frame = layer_flop(arch, 2.0 ** np.arange(2, 17))
    crossing, elsewhere = crossing_length(arch), crossing_length(other)
    axis = alt.Axis(labelExpr=axes.SHORT, tickCount=4)
    lines = (
        alt.Chart(frame)
        .mark_line()
        .encode(
            x=alt.X("length:Q", title="Length of the sequence, tokens", scale=alt.Scale(type="log", base=2),
                    axis=alt.Axis(format=",", values=[4, 32, 256, 2048, 16_384])),
            y=alt.Y("flop:Q", title="FLOP of one layer for one token", scale=alt.Scale(type="log"), axis=axis),
            color=alt.Color("part:N", title=None, sort=list(_PARTS.values()), legend=alt.Legend(columns=1)),
            tooltip=tips("part:N | Part", "length:Q | Length | ,", "flop:Q | FLOP a token | ,.0f"),
        )
    )  # fmt: skip
    rule = alt.Chart(pd.DataFrame([{}])).mark_rule(strokeDash=[4, 4], aria=False).encode(x=alt.datum(crossing))
    return figure(
        alt.layer(rule, lines).properties(height=260),
        title="Comparing tokens dominates once the text is long",
        subtitle=(
            f"From {numerals.whole(crossing)} tokens on, comparing tokens costs a layer more than its matrices do; in "
            f"{other.name} from {numerals.whole(elsewhere)} on."
        ),
        description="FLOP a token of one layer by length, both logarithmic: "
        + "; ".join(
            f"{part.lower()} from {numerals.words(rows['flop'].iloc[0])} at {rows['length'].iloc[0]:.0f} tokens to "
            f"{numerals.words(rows['flop'].iloc[-1])} at {rows['length'].iloc[-1]:,.0f}"
            for part, rows in frame.groupby("part", sort=False)
        ),
        source="computed by analysis/models/ledger.py; matrix products only, a multiply and an add are two FLOP",
    )


def layer_flop(arch: Architecture, lengths: np.ndarray) -> pd.DataFrame:
    """Return `flop`, forward and for each token, of one layer of self-attention and feed-forward, by part and length."""
    parts_ = []
    for length in lengths:
        rows = _of_a_layer(arch, length)
        parts = {
            "projections": sum(row.forward_flop for row in rows if row.kind == "matmul" and "attention" in row.layer),
            "products": sum(row.forward_flop for row in rows if row.kind == "attention"),
            "mlp": sum(row.forward_flop for row in rows if row.kind == "matmul" and "mlp" in row.layer),
        }
        parts_ += [{"length": length, "part": _PARTS[part], "flop": flop / length} for part, flop in parts.items()]
    return pd.DataFrame(parts_)


def crossing_length(arch: Architecture) -> float:
    """Return the length at which the products of attention cost a layer as much as its weights' do."""
    a_token = layer_flop(arch, np.array([1.0])).set_index("part")["flop"]
    return (a_token.sum() - a_token[_PARTS["products"]]) / a_token[_PARTS["products"]]


def without_sublayers(left: pd.DataFrame, accuracy: float, n_numbers: int) -> alt.LayerChart:
    """Return the accuracy that is left without each sub-layer, from `sublayers.losses`, of `accuracy` with all."""
    data = left.assign(
        name=[f"{row.stack.capitalize()} {row.layer}: {row.sublayer.lower()}" for row in left.itertuples()],
        kind=[row.stack.capitalize() for row in left.itertuples()],
    )
    worst = data.loc[data["left"].idxmin()]
    harmless = int((accuracy - data["left"] < 0.01).sum())
    return figure(
        by_row(
            data,
            label="name",
            x=alt.X("left:Q", title="Unseen numbers translated right", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format="%")),
            mark="bar",
            colour=alt.Color("kind:N", title=None, sort=list(dict.fromkeys(data["kind"]))),
            value="format(datum.left, '.2~p')",
            tooltip=tips("name:N | Without", "left:Q | Right | .1%"),
        ),
        title="Which sub-layers can be left out",
        subtitle=(
            f"Any one of {harmless} of {len(data)} sub-layers can be left out for less than a percentage point of accuracy; "
            f"without the {worst['sublayer'].lower()} of {worst['stack']} layer {worst['layer']}, "
            f"{numerals.percent(worst['left'])} of numbers come out right."
        ),
        description=f"Bars of the share of {n_numbers} unseen numbers that are right without each sub-layer; with all, "
        f"{numerals.percent(accuracy)}. "
        + "; ".join(f"{row.name.lower()} {numerals.percent(row.left)}" for row in data[["name", "left"]].itertuples(index=False))
        + ".",
        source="the translator in data/weights/, measured by analysis/networks/sublayers.py",
    )


def products_share(arch: Architecture, length: int) -> float:
    """Return the share of a layer's FLOP that goes into the products of attention over `length` tokens."""
    parts = layer_flop(arch, np.array([length])).set_index("part")["flop"]
    return float(parts[_PARTS["products"]] / parts.sum())


def parameter_table(arch: Architecture, arrays: dict[str, np.ndarray]) -> pd.DataFrame:
    """Return the parameters of trained `arrays` by block, beside what the ledger counts for the architecture."""
    count = _counts(arch)
    blocks = [
        ("Embedding, also the output layer", 1, ["embedding"], count["embedding"]),
        ("Encoder: self-attention", arch.n_encoder_layers, ["encoder", "attention"], count["encoder attention"]),
        ("Encoder: feed-forward", arch.n_encoder_layers, ["encoder", "mlp"], count["mlp"]),
        ("Encoder: two norms", arch.n_encoder_layers, ["encoder", "norm"], 2 * count["norm"]),
        ("Decoder: masked self-attention", arch.n_layers, ["decoder", "attention"], count["attention"]),
        ("Decoder: cross-attention", arch.n_layers, ["decoder", "cross_attention"], count["cross-attention"]),
        ("Decoder: feed-forward", arch.n_layers, ["decoder", "mlp"], count["mlp"]),
        ("Decoder: three norms", arch.n_layers, ["decoder", "norm"], 3 * count["norm"]),
    ]
    sizes = _sizes(arrays)
    rows = []
    for name, times, key, each in blocks:
        size = sizes["/".join(key)]
        rows.append((name, times, size, times * each))
    rows.append(("All", "", sum(row[2] for row in rows), ledger.parameters(arch)))
    columns = ["Block", "Times", "In the file", "By the ledger"]
    text = [(name, str(times), f"{size:,}", f"{counted:,}") for name, times, size, counted in rows]
    return pd.DataFrame(text, columns=columns)


def _sizes(arrays: dict[str, np.ndarray]) -> dict[str, int]:
    """Return the numbers in the arrays of each stack's blocks: "encoder/attention", all norms as "encoder/norm"."""
    sizes: dict[str, int] = {}
    for name, array in arrays.items():
        stack, *rest = name.split(".")
        block = "" if not rest else "/norm" if rest[1].endswith("norm") else f"/{rest[1]}"
        sizes[stack + block] = sizes.get(stack + block, 0) + array.size
    return sizes


def _counts(arch: Architecture) -> dict[str, int]:
    """Return the parameters of one block of each kind; attention's without its norm."""
    rows = ledger.ledger(arch, 1, 1)
    counts = {"embedding": ledger.vocabulary_parameters(arch)}
    for block in ("encoder attention", "attention", "cross-attention"):
        counts[block] = sum(row.parameters for row in rows if row.layer == block and row.kind == "matmul")
    counts["mlp"] = sum(row.parameters for row in rows if row.layer == "mlp" and row.kind == "matmul")
    counts["norm"] = next(row.parameters for row in rows if row.kind == "normalization")
    return counts


def _mlp_share(arch: Architecture) -> float:
    return _counts(arch)["mlp"] * (arch.n_layers + arch.n_encoder_layers) / ledger.parameters(arch)


def _of_a_layer(arch: Architecture, length: float) -> list[ledger.Operation]:
    """Return the operations of one layer that reads `length` tokens, all of which see each other."""
    reads = {"encoder attention", "encoder mlp"} if arch.kind == "encoder-decoder" else {"attention", "mlp"}
    return [row for row in ledger.ledger(arch, 1, length) if row.layer in reads]


def _shown(count: int) -> str:
    """Return a count in full if it fits at the head of a frame, else in millions."""
    return numerals.whole(count) if count < 1e7 else f"{numerals.significant(count / 1e6, 3)} M"


def _chain(keys: list[str]) -> list[Arrow]:
    return [Arrow(start, end) for start, end in pairwise(keys)]
