"""What answering keeps of each request: keys and values, index keys and states, of all layers and on one accelerator."""

import numpy as np

from analysis.arrays import PerCase
from analysis.steps.attention import index_keys
from analysis.steps.shape import Shape
from analysis.steps.step import Plan


def cached_positions(shape: Shape, context: PerCase) -> PerCase:
    """Positions that all layers of one kind together hold of one request of `context` tokens."""
    window = np.minimum(np.where(shape.sliding_window > 0, shape.sliding_window, np.inf), context)
    attends = shape.n_mixer_layers * (1 - shape.recurrent)
    held = (attends - shape.n_windowed_layers) * context + shape.n_windowed_layers * window
    return held + shape.n_mixer_layers * _entries(shape, context)


def read_positions(shape: Shape, context: PerCase) -> PerCase:
    """Positions that a token of an answer reads in all layers of one kind: of sparse attention those that it chose."""
    cached, entries = cached_positions(shape, context), _entries(shape, context)
    of_all = np.where(shape.compressed > 0, entries, context)
    left = cached - shape.n_mixer_layers * of_all  # the window beside entries; 0 where all positions are chosen from
    return np.where(shape.top_k > 0, left + shape.n_mixer_layers * np.minimum(shape.top_k, of_all), cached)


def _entries(shape: Shape, context: PerCase) -> PerCase:
    """Entries that compressed attention has made of a layer's context."""
    return np.where(shape.compressed > 0, context / np.maximum(shape.compressed, 1.0), 0.0)


def request_bytes(shape: Shape, context: PerCase, cache_bytes: PerCase) -> PerCase:
    """Bytes that all layers of one kind hold of one request: cache, index keys in 16 bits, and state."""
    held = cached_positions(shape, context) * shape.caches * cached_numbers(shape) * cache_bytes
    held = held + shape.n_mixer_layers * (shape.index_heads > 0) * shape.index_dim * 2 * index_keys(shape, context)
    return held + shape.n_mixer_layers * shape.state_bytes


def cached_numbers(shape: Shape) -> PerCase:
    """Numbers that one layer holds of one position."""
    latent = shape.kv_lora_rank + shape.qk_rope_dim
    return np.where(shape.latent == 1, latent, shape.n_kv_heads * (shape.query_key_dim + shape.value_dim))


def score_width(shape: Shape) -> PerCase:
    """Products that decoding takes for each head and cached position: with key and value, or twice with the latent."""
    latent = 2 * shape.kv_lora_rank + shape.qk_rope_dim
    return np.where(shape.latent == 1, latent, shape.query_key_dim + shape.value_dim)


def cache_shards(shape: Shape, plan: Plan) -> PerCase:
    """Accelerators of a stage over which the cache of one request is divided: by heads, so a latent not at all; a state
    has a head for each."""
    by_heads = np.where(shape.latent == 1, 1.0, np.minimum(plan.tensor, shape.n_kv_heads))
    return np.where(shape.recurrent == 1, plan.tensor, by_heads)


def request_bytes_on_one(shape: Shape, plan: Plan, context: PerCase, cache_bytes: PerCase) -> PerCase:
    """Bytes of one request's cache on one accelerator that holds a part of it, numbers taking `cache_bytes` each."""

    def of_kind(kind: Shape) -> PerCase:
        return request_bytes(kind, context, cache_bytes) / cache_shards(kind, plan)

    return shape.whole(of_kind) / plan.pipeline
