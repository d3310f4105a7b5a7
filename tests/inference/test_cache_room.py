"""What engines leave to the cache, against what their logs and their options say."""

import pytest

from analysis.inference import cache_room, deployments
from analysis.inference.deployments import deploy


def tokens(**given):
    cases = deployments.cases(deploy("Qwen3-235B-A22B", "H100 SXM5", weight_precision="fp8", tensor=4, **given))
    return (cache_room.room(cases) / cases.request_bytes(1.0)).item()


def test_two_engines_cached_tokens_are_about_what_their_logs_say():
    """Qwen3-235B in FP8 on four H100: 178,880 tokens of vLLM and 367,404 of SGLang."""
    assert tokens(engine="vLLM") == pytest.approx(178_880, rel=0.15)
    assert tokens(engine="SGLang") == pytest.approx(367_404, rel=0.15)
    cases = deployments.cases(deploy("Qwen3-235B-A22B", "H100 SXM5", weight_precision="fp8", tensor=4))
    assert deployments.largest_batch(cases, 1.0, tuned=True).item() > 400_000


def test_tensorrt_llm_takes_its_share_of_what_weights_leave():
    one = deployments.cases(deploy("Llama-3.1-8B", "H100 SXM5", engine="TensorRT-LLM"))
    left = 0.99 * 80 * 2**30 - one.weights_on_one - cache_room.activation_bytes(one)
    assert cache_room.room(one).item() == pytest.approx(0.9 * left.item())


def test_an_older_vllm_keeps_room_for_a_pass_over_the_whole_context():
    """Llama 3.1 405B on eight H100 in 2024 ran some twenty requests of 2,048 + 2,048 tokens at once."""
    older = deployments.cases(deploy("Llama-3.1-405B", "H100 SXM5", weight_precision="fp8", tensor=8, software_year=2024.0))
    today = deployments.cases(deploy("Llama-3.1-405B", "H100 SXM5", weight_precision="fp8", tensor=8))
    assert 12 <= deployments.largest_batch(older, 3072.0).item() <= 36
    assert deployments.largest_batch(today, 3072.0).item() > 60


def test_what_does_not_fit_leaves_nothing():
    cases = deployments.cases(deploy("Llama-3.1-70B", "H100 SXM5", weight_precision="fp8"))
    assert cache_room.room(cases).item() == 0 == deployments.largest_batch(cases, 1024.0).item()
