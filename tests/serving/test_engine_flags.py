"""Lines to paste hold what a way says, each option once, as a shell reads it."""

import json
import shlex

import pytest

from analysis.inference import deployments
from analysis.serving import engine_flags
from analysis.serving.drafts import Drafts
from analysis.serving.ways import Pool, Way


def pool(role="both", **plan):
    deployment = deployments.deploy("DeepSeek-V3", "H800 SXM5", weight_precision="fp8", **plan)
    return Pool(role, deployment, 8192, 1.0, 1.0, 0.05, 10.0)


WIDE = {"data": 32, "expert": 32, "cache_precision": "fp8"}
TOGETHER = Way("together", (pool(**WIDE),), Drafts("MTP", 1, 0.9))
APART = Way("apart", (pool("reads", tensor=8, pipeline=2), pool("writes", **WIDE)), Drafts("MTP", 1, 0.9))


def options(line):
    """The options of a command by their names, as a shell splits it."""
    words = shlex.split(line.split("&&")[-1], comments=True)
    return {word: following for word, following in zip(words, [*words[1:], ""], strict=True) if word.startswith("--")}


def test_vllm_is_told_the_plan_of_a_replica():
    (line,) = engine_flags.launches(TOGETHER, "deepseek-ai/DeepSeek-V3", "vLLM")
    told = options(line)
    assert (told["--tensor-parallel-size"], told["--data-parallel-size"], told["--data-parallel-size-local"]) == ("1", "32", "8")
    assert "--enable-expert-parallel" in told and told["--kv-cache-dtype"] == "fp8"
    assert json.loads(told["--speculative-config"]) == {"method": "mtp", "num_speculative_tokens": 1}
    assert line.endswith(f"# {engine_flags.NOT_RUN}")


def test_apart_one_line_reads_and_one_writes_and_drafts():
    reads, writes = map(options, engine_flags.launches(APART, "deepseek-ai/DeepSeek-V3", "vLLM"))
    assert json.loads(reads["--kv-transfer-config"])["kv_role"] == "kv_producer"
    assert json.loads(writes["--kv-transfer-config"])["kv_role"] == "kv_consumer"
    assert reads["--pipeline-parallel-size"] == "2" and "--speculative-config" not in reads
    prefill, decode = map(options, engine_flags.launches(APART, "m", "SGLang"))
    assert (prefill["--disaggregation-mode"], decode["--disaggregation-mode"]) == ("prefill", "decode")


def test_sglang_and_tensorrt_llm_count_the_chips_of_a_stage():
    (line,) = engine_flags.launches(TOGETHER, "m", "SGLang")
    told = options(line)
    assert (told["--tp-size"], told["--dp-size"], told["--ep-size"], told["--nnodes"]) == ("32", "32", "32", "4")
    assert "--enable-dp-attention" in told and told["--speculative-num-draft-tokens"] == "2"
    (line,) = engine_flags.launches(TOGETHER, "m", "TensorRT-LLM")
    assert (options(line)["--tp_size"], options(line)["--ep_size"]) == ("32", "32")
    more = json.loads(shlex.split(line)[1])
    assert more["enable_attention_dp"] is True and more["kv_cache_config"] == {"dtype": "fp8"}
    assert more["speculative_config"]["num_nextn_predict_layers"] == 1


def test_what_an_engine_can_not_do_is_said():
    groups = Way("together", (pool(tensor=4, data=4, expert=16),))
    assert "no groups of 4 chips" in engine_flags.launches(groups, "m", "TensorRT-LLM")[0]
    with pytest.raises(ValueError, match="not one of vLLM, SGLang"):
        engine_flags.launches(groups, "m", "Ollama")
