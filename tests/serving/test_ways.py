"""The search over ways to serve: against all of what it could search, and what more of anything good must do."""

from dataclasses import replace

import numpy as np
import pytest

from analysis.inference.deployments import DeploymentError
from analysis.models import architecture
from analysis.serving import drafts, loads, serving_plans, ways
from analysis.serving.capacity import Targets
from analysis.serving.drafts import Drafts
from analysis.serving.serving_queue import Requests, ServingError

CHAT, KEPT = Requests(1155, 211, 0.0, 0.7, 0.7), Targets(2.0, 0.05)
SMALL = {"weights": ("bf16",), "caches": ("bf16",), "drafted": (), "most_chips": 2}


def found(model="Llama-3.1-8B", chip="H100 SXM5", requests=CHAT, targets=KEPT, **more):
    return ways.ways(model, chip, requests, targets, **(SMALL | more))


def chips(kind, *args, **more):
    """Chips for one request a second of the best way of a kind."""
    return min(way.chips_per_request for way in found(*args, **more) if way.kind == kind)


def test_one_way_for_each_choice_the_best_first():
    every = ways.ways("Llama-3.1-8B", "H100 SXM5", CHAT, KEPT, most_chips=1)
    named = {(way.kind, way.weight_precision, way.cache_precision, way.drafts is not None) for way in every}
    assert len(named) == len(every) == 2 * 2 * 2 * 2
    assert [way.chips_per_request for way in every] == sorted(way.chips_per_request for way in every)
    assert {"together, BF16 weights, BF16 cache", "apart, BF16 weights, FP8 cache"} <= {way.title for way in every}


def test_the_search_that_is_cut_short_finds_what_the_whole_finds(monkeypatch):
    short = {(way.kind, way.cache_precision): way.chips_per_request
             for way in found("Qwen3-30B-A3B", caches=None, targets=Targets(2.0, 0.02), most_chips=4)}  # fmt: skip
    monkeypatch.setattr(ways, "ASKED", 10**6)
    monkeypatch.setattr(ways, "TRIED", 10**6)
    whole = {(way.kind, way.cache_precision): way.chips_per_request
             for way in found("Qwen3-30B-A3B", caches=None, targets=Targets(2.0, 0.02), most_chips=4)}  # fmt: skip
    assert short.keys() == whole.keys()
    for kind, most in whole.items():
        assert short[kind] == pytest.approx(most, rel=0.01)


def test_together_is_at_least_as_good_as_the_plans_that_are_usual():
    usual, state = serving_plans.best(serving_plans.tried("Llama-3.1-8B", "H100 SXM5"), CHAT, KEPT)
    assert chips("together", most_chips=64) <= usual.chips / state.rate.item() * 1.001


def test_a_demand_takes_whole_replicas_that_carry_it_within_the_targets():
    for way in found(per_second=100.0):
        assert all(pool.replicas * pool.rate >= 100 * (1 - 1e-6) > (pool.replicas - 1) * pool.rate for pool in way.pools)
        assert way.chips == sum(pool.replicas * pool.deployment.chips for pool in way.pools)
        assert way.first_token <= 2.0 * 1.001
        assert way.output_token <= 0.05 * 1.001
    assert found(per_second=0.001)[0].chips == 1


def test_apart_the_first_token_waits_for_the_cache_to_come_over():
    apart = next(way for way in found() if way.kind == "apart")
    reader, writer = apart.pools
    # 32 layers of 8 keys and values of 128 numbers in 16 bits, over a port of 400 Gbit/s a chip.
    each = 1155 * 32 * 2 * 8 * 128 * 2 / reader.deployment.chips / 50e9
    assert apart.transfer_seconds == pytest.approx(each)
    assert apart.first_token == pytest.approx(reader.first_token + each)
    assert apart.readers_per_writer == pytest.approx(writer.rate / reader.rate)


@pytest.mark.parametrize("kind", ways.KINDS)
def test_what_is_known_of_prompts_never_asks_for_more_chips(kind):
    needed = [chips(kind, requests=replace(CHAT, cached=share)) for share in (0.0, 0.5, 0.9)]
    assert all(later <= earlier * 1.0001 for earlier, later in zip(needed, needed[1:], strict=False))


@pytest.mark.parametrize("kind", ways.KINDS)
def test_drafts_that_are_accepted_more_often_never_ask_for_more_chips(kind):
    needed = [chips(kind, drafted=(Drafts("MTP", 2, share),)) for share in (0.0, 0.5, 0.9)]
    assert all(later <= earlier * 1.0001 for earlier, later in zip(needed, needed[1:], strict=False))


@pytest.mark.parametrize("kind", ways.KINDS)
def test_looser_targets_never_ask_for_more_chips(kind):
    needed = [chips(kind, targets=Targets(2.0, seconds)) for seconds in (0.01, 0.03, 0.2)]
    assert all(later <= earlier * 1.0001 for earlier, later in zip(needed, needed[1:], strict=False))


def chip_with(tmp_path, name, links):
    """A chip like an H100 with links of `links` GB/s and a port to match."""
    text = "\n".join([
        "bf16_dense_tflops: 989", "memory_gb: 80", "mem_bw_tbs: 3.35", f"interconnect_gbs: {links}",
        f"network_gbs: {links / 18}", "tdp_w: 700", "chips_on_fast_links: 8",
    ])  # fmt: skip
    path = tmp_path / f"{name}.yml"
    path.write_text(text)
    return str(path)


@pytest.mark.parametrize("kind", ways.KINDS)
def test_faster_links_never_ask_for_more_chips(kind, tmp_path):
    needed = [chips(kind, "Llama-3.1-70B", chip_with(tmp_path, f"chip{links}", links), targets=Targets(2.0, 0.025), most_chips=8)
              for links in (100, 900, 9000)]  # fmt: skip
    assert all(later <= earlier * 1.0001 for earlier, later in zip(needed, needed[1:], strict=False))
    assert needed[-1] < needed[0]


WIDE = {"weights": ("fp8",), "most_chips": 32}


FREE = pytest.mark.parametrize(
    ("model", "chip", "more"),
    [("Llama-3.1-8B", "H100 SXM5", {}), ("Llama-3.1-70B", "H100 SXM5", {"most_chips": 8}), ("DeepSeek-V3", "H800 SXM5", WIDE)],
)


@pytest.fixture
def free_transfer(monkeypatch):
    monkeypatch.setattr(ways, "_transfer", lambda cases, prompt: (np.zeros(len(cases)), np.full(len(cases), np.inf)))


@FREE
def test_with_a_free_transfer_apart_is_never_worse_where_a_step_does_one_thing(model, chip, more, monkeypatch, free_transfer):
    """Were prompts read in steps of their own, keeping them apart would cost nothing: what a replica of both kinds does in
    turn, two do at once, each as split and as full as suits it."""
    mixed = loads.Candidates.step_seconds

    def in_turn(self, tokens, batch, context):
        reads, writes = (
            np.broadcast_to(values, np.broadcast_shapes(np.shape(tokens), np.shape(batch))) for values in (tokens, batch)
        )
        reading = np.where(reads > 0, mixed(self, tokens, 0.0, context), 0.0)
        return reading + np.where((writes > 0) | (reads <= 0), mixed(self, 0.0, batch, context), 0.0)

    monkeypatch.setattr(loads.Candidates, "step_seconds", in_turn)
    for seconds in (0.025, 0.1, 1.0):
        both, split = (chips(kind, model, chip, targets=Targets(2.0, seconds), **more) for kind in ways.KINDS)
        assert split <= both * 1.0001


@FREE
def test_with_a_free_transfer_apart_wins_where_targets_are_tight_and_loses_little_elsewhere(model, chip, more, free_transfer):
    """A step that writes leaves arithmetic idle, which a chunk of a prompt beside it uses, and pays for its weights once:
    what a replica of both kinds spares so, no pair of pools can, so that apart is not always better."""
    for seconds, most in ((0.025, 1.0), (0.1, 1.03), (1.0, 1.1)):
        both, split = (chips(kind, model, chip, targets=Targets(2.0, seconds), **more) for kind in ways.KINDS)
        assert split <= most * both


def test_the_transfer_is_over_a_racks_links_or_a_servers_port():
    rack = next(way for way in found("DeepSeek-V3", "GB200 (per GPU)", weights=("fp8",), most_chips=12) if way.kind == "apart")
    server = next(way for way in found("DeepSeek-V3", "H800 SXM5", weights=("fp8",), most_chips=16) if way.kind == "apart")
    assert server.transfer_seconds / rack.transfer_seconds > 5


@pytest.mark.parametrize("kind", ways.KINDS)
def test_a_way_that_is_found_needs_what_it_says_and_more_where_steps_are_slower(kind):
    way = next(way for way in found() if way.kind == kind)
    needed = ways.chips_needed(way, CHAT, KEPT, np.array([0.8, 1.0, 1.25]))
    assert needed[1] == pytest.approx(way.chips_per_request, rel=1e-3)
    assert needed[0] < needed[1] < needed[2]
    slow = next(way for way in found(slower=1.25) if way.kind == kind)
    assert way.chips_per_request < slow.chips_per_request <= needed[2] * 1.001


def test_targets_that_no_way_keeps_are_refused_with_the_nearest_miss():
    with pytest.raises(ServingError, match=r"time per output token: .* no batch can meet it"):
        found("Llama-3.1-70B", targets=Targets(2.0, 0.001), most_chips=4)


def test_requests_longer_than_the_context_and_models_too_large_are_refused():
    with pytest.raises(DeploymentError, match="longer than Llama-3.1-8B can attend to"):
        found(requests=Requests(200_000, 100))
    with pytest.raises(DeploymentError, match="no replica of up to 2 x H100 SXM5 holds DeepSeek-V3"):
        found("DeepSeek-V3")


def test_formats_are_those_that_a_chip_has_units_for():
    assert ways.weight_formats("A100 SXM4 80GB") == ("bf16",)
    assert ways.weight_formats("H100 SXM5") == ("bf16", "fp8")
    assert ways.weight_formats("B200 SXM (HGX/DGX)") == ("bf16", "fp8", "nvfp4")
    assert ways.cache_formats("A100 SXM4 80GB") == ("bf16",)


def test_drafts_of_a_models_own_are_searched_by_default():
    every = found("DeepSeek-V3", "H800 SXM5", weights=("fp8",), most_chips=16, drafted=None)
    assert {way.drafts for way in every} == {None, *drafts.of_model(architecture.load("DeepSeek-V3"))}
