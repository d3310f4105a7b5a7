"""Time of one pass of an engine over the layers: tokens of prompts, and one token of each request that is answered.

Each operation takes the longer of its arithmetic and its memory traffic (Williams et al. 2009), with a rounded corner
where they are alike, and a kernel's start. Weights are read once a pass whatever the number of tokens, so few tokens
leave the arithmetic idle; the cache is read by each request for itself. All quantities are those of one accelerator.
"""

from dataclasses import dataclass, replace

import numpy as np

from analysis.arrays import PerCase
from analysis.inference.deployments import Cases, expert_slots
from analysis.inference.inference_constants import InferenceConstants
from analysis.steps import links, software
from analysis.steps.attention import attended, head_share, index_keys
from analysis.steps.cache import cache_shards, cached_numbers, read_positions, score_width
from analysis.steps.shape import Shape
from analysis.steps.software import Behaviour
from analysis.steps.step import Steps
from analysis.training.constants import Constants
from analysis.training.fitted import CONSTANTS as TRAINING

#: Kernels of a layer's attention and MLP that read weights or cache; further ones of latent attention, of experts (none
#: where 4-bit weights are multiplied as they are, which kernels do that route as well), and of converting to fewer
#: than 16 bits.
ATTENTION_KERNELS, MLP_KERNELS = 5.0, 4.0
LATENT_KERNELS = 6.0
ROUTING_KERNELS = 6.0
CONVERSION_KERNELS = 4.0
#: Kernels of a recurrence beyond attention's (convolution, decay, gated norm), of an indexer, and of compressing keys (two
#: matrices, a mean by weights, a norm); no row was fitted to them.
RECURRENT_KERNELS, INDEX_KERNELS, COMPRESSION_KERNELS = 3.0, 5.0, 4.0
#: Numbers that a layer's elementwise work moves, in widths of a token: norms and residuals; queries, keys and values;
#: the MLP's activation; and routed copies of a token.
RESIDUAL_WIDTHS, HEAD_WIDTHS, MLP_WIDTHS, ROUTED_WIDTHS = 5.0, 2.0, 1.5, 4.0
#: Before this year engines' kernels read the cache once for each query head, also where several share a key; the ones
#: that read it once appeared in TensorRT-LLM's XQA and in FlashAttention's decoding. A share of that comes from the
#: chip's cache.
GROUPED_SINCE, READ_AGAIN = 2024.0, 0.8
#: Kernels of sampling.
SAMPLING_KERNELS = 10.0
_BEHAVIOUR = Behaviour.stack([software.behaviour(software.MODERN, hopper=False)])


@dataclass(frozen=True)
class Work:
    """What one pass does on one group of tensor-parallel accelerators.

    `prompt_tokens` of prompts, of which `attended` positions each on average without a window; `prompts` whose first
    token is chosen; `requests` that are answered, one token (`tokens_each` with drafts) each, at `context` tokens.
    """

    prompt_tokens: PerCase
    prompt: PerCase
    prompts: PerCase
    requests: PerCase
    tokens_each: PerCase
    context: PerCase

    @property
    def tokens(self) -> PerCase:
        """Tokens in the linear layers."""
        return self.prompt_tokens + self.requests * self.tokens_each

    @property
    def scored(self) -> PerCase:
        """Positions whose next token is predicted."""
        return self.prompts + self.requests * self.tokens_each


def parts(constants: InferenceConstants, cases: Cases, work: Work) -> dict[str, PerCase]:
    """Return the seconds of one pass over all layers and the vocabulary, by what they are spent on; they add up."""
    shape, plan = cases.shape, cases.plan
    sending = _sending(constants)
    sender = _as_step(cases, work.tokens)
    each = [_kind_parts(constants, replace(cases, shape=kind), work, sending) for kind in shape.kinds]
    result = {name: sum((other[name] for other in each[1:]), each[0][name]) for name in each[0]}
    exchange = result.pop("exchange")
    result["vocabulary"] = _vocabulary(constants, cases, work.scored)
    result["kernels"] = kernel_seconds(constants, cases) * kernels(cases)
    result["communication"] = result.pop("communication") + np.where(
        plan.pipeline > 1, plan.pipeline * _pipeline_send(sending, sender), 0.0
    )
    # Experts that lie beyond the fast links are reached while the other half of the batch computes (DeepSeek-AI 2024).
    computing = sum(result.values())
    far = plan.expert > cases.machine.chips_on_fast_links
    exposed = np.where(far, overlapped(constants, computing, exchange) - computing, exchange)
    result["communication"] = result["communication"] + exposed
    return result


def _kind_parts(constants: InferenceConstants, cases: Cases, work: Work, sending: Constants) -> dict[str, PerCase]:
    """Return the seconds of one pass over the layers of one kind, by what they are spent on, with the experts' exchange."""
    shape, plan = cases.shape, cases.plan
    attends = shape.n_mixer_layers * (1 - shape.recurrent)
    sender = _as_step(cases, work.tokens)
    experts = shape.n_expert_layers
    result = {
        "attention weights": attends * _projections(constants, cases, work),
        "attention of prompts": attends * _prompt_attention(constants, cases, work),
        "key-value cache": _cache(constants, cases, work),
        "MLP": shape.n_dense_layers * _mlp(constants, cases, work.tokens, shape.d_ff),
        "experts": np.where(experts > 0, experts * _experts(constants, cases, work.tokens), 0.0),
        "elementwise": _elementwise(constants, cases, work.tokens) + _beside(constants, cases, work.tokens),
        "communication": (shape.n_mixer_layers + shape.n_layers * shape.fed) / 2 * _all_reduces(constants, sending, sender),
        "exchange": experts * np.where(plan.data > 1, links.expert_exchange(sending, sender), 0.0),
    }
    if np.any(shape.recurrent):
        recurs = shape.n_mixer_layers * shape.recurrent
        scan, states = _recurrence(constants, cases, work)
        weights = _mixer_matrices(constants, cases, work.tokens)
        result["attention weights"] = result["attention weights"] + recurs * weights
        result["attention of prompts"] = result["attention of prompts"] + recurs * scan
        result["key-value cache"] = result["key-value cache"] + recurs * states
    return result


def _beside(constants: InferenceConstants, cases: Cases, m: PerCase) -> PerCase:
    """Seconds of what all layers have beside mixer and feed-forward part: matrices that no accelerator shares, and traffic."""
    shape = cases.shape
    if not np.any(shape.beside_bytes) and not np.any(shape.beside_parameters):
        return np.zeros(())
    inner = shape.beside_parameters / shape.d_model
    matrices = np.where(inner > 0, _linear(constants, cases, m, shape.d_model, inner, 2.0), 0.0)
    return shape.n_layers * (matrices + m * shape.beside_bytes / bandwidth(constants, cases))


def _mixer_matrices(constants: InferenceConstants, cases: Cases, m: PerCase) -> PerCase:
    """Seconds of one layer's matrices into and out of a recurrence, or of attention that has others than usual."""
    shape, tensor, size = cases.shape, cases.plan.tensor, cases.dense_bytes
    into = _linear(constants, cases, m, shape.d_model, shape.mixer_in / tensor, size)
    return into + _linear(constants, cases, m, shape.mixer_out / tensor, shape.d_model, size)


def _recurrence(constants: InferenceConstants, cases: Cases, work: Work) -> tuple[PerCase, PerCase]:
    """Seconds of one layer's recurrence: prompts chunk by chunk, and the state of each request that is answered read and
    written. Products run as attention's do."""
    shape, machine, tensor = cases.shape, cases.machine, cases.plan.tensor
    speed = constants.cache_share * machine.memory_bandwidth
    products = machine.reached_16bit * constants.attention_share
    chunks = overlapped(constants, work.prompt_tokens * shape.chunk_flop / tensor / products,
                        work.prompt_tokens * shape.chunk_bytes / tensor / speed)  # fmt: skip
    answered = work.requests * work.tokens_each / tensor
    return chunks, answered * np.maximum(shape.token_bytes / speed, shape.token_flop / products)


def distinct_experts(n_experts: PerCase, experts_per_token: PerCase, tokens: PerCase) -> PerCase:
    """Expected number of experts that `tokens` touch, each token drawing `experts_per_token` different ones evenly."""
    missed = 1 - experts_per_token / np.maximum(n_experts, 1)
    return n_experts * (1 - missed**tokens)


def bandwidth(constants: InferenceConstants, cases: Cases) -> PerCase:
    """Bytes a second at which weights are read."""
    return constants.memory_share * cases.machine.memory_bandwidth


def rate(constants: InferenceConstants, cases: Cases, element_bytes: PerCase) -> PerCase:
    """FLOP/s of large products whose weights take `element_bytes`: at 16 bits the chip's 16-bit rate, else that of
    the format in which products are computed."""
    machine = cases.machine
    reached: PerCase = np.where(element_bytes >= 2, machine.reached_16bit, machine.reached)
    return constants.matmul_share * reached


def overlapped(constants: InferenceConstants, computing: PerCase, moving: PerCase) -> PerCase:
    """Seconds of arithmetic and memory traffic of one operation: the longer, more where they are alike."""
    longer, shorter = np.maximum(computing, moving), np.minimum(computing, moving)
    ratio = shorter / np.maximum(longer, 1e-30)
    return longer * (1 + ratio**constants.sharpness) ** (1 / constants.sharpness)


def _linear(constants: InferenceConstants, cases: Cases, m: PerCase, k: PerCase, n: PerCase, element_bytes: PerCase) -> PerCase:
    """Seconds of a linear layer from width k to n on m tokens, its weights of `element_bytes` each."""
    computing = 2 * m * k * n / rate(constants, cases, element_bytes)
    moving = (k * n * element_bytes + 2 * m * (k + n)) / bandwidth(constants, cases)
    return overlapped(constants, computing, moving)


def _projections(constants: InferenceConstants, cases: Cases, work: Work) -> PerCase:
    shape, tensor, m, size = cases.shape, cases.plan.tensor, work.tokens, cases.dense_bytes
    heads = shape.n_heads / tensor
    kv_heads = np.maximum(shape.n_kv_heads / tensor, 1.0)

    def linear(k: PerCase, n: PerCase) -> PerCase:
        return _linear(constants, cases, m, k, n, size)

    made = (heads + 2 * kv_heads) * shape.query_key_dim
    query = heads * shape.query_key_dim
    if np.any(shape.unmeasured):
        keys_values = shape.caches * kv_heads * (shape.query_key_dim + shape.value_dim)
        made = np.where(shape.unmeasured > 0, query + keys_values + shape.gate_width / tensor, made)
    usual = linear(shape.d_model, made)
    down = shape.q_lora_rank + shape.kv_lora_rank + shape.qk_rope_dim
    from_width = np.where(shape.q_lora_rank > 0, shape.q_lora_rank, shape.d_model)
    latent = linear(shape.d_model, down) + linear(from_width, query)
    latent = latent + linear(shape.kv_lora_rank, heads * (shape.qk_nope_dim + shape.value_dim))
    output = linear(heads * shape.value_dim, shape.d_model)
    result = np.where(shape.latent == 1, latent, usual) + output
    if np.any(shape.mixer_in):
        result = np.where(shape.mixer_in > 0, _mixer_matrices(constants, cases, m), result)
    if np.any(shape.index_heads):
        chooses = linear(from_width, shape.index_heads * shape.index_dim) + linear(shape.d_model, shape.index_dim)
        result = result + ((shape.index_heads > 0) & (shape.mixer_in == 0)) * chooses
    return result


def _mlp(constants: InferenceConstants, cases: Cases, m: PerCase, width: PerCase) -> PerCase:
    shape, tensor = cases.shape, cases.plan.tensor
    up = _linear(constants, cases, m, shape.d_model, shape.mlp_inputs * width / tensor, cases.dense_bytes)
    return up + _linear(constants, cases, m, width / tensor, shape.d_model, cases.dense_bytes)


def _experts(constants: InferenceConstants, cases: Cases, tokens: PerCase) -> PerCase:
    """Seconds of one layer of experts: the router, shared ones, and the routed ones that a pass touches."""
    shape, plan = cases.shape, cases.plan
    everyone = tokens * plan.data
    # Tokens of an expert that lies in several groups are shared out among these.
    touched = distinct_experts(expert_slots(shape.n_experts, plan.expert), shape.experts_per_token, everyone)
    matrices = 1 + shape.mlp_inputs
    spread = plan.tensor * plan.data
    weights = matrices * shape.expert_dim * shape.d_ff_expert * touched / spread
    copies = everyone * shape.experts_per_token / plan.expert + constants.padded_rows * touched / plan.expert
    a_copy = matrices * shape.expert_dim * shape.d_ff_expert * plan.expert / spread
    share = np.where(cases.widened == 1, constants.widening_share, 1.0)
    speed = constants.expert_share * rate(constants, cases, cases.weight_bytes)
    computing = 2 * copies * a_copy / speed
    moving = (weights * cases.weight_bytes + 2 * copies * 2 * shape.expert_dim) / bandwidth(constants, cases)
    routed = overlapped(constants, computing, moving) / share
    shared = _mlp(constants, cases, tokens, shape.n_shared_experts * shape.d_ff_expert)
    return routed + shared + _linear(constants, cases, tokens, shape.d_model, shape.n_experts, 2.0)


def _prompt_attention(constants: InferenceConstants, cases: Cases, work: Work) -> PerCase:
    """Seconds of one layer's attention over prompts, which never writes its scores (Dao 2023)."""
    shape, machine = cases.shape, cases.machine
    scores = work.prompt_tokens * attended(shape, work.prompt) * shape.n_heads / cases.plan.tensor
    # Sparse attention meets the latent itself, since each query has positions of its own.
    width = np.where((shape.top_k > 0) & (shape.latent == 1), score_width(shape), shape.query_key_dim + shape.value_dim)
    flop = 2 * scores * width
    share = constants.attention_share * head_share(shape)
    index = 2 * work.prompt_tokens * index_keys(shape, work.prompt) / 2 * shape.index_heads * shape.index_dim
    choosing = index / (constants.attention_share * rate(constants, cases, cases.dense_bytes))
    return flop / (machine.reached_16bit * share) + scores * machine.seconds_per_exponential + choosing


def _cache(constants: InferenceConstants, cases: Cases, work: Work) -> PerCase:
    """Seconds of all layers' attention of the requests that are answered: the cache is read, and multiplied."""
    shape, machine = cases.shape, cases.machine
    positions = work.requests * read_positions(shape, work.context)
    moving = positions * cached_numbers(shape) * cases.cache_bytes / cache_shards(shape, cases.plan)
    grouped = shape.n_heads / np.maximum(shape.n_kv_heads, 1.0)
    again = np.where((cases.software_year < GROUPED_SINCE) & (shape.latent == 0), np.maximum(READ_AGAIN * grouped, 1.0), 1.0)
    # PyTorch's cache lies in one piece, others' in blocks.
    share = np.where(cases.pytorch == 1, constants.memory_share, constants.cache_share)
    moving = again * moving / (share * machine.memory_bandwidth)
    chain = constants.chain_seconds * shape.n_mixer_layers * work.context * (work.requests > 0)
    moving = np.maximum(moving, np.where((cases.pytorch == 1) & (grouped > 1), chain, 0.0))
    flop = 2 * positions * work.tokens_each * shape.n_heads / cases.plan.tensor * score_width(shape)
    if np.any(shape.index_heads):
        scored = index_keys(shape, work.context) * shape.index_dim * (shape.index_heads > 0)
        keys = work.requests * shape.n_mixer_layers * scored
        moving = moving + 2 * keys / (constants.cache_share * machine.memory_bandwidth)
        flop = flop + 2 * keys * work.tokens_each * shape.index_heads
    return overlapped(constants, flop / (constants.latent_share * machine.reached_16bit), moving)


def _elementwise(constants: InferenceConstants, cases: Cases, tokens: PerCase) -> PerCase:
    shape, tensor = cases.shape, cases.plan.tensor
    heads = (shape.n_heads + 2 * shape.n_kv_heads) * shape.query_key_dim / tensor
    expert_layers = shape.n_expert_layers
    copies = shape.experts_per_token / cases.plan.expert * np.where(cases.plan.data > 1, cases.plan.data, 1.0)
    dense = MLP_WIDTHS * shape.mlp_inputs * shape.d_ff / tensor
    experts = MLP_WIDTHS * shape.mlp_inputs * shape.d_ff_expert * (shape.experts_per_token / tensor)
    heads = (1 - shape.recurrent) * shape.mixed * heads
    numbers = shape.n_layers * (RESIDUAL_WIDTHS * shape.d_model + HEAD_WIDTHS * heads)
    numbers = numbers + shape.n_dense_layers * dense
    numbers = numbers + expert_layers * (experts + ROUTED_WIDTHS * shape.d_model * copies)
    return 2 * tokens * numbers / bandwidth(constants, cases)


def _vocabulary(constants: InferenceConstants, cases: Cases, scored: PerCase) -> PerCase:
    shape, tensor = cases.shape, cases.plan.tensor
    product = _linear(constants, cases, scored, shape.d_model, shape.vocab_size / tensor, 2.0)
    return product + SAMPLING_KERNELS * kernel_seconds(constants, cases)


def kernels(cases: Cases) -> PerCase:
    """Kernels of one pass over all layers."""
    converting = CONVERSION_KERNELS * (cases.dense_bytes < 2) * (cases.machine.element_bytes < 2)
    fused = (cases.weight_bytes < 1) & (cases.machine.element_bytes < 2)

    def of_kind(shape: Shape) -> PerCase:
        mixer = ATTENTION_KERNELS + LATENT_KERNELS * shape.latent + RECURRENT_KERNELS * shape.recurrent
        mixer = mixer + INDEX_KERNELS * (shape.index_heads > 0) + COMPRESSION_KERNELS * (shape.compressed > 0)
        each = shape.n_mixer_layers * mixer + shape.n_layers * (MLP_KERNELS * shape.fed + converting)
        return each + shape.n_expert_layers * np.where(fused, 0.0, ROUTING_KERNELS)

    return cases.shape.whole(of_kind)


def kernel_seconds(constants: InferenceConstants, cases: Cases) -> PerCase:
    """Seconds that each operation takes beyond its work."""
    mine = cases.vllm * constants.vllm_kernel + cases.sglang * constants.sglang_kernel
    return mine + cases.tensorrt_llm * constants.tensorrt_llm_kernel + cases.pytorch * constants.pytorch_kernel


def _as_step(cases: Cases, tokens: PerCase) -> Steps:
    """Return a pass of `tokens` as the training step of one micro-batch that sends as much; plans of deployments have
    micro-batches of one sequence, which no context parallelism divides."""
    # Tokens leave for their experts in the format in which these multiply, of at least 8 bits, and come back in 16.
    sent = replace(_BEHAVIOUR, dispatch_bytes=np.clip(cases.machine.element_bytes, 1.0, 2.0))
    return Steps(tokens, 1.0, 0.0, cases.shape, cases.machine, sent, cases.plan)


def _all_reduces(constants: InferenceConstants, sending: Constants, sender: Steps) -> PerCase:
    """Seconds of a layer's two all-reduces. Few tokens are summed up at one go over a switch, whatever the size of the
    group, so the start does not grow with it as a ring's does; beyond the fast links it is a ring's, as in training."""
    plan, near = sender.plan, sender.plan.tensor <= sender.machine.chips_on_fast_links
    volume = links.tensor_parallel(replace(sending, start_seconds=0.0), sender, 0.0)
    ring = TRAINING.start_seconds * np.log2(np.maximum(plan.tensor, 2))
    return volume + np.where(plan.tensor > 1, 2 * np.where(near, constants.start_seconds, ring), 0.0)


def _sending(constants: InferenceConstants) -> Constants:
    """Return the constants of training's communication with those that inference has of its own."""
    return replace(
        TRAINING, link_share=constants.link_share, start_seconds=constants.start_seconds,
        exchange_share=constants.exchange_share,
    )  # fmt: skip


def _pipeline_send(constants: Constants, sender: Steps) -> PerCase:
    """Seconds in which a stage passes its tokens on."""
    return links.pipeline_send(constants, sender) / 2
