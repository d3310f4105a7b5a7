"""What a model is, layer by kind of layer, as numbers and as text."""

import json
from typing import Any

from analysis import units
from analysis.models import ledger, memory, quantisation
from analysis.models.architecture import Architecture, ArchitectureError

#: Tokens of context where none is asked for, and the most that are.
CONTEXT, MOST_CONTEXT = 4096, 10**9


def tokens(context: str) -> int:
    """Return the tokens that `context` writes: 131,072 or 128k. Raises ArchitectureError."""
    try:
        count = units.read(context, "token", "131,072")
    except units.QuantityError as error:
        raise ArchitectureError(f"context: {error}") from error
    if count % 1 or not 1 <= count <= MOST_CONTEXT:
        raise ArchitectureError(f"context: {context} is not a whole number from 1 to {MOST_CONTEXT:,}")
    return int(count)


def numbers(model: Architecture, context: int = CONTEXT) -> dict[str, Any]:
    """Return what is counted of a model, by name; FLOP are of one token's forward pass at the end of `context`."""
    rows = ledger.ledger(model, 1, 1, context, causal=True, absorbed=True)
    flop = ledger.product_flop(rows)[0]
    parts: dict[str, int] = {}
    for row in rows:
        parts[row.layer] = parts.get(row.layer, 0) + row.repeats * row.parameters
    return {
        "name": model.name,
        "kind": model.kind,
        "layers": model.n_layers + model.n_encoder_layers,
        "parameters": ledger.parameters(model),
        "active_parameters": ledger.multiplied_parameters(model),
        "embedding_parameters": sum(row.parameters for row in rows if row.name in ("token embedding", "per-layer embedding")),
        "vision_parameters": sum(count for _, count in model.tower_parameters),
        "mtp_parameters": ledger.mtp_parameters(model),
        "parameters_by_part": parts,
        "weight_bytes": quantisation.in_formats(rows),
        "quantisation": stored(model, rows),
        "kv_bytes_per_token": int(memory.kv_cache_bytes(model, 1)),
        "kv_bytes_at_context": int(memory.kv_cache_bytes(model, context)),
        "state_bytes_per_sequence": int(memory.state_bytes(model)),
        "flop_per_token": float(flop),
        "context": context,
        "context_length": model.context_length or None,
        "layer_kinds": layer_kinds(model),
        "assumed": list(model.assumed),
        "unsupported": list(model.unsupported),
    }


def stored(model: Architecture, rows: Any) -> dict[str, Any] | None:
    """Return how the model's file stores its weights, None without a file that says so."""
    formats = model.quantisation
    if formats is None or not formats.method and not formats.unknown:
        return None
    sizes = quantisation.of_file(model, rows)
    return {
        "method": formats.method,
        "weight_bytes": sum(sizes.values()) or None,
        "weight_bytes_by_format": sizes,
        "kept": len(formats.kept),
        "kv_cache": formats.kv_cache or None,
    }


def layer_kinds(model: Architecture) -> list[dict[str, Any]]:
    """Return the kinds of layer with how many there are of each and what they are made of, in order of first appearance."""
    counts: dict[tuple[str, ...], int] = {}
    for stack, layers in ((model.encoder_stack, model.encoder_layers), (model.stack, model.layers)):
        index = 0
        for _, repeats in layers:
            key = stack.layer(index)
            counts[key] = counts.get(key, 0) + repeats
            index += repeats
    return [{"layers": count, "parts": list(parts)} for parts, count in counts.items()]


def as_json(model: Architecture, context: int = CONTEXT) -> str:
    """Return the numbers as JSON."""
    return json.dumps(numbers(model, context), indent=2, ensure_ascii=False)


def as_text(model: Architecture, context: int = CONTEXT) -> str:
    """Return the numbers as lines of text."""
    counted = numbers(model, context)
    lines = [f"{counted['name']}: {counted['kind']}, {counted['layers']} layers"]
    lines += [f"  {kind['layers']:>4} x {' + '.join(kind['parts'])}" for kind in counted["layer_kinds"]]
    rows = [
        ("Parameters", f"{counted['parameters']:,}"),
        ("  active: a token is multiplied by them", f"{counted['active_parameters']:,}"),
    ]
    rows += [(f"  {part}", f"{count:,}") for part, count in counted["parameters_by_part"].items()]
    for key, label in (("vision_parameters", "Vision, besides"), ("mtp_parameters", "Multi-token prediction, besides")):
        if counted[key]:
            rows.append((label, f"{counted[key]:,}"))
    rows += weight_rows(counted)
    rows += [
        ("KV cache a token, 16 bits", f"{counted['kv_bytes_per_token']:,} bytes"),
        (f"KV cache of {context:,} tokens", f"{counted['kv_bytes_at_context']:,} bytes"),
        ("State a sequence", f"{counted['state_bytes_per_sequence']:,} bytes"),
        (f"FLOP a token at {context:,}, forward", f"{counted['flop_per_token']:.4g}"),
        ("Context length", f"{counted['context_length']:,} tokens" if counted["context_length"] else "not stated"),
    ]
    width, most = (max(len(row[column]) for row in rows) for column in (0, 1))
    lines += [f"{label:<{width}}  {value:>{most}}" for label, value in rows]
    lines.append(
        "Formats below 16 bits: the matrices of layers, with scales; embedding, head, norms and routers stay in 16 bits."
    )
    if counted["assumed"]:
        lines.append(f"Assumed, since the file does not say: {'; '.join(counted['assumed'])}")
    if counted["unsupported"]:
        lines.append(f"Not counted: {'; '.join(counted['unsupported'])}")
    return "\n".join(lines)


def weight_rows(counted: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the rows of the text that say how large the weights are."""
    rows = [(f"Weights in {name}", _gigabytes(size)) for name, size in counted["weight_bytes"].items()]
    file = counted["quantisation"]
    if file and file["weight_bytes"]:
        rows.append((f"Weights as the file stores them, {file['method']}", _gigabytes(file["weight_bytes"])))
        rows += [(f"  in {name}", _gigabytes(size)) for name, size in file["weight_bytes_by_format"].items()]
    return rows


def _gigabytes(size: int) -> str:
    return f"{size / 1e9:,.2f} GB"
