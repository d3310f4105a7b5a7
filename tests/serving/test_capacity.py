import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.economics import market
from analysis.inference.deployments import deploy
from analysis.serving import capacity, serving_queue, serving_simulation
from analysis.serving.capacity import Targets
from analysis.serving.demand import Demand
from analysis.serving.serving_queue import Replica, Requests, ServingError

CHAT = Requests(1155, 211, prompt_variation=0.92, answer_variation=0.6)
SHORT = Requests(150, 400)
LONG = Requests(4000, 100, prompt_variation=0.5, answer_variation=0.5)


def linear(tokens, batch, context):
    """A step of 10 ms, and 40 µs a prompt token and 100 µs a request."""
    return 0.010 + 4e-5 * tokens + 1e-4 * batch + 0 * context


def roofline(tokens, batch, context):
    """A step that reads the weights or computes, whichever takes longer, and reads the cache."""
    return 0.004 + np.maximum(0.012, 4e-5 * (tokens + batch)) + 2e-8 * batch * context


def replica(step_seconds=linear, limit=64, **more):
    more = {"chunk_tokens": 1024} | more
    return Replica(step_seconds, lambda context: np.full(np.shape(context), float(limit)), **more)


def test_on_a_linear_machine_the_mean_is_that_of_a_closed_form():
    """Step a / (1 - rate (b prompt + d answer)), by Little's law, where the batch is never full and hardly varies."""
    requests = Requests(100, 2001)
    big = Replica(lambda x, n, c: 0.01 + 1e-6 * x + 1e-6 * n + 0 * c, lambda c: np.full(np.shape(c), 4000.0))
    state = serving_queue.steady_state(serving_queue.tabulate(big, requests), 20.0)
    step = 0.01 / (1 - 20 * (1e-6 * 100 + 1e-6 * 2000))
    assert state.mean_output_token == pytest.approx(step, rel=1e-3)
    assert state.batch == pytest.approx(20 * 2000 * step, rel=1e-3)


def test_where_steps_do_not_depend_on_the_batch_it_is_a_queue_of_many_servers():
    """With equal steps each place in the batch is a server: requests that wait are Erlang's C."""
    servers, load = 8, 6.0
    step, answer = 0.01, 101
    even = Replica(lambda x, n, c: step + 0 * (x + n + c), lambda c: np.full(np.shape(c), float(servers)))
    state = serving_queue.steady_state(serving_queue.tabulate(even, Requests(0, answer)), load / (step * (answer - 1)))
    blocked = 1.0
    for n in range(1, servers + 1):
        blocked = load * blocked / (n + load * blocked)
    erlang_c = blocked / (1 - load / servers * (1 - blocked))
    assert state.waiting == pytest.approx(erlang_c, rel=1e-6)
    assert state.mean_output_token == pytest.approx(step)


def test_where_nothing_is_written_it_is_a_queue_of_one_server():
    """Whole chunks alone: the mean wait is Pollaczek and Khinchine's, for service of one length."""
    reader = replica(lambda x, n, c: 1e-4 * x + 1e-12 + 0 * (n + c), chunk_tokens=500)
    state = serving_queue.steady_state(serving_queue.tabulate(reader, Requests(1000, 1)), 6.0)
    service, load = 0.1, 0.6
    wait = load * service / (2 * (1 - load))
    assert state.reading == pytest.approx(load, rel=1e-6)
    assert state.mean_first_token == pytest.approx(service + wait, rel=0.05)
    assert state.mean_output_token == 0


def wide(tokens, batch, context):
    """A step of many groups at once, whose chunks of prompts take half a second."""
    return 0.0115 + 4.6e-6 * tokens + 8.7e-6 * batch + 0 * context


def test_no_replica_carries_more_than_its_work_takes():
    """Prompts and answers take at least so many seconds of steps each, however large the chunk and the batch."""
    requests = Requests(1155, 211, 0.0, 0.7, 0.7)
    big = Replica(wide, lambda context: np.full(np.shape(context), 12_656.0), chunk_tokens=131_072)
    state = capacity.capacity(big, requests, Targets(1000.0, 10.0))
    bound = 1 / (4.6e-6 * 1155 + 8.7e-6 * 210)
    assert 0.9 * bound < state.rate < bound
    table = serving_simulation.compare(big, requests, (0.8,), count=20_000)
    assert table["mean output token"].item() == pytest.approx(table["mean output token simulated"].item(), rel=0.1)


@pytest.mark.parametrize(
    ("machine", "requests", "means", "percentiles"),
    [
        (linear, CHAT, 0.04, 0.15),
        (roofline, CHAT, 0.04, 0.15),
        (linear, SHORT, 0.05, 0.15),
        (roofline, LONG, 0.12, 0.2),
    ],
)
def test_the_approximation_against_the_simulation(machine, requests, means, percentiles):
    table = serving_simulation.compare(replica(machine, 500), requests, (0.25, 0.5, 0.7), count=8000)
    for name in ("first token", "output token"):
        assert table[f"mean {name}"].to_numpy() == pytest.approx(table[f"mean {name} simulated"].to_numpy(), rel=means)
        assert table[name].to_numpy() == pytest.approx(table[f"{name} simulated"].to_numpy(), rel=percentiles)
    assert table["batch"].to_numpy() == pytest.approx(table["batch simulated"].to_numpy(), rel=0.15)


def test_the_largest_load_within_targets_against_the_simulation():
    targets = Targets(0.5, 0.03)
    one = replica()
    found = capacity.capacity(one, CHAT, targets).rate.item()
    for factor, kept in ((0.9, True), (1.1, False)):
        first, output = serving_simulation.simulate(one, CHAT, factor * found, 12_000).quantile(0.95)
        assert (first <= targets.first_token and output <= targets.output_token) is kept


@pytest.mark.parametrize("requests", [CHAT, SHORT, LONG, Requests(3000, 1, 0.2, 1.0)])
def test_no_load_beyond_the_largest_is_within_targets(requests):
    """Targets from hard to loose, a few of them at one of the jumps that a time has where a length no longer fits."""
    first, output = (np.ravel(grid) for grid in np.meshgrid(np.geomspace(0.05, 20, 8), np.geomspace(0.011, 0.2, 4)))
    targets = Targets(first, output)
    requests = dataclasses.replace(requests, cached=np.full(len(first), requests.cached))
    steps = serving_queue.tabulate(replica(limit=200), requests)
    most = capacity.capacity(replica(limit=200), requests, Targets(np.inf, np.inf)).rate
    found = capacity.capacity(replica(limit=200), requests, targets, refuse=False).rate

    def kept(rate):
        queue = serving_queue.under_load(steps, rate)
        return queue.stable & (queue.late(first) <= 0.05) & (queue.output_token(0.95) <= output)

    assert kept(found)[found > 0].all() and (found > 0).sum() > 8
    assert not kept(found + 3e-9 * most).any()
    scanned = np.linspace(1e-3, 1, 40)[:, None] * most
    assert (np.max([rate * kept(rate) for rate in scanned], axis=0) <= found).all()


def test_a_case_among_others_has_its_own_limit():
    """One case alone and the same beside one whose requests are shorter, so that more of them fit."""
    one = Replica(linear, lambda context: np.floor(20_000 / context))
    alone = capacity.capacity(one, Requests(100, 300, 0, 0.5, 0.5), Targets(1.0, 0.1))
    beside = capacity.capacity(one, Requests(np.array([100, 50]), np.array([300, 30]), 0, 0.5, 0.5), Targets(1.0, 0.1))
    assert beside.rate[0] == pytest.approx(alone.rate.item(), rel=0.01)
    assert beside.waiting[0] == pytest.approx(alone.waiting.item(), rel=0.05)
    assert beside.batch[0] < 50


def test_the_simulations_table_is_the_machine():
    """Within a few parts in a thousand of a machine whose passes without prompts are of another kind."""

    def machine(tokens, batch, context):
        return np.where(np.asarray(tokens) > 0, 0.013, 0.010) + 3e-9 * tokens**2 + 1e-4 * batch + 1e-8 * batch * context

    seconds = serving_simulation._table(replica(machine, 1500), 700.0, 1500)
    for tokens in (0, 1, 30, 64, 65, 1000, 1024):
        for batch in (0, 1, 77, 1499, 1500):
            assert seconds(tokens, batch) == pytest.approx(float(machine(tokens, batch, 700.0)), rel=0.003)


def test_a_simulated_replica_obeys_littles_law_and_takes_no_less_than_the_machine():
    found = serving_simulation.simulate(replica(), CHAT, 5.0, 8000)
    assert found.batch == pytest.approx(5.0 * 210 * found.output_token.mean(), rel=0.05)
    assert found.output_token.min() >= linear(0, 1, 0)


@settings(max_examples=25, deadline=None)
@given(share=st.floats(0.05, 0.95), prompt=st.floats(1, 5000), answer=st.floats(2, 1000), cached=st.floats(0, 0.9))
def test_littles_law_and_bounds_hold_at_every_load(share, prompt, answer, cached):
    requests = Requests(prompt, answer, cached, 0.5, 0.5)
    steps = serving_queue.tabulate(replica(), requests)
    most = capacity.capacity(replica(), requests, Targets(np.inf, np.inf)).rate
    state = serving_queue.steady_state(steps, share * most)
    assert state.stable.all() and 0 <= state.reading <= 1 and 0 <= state.waiting <= 1
    assert state.batch == pytest.approx(state.rate * (answer - 1) * state.mean_output_token)
    assert state.mean_output_token >= linear(0, 1, 0) * (1 - 1e-9)


@settings(max_examples=15, deadline=None)
@given(tighter=st.floats(0.3, 1))
def test_tighter_targets_carry_less(tighter):
    loose = capacity.capacity(replica(), CHAT, Targets(1.0, 0.05))
    tight = capacity.capacity(replica(), CHAT, Targets(0.3 + 0.7 * tighter, 0.02 + 0.03 * tighter))
    assert tight.rate <= loose.rate * (1 + 1e-6)
    assert tight.first_token <= 0.3 + 0.7 * tighter + 1e-6 and tight.output_token <= 0.02 + 0.03 * tighter + 1e-6


def test_cases_are_computed_side_by_side():
    many = Requests(np.array([100.0, 1000.0, 4000.0]), 200.0, np.array([0.0, 0.5, 0.5]), 0.5, 0.5)
    together = capacity.capacity(replica(), many, Targets(1.0, np.array([0.05, 0.04, 0.03])))
    for i, target in enumerate((0.05, 0.04, 0.03)):
        one = Requests(many.prompt_tokens[i], 200.0, many.cached[i], 0.5, 0.5)
        alone = capacity.capacity(replica(), one, Targets(1.0, target))
        assert together.rate[i] == pytest.approx(alone.rate.item(), rel=1e-6)


def test_what_is_cached_is_not_read():
    none, half = (capacity.capacity(replica(), dataclasses.replace(LONG, cached=c), Targets(3, 0.1)) for c in (0, 0.5))
    assert 1.3 * none.rate < half.rate < 2.2 * none.rate


def test_a_batch_of_thousands_is_computed_in_strides():
    fine = Replica(lambda x, n, c: 0.02 + 1e-6 * (x + n) + 0 * c, lambda c: np.full(np.shape(c), 1000.0))
    coarse = dataclasses.replace(fine, largest_batch=lambda c: np.full(np.shape(c), 8000.0))
    rate = 100.0
    few, many = (serving_queue.steady_state(serving_queue.tabulate(one, Requests(500, 300)), rate) for one in (fine, coarse))
    assert many.batch == pytest.approx(few.batch, rel=0.01)
    assert many.output_token == pytest.approx(few.output_token, rel=0.01)


def test_targets_that_no_batch_can_meet_are_named_with_the_distance():
    with pytest.raises(ServingError, match=r"time per output token: 0\.0\d+ s .* times the target"):
        capacity.capacity(replica(), CHAT, Targets(10, 0.005))
    with pytest.raises(ServingError, match="time to first token: .* no batch can meet it"):
        capacity.capacity(replica(), LONG, Targets(0.1, 1))


def test_a_request_that_does_not_fit_is_refused():
    with pytest.raises(ServingError, match="not one request of 4,100 tokens fits"):
        capacity.capacity(replica(limit=0.7), LONG, Targets(10, 1))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Requests(100, 0), "answer_tokens: 0 is out of range; allowed: at least 1"),
        (lambda: Requests(100, 10, cached=2), "cached: 2 is out of range; allowed: 0 to 1"),
        (lambda: Requests("many", 10), "prompt_tokens: 'many' is not a number"),
        (lambda: Targets(0, 1), "first_token: 0 is out of range"),
        (lambda: Targets(1, 1, 0.2), "percentile: 0.2 is out of range; allowed: 0.5 to 0.9999"),
    ],
)
def test_what_can_not_be_is_named(make, message):
    with pytest.raises(ServingError, match=message):
        make()


def test_a_load_that_is_too_much_takes_for_ever():
    state = serving_queue.steady_state(serving_queue.tabulate(replica(), CHAT), 1e3)
    assert not state.stable.any() and np.isinf(state.first_token).all()


def test_reading_and_writing_apart():
    reads, writes = capacity.apart(replica(), replica(), LONG, Targets(1.0, 0.02))
    both = capacity.capacity(replica(), LONG, Targets(1.0, 0.02))
    assert reads.first_token <= 1.0 + 1e-6 and writes.output_token <= 0.02 + 1e-6
    assert reads.mean_output_token == 0 and writes.reading == 0
    apart = 1 / (1 / reads.rate + 1 / writes.rate)
    assert apart > both.rate, "long prompts hold up answers where both are done by the same replica"
    with pytest.raises(ServingError, match="transfer alone takes 2 s of the target of 1 s"):
        capacity.apart(replica(), replica(), LONG, Targets(1.0, 0.02), transfer_seconds=2)


@given(questions=st.floats(0, 1e12), rate=st.floats(0.01, 1e3), chips=st.sampled_from([1, 2, 4, 8, 16, 144]),
       peak=st.floats(1, 4))  # fmt: skip
def test_a_fleet_carries_the_busiest_hour_and_no_replica_more(questions, rate, chips, peak):
    day = Demand(questions, 100.0, 100.0, peak_to_mean=peak)
    found = capacity.fleet(day, rate, chips, 8)
    wanted = day.peak_questions_per_second
    assert found.replicas * rate >= wanted * (1 - 1e-6)
    assert (found.replicas - 1) * rate < wanted or found.replicas == 0
    assert found.chips == found.replicas * chips and found.servers * 8 >= found.chips
    assert 0 <= found.mean_use <= 1 / peak + 1e-6


def test_no_demand_needs_nothing():
    found = capacity.fleet(Demand(0.0, 100.0, 100.0), 5.0, 8, 8)
    assert found.replicas == found.chips == found.servers == found.mean_use == 0
    assert capacity.replicas_by_hour(Demand(0.0, 1.0, 1.0), 1.0, np.ones(24)).sum() == 0


def test_a_fleet_draws_its_chips_power_and_more():
    rates = market.rates("H100 SXM5")
    found = capacity.fleet(Demand(86400.0 * 100, 100.0, 100.0), 5.0, 8, 8)
    assert found.replicas == 20 and found.servers == 20
    assert capacity.site_watts(found.chips, rates) == pytest.approx(
        160 * 700 * rates.server_share * rates.power_usage_effectiveness
    )


def of(chip, **plan):
    return capacity.of_deployment(deploy("Llama-3.1-70B", chip, **plan))


def test_a_deployment_is_a_replica():
    targets = Targets(2.0, 0.05)
    one, two = (capacity.capacity(of("H100 SXM5", tensor=4, data=data), CHAT, targets) for data in (1, 2))
    assert 1.5 < (two.rate / one.rate).item() < 2.5, "two groups of four carry about twice what one carries"
    assert 0.01 < one.mean_output_token.item() < 0.05
    with pytest.raises(ServingError, match="time per output token"):
        capacity.capacity(of("A100 SXM4 80GB", tensor=4), CHAT, Targets(2, 0.01))
