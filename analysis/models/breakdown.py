"""The ledger of an architecture, summed for a reader: by operation, by part, and FLOP a token by convention."""

from dataclasses import replace

import numpy as np
import pandas as pd

from analysis.models import flop, ledger
from analysis.models.architecture import Architecture

_TITLES = {"qkv projection": "Query, key, value", "mlp up": "MLP up", "mlp down": "MLP down"}
#: Parts of a forward pass, by what a token's FLOP in it depend on.
PARTS = ("MLP", "Attention: projections", "Attention: scores and values", "Vocabulary")
#: Parts that only some architectures have: state-space and linear-attention layers, and what layers have beside.
RARE_PARTS = ("Linear mixers", "Residual streams")

#: The conventions of `analysis.models.flop` as people would name them, and what each counts.
CONVENTIONS = {
    "6nd_non_embedding": ("6ND, N without embeddings", "weights of the layers"),
    "6nd": ("6ND", "all weights"),
    "causal": ("Matrix products, causal", "matrices, and attention to earlier tokens"),
    "palm_full_attention": ("PaLM: 6ND and attention", "all weights, and attention to every token"),
    "megatron_full_attention": ("Matrix products, full attention", "matrices, and attention to every token"),
    "megatron_hfu_selective": ("Hardware, selective recomputation", "the same, and attention's forward once more"),
    "megatron_hfu_full_attention": ("Hardware, full recomputation", "the same, and all layers' forward once more"),
}


def by_operation(architecture: Architecture, context: float) -> pd.DataFrame:
    """Return one row an operation that has parameters or is a matrix product, norms together.

    Columns: `operation`, `repeats`, `parameters` and `flop` (forward, a token) with repeats, and both `_share`s.
    """
    rows = []
    for row in ledger.ledger(architecture, 1, context):
        if not row.parameters and row.kind not in ledger.PRODUCTS:
            continue
        norm = row.kind == "normalization"
        rows.append(
            {
                "operation": "Norms" if norm else _TITLES.get(row.name, row.name.capitalize()),
                "repeats": row.repeats,
                "parameters": row.repeats * row.parameters,
                "flop": row.repeats * row.forward_flop / context if row.kind in ledger.PRODUCTS else 0.0,
            }
        )
    sums = {"repeats": "max", "parameters": "sum", "flop": "sum"}
    frame = pd.DataFrame(rows).groupby("operation", sort=False, as_index=False).agg(sums)
    for amount in ("parameters", "flop"):
        frame[f"{amount}_share"] = frame[amount] / frame[amount].sum()
    return frame


def by_part(architecture: Architecture) -> pd.DataFrame:
    """Return a token's forward FLOP by part, as `fixed` + `slope` x context; both exact for full attention.

    Of `RARE_PARTS` only those that the architecture has.
    """
    at = [_part_flop(architecture, context) for context in (1024, 2048)]
    rows = []
    for part in (*PARTS, *(part for part in RARE_PARTS if at[1][part])):
        slope = (at[1][part] - at[0][part]) / 1024
        rows.append({"part": part, "fixed": at[0][part] - 1024 * slope, "slope": slope})
    return pd.DataFrame(rows)


def by_layer(architecture: Architecture, contexts: np.ndarray) -> pd.DataFrame:
    """Return one row a layer and part: `layer`, counted from 1, `part`, and `flop`, an array over the `contexts`.

    They are those of the matrix products of one more token at the end of each context, of models without an encoder; the
    vocabulary is the layer after the last. FLOP of one token, exact as the ledger is.
    """
    each: dict[str, dict[str, np.ndarray]] = {}
    roles = _roles(architecture)
    for row in ledger.ledger(architecture, 1, 1, contexts, causal=True, absorbed=True):
        if row.kind in ledger.PRODUCTS:
            parts, part = each.setdefault(row.layer, {}), _part(row, roles)
            parts[part] = parts.get(part, 0) + np.broadcast_to(row.forward_flop, contexts.shape)
    layers = [architecture.stack.layer(index) for index in range(architecture.n_layers)]
    layers.append(tuple(name for name in each if name in ledger.ENDS))
    return pd.DataFrame(
        {"layer": number, "part": part, "flop": flop}
        for number, names in enumerate(layers, 1)
        for name in names
        for part, flop in each.get(name, {}).items()
    )


def convention_flop(architecture: Architecture) -> pd.DataFrame:
    """Return a token's FLOP of training by convention, as `fixed` + `slope` x sequence length; both exact."""
    rows = []
    for key, (name, counts) in CONVENTIONS.items():
        at_1024, at_2048 = (flop.step_flop(key, architecture, 1, length) / length for length in (1024, 2048))
        slope = (at_2048 - at_1024) / 1024
        rows.append({"key": key, "convention": name, "counts": counts, "fixed": at_1024 - 1024 * slope, "slope": slope})
    return pd.DataFrame(rows)


def with_width_and_heads(architecture: Architecture, width: int, heads: int) -> Architecture:
    """Return the architecture with another width and number of heads, its heads as wide as before and its MLP 4 widths."""
    changed = architecture.with_blocks(
        mixer=lambda mixer: replace(mixer, heads=heads, kv_heads=heads),
        feed_forward=lambda mlp: replace(mlp, d_ff=4 * width),
    )
    return replace(changed, d_model=width)


def _part_flop(architecture: Architecture, context: float) -> dict[str, float]:
    result = dict.fromkeys((*PARTS, *RARE_PARTS), 0.0)
    roles = _roles(architecture)
    for row in ledger.ledger(architecture, 1, context):
        if row.kind in ledger.PRODUCTS:
            result[_part(row, roles)] += row.repeats * row.forward_flop / context
    return result


def _roles(architecture: Architecture) -> dict[str, str]:
    return {part.name: part.block.role for part in (*architecture.encoder_stack.parts, *architecture.stack.parts) if part.block}


def _part(row: ledger.Operation, roles: dict[str, str]) -> str:
    if row.layer in ledger.ENDS:
        return "Vocabulary"
    if row.kind == "attention":
        return "Attention: scores and values"
    role = roles[row.layer]
    return {"attention": "Attention: projections", "mixer": "Linear mixers", "beside": "Residual streams"}.get(role, "MLP")
