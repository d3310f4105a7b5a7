"""Time of communication between accelerators: over the fast links of a server or pod, and over the network beyond.

Volumes are those of ring algorithms: an all-reduce of V bytes over n sends 2 (n-1)/n V from each, a gather or a
scatter half of that (Thakur et al. 2005).
"""

from typing import Protocol

import numpy as np

from analysis.arrays import PerCase
from analysis.hardware.machine import Machine
from analysis.steps.shape import Shape
from analysis.steps.software import Behaviour
from analysis.steps.step import Plan


class Links(Protocol):
    """Constants of communication; analysis/training/constants.py says what each is."""

    @property
    def link_share(self) -> float: ...

    @property
    def network_share(self) -> float: ...

    @property
    def exchange_share(self) -> float: ...

    @property
    def start_seconds(self) -> float: ...

    @property
    def tensor_overlap(self) -> float: ...


class Sender(Protocol):
    """What sends: steps of training, or passes of inference."""

    @property
    def shape(self) -> Shape: ...

    @property
    def machine(self) -> Machine: ...

    @property
    def plan(self) -> Plan: ...

    @property
    def behaviour(self) -> Behaviour: ...

    @property
    def micro_tokens(self) -> PerCase: ...


def all_reduce_bytes(volume: PerCase, size: PerCase) -> PerCase:
    """Bytes that each of `size` accelerators sends to sum up `volume` bytes on all of them."""
    return 2 * gather_bytes(volume, size)


def gather_bytes(volume: PerCase, size: PerCase) -> PerCase:
    """Bytes that each of `size` accelerators sends to gather, or to sum and scatter, `volume` bytes in all."""
    return volume * (size - 1) / size


def group_bandwidth(constants: Links, steps: Sender, stride: PerCase, size: PerCase) -> PerCase:
    """Bytes a second of each accelerator in a collective of `size`, whose members are `stride` apart.

    Within the reach of the fast links these set it. Beyond, the ring enters and leaves a server once, over the network
    ports of all its members there.
    """
    machine = steps.machine
    links = machine.link_bandwidth * constants.link_share
    members = np.clip(machine.chips_on_fast_links / stride, 1, size)
    network = machine.network_bandwidth * constants.network_share * members
    return np.where(stride * size <= machine.chips_on_fast_links, links, np.minimum(links, network))


def tensor_parallel(constants: Links, steps: Sender, overlapped: PerCase) -> PerCase:
    """Seconds in one pass of one layer: two all-reduces of its activations, or what sequence parallelism makes of them.

    `overlapped` is 1 where the software hides a share of them under computation.
    """
    size = steps.plan.tensor
    volume = 2 * all_reduce_bytes(2 * steps.micro_tokens * steps.shape.d_model, size)
    exposed = 1 - constants.tensor_overlap * overlapped
    sending = exposed * volume / group_bandwidth(constants, steps, 1.0, size)
    return np.where(size > 1, sending + 2 * constants.start_seconds * np.log2(np.maximum(size, 2)), 0.0)


def expert_exchange(constants: Links, steps: Sender) -> PerCase:
    """Seconds in one pass of one layer to send tokens to their experts and back.

    Within the fast links each routed copy travels; beyond, a token travels once to each server that holds an expert of
    its own. Experts are drawn evenly, within a limit on the groups of them where the architecture has one. Software may
    send tokens to their experts at fewer than 16 bits; they come back at 16.
    """
    plan, shape, machine = steps.plan, steps.shape, steps.machine
    both_ways = 2.0 + steps.behaviour.dispatch_bytes
    token_bytes = both_ways * shape.expert_dim * steps.micro_tokens / plan.tensor
    near_group = np.minimum(plan.expert, machine.chips_on_fast_links)
    near = gather_bytes(token_bytes * shape.experts_per_token, near_group)
    servers = np.maximum(plan.expert / machine.chips_on_fast_links, 1.0)
    reached = servers * (1 - (1 - 1 / servers) ** shape.experts_per_token)
    limit = shape.groups_per_token * np.maximum(servers / np.maximum(shape.expert_groups, 1.0), 1.0)
    reached = np.where(shape.expert_groups > 0, np.minimum(reached, limit), reached)
    far = gather_bytes(token_bytes * reached, servers)
    seconds = near / (machine.link_bandwidth * constants.link_share)
    seconds = seconds + far / (machine.network_bandwidth * constants.exchange_share)
    return np.where(plan.expert > 1, seconds + 2 * constants.start_seconds, 0.0)


def pipeline_send(constants: Links, steps: Sender) -> PerCase:
    """Seconds in which a stage passes one micro-batch on, forward and backward, for each chunk of layers it holds."""
    plan, machine = steps.plan, steps.machine
    near = plan.tensor * plan.pipeline * plan.context <= machine.chips_on_fast_links
    speed = np.where(near, machine.link_bandwidth * constants.link_share, machine.network_bandwidth * constants.network_share)
    volume = 2 * 2 * steps.micro_tokens * steps.shape.d_model / plan.tensor
    return np.where(plan.pipeline > 1, plan.virtual_pipeline * (volume / speed / 2 + constants.start_seconds), 0.0)
