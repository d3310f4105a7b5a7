"""A scenario's accelerators put through the industry chain: units of each link, with intervals, and what moves them."""

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analysis import facts
from analysis.economics import chain, coefficients, ownership
from analysis.economics.coefficients import Coefficient
from analysis.hardware import accelerators, formats
from analysis.plan import scenario_serving, scenario_training
from analysis.plan.interval import PlanError
from analysis.scenarios import sizing
from analysis.scenarios.scenario import Scenario
from analysis.suggest import nearest
from analysis.uncertainty import sensitivity

#: Share of the draws that an interval leaves out at each end.
_TAIL = 0.1
#: Width over depth of GPT-3 175B, taken for a model of any size (Brown et al. 2020, table 2.1).
_WIDTH_OVER_DEPTH = 128
_DRAWS = 20_000
_TO_TRAIN, _TO_SERVE = (
    tuple(inspect.signature(formula).parameters) for formula in (sizing.training_accelerators, sizing.inference_accelerators)
)


class ChainError(ValueError):
    """A link of the chain that there is not; the message names those that there are."""


@dataclass(frozen=True)
class Link:
    """A link of the chain: its name, the unit in which people count it, and the segment of the map that supplies it."""

    title: str
    unit: str
    scale: float
    segment: str = ""


LINKS = {
    "accelerators": Link("Accelerators", "accelerators", 1, "AI chips (GPU/ASIC/CPU)"),
    "servers": Link("Servers", "servers", 1, "Servers"),
    "memory": Link("Memory of accelerators", "TB", 1e12, "HBM / memory"),
    "switches": Link("Switches", "switches", 1, "Switches, networking, connectors"),
    "modules": Link("Optical modules", "modules", 1, "Optical modules and components"),
    "racks": Link("Racks", "racks", 1, "IDC and computing-power leasing"),
    "liquid": Link("Heat carried by liquid", "MW", 1e6, "Liquid cooling and thermal"),
    "site": Link("Power of the site", "MW", 1e6, "Power supply"),
    "drawn": Link("Power drawn at work", "MW", 1e6, "Power supply"),
    "floor": Link("Floor", "m²", 1, "IDC and computing-power leasing"),
    "servers_cost": Link("Cost of servers", "million USD", 1e6),
    "network_cost": Link("Cost of the network", "million USD", 1e6),
    "building_cost": Link("Cost of buildings and plant", "million USD", 1e6),
    "capital": Link("Capital, all of it", "million USD", 1e6),
}
PARTS = {"training": "To train", "serving": "To serve"}


@dataclass(frozen=True)
class Demand:
    """Accelerators that a scenario needs, not yet whole."""

    training: float
    serving: float


def demand(scenario: Scenario) -> Demand:
    """Return the accelerators to train and to serve, as planned: the fewest that are done in time, else the fastest."""
    try:
        run, _ = scenario_training.done(scenario, scenario_training.machine_of(scenario))
    except PlanError:
        trained, _ = scenario_training.trainable(scenario)
        run, _ = scenario_training.done(trained, scenario_training.machine_of(trained))
    return Demand(run.chips.expected, scenario_serving.served(scenario).chips.expected)


def moved(scenario: Scenario, values: Mapping[str, Any], plan: Demand | None = None) -> Demand:
    """Return what is planned for `scenario`, changed in the proportion in which the division's assumptions `values` change it.

    So that a hundredth, or a draw of a thousand, can be followed, of which whole replicas know nothing. `plan` is what is
    planned, if that is known.
    """
    plan = plan or demand(scenario)
    base, changed = demand_of(assumptions(scenario)), demand_of(values)
    return Demand(plan.training * changed.training / base.training, plan.serving * changed.serving / base.serving)


def assumptions(scenario: Scenario) -> dict[str, float]:
    """Return the assumptions that accelerators depend on, by name; `peak` is that of the chip if none is given."""
    return {name: getattr(scenario, name) for name in (*_TO_TRAIN, *_TO_SERVE)} | {"peak": scenario.peak_flop_per_second}


def demand_of(values: Mapping[str, Any]) -> Demand:
    """Return the accelerators to train and to serve by the division of `values`, numbers or arrays; others are not read."""
    return Demand(
        sizing.training_accelerators(**{name: values[name] for name in _TO_TRAIN}),
        sizing.inference_accelerators(**{name: values[name] for name in _TO_SERVE}),
    )


def units(count: Any, fabric: Any, per_server: float, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what `count` accelerators take of each link in `LINKS`, in SI units and dollars, not yet whole.

    `fabric` is how many of them share one network; `values` holds each coefficient by name, numbers or arrays.
    """
    value = dict(values)

    def taken(*names: str) -> dict[str, Any]:
        return {name: value[name] for name in names}

    levels = ownership.tiers(np.minimum(fabric, count) * value["network_ports"], value["switch_radix"])
    switches = chain.switches(count, tiers=levels, **taken("network_ports", "taper", "switch_radix"))
    modules = chain.optical_modules(count, tiers=levels, **taken("network_ports", "taper", "optical_share"))
    servers_watts = chain.server_power(count, **taken("accelerator_power", "server_share"))
    watts = chain.computer_power(servers_watts, switches, value["switch_power"])
    site = chain.site_power(watts, value["pue"])
    servers_cost = chain.servers_cost(count, **taken("accelerator_price", "server_chip_share"))
    network_cost = chain.network_cost(switches, value["switch_price"], modules, value["module_price"])
    building_cost = chain.building_cost(site, value["building_cost_per_watt"])
    return {
        "accelerators": count,
        "servers": sizing.servers_needed(count, per_server),
        "memory": chain.memory(count, value["accelerator_memory"]),
        "switches": switches,
        "modules": modules,
        "racks": chain.racks(watts, value["rack_power"]),
        "liquid": chain.liquid_cooling(watts, value["liquid_share"]),
        "site": site,
        "drawn": chain.drawn_power(site, value["draw_share"]),
        "floor": chain.floor(site, value["floor_per_watt"]),
        "servers_cost": servers_cost,
        "network_cost": network_cost,
        "building_cost": building_cost,
        "capital": chain.capital(servers_cost, network_cost, building_cost),
    }


def by_part(need: Demand, per_server: float, values: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the units of each link to train (one network) and to serve (networks of `fabric` accelerators)."""
    return {
        "training": units(need.training, need.training, per_server, values),
        "serving": units(need.serving, values["fabric"], per_server, values),
    }


def intervals(scenario: Scenario, known: Mapping[str, Coefficient] | None = None, draws: int = _DRAWS) -> pd.DataFrame:
    """Return each part and link with `expected`, and `low` and `high`, between which 80% of the draws fall.

    The coefficients are drawn independently; the scenario's own assumptions stay as they are. An interval is widened to
    hold what is expected: a full network is expected, which is an end of what its coefficients may be.
    """
    known = known or coefficients.load(scenario.accelerator)
    need, per_server = demand(scenario), scenario.accelerators_per_server
    central = by_part(need, per_server, coefficients.expected(known))
    drawn = by_part(need, per_server, coefficients.drawn(known, draws))
    rows = []
    for part, links in central.items():
        for name, expected in links.items():
            low, high = np.quantile(drawn[part][name] * np.ones(draws), [_TAIL, 1 - _TAIL])
            low, high = min(low, expected), max(high, expected)
            rows.append({"part": part, "link": name, "low": low, "expected": float(expected), "high": high})
    return pd.DataFrame(rows)


def tornado(scenario: Scenario, link: str, known: Mapping[str, Coefficient] | None = None) -> pd.DataFrame:
    """Return a link, to train and to serve together, with each coefficient at its low and its high, widest first.

    Raises ChainError for an unknown link.
    """
    _checked(link)
    known = known or coefficients.load(scenario.accelerator)
    need = demand(scenario)
    factors = [
        sensitivity.Factor(coefficient.name, coefficient.expected, coefficient.low, coefficient.high)
        for coefficient in known.values()
        if coefficient.low < coefficient.high
    ]
    fixed = {name: coefficient.expected for name, coefficient in known.items() if coefficient.low == coefficient.high}

    def result(values: Mapping[str, Any]) -> Any:
        both = by_part(need, scenario.accelerators_per_server, fixed | dict(values))
        return both["training"][link] + both["serving"][link]

    table = sensitivity.tornado(result, factors)
    return table[table["at low"] != table["at high"]]


def elasticity(scenario: Scenario, link: str, assumption: str, step: float = 1e-4) -> float:
    """Return by how many percent a link grows for one percent more of an assumption, to train and to serve together.

    A central difference of logarithms. Raises ChainError for an unknown link.
    """
    _checked(link)
    values = coefficients.expected(coefficients.load(scenario.accelerator))
    logs = []
    for factor in (1 - step, 1 + step):
        changed = assumptions(scenario) | {assumption: getattr(scenario, assumption) * factor}
        both = by_part(moved(scenario, changed), scenario.accelerators_per_server, values)
        logs.append(np.log(both["training"][link] + both["serving"][link]))
    return float((logs[1] - logs[0]) / (np.log1p(step) - np.log1p(-step)))


def changes(scenario: Scenario) -> dict[str, Demand]:
    """Return what a change of demand, model, format or length makes of the demand, by the name of the change.

    Eight bits serve, but do not train; a chip without a peak in eight bits is left out of that change.
    """
    base, given = demand(scenario), assumptions(scenario)
    twice = given | {"parameters": 2 * scenario.parameters}
    changed = {
        "10% more tokens a day": Demand(base.training, 1.1 * base.serving),
        "Twice the parameters": moved(scenario, twice),
        "Twice the parameters, twice the training tokens": moved(
            scenario, twice | {"training_tokens": 2 * scenario.training_tokens}
        ),
        "Questions and answers twice as long": Demand(base.training, base.serving * longer(scenario, 2)),
        "A tenth more utilization": Demand(base.training / 1.1, base.serving / 1.1),
    }
    if fast := eight_bits(scenario):
        try:
            plan = scenario_serving.planned(scenario, precision=formats.named(fast))
            changed[f"{fast} to serve"] = Demand(base.training, plan.chips.expected)
        except PlanError:
            pass
    return changed


def eight_bits(scenario: Scenario) -> str:
    """Return the eight-bit format that the scenario's accelerator has a peak for, FP8 before INT8; "" for none."""
    if not accelerators.is_known(scenario.accelerator):
        return ""
    return next((name for name in ("FP8", "INT8") if name in accelerators.precisions(scenario.accelerator)), "")


def longer(scenario: Scenario, factor: float) -> float:
    """Return how many times the FLOP a day are when each question and answer is `factor` times as long.

    The tokens grow by `factor`, and attention by more.
    """
    return factor * (1 + attention_added(scenario, factor)) / (1 + attention_added(scenario))


def attention_added(scenario: Scenario, factor: float = 1) -> float:
    """Return what attention adds to the FLOP of a token, over those of the weights, in texts `factor` times as long.

    Each token attends to half of its text on average. The model has the shape of GPT-3 at its size.
    """
    tokens = factor * scenario.characters_per_question * scenario.tokens_per_character
    # 12 d² weights a layer, and d / 128 layers: the width that goes with the parameters.
    width = (scenario.parameters * _WIDTH_OVER_DEPTH / 12) ** (1 / 3)
    layers = width / _WIDTH_OVER_DEPTH
    attention = layers * sizing.layer_attention_flop_per_token(width, tokens / 2)
    return attention / sizing.inference_flop(scenario.parameters, 1)


def reported_clusters() -> pd.DataFrame:
    """Return existing clusters of known chips whose power was reported: `reported`, `site` and `drawn` watts.

    The last two are what the formulas give by the expected coefficients. Clusters with a second kind of chip, or that
    Epoch AI does not count, are left out.
    """
    rows = facts.read("clusters")
    rows = rows[
        (rows["status"] == "existing")
        & (rows["in_standard_analysis"] == "yes")
        & rows["other_chip"].isna()
        & rows[["chips", "reported_power_mw"]].notna().all(axis=1)
        & rows["chip"].isin(_CLUSTER_CHIPS)
    ]
    clusters = []
    for row in rows.itertuples():
        chip = _CLUSTER_CHIPS[row.chip]
        values = coefficients.expected(coefficients.load(chip))
        link = units(row.chips, row.chips, 8, values)
        clusters.append(
            {
                "cluster": row.cluster,
                "chip": chip,
                "chips": row.chips,
                "country_or_region": row.country_or_region,
                "reported": row.reported_power_mw * 1e6,
                "site": float(link["site"]),
                "drawn": float(link["drawn"]),
            }
        )
    return pd.DataFrame(clusters)


#: Chips of data/clusters.csv, by their names in data/accelerators.csv.
_CLUSTER_CHIPS = {
    "NVIDIA V100": "V100 SXM2 32GB",
    "NVIDIA Tesla V100 SXM2": "V100 SXM2 32GB",
    "NVIDIA A100": "A100 SXM4 40GB",
    "NVIDIA A100 SXM4 40 GB": "A100 SXM4 40GB",
    "NVIDIA A100 SXM4 80 GB": "A100 SXM4 80GB",
    "NVIDIA H100 SXM5 80GB": "H100 SXM5",
    "NVIDIA H200 SXM": "H200 SXM",
    "NVIDIA B200": "B200 SXM (HGX/DGX)",
    "AMD Instinct MI250X": "Instinct MI250X",
    "AMD Radeon Instinct MI250X": "Instinct MI250X",
    "Amazon Trainium2": "Trainium2",
}


def _checked(link: str) -> None:
    if link not in LINKS:
        raise ChainError(f"there is no link {link!r} in the chain{nearest(link, LINKS)}; there are: {', '.join(LINKS)}")
