"""Transformers as plain PyTorch modules, to count parameters and FLOP with. They are built on the meta device."""

import torch
from torch import nn

from analysis.models.uniform import Uniform


def build(shape: Uniform) -> nn.Module:
    """Return the model, without memory for its weights."""
    with torch.device("meta"):
        return Transformer(shape)


def make_norm(arch: Uniform, width: int) -> nn.Module:
    if arch.norm == "rmsnorm":
        return nn.RMSNorm(width)
    return nn.LayerNorm(width, bias="norm" in arch.biases)


def weight(*shape: int) -> nn.Parameter:
    return nn.Parameter(torch.empty(*shape))


class Transformer(nn.Module):
    def __init__(self, arch: Uniform):
        super().__init__()
        self.arch = arch
        self.tokens = nn.Embedding(arch.vocab_size, arch.d_model)
        self.places = nn.Embedding(arch.learned_positions, arch.d_model) if arch.learned_positions else None
        self.types = nn.Embedding(arch.token_types, arch.d_model) if arch.token_types else None
        self.embedding_norm = make_norm(arch, arch.d_model) if arch.embedding_norm else None
        self.encoder = Stack(arch, range(arch.n_encoder_layers), encoder=True) if arch.n_encoder_layers else None
        self.stack = Stack(arch, range(arch.n_layers), encoder=False)
        self.pooler = nn.Linear(arch.d_model, arch.d_model) if arch.pooler else None
        if arch.unembedding:
            self.unembedding = nn.Linear(arch.d_model, arch.vocab_size, bias="unembedding" in arch.biases)
            if arch.tied_embeddings:
                self.unembedding.weight = self.tokens.weight

    def forward(self, ids, encoder_ids=None):
        x = self.embed(ids)
        memory = self.encoder(self.embed(encoder_ids), None) if self.encoder else None
        x = self.stack(x, memory)
        if self.pooler:
            return torch.tanh(self.pooler(x[:, 0])).sum() + x.sum()
        return self.unembedding(x).sum()

    def embed(self, ids):
        x = self.tokens(ids)
        if self.places:
            x = x + self.places(torch.arange(ids.shape[1], device=ids.device))
        if self.types:
            x = x + self.types(torch.zeros_like(ids))
        return self.embedding_norm(x) if self.embedding_norm else x


class Stack(nn.Module):
    def __init__(self, arch: Uniform, layers: range, encoder: bool):
        super().__init__()
        self.bias = nn.Embedding(arch.relative_buckets, arch.n_heads) if arch.relative_buckets else None
        self.layers = nn.ModuleList(Layer(arch, number, encoder) for number in layers)
        self.norm = make_norm(arch, arch.d_model) if arch.final_norm else None

    def forward(self, x, memory):
        for layer in self.layers:
            x = layer(x, memory)
        return self.norm(x) if self.norm else x


class Layer(nn.Module):
    """Pre-norm throughout: where the norms stand changes no count."""

    def __init__(self, arch: Uniform, number: int, encoder: bool):
        super().__init__()
        self.norms = nn.ModuleList(make_norm(arch, arch.d_model) for _ in range(arch.norms_per_layer))
        self.attention = LatentAttention(arch) if arch.attention == "mla" else Attention(arch)
        self.cross = Attention(arch) if arch.n_encoder_layers and not encoder else None
        self.cross_norm = make_norm(arch, arch.d_model) if self.cross else None
        routed = arch.n_experts and not encoder
        if routed and arch.dense_layers == "alternating":
            routed = number % 2 == 1
        elif routed:
            routed = number >= arch.n_dense_layers
        self.mlp = Experts(arch) if routed else Mlp(arch, arch.d_ff)

    def forward(self, x, memory):
        y = self.norms[0](x)
        if len(self.norms) == 1:  # attention and MLP side by side
            return x + self.attention(y, y) + self.mlp(y)
        x = x + self.attention(y, y)
        if self.cross:
            x = x + self.cross(self.cross_norm(x), memory)
        return x + self.mlp(self.norms[1](x))


class Attention(nn.Module):
    def __init__(self, arch: Uniform):
        super().__init__()
        self.arch = arch
        bias = "qkv" in arch.biases
        heads, kv_heads, width = arch.n_heads, arch.n_kv_heads, arch.d_head
        self.query = nn.Linear(arch.d_model, heads * width, bias=bias)
        self.key = nn.Linear(arch.d_model, kv_heads * width, bias=bias)
        self.value = nn.Linear(arch.d_model, kv_heads * width, bias=bias)
        self.output = nn.Linear(heads * width, arch.d_model, bias="output" in arch.biases)
        if arch.qk_norm:
            per_head = arch.qk_norm == "head"
            self.query_norm = nn.RMSNorm(width if per_head else heads * width)
            self.key_norm = nn.RMSNorm(width if per_head else kv_heads * width)
        if arch.attention_sinks:
            self.sinks = weight(heads)
        if arch.positions == "relative-projection":
            self.relative = nn.Linear(arch.d_model, heads * width, bias=False)

    def forward(self, x, source):
        q, k, v = self.query(x), self.key(source), self.value(source)
        q, k, v = (t.unflatten(-1, (-1, self.arch.d_head)).transpose(1, 2) for t in (q, k, v))
        if self.arch.positions == "relative-projection":
            constants = torch.empty(source.shape[1], self.arch.d_model, device=x.device)
            places = self.relative(constants).unflatten(-1, (-1, self.arch.d_head)).transpose(0, 1)
            k = k + places  # what the scores do with the projection is not a matrix product of the ledger
        group = self.arch.n_heads // self.arch.n_kv_heads
        k, v = k.repeat_interleave(group, dim=1), v.repeat_interleave(group, dim=1)
        return self.output(attend(q, k, v))


class LatentAttention(nn.Module):
    def __init__(self, arch: Uniform):
        super().__init__()
        self.arch = arch
        query = arch.n_heads * (arch.qk_nope_dim + arch.qk_rope_dim)
        if arch.q_lora_rank:
            self.query_down = nn.Linear(arch.d_model, arch.q_lora_rank, bias=False)
            self.query_norm = nn.RMSNorm(arch.q_lora_rank)
            self.query = nn.Linear(arch.q_lora_rank, query, bias=False)
        else:
            self.query = nn.Linear(arch.d_model, query, bias=False)
        self.latent = nn.Linear(arch.d_model, arch.kv_lora_rank + arch.qk_rope_dim, bias=False)
        self.latent_norm = nn.RMSNorm(arch.kv_lora_rank)
        self.up = nn.Linear(arch.kv_lora_rank, arch.n_heads * (arch.qk_nope_dim + arch.v_dim), bias=False)
        self.output = nn.Linear(arch.n_heads * arch.v_dim, arch.d_model, bias=False)

    def forward(self, x, source):
        arch = self.arch
        q = self.query(self.query_norm(self.query_down(x)) if arch.q_lora_rank else x)
        q = q.unflatten(-1, (arch.n_heads, -1)).transpose(1, 2)
        latent, rotary = self.latent(source).split([arch.kv_lora_rank, arch.qk_rope_dim], dim=-1)
        up = self.up(self.latent_norm(latent)).unflatten(-1, (arch.n_heads, -1)).transpose(1, 2)
        k, v = up.split([arch.qk_nope_dim, arch.v_dim], dim=-1)
        rotary = rotary.unsqueeze(1).expand(-1, arch.n_heads, -1, -1)
        return self.output(attend(q, torch.cat([k, rotary], dim=-1), v))


def attend(q, k, v):
    weights = torch.softmax(q @ k.transpose(-1, -2), dim=-1)
    return (weights @ v).transpose(1, 2).flatten(2)


class Mlp(nn.Module):
    def __init__(self, arch: Uniform, width: int):
        super().__init__()
        bias = "mlp" in arch.biases
        self.gate = nn.Linear(arch.d_model, width, bias=bias) if arch.gated_mlp else None
        self.up = nn.Linear(arch.d_model, width, bias=bias)
        self.down = nn.Linear(width, arch.d_model, bias=bias)

    def forward(self, x):
        inner = nn.functional.silu(self.gate(x)) * self.up(x) if self.gate else nn.functional.gelu(self.up(x))
        return self.down(inner)


class Experts(nn.Module):
    """Routed experts, each handed the same number of tokens, and shared ones."""

    def __init__(self, arch: Uniform):
        super().__init__()
        self.arch = arch
        n, width, inner = arch.n_experts, arch.d_model, arch.d_ff_expert
        bias = "mlp" in arch.biases
        self.router = nn.Linear(width, n, bias="router" in arch.biases)
        self.gate = weight(n, width, inner) if arch.gated_mlp else None
        self.up, self.down = weight(n, width, inner), weight(n, inner, width)
        self.up_bias, self.down_bias = (weight(n, 1, inner), weight(n, 1, width)) if bias else (None, None)
        self.gate_bias = weight(n, 1, inner) if bias and arch.gated_mlp else None
        self.shared = Mlp(arch, arch.n_shared_experts * inner) if arch.n_shared_experts else None

    def forward(self, x):
        arch = self.arch
        flat = x.flatten(0, 1)
        chance = torch.softmax(self.router(flat), dim=-1)[:, : arch.experts_per_token]
        sent = flat.repeat_interleave(arch.experts_per_token, dim=0).unflatten(0, (arch.n_experts, -1))
        inner = plus(sent @ self.up, self.up_bias)
        if self.gate is not None:
            inner = inner * nn.functional.silu(plus(sent @ self.gate, self.gate_bias))
        out = plus(inner @ self.down, self.down_bias).flatten(0, 1).unflatten(0, (-1, arch.experts_per_token))
        out = (out * chance.unsqueeze(-1)).sum(1).view_as(x)
        return out + self.shared(x) if self.shared else out


def plus(x, bias):
    return x if bias is None else x + bias
