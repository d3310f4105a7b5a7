import pytest

from analysis.hardware.accelerators import AcceleratorError
from analysis.inference import deployments
from analysis.inference.deployments import DeploymentError, deploy
from analysis.models import configuration, ledger, memory
from analysis.models.architecture import ArchitectureError, load
from analysis.models.parallelism import Parallelism, ParallelismError


@pytest.mark.parametrize(
    ("given", "error", "words"),
    [
        ({"chip": "H10 SXM5"}, AcceleratorError, ["'H10 SXM5'", "H100 SXM5"]),
        ({"model": "Llama-3.1-8"}, ArchitectureError, ["Llama-3.1-8B"]),
        ({"model": "BERT-large"}, DeploymentError, ["encoder", "decoder"]),
        ({"weight_precision": "fp9"}, DeploymentError, ["weight_precision = 'fp9'", "fp8"]),
        ({"chip": "A100 SXM4 80GB", "weight_precision": "fp8"}, AcceleratorError, ["FP8", "it has", "BF16"]),
        ({"cache_precision": "fp4"}, DeploymentError, ["cache_precision = 'fp4'", "nvfp4"]),
        ({"engine": "vllm2"}, DeploymentError, ["engine = 'vllm2'", "vLLM"]),
        ({"tensor": 2, "chips": 8}, ParallelismError, ["not the 8 chips", "data = 4 would fit"]),
        ({"tensor": 3}, ParallelismError, ["tensor = 3", "32 heads"]),
        ({"expert": 2}, ParallelismError, ["expert = 2"]),
        ({"model": "Llama-3.1-70B"}, DeploymentError, ["do not fit", "141 GB", "80 GB", "1.8 times"]),
        ({"acceptance": 1.5}, DeploymentError, ["acceptance = 1.5", "0 to 1"]),
        ({"draft_tokens": -1}, DeploymentError, ["draft_tokens = -1"]),
    ],
)
def test_what_can_not_be_deployed_says_why_and_what_would_be_valid(given, error, words):
    given = {"model": "Llama-3.1-8B", "chip": "H100 SXM5"} | given
    with pytest.raises(error) as caught:
        deploy(**given)
    assert all(word in str(caught.value) for word in words), caught.value


def test_weights_of_narrow_formats_fit_on_chips_that_widen_them():
    one = deploy("Llama-3.1-70B", "A100 SXM4 80GB", weight_precision="int4")
    assert one.compute_precision == "bf16"
    assert deployments.weight_bytes_on_one(one) == pytest.approx(0.5625 * 70.55e9, rel=0.1)


@pytest.mark.parametrize("model", ["GPT-3-175B", "Llama-3.1-70B", "DeepSeek-V3", "gpt-oss-120b"])
def test_weights_of_all_chips_are_the_parameters(model):
    arch = load(model)
    one = deploy(arch, "B300 SXM", tensor=8)
    norms_and_router_on_all = 1.01
    together = 8 * deployments.weight_bytes_on_one(one) / 2
    assert ledger.parameters(arch) <= together * 1.001 <= ledger.parameters(arch) * norms_and_router_on_all * 1.02


def test_only_experts_are_kept_in_four_bits():
    one = deploy("gpt-oss-120b", "H100 SXM5", tensor=2, weight_precision="mxfp4")
    assert (one.dense_precision, one.compute_precision) == ("bf16", "bf16")
    assert deploy("gpt-oss-120b", "B200 SXM (HGX/DGX)", weight_precision="mxfp4").compute_precision == "mxfp8"
    # OpenAI's model card: the checkpoint takes 60.8 GiB.
    assert 2 * deployments.weight_bytes_on_one(one) == pytest.approx(60.8 * 2**30, rel=0.02)


def test_the_largest_batch_is_what_memory_holds():
    one = deploy("Llama-3.1-8B", "H100 SXM5")
    free = 80e9 * deployments.USABLE_MEMORY - deployments.weight_bytes_on_one(one)
    assert deployments.largest_batch(one, 4096, tuned=True) == free // memory.kv_cache_bytes(one.architecture, 4096)
    sharded = deploy("Llama-3.1-8B", "H100 SXM5", tensor=8)
    a_request = memory.kv_cache_bytes_on_one(one.architecture, Parallelism(tensor=8), 4096)
    free = 80e9 * deployments.USABLE_MEMORY - deployments.weight_bytes_on_one(sharded)
    assert deployments.largest_batch(sharded, 4096, tuned=True) == free // a_request
    replicas = deploy("Llama-3.1-8B", "H100 SXM5", data=8)
    assert deployments.largest_batch(replicas, 4096) == 8 * deployments.largest_batch(one, 4096)


def test_a_batch_that_does_not_fit_says_how_many_would():
    one = deploy("Llama-3.1-8B", "H100 SXM5")
    most = deployments.largest_batch(one, 8192)
    deployments.check_batch(one, most, 8192)
    with pytest.raises(DeploymentError, match=f"do not fit .* {most:,.0f} would"):
        deployments.check_batch(one, most + 1, 8192)
    with pytest.raises(DeploymentError, match="batch = 0 .* 1 to"):
        deployments.check_batch(one, 0, 8192)


def test_a_context_longer_than_the_models_is_refused():
    with pytest.raises(DeploymentError, match="longer than GPT-3-175B .* at most 2,048"):
        deployments.largest_batch(deploy("GPT-3-175B", "H100 SXM5", tensor=8), 2049)
    with pytest.raises(DeploymentError, match="at most 131,072"):
        deployments.check_context(deploy("Llama-3.1-8B", "H100 SXM5"), 200_000)
    with pytest.raises(DeploymentError, match="at least 1 token"):
        deployments.check_context(deploy("Llama-3.1-8B", "H100 SXM5"), 0)


def test_a_files_own_context_is_a_limit_and_a_class_default_is_none():
    shape = {"model_type": "llama", "hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4, "vocab_size": 100}
    assert deployments.context_length(configuration.from_config(shape | {"max_position_embeddings": 777}, "mine")) == 777
    assert deployments.context_length(configuration.from_config(shape, "mine")) == float("inf")
