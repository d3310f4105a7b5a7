"""What a longer context costs models of unlike layers: the memory of one request, and the FLOP of one more token."""

import numpy as np
import pandas as pd
from pydantic import field_validator

from analysis.models import ledger, library, memory
from analysis.models.architecture import Architecture, ArchitectureError
from analysis.models.latent_attention import LatentAttention
from analysis.models.recurrent import Recurrent
from analysis.settings import Settings

#: Contexts that are compared, in tokens: 4,096 to about a million.
CONTEXTS = 2.0 ** np.arange(12, 20.25, 0.25)


class Compared(Settings):
    """Models to compare: names of the library, or paths of their `config.json`, between commas."""

    models: str = "Llama-3.1-405B, DeepSeek-V3, DeepSeek-V3.2, Qwen3.5-397B-A17B"

    @field_validator("models")
    @classmethod
    def _are_known(cls, value: str) -> str:
        try:
            models = architectures(value)
        except ArchitectureError as exc:
            raise ValueError(str(exc)) from exc
        if len({model.name for model in models}) < 2:
            raise ValueError(f"'{value}' names {len(models)} model; give two or more, between commas")
        return value


def architectures(models: str) -> list[Architecture]:
    """Return the architectures that a list of names or paths between commas says. Raises ArchitectureError."""
    return [library.load(name.strip()) for name in models.split(",") if name.strip()]


def table(models: list[Architecture]) -> pd.DataFrame:
    """Return one row a model and context of CONTEXTS: `model`, `kind`, `context`, `cache_bytes` of one request in 16 bits,
    states included, and `flop` of the matrix products of one token at its end."""
    frames = []
    for model in models:
        rows = ledger.ledger(model, 1, 1, CONTEXTS, causal=True, absorbed=True)
        held = memory.kv_cache_bytes(model, CONTEXTS) + memory.state_bytes(model)
        frames.append(pd.DataFrame({
            "model": model.name, "kind": kind(model), "context": CONTEXTS, "cache_bytes": held,
            "flop": np.broadcast_to(ledger.product_flop(rows)[0], CONTEXTS.shape),
        }))  # fmt: skip
    return pd.concat(frames, ignore_index=True)


def kind(architecture: Architecture) -> str:
    """Return in a few words, which fit into a legend on a phone, how the layers of a model see other tokens."""
    layers = architecture.n_layers
    recurrent = sum(count for _, count in architecture.mixers(Recurrent))
    if recurrent:
        return f"{recurrent} of {layers} recurrent"
    rest = architecture.main_attention
    if isinstance(rest, LatentAttention):
        return f"latent, {rest.indexer.top_k:,} chosen" if rest.indexer else "latent"
    names = {"mha": "multi-head", "mqa": "multi-query", "gqa": "grouped-query"}
    windowed = f", {architecture.n_windowed_layers} of {layers} windowed" if architecture.n_windowed_layers else ""
    return f"{names[architecture.attention]}{windowed}"
