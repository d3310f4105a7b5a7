"""Models by name: what is found under which name, and shapes against the counts that were published for them."""

import pytest
import yaml
from ruamel.yaml import YAML

from analysis.models import architecture, ledger, library, memory
from analysis.models.architecture import ArchitectureError

#: Counts of the text model by transformers on the meta device, and bytes of cache a token in 16 bits, written a second time.
EXACT = {
    "DeepSeek-V3.2": (671_877_944_064, 85_888),
    "GLM-5": (743_911_218_432, 109_824),
    "GLM-5.2": (743_377_019_904, 95_232),
    "Nemotron-3-Nano-30B-A3B": (31_577_940_288, 6_144),
    "Nemotron-3-Super-120B-A12B": (120_668_707_840, 8_192),
    "DeepSeek-V2-Lite": (15_706_484_224, 31_104),
    "ERNIE-4.5-21B-A3B": (21_825_437_888, 57_344),
    "GLM-4.5-Air": (106_852_251_264, 188_416),
    "GLM-4.7-Flash": (29_943_393_920, 54_144),
    "Gemma-2-27B": (27_227_128_320, 376_832),
    "Gemma-3-27B": (27_009_002_240, 507_904),
    "Granite-4.0-H-Small": (32_207_337_984, 16_384),
    "Jamba-1.5-Mini": (51_570_323_328, 16_384),
    "Kimi-K2.6": (1_026_408_232_448, 70_272),
    "MiMo-V2-Flash": (308_778_780_864, 222_720),
    "Mistral-Large-2": (122_610_069_504, 360_448),
    "Nemotron-H-56B": (56_324_350_464, 40_960),
    "OLMo-2-13B": (13_716_198_400, 819_200),
    "Olmo-Hybrid-7B": (7_430_870_688, 122_880),
    "Phi-3.5-MoE": (41_872_793_600, 131_072),
    "Qwen3-Coder-480B-A35B": (480_154_875_392, 253_952),
    "Qwen2.5-7B": (7_615_616_512, 57_344),
    "Qwen3.5-27B": (26_895_998_464, 65_536),
    "Qwen3.5-122B-A10B": (122_111_526_912, 24_576),
    "Qwen3.5-397B-A17B": (396_346_350_336, 30_720),
}  # fmt: skip


@pytest.mark.parametrize("name", EXACT)
def test_exact_counts(name):
    found = architecture.load(name)
    assert (ledger.parameters(found), memory.kv_cache_bytes(found, 1)) == EXACT[name]


@pytest.mark.parametrize("name", library.rows())
def test_parameters_are_the_published_ones_to_the_last_digit(name):
    """Exactly where the count is exact. Where a row says why the two differ, they have to."""
    row = library.rows()[name]
    found = architecture.load(name)
    assert found.name == name
    if row["params_published"]:
        off = abs(ledger.parameters(found) - row["params_published"])
        agree = off == 0 if row["params_last_digit"] == 1 else off <= row["params_last_digit"] / 2
        assert agree == (row["params_differ"] is None), f"off by {off:g}"
    if row["active_params_published"]:
        unit = 1e8 if row["active_params_published"] % 1e9 else 1e9
        within = (ledger.multiplied_parameters(found) - unit, ledger.active_parameters(found) + unit)
        assert within[0] < row["active_params_published"] < within[1] or row["params_differ"], within


def test_no_name_means_two_models():
    aliases = [
        alias.strip().casefold() for row in library.rows().values() for alias in (row["aliases"] or "").split(";") if alias
    ]
    names = [name.casefold() for name in {*library.rows(), *library.flat()}]
    assert len(set(names + aliases)) == len(names + aliases)
    assert not set(library.rows()) & set(library.flat())


@pytest.mark.parametrize(
    "written, name",
    [
        ("glm-5", "GLM-5"),
        ("GLM-5", "GLM-5"),
        ("gpt-2 small", "GPT-2 Small"),
        ("GPT-3 175B", "GPT-3 175B"),
        ("GPT-3-175B", "GPT-3-175B"),
        ("deepseek-ai/DeepSeek-V3.2", "DeepSeek-V3.2"),
        ("Qwen3 Next 80B A3B", "Qwen3-Next-80B-A3B"),
        ("Llama 3.1 8B", "Llama-3.1-8B"),
        ("openai/gpt-oss-20b", "gpt-oss-20b"),
        ("DeepSeek-R1", "DeepSeek-R1"),
        ("meta-llama/Llama-3.3-70B-Instruct", "Llama-3.3-70B"),
        ("mistralai/Mixtral-8x7B-Instruct-v0.1", "Mixtral-8x7B"),
        ("nvidia/GLM-5.2-NVFP4", "GLM-5.2"),
        ("Qwen/Qwen3-32B-FP8-Static-PerTensor", "Qwen3-32B"),
        ("meta-llama/Meta-Llama-3.1-8B-Instruct", "Llama-3.1-8B"),
        ("llama3_1_70b", "Llama-3.1-70B"),
        ("deepseekv3", "DeepSeek-V3"),
        ("bert-base-uncased", "BERT-base"),
        ("unsloth/Llama-3.3-70B-Instruct-bnb-4bit", "Llama-3.3-70B"),
        ("RedHatAI/Meta-Llama-3.1-8B-Instruct-quantized.w8a8", "Llama-3.1-8B"),
        ("Command R", "Command-R"),
        ("Command R+", "Command-R+"),
        ("gpt2", "GPT-2"),
        ("gpt2-xl", "GPT-2 XL"),
    ],
)
def test_a_name_is_found_as_people_write_it(written, name):
    assert architecture.load(written).name == name


@pytest.mark.parametrize("other", ["Qwen2-57B", "Mistral-7B-Instruct-v0.2", "GLM-5-distilled", "Llama-31-8B"])
def test_a_name_of_another_model_is_not_taken_for_one(other):
    """A number's end is a sign between numbers, and an end that may change the shape is not left out."""
    with pytest.raises(ArchitectureError):
        library.resolve(other)


def test_a_model_without_a_known_shape_is_said_to_have_none():
    with pytest.raises(ArchitectureError, match="^GPT-4: its shape is not known"):
        library.resolve("gpt-4")


def test_experts_of_pictures_are_held_and_not_passed():
    """The published names say both counts: 424 thousand million parameters, 47 of them passed."""
    found = architecture.load("ERNIE-4.5-VL-424B-A47B")
    text = architecture.load("ERNIE-4.5-300B-A47B")
    assert ledger.multiplied_parameters(found) == ledger.multiplied_parameters(text)
    assert ledger.parameters(found) - ledger.parameters(text) == 51 * 64 * (3 * 8192 * 1536 + 8192) + 51 * 64


def test_layers_may_share_a_cache():
    """Hunyuan-Large: of two layers one has keys and values, of 8 heads of 80 numbers, in 16 bits."""
    assert memory.kv_cache_bytes(architecture.load("Hunyuan-Large"), 1) == 32 * 2 * 8 * 80 * 2


def test_queries_from_a_latent_leave_the_cache_as_it_is():
    """Step 3: one head of 256 numbers."""
    assert memory.kv_cache_bytes(architecture.load("Step-3"), 1) == 61 * 2 * 256 * 2


def test_a_model_may_have_anothers_shape():
    one, other = architecture.load("DeepSeek-R1"), architecture.load("DeepSeek-V3")
    assert (one.layers, one.context_length, ledger.parameters(one)) == (other.layers, 163_840, ledger.parameters(other))


def test_the_context_of_a_model_is_that_of_the_table():
    assert architecture.load("Llama-3.1-8B").context_length == 131_072
    assert architecture.load("GPT-3 175B").context_length == 0


def test_a_part_of_names_lists_what_fits():
    with pytest.raises(ArchitectureError, match="'Qwen3.5' fits several names: Qwen3.5-397B-A17B, Qwen3.5-122B-A10B"):
        architecture.load("Qwen3.5")


def test_both_versions_of_yaml_read_the_shapes_alike():
    """The reader in C is of YAML 1.1, for which `yes` is a truth and 1e6 a text."""
    for row in library.rows().values():
        shape = f"{{{row['shape'] or ''}}}"
        assert repr(yaml.load(shape, Loader=yaml.CSafeLoader)) == repr(YAML(typ="safe").load(shape)), row["model"]


def test_a_list_may_say_how_often():
    assert library._expanded(["2*dense", "sparse", "3*0", 4]) == ["dense", "dense", "sparse", 0, 0, 0, 4]
