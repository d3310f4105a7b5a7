import math
from dataclasses import replace

import pandas as pd
import pytest

from analysis import facts
from analysis.models import architecture, ledger
from analysis.models.architecture import ArchitectureError, uniform

SMALL = {"name": "small", "n_layers": 2, "d_model": 64, "n_heads": 4, "vocab_size": 100, "d_ff": 256}
EXPERTS = {**SMALL, "n_experts": 8, "experts_per_token": 2, "d_ff_expert": 32}
LATENT = {**SMALL, "attention": "mla", "kv_lora_rank": 16, "qk_nope_dim": 8, "qk_rope_dim": 4, "v_dim": 8}

#: What each wrong architecture's message has to hold besides its name: the field, and what would be valid.
REFUSED = [
    ({**SMALL, "n_heads": 7}, ["n_heads = 7", "d_model = 64", "4, 8"]),
    ({**SMALL, "n_heads": 0}, ["n_heads = 0"]),
    ({**SMALL, "n_kv_heads": 3, "attention": "gqa"}, ["n_kv_heads = 3", "n_heads = 4", "2, 4"]),
    ({**SMALL, "n_kv_heads": 2}, ["n_kv_heads = 2", "'gqa'"]),
    ({**SMALL, "n_kv_heads": 2, "attention": "mqa"}, ["n_kv_heads = 2", "has to be 1"]),
    ({**SMALL, "attention": "gpa"}, ["attention = 'gpa'", "'mla'", "did you mean"]),
    ({**SMALL, "attention": "mla"}, ["kv_lora_rank = 0", "above 0"]),
    ({**SMALL, "kv_lora_rank": 16}, ["kv_lora_rank = 16", "'mha'"]),
    ({**SMALL, "q_lora_rank": 16}, ["q_lora_rank = 16", "'mla'"]),
    ({**SMALL, "n_layers": 0}, ["n_layers = 0", "at least 1"]),
    ({**SMALL, "n_layers": 2.5}, ["n_layers = 2.5", "whole number"]),
    ({**SMALL, "n_layers": "two"}, ["n_layers = 'two'", "whole number"]),
    ({**SMALL, "n_layers": math.nan}, ["n_layers = nan", "whole number"]),
    ({**SMALL, "vocab_size": -1}, ["vocab_size = -1"]),
    ({**SMALL, "d_ff": 0}, ["d_ff = 0", "at least 1"]),
    ({**SMALL, "kind": "encoder-decoder"}, ["n_encoder_layers = 0", "encoder-decoder"]),
    ({**SMALL, "n_encoder_layers": 2}, ["n_encoder_layers = 2", "'decoder'"]),
    ({**SMALL, "biases": {"mpl"}}, ["'mpl'", "did you mean 'mlp'"]),
    ({**SMALL, "norm": "batchnorm"}, ["norm = 'batchnorm'", "'layernorm'"]),
    ({**SMALL, "positions": "learned"}, ["learned_positions = 0", "above 0"]),
    ({**SMALL, "positions": "relative-bias"}, ["relative_buckets = 0", "above 0"]),
    ({**SMALL, "learned_positions": 10}, ["learned_positions = 10", "'none'"]),
    ({**EXPERTS, "experts_per_token": 9}, ["experts_per_token = 9", "n_experts = 8", "1 to 8"]),
    ({**EXPERTS, "expert_groups": 4, "groups_per_token": 5}, ["groups_per_token = 5", "1 to expert_groups = 4"]),
    ({**EXPERTS, "expert_groups": 3, "groups_per_token": 1}, ["expert_groups = 3", "n_experts = 8"]),
    ({**EXPERTS, "experts_per_token": 0}, ["experts_per_token = 0", "1 to 8"]),
    ({**EXPERTS, "d_ff_expert": 0}, ["d_ff_expert = 0", "n_experts = 8"]),
    ({**EXPERTS, "n_dense_layers": 3}, ["n_dense_layers = 3", "n_layers = 2"]),
    ({**EXPERTS, "n_dense_layers": 1, "d_ff": 0}, ["d_ff = 0", "dense"]),
    ({**SMALL, "n_dense_layers": 1}, ["n_dense_layers = 1", "n_experts = 0"]),
    ({**SMALL, "n_shared_experts": 1}, ["n_shared_experts = 1", "n_experts = 0"]),
    ({**SMALL, "sliding_window": 8, "n_full_attention_layers": 3}, ["n_full_attention_layers = 3", "n_layers = 2"]),
]


@pytest.mark.parametrize("values, told", REFUSED, ids=lambda part: part[0] if isinstance(part, list) else "")
def test_what_cant_exist_is_refused_with_the_field_its_value_and_what_is_valid(values, told):
    with pytest.raises(ArchitectureError) as refused:
        uniform(**values)
    message = str(refused.value)
    assert message.startswith("small: ")
    for part in told:
        assert part in message


@pytest.mark.parametrize("values", [SMALL, EXPERTS, LATENT])
def test_what_can_exist_is_taken(values):
    assert ledger.parameters(uniform(**values)) > 0


def test_every_row_loads_or_says_why_not():
    for name, row in architecture.table().iterrows():
        if pd.notna(row["unsupported"]):
            with pytest.raises(ArchitectureError, match="can't describe it"):
                architecture.load(name)
        else:
            assert architecture.load(name).name == name


def test_an_unknown_model_is_refused_with_the_nearest_name():
    with pytest.raises(ArchitectureError, match="'Llama-3.1-9B'.*did you mean 'Llama-3.1-8B'"):
        architecture.load("Llama-3.1-9B")


def test_text_in_a_number_names_row_field_and_value():
    with pytest.raises(ArchitectureError, match="mine: n_layers = 'twelve' is not a whole number"):
        architecture.from_row({"model": "mine", **SMALL, "n_layers": "twelve"})
    with pytest.raises(ArchitectureError, match="mine: gated_mlp = 'maybe' is not 0 or 1"):
        architecture.from_row({"model": "mine", **SMALL, "gated_mlp": "maybe"})
    with pytest.raises(ArchitectureError, match="mine: d_model, vocab_size missing"):
        architecture.from_row({"model": "mine", "n_layers": "2", "n_heads": "2", "d_model": ""})


def test_a_row_of_text_is_the_same_architecture():
    texts = {"model": "small", **{name: str(value) for name, value in SMALL.items()}, "biases": "qkv mlp"}
    assert architecture.from_row(texts) == uniform(**SMALL, biases={"qkv", "mlp"})


@pytest.mark.parametrize("name", [n for n in architecture.names() if pd.notna(architecture.table().at[n, "params_published"])])
def test_parameters_are_the_published_ones_to_the_last_digit(name):
    """Exactly where the count is exact. Where a row says why the two differ, they have to."""
    row = architecture.table().loc[name]
    off = abs(ledger.parameters(architecture.load(name)) - row["params_published"])
    agree = off == 0 if row["params_last_digit"] == 1 else off <= row["params_last_digit"] / 2
    assert agree == pd.isna(row["params_differ"]), f"off by {off:g}"


#: Published active parameters count the input embedding, or not, and are cut or rounded: within one unit of the print.
@pytest.mark.parametrize(
    "name", [n for n in architecture.names() if pd.notna(architecture.table().at[n, "active_params_published"])]
)
def test_active_parameters_are_the_published_ones(name):
    arch = architecture.load(name)
    published = architecture.table().at[name, "active_params_published"]
    unit = 1e8 if published % 1e9 else 1e9
    with_embedding = ledger.active_parameters(arch)
    without = with_embedding - arch.vocab_size * arch.d_model
    assert without - unit < published < with_embedding + unit


def test_exact_counts():
    """Counts that the models' own code or weights give, written a second time so that no edit of data moves them."""
    exact = {
        "GPT-1": 116_534_784,
        "GPT-2 Small": 124_439_808,
        "GPT-2 XL": 1_557_611_200,
        "BERT-large": 335_141_888,
        "T5-11B": 11_307_321_344,
        "BLOOM-176B": 176_247_271_424,
        "GPT-J-6B": 6_050_882_784,
        "Pythia-12B": 11_846_072_320,
        "Falcon-180B": 179_522_565_120,
        "LLaMA-65B": 65_285_660_672,
        "Llama-2-70B": 68_976_648_192,
        "Llama-3.1-405B": 405_853_388_800,
        "Mistral-7B": 7_241_732_096,
        "Mixtral-8x7B": 46_702_792_704,
        "Qwen3-235B-A22B": 235_093_634_560,
        "gpt-oss-120b": 116_829_156_672,
        "DeepSeek-V3": 671_026_419_200,
    }
    assert {name: ledger.parameters(architecture.load(name)) for name in exact} == exact


GPT3 = facts.read("gpt3_sizes").set_index("model")


@pytest.mark.parametrize("model", GPT3.index)
def test_gpt3s_table_comes_out(model):
    """Parameters to the digits of table D.1, and its training FLOP from its own rounded parameters."""
    printed = GPT3.loc[model]
    arch = architecture.load(model)
    digit = 1e6 if printed["params_table_D_1_million"] < 1000 else 1e7
    assert abs(ledger.parameters(arch) - printed["params_table_D_1_million"] * 1e6) <= digit / 2
    flop = 6 * printed["params_table_D_1_million"] * 1e6 * printed["training_tokens"]
    assert f"{flop:.2e}" == f"{printed['train_flop_D1']:.2e}"
    assert f"{flop / (1e15 * 86_400):.2e}" == f"{printed['train_pfdays_D1']:.2e}"
    assert 6 * ledger.parameters(arch) * printed["training_tokens"] == pytest.approx(flop, rel=4e-3)


@pytest.mark.parametrize("model", GPT3.index)
def test_gpt3s_printed_shapes_hold_but_for_two(model):
    """The 13B's printed width and the XL's printed heads can't be: the report says so."""
    printed = GPT3.loc[model]
    arch = architecture.load(model)
    shape = (printed["n_layers"], printed["d_model"], printed["n_heads"], printed["d_head"])
    same = shape == (arch.n_layers, arch.d_model, arch.n_heads, arch.d_head)
    assert same == (model not in ("GPT-3 13B", "GPT-3 XL"))
    assert same == (printed["n_heads"] * printed["d_head"] == printed["d_model"])


def test_gpt3_13b_as_printed_is_not_the_printed_size():
    printed = architecture.built(replace(architecture.row("GPT-3 13B"), d_model=5140, d_ff=4 * 5140))
    assert round(ledger.parameters(printed) / 1e7) == 1294
    assert round(ledger.parameters(architecture.load("GPT-3 13B")) / 1e7) == 1285


def test_with_layers_scales_only_the_layers():
    whole = architecture.load("DeepSeek-V3")
    assert whole.with_layers(61) == whole
    assert dict(whole.with_layers(2).feed_forwards()) == {whole.main_dense: 2}
    four = architecture.built(replace(architecture.row("DeepSeek-V3"), n_layers=4, n_dense_layers=1))
    assert ledger.parameters(four) == ledger.parameters(architecture.load("DeepSeek-V3-L4"))
