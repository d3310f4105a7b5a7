"""The small language models of chapter 3 in PyTorch, of its stock layers: what their training scripts share."""

from collections.abc import Mapping

import numpy as np
import torch
from torch import nn

from analysis.models.architecture import Architecture
from training.layers import layer_arrays


class LanguageModel(nn.Module):
    """The same network as `analysis.networks.language_model.LanguageModel`, for training."""

    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        self.architecture = architecture
        self.embedding = nn.Embedding(architecture.vocab_size, architecture.d_model)
        self.positions = nn.Parameter(torch.empty(architecture.learned_positions, architecture.d_model))
        self.layers = nn.ModuleList(
            nn.TransformerEncoderLayer(
                architecture.d_model, architecture.n_heads, architecture.d_ff,
                dropout=0.0, activation="relu", batch_first=True, norm_first=True,
            )
            for _ in range(architecture.n_layers)
        )  # fmt: skip
        self.norm = nn.LayerNorm(architecture.d_model)
        tied = architecture.tied_embeddings
        self.unembedding = None if tied else nn.Parameter(torch.empty(architecture.d_model, architecture.vocab_size))
        self._start()

    def forward(self, tokens: torch.Tensor, padding: torch.Tensor | None = None) -> torch.Tensor:
        """Return the logits (batch, n, vocabulary) of `tokens` (batch, n); `padding` is True where none may look."""
        return self.unembed(self.state(tokens, padding))

    def unembed(self, state: torch.Tensor) -> torch.Tensor:
        """Return the logits (..., vocabulary) of what left the final norm, (..., d_model)."""
        return state @ (self.embedding.weight.T if self.unembedding is None else self.unembedding)

    def state(self, tokens: torch.Tensor, padding: torch.Tensor | None = None) -> torch.Tensor:
        """Return what leaves the final norm, (batch, n, d_model)."""
        length = tokens.shape[1]
        causal = self.architecture.causal
        later = torch.full((length, length), -torch.inf).triu(1) if causal else None
        hidden = None if padding is None else torch.zeros(padding.shape).masked_fill(padding, -torch.inf)
        state = self.embedding(tokens) + self.positions[:length]
        for layer in self.layers:
            state = layer(state, src_mask=later, src_key_padding_mask=hidden, is_causal=causal and hidden is None)
        return self.norm(state)

    def arrays(self) -> dict[str, np.ndarray]:
        """Return the weights as the NumPy forward pass names and lays them out: rows times matrix."""
        return {name: value.numpy().copy() for name, value in self._named().items()}

    def load_arrays(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Take the weights that `arrays` gave."""
        for name, value in self._named().items():
            value.copy_(torch.tensor(arrays[name], dtype=torch.float32))

    def _named(self) -> dict[str, torch.Tensor]:
        """Return views of all weights, rows times matrix, that share their memory."""
        found = {"embedding": self.embedding.weight, "positions": self.positions}
        for n, layer in enumerate(self.layers):
            found |= {f"layers.{n}.{part}": value for part, value in layer_arrays(layer).items()}
        found |= {"norm.gain": self.norm.weight, "norm.bias": self.norm.bias}
        if self.unembedding is not None:
            found["unembedding"] = self.unembedding
        return {name: value.detach() for name, value in found.items()}

    def _start(self) -> None:
        """Set random weights as GPT-2 does: what adds to the residual stream starts the smaller, the deeper the stack."""
        small = 0.02 * (2 * len(self.layers)) ** -0.5
        for name, value in self.named_parameters():
            if value.ndim < 2:
                continue
            nn.init.normal_(value, std=small if name.endswith(("out_proj.weight", "linear2.weight")) else 0.02)
        for layer in self.layers:
            nn.init.zeros_(layer.linear1.bias)
            nn.init.zeros_(layer.linear2.bias)
