"""Files of anybody: what is read of them, what is assumed, and what is refused with one message."""

import json

import pytest

from analysis.models import configuration, ledger, memory
from analysis.models.architecture import ArchitectureError

SMALL = {
    "model_type": "llama", "hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
    "intermediate_size": 96, "vocab_size": 100, "tie_word_embeddings": False,
}  # fmt: skip


@pytest.mark.parametrize(
    "changes, words",
    [
        ({"hidden_size": "64"}, ["hidden_size = '64'", "whole number"]),
        ({"hidden_size": float("nan")}, ["hidden_size = nan"]),
        ({"hidden_size": [64]}, ["hidden_size = [64]"]),
        ({"hidden_size": 65}, ["num_attention_heads = 4", "65"]),
        ({"num_hidden_layers": 1e30}, ["num_hidden_layers = 1e+30", "10,000"]),
        ({"num_hidden_layers": True}, ["num_hidden_layers = True"]),
        ({"num_hidden_layers": 0}, ["num_hidden_layers = 0"]),
        ({"num_key_value_heads": 3}, ["kv_heads = 3", "heads = 4"]),
        ({"model_type": "lama"}, ["model_type = 'lama'", "did you mean 'llama'"]),
        ({"model_type": None}, ["model_type is not given"]),
        ({"model_type": ["llama"]}, ["model_type"]),
        ({"model_type": "llava", "text_config": 3}, ["text_config = 3"]),
        ({"model_type": "gemma2", "layer_types": ["full_attention"]}, ["layer_types has 1 entries", "2 layers"]),
        ({"model_type": "gemma2", "layer_types": ["full", "full"]}, ["'full'", "sliding_attention"]),
        ({"model_type": "gemma2", "layer_types": [{}, []]}, ["layer_types", "list of texts"]),
        ({"model_type": "mixtral", "num_local_experts": 2, "num_experts_per_tok": 9}, ["per_token = 9"]),
        ({"model_type": "dots1", "n_routed_experts": None}, ["n_routed_experts is not given", "open"]),
    ],
)
def test_what_cannot_be_is_refused_by_field(changes, words):
    with pytest.raises(ArchitectureError) as refused:
        configuration.from_config(SMALL | changes, "a file")
    assert str(refused.value).startswith("a file: ")
    assert "\n" not in str(refused.value)
    for word in words:
        assert word in str(refused.value)


@pytest.mark.parametrize(
    "content, word",
    [
        (b"[" * 100_000, "nested too deep"),
        (b"\x80\x04\x95\xff\xfe", "not a text"),
        (b"[1]", "no object"),
        (b"{", "not JSON"),
        (b'{"vocab_size": 1' + b"0" * 5000 + b"}", "not JSON"),
        (b" " * (configuration.MOST_BYTES + 1), "10,000,000"),
    ],
)
def test_a_file_that_is_no_configuration_is_refused(tmp_path, content, word):
    file = tmp_path / "config.json"
    file.write_bytes(content)
    with pytest.raises(ArchitectureError, match=word):
        configuration.read(file)


def test_a_file_and_its_folder_are_the_same_model(tmp_path):
    (tmp_path / "config.json").write_text(json.dumps(SMALL))
    assert configuration.read(tmp_path) == configuration.read(tmp_path / "config.json")
    with pytest.raises(ArchitectureError, match="can't be read"):
        configuration.read(tmp_path / "absent.json")


def test_what_a_file_leaves_out_is_assumed_and_said():
    read = configuration.from_config({"model_type": "llama", "hidden_size": 4096}, "a file")
    assert "num_hidden_layers = 32" in read.assumed
    assert ledger.parameters(read) == 6_738_415_616  # Llama-2 7B, whose shape the class has by default
    assert not configuration.from_config(SMALL, "a file").unsupported


def test_code_that_a_file_names_is_not_followed():
    plain = configuration.from_config(SMALL, "a file")
    assert configuration.from_config(SMALL | {"auto_map": {"AutoConfig": "nowhere--code.Config"}}, "a file") == plain


def test_active_parameters_are_those_that_a_token_is_multiplied_by():
    """gpt-oss-120b's as its publishers count them: 5.13 billion, without the table of tokens."""
    kinds = ["sliding_attention", "full_attention"] * 18
    read = configuration.from_config(
        {"model_type": "gpt_oss", "layer_types": kinds, "tie_word_embeddings": False}, "gpt-oss-120b"
    )
    assert ledger.multiplied_parameters(read) == 5_132_849_472
    assert memory.kv_cache_bytes(read, 1) == 73_728


def test_a_state_is_as_wide_as_a_file_says():
    shape = SMALL | {
        "model_type": "qwen3_5_text", "linear_num_key_heads": 2, "linear_num_value_heads": 2, "linear_key_head_dim": 8,
        "linear_value_head_dim": 8, "layer_types": ["linear_attention", "full_attention"],
    }  # fmt: skip
    wide, narrow = (
        memory.state_bytes(configuration.from_config(shape | {"mamba_ssm_dtype": kind}, "a file"))
        for kind in ("float32", "bfloat16")
    )
    assert wide - narrow == 2 * 2 * 8 * 8
    with pytest.raises(ArchitectureError, match="mamba_ssm_dtype = 'int'"):
        configuration.from_config(shape | {"mamba_ssm_dtype": "int"}, "a file")


def test_a_text_model_inside_any_other_is_read():
    wrapped = {"model_type": "llava_next", "text_config": SMALL, "vision_config": {"hidden_size": 8}}
    read = configuration.from_config(wrapped, "a file")
    assert ledger.parameters(read) == ledger.parameters(configuration.from_config(SMALL, "a file"))
    assert read.unsupported
    with pytest.raises(ArchitectureError, match="model_type = 'nothing'"):
        configuration.from_config({"model_type": "nothing", "text_config": {}}, "a file")
    with pytest.raises(ArchitectureError, match="text_config = 3"):
        configuration.from_config({"model_type": "nothing", "text_config": 3}, "a file")


@pytest.mark.parametrize("places", [["llm_config"], ["language_config"], ["thinker_config", "text_config"]])
def test_a_text_model_is_found_in_any_object_of_a_whole(places):
    wrapped = SMALL
    for place in reversed(places):
        wrapped = {"model_type": "a_whole", place: wrapped}
    read = configuration.from_config(wrapped, "a file")
    assert ledger.parameters(read) == ledger.parameters(configuration.from_config(SMALL, "a file"))


def test_a_type_that_no_file_names_is_that_of_its_class():
    given = {name: value for name, value in SMALL.items() if name != "model_type"}
    read = configuration.from_config(given | {"architectures": ["LlamaForCausalLM"]}, "a file")
    assert "model_type = llama" in read.assumed
    with pytest.raises(ArchitectureError, match="model_type is not given"):
        configuration.from_config(given | {"architectures": ["Nothing"]}, "a file")


def test_a_type_that_is_known_and_not_described_says_why():
    with pytest.raises(ArchitectureError, match="'reformer' is known and not described: it has two streams"):
        configuration.from_config({"model_type": "reformer"}, "a file")


def test_weights_that_pass_twice_count_once_and_work_twice():
    """ALBERT of one group: as many parameters as with one layer, and as much work as BERT of as many."""
    shape = {"model_type": "albert", "hidden_size": 48, "num_attention_heads": 4, "intermediate_size": 96, "vocab_size": 100,
             "embedding_size": 16}  # fmt: skip
    one, six = (configuration.from_config(shape | {"num_hidden_layers": count}, "a file") for count in (1, 6))
    assert ledger.parameters(one) == ledger.parameters(six)
    flop = [sum(row.repeats * row.forward_flop for row in ledger.ledger(read, 1, 8) if row.layer == "mlp") for read in (one, six)]
    again = [row for row in ledger.ledger(six, 1, 8) if row.layer == "mlp again"]
    assert sum(row.repeats * row.forward_flop for row in again) == 5 * flop[0] == 5 * flop[1]


def test_what_a_text_alone_skips_is_held_and_not_active():
    """Llama 3.2 Vision 11B passes a text as Llama 3.1 8B does."""
    read = configuration.from_config({"model_type": "mllama_text_model"}, "a file")
    assert ledger.multiplied_parameters(read) == 7_504_924_672
    assert memory.kv_cache_bytes(read, 1) == 131_072
