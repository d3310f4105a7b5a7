"""Estimates of the same training steps by llm-analysis and mlsysim; run by the interpreter that has them installed.

Reads a JSON list of cases on standard input and writes, for each rival, its seconds of a step for each case (null
where it can't say, or where what it says can't be compared) and how many estimates a second it made. Each is used as
its documentation shows, at half of the peak, which is what both take training to reach.
"""

import contextlib
import json
import logging
import os
import sys
import time
from importlib import metadata

EFFICIENCY = 0.5
NODES = {"A100": "DGX_A100", "H100": "DGX_H100", "B200": "DGX_B200"}
FABRICS = {"A100": "InfiniBand_HDR", "H100": "InfiniBand_NDR", "B200": "InfiniBand_NDR"}
REPEATS = 3


def llm_analysis(case):
    from llm_analysis.analysis import ActivationRecomputation, DSZeRO, LLMAnalysis
    from llm_analysis.config import GPUConfig, ModelConfig, ParallelismConfig

    model = ModelConfig(
        "case", case["n_layers"], case["n_heads"], case["d_model"], case["vocab_size"], case["sequence"],
        case["n_kv_heads"], ffn_embed_dim=case["d_ff"], expansion_ratio=case["d_ff"] / case["d_model"],
    )  # fmt: skip
    gpu = GPUConfig("case", case["memory_gb"], case["memory_gbs"], case["link_gbs"], 8e-6, case["peak_tflops"],
                    inter_node_bandwidth_in_GB_per_sec=case["network_gbs"])  # fmt: skip
    analysis = LLMAnalysis(
        model,
        gpu,
        parallelism_config=ParallelismConfig(case["tp"], case["pp"], case["dp"]),
        flops_efficiency=EFFICIENCY,
    )
    summary = analysis.training(
        batch_size_per_gpu=case["micro_batch"],
        gradient_accumulation_steps=case["micro_batches"],
        seq_len=case["sequence"],
        activation_recomputation=ActivationRecomputation(case["recomputation"]),
        ds_zero=DSZeRO(case["zero"]),
        mlp_gated_linear_units=case["gated"],
    )
    return summary["latency_per_iter"]


def mlsysim(case):
    from mlsysim import Q_, Models, Systems
    from mlsysim.solvers import DistributedModel
    from mlsysim.systems.types import Fleet

    chip = next((name for name in NODES if case["chip"].startswith(name + " SXM")), None)
    if chip is None:
        return
    model = Models.Language.Llama3_8B.model_copy(update={
        "parameters": Q_(case["parameters"], "count"), "layers": case["n_layers"], "hidden_dim": case["d_model"],
        "heads": case["n_heads"], "kv_heads": case["n_kv_heads"], "vocab_size": case["vocab_size"],
        "head_dim": case["d_model"] // case["n_heads"],
    })  # fmt: skip
    node = getattr(Systems.Nodes, NODES[chip])
    node = node.model_copy(update={"accelerators_per_node": min(8, case["chips"])})
    fleet = Fleet(name="case", node=node, count=max(1, case["chips"] // 8), fabric=getattr(Systems.Fabrics, FABRICS[chip]))
    result = DistributedModel().solve(
        model, fleet, batch_size=case["global_batch"], precision="fp16", efficiency=EFFICIENCY, tp_size=case["tp"],
        pp_size=case["pp"], microbatch_count=case["micro_batches"], zero_stage=case["zero"], seq_len=case["sequence"],
        activation_recomputation=case["recomputation"] == 2, overlap_comm=True,
    )  # fmt: skip
    assert result.step_latency_total.to("second").magnitude > 0
    # How it spreads a batch over micro-batches can't be told from its documentation, so its seconds are not compared.
    return


def estimate(name, rival, cases):
    """Return the seconds of each case by `rival`, None where it refuses, estimates a second, and its version."""
    first = time.perf_counter()
    answers = []
    for repeat in range(REPEATS):
        if repeat == 1:
            first = time.perf_counter()  # the first round also imports and fills caches
        answers = []
        for case in cases:
            try:
                answers.append(rival(case))
            except Exception:  # whatever a rival raises on a case is that it can't say
                answers.append(None)
    took = time.perf_counter() - first
    speed = (REPEATS - 1) * len(cases) / took
    return {"seconds": answers, "per_second": speed, "version": metadata.version(name)}


def main():
    logging.disable(logging.CRITICAL)
    cases = json.load(sys.stdin)
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere), contextlib.redirect_stderr(nowhere):
        programs = {"llm-analysis": llm_analysis, "mlsysim": mlsysim}
        result = {name: estimate(name, rival, cases) for name, rival in programs.items()}
    json.dump(result, sys.stdout)


if __name__ == "__main__":
    main()
