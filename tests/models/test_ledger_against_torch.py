"""Parameters and FLOP of the ledger against PyTorch's own counts, for models of the real size on the meta device."""

import pytest

from analysis.models import architecture, ledger
from tests.extras import extra

torch = extra("torch")
flop_counter = extra("torch.utils.flop_counter")
reference_models = extra("tests.reference_models")

#: Architectures of different kinds.
KINDS = [
    "GPT-2 XL",  # learned positions, biases, tied
    "GPT-3-175B",
    "BLOOM-176B",  # ALiBi, a norm after the embedding
    "GPT-J-6B",  # parallel attention and MLP, untied
    "PaLM-540B",  # multi-query, gated, heads wider than the model
    "Gopher-280B",  # projected relative positions
    "StarCoder-15.5B",  # multi-query with learned positions
    "Falcon-180B",  # grouped-query, no biases but in norms
    "Llama-3.1-405B",  # grouped-query, gated
    "Qwen3-32B",  # heads not as wide as the model, norms of queries and keys
    "Mixtral-8x22B",  # mixture of experts
    "gpt-oss-120b",  # experts with biases, sliding window, sinks
    "DeepSeek-V2",  # latent attention, two shared experts
    "DeepSeek-V3",  # latent attention, shared expert, dense first layers
    "Llama-4-Maverick",  # alternating dense and expert layers
    "BERT-large",  # encoder
    "T5-11B",  # encoder-decoder
]


@pytest.mark.parametrize("name", architecture.names())
def test_parameters_equal_pytorchs(name):
    arch = architecture.load(name)
    model = reference_models.build(architecture.row(name))
    assert ledger.parameters(arch) == sum(weight.numel() for weight in model.parameters())


@pytest.mark.parametrize("name", KINDS)
def test_flop_equal_pytorchs(name):
    arch = architecture.load(name)
    batch, sequence = 5, 128  # tokens that divide evenly over every number of experts
    forward, backward = ledger.product_flop(ledger.ledger(arch, batch, sequence))
    assert (int(forward), int(backward)) == counted(architecture.row(name), batch, sequence)


def test_flop_of_an_encoder_longer_than_the_decoder():
    arch = architecture.load("T5-small")
    forward, backward = ledger.product_flop(ledger.ledger(arch, 2, 64, encoder_sequence=96))
    assert (int(forward), int(backward)) == counted(architecture.row("T5-small"), 2, 64, 96)


def test_flop_of_each_operation_kind_equal_pytorchs():
    """The two products of attention are PyTorch's batched products, the others its plain ones."""
    arch = architecture.load("Llama-3.2-1B")
    rows = ledger.ledger(arch, 1, 256)
    attention = sum(row.repeats * row.forward_flop for row in rows if row.kind == "attention")
    with flop_counter.FlopCounterMode(display=False) as counter:
        reference_models.build(architecture.row("Llama-3.2-1B"))(torch.zeros(1, 256, dtype=torch.long, device="meta"))
    by_kind = counter.get_flop_counts()["Global"]
    assert attention == by_kind[torch.ops.aten.bmm]
    assert ledger.product_flop(rows)[0] - attention == by_kind[torch.ops.aten.mm]


def counted(shape, batch, sequence, encoder_sequence=None):
    """Return PyTorch's count, forward and backward."""
    model = reference_models.build(shape)
    ids = torch.zeros(batch, sequence, dtype=torch.long, device="meta")
    encoder_ids = torch.zeros(batch, encoder_sequence or sequence, dtype=torch.long, device="meta")
    inputs = (ids, encoder_ids) if shape.kind == "encoder-decoder" else (ids,)
    with flop_counter.FlopCounterMode(display=False) as forward:
        loss = model(*inputs)
    with flop_counter.FlopCounterMode(display=False) as backward:
        loss.backward()
    return forward.get_total_flops(), backward.get_total_flops()
