"""From accelerators to power and capital: the chain's counts, its cost, its networks, and how sure all that is."""

import altair as alt
import numpy as np
import pandas as pd

from analysis import numerals
from analysis.economics import chain, coefficients, ownership
from analysis.figures import sliders
from analysis.figures.diagram import Arrow, Box, diagram
from analysis.figures.render import figure, vega
from analysis.figures.rows import rows
from analysis.figures.tooltips import tips
from analysis.industry import pass_through
from analysis.industry.pass_through import LINKS
from analysis.scenarios.scenario import Scenario

_SOURCE = "computed by analysis/industry/pass_through.py; coefficients: data/chain_coefficients.csv"
_COSTS = {
    "accelerators": "Accelerators",
    "servers": "The rest of the servers",
    "network": "Switches and optical modules",
    "building": "Buildings, power and cooling plant",
}
#: Coefficients as a phone has room for them.
SHORT = {
    "network_ports": "Network ports of an accelerator",
    "switch_radix": "Ports of a switch",
    "taper": "Bandwidth up over down",
    "optical_share": "Optical links to accelerators, share",
    "fabric": "Accelerators in one network",
    "draw_share": "Power drawn over nameplate",
    "switch_power": "Power of a switch, W",
    "pue": "PUE of the site",
    "rack_power": "Power of a rack, W",
    "liquid_share": "Heat carried by liquid, share",
    "server_chip_share": "Accelerators in a server's price, share",
    "switch_price": "Price of a switch, USD",
    "module_price": "Price of an optical module, USD",
    "accelerator_price": "Price of an accelerator, USD",
    "server_share": "Server's power over its accelerators'",
    "building_cost_per_watt": "Buildings and plant, USD a watt",
    "floor_per_watt": "Floor, m² a watt",
}
_RADIX = (40, 64, 128)
_SIZES = np.unique(np.round(np.geomspace(70, 200_000, 160)))


def schematic(scenario: Scenario) -> alt.LayerChart:
    """Return the chain as a diagram: what serving takes of each link, by the expected coefficients."""
    units = _serving(scenario)
    names = ("switches", "modules", "memory", "site", "racks", "liquid", "capital")

    def box(key: str, row: int, column: float, kind: str, span: float = 1) -> Box:
        link = LINKS[key]
        name = {"modules": "Modules", "memory": "Memory", "liquid": "Liquid-cooled", "site": "Site"}.get(key)
        return Box(key, (name or link.title.split(",")[0], written(key, units[key])), row, column, span, kind)

    tokens = scenario.visits_per_day * scenario.questions_per_visit * scenario.characters_per_question
    boxes = [
        Box("tokens", ("Tokens a day", numerals.scientific(tokens * scenario.tokens_per_character)), 0, 1),
        box("accelerators", 1, 0.5, "Computers", 2),
        box("memory", 2, 0, "Computers"),
        box("servers", 2, 1, "Computers"),
        box("switches", 2, 2, "Network"),
        box("modules", 3, 2, "Network"),
        box("racks", 3, 1, "Site"),
        box("liquid", 4, 0, "Site"),
        box("site", 4, 1, "Site"),
        box("capital", 5, 0.5, "", 2),
    ]
    arrows = [Arrow("tokens", "accelerators"), Arrow("accelerators", "servers"), Arrow("switches", "modules")]
    arrows += [Arrow("accelerators", "memory"), Arrow("accelerators", "switches"), Arrow("servers", "racks")]
    arrows += [Arrow("racks", "site"), Arrow("racks", "liquid"), Arrow("site", "capital")]
    return diagram(
        boxes,
        arrows,
        title="What follows from the number of accelerators",
        subtitle=(
            f"Serving takes {numerals.counted(np.ceil(units['accelerators']), 'accelerator')}, so "
            f"{written('switches', units['switches'])} switches, {written('modules', units['modules'])} optical modules, "
            f"a site of {written('site', units['site'])} and {written('capital', units['capital'])}."
        ),
        description="A diagram of what serving the scenario's tokens takes of the industry chain: "
        + "; ".join(f"{LINKS[name].title.lower()} {written(name, units[name])}" for name in names)
        + ".",
        source=_SOURCE,
    )


def cost(scenario: Scenario) -> alt.LayerChart:
    """Return the capital to serve, by part, with sliders for demand, utilization and the site's efficiency."""
    known = coefficients.expected(coefficients.load(scenario.accelerator))
    need = pass_through.demand(scenario).serving
    demand = sliders.slider("chain_demand", "Tokens a day, × scenario", 1, 0.1, 5, 0.1)
    utilization = sliders.utilization(scenario, "chain_utilization")
    pue = sliders.slider("chain_pue", "PUE of the site", known["pue"], 1, 2, 0.01)
    count = need * scenario.utilization * demand / utilization
    amounts = _costs(count, known, pue, _levels(need, known))
    now = _costs(need, known, known["pue"], _levels(need, known))
    total = sum(now.values())
    frame = pd.DataFrame({"part": list(_COSTS.values()), "key": list(_COSTS)})
    chosen = " : ".join(f"datum.key == '{key}' ? {vega(value / 1e9)}" for key, value in amounts.items())
    chart = rows(
        frame,
        label="part",
        mark="bar",
        x=alt.X("billions:Q", title="Capital, billion US dollars", axis=alt.Axis(labelExpr="format(datum.value, ',')")),
        value="format(datum.billions, ',.3~r') + ' billion'",
        tooltip=tips("part:N | Part", "billions:Q | Billion US dollars | ,.3~r"),
        calculate={"billions": f"{chosen} : 0"},
    )
    return figure(
        chart.add_params(demand, utilization, pue),
        title="What the capital for serving is spent on",
        subtitle=(
            f"Of {numerals.words(total)} US dollars to serve, {numerals.percent(now['accelerators'] / total)} are "
            f"accelerators, {numerals.percent(now['network'] / total)} the network and "
            f"{numerals.percent(now['building'] / total)} buildings with their plant."
        ),
        description="Bars of capital to serve, in US dollars: "
        + "; ".join(f"{_COSTS[key].lower()} {numerals.words(value)}" for key, value in now.items())
        + ".",
        source=f"{_SOURCE}; prices: data/gpu_prices.csv",
    )


def network(scenario: Scenario) -> alt.LayerChart:
    """Return switches for each 1,000 accelerators by the size of a full fat tree, for switches of three sizes."""
    known = coefficients.expected(coefficients.load(scenario.accelerator))
    frame = pd.concat(
        [
            pd.DataFrame({"size": _SIZES, "radix": f"{radix} ports", "switches": _per_thousand(_SIZES, known, radix)})
            for radix in _RADIX
        ]
    )
    need = pass_through.demand(scenario).training
    here = _per_thousand(np.array([need]), known, known["switch_radix"])[0]
    levels = int(ownership.tiers(need * known["network_ports"], known["switch_radix"]))
    limit = chain.largest_fat_tree(levels, known["switch_radix"]) / known["network_ports"]
    x = alt.X(
        "size:Q",
        title="Accelerators in one network",
        scale=alt.Scale(type="log", nice=False),
        axis=alt.Axis(values=[100, 1000, 10_000, 100_000], format=","),
    )
    line = (
        alt.Chart(frame)
        .mark_line(interpolate="step-before")
        .encode(
            x=x,
            y=alt.Y("switches:Q", title="Switches for 1,000 accelerators", scale=alt.Scale(zero=True)),
            color=alt.Color("radix:N", title="Switches of", sort=[f"{radix} ports" for radix in _RADIX]),
        )
    )
    marked = pd.DataFrame([{"size": need, "switches": here, "text": "to train"}])
    point = alt.Chart(marked).mark_point(filled=True, size=110, opacity=1).encode(x=x, y="switches:Q")
    text = alt.Chart(marked).mark_text(align="left", baseline="top", dx=8, dy=8).encode(x=x, y="switches:Q", text="text:N")
    radix = numerals.whole(known["switch_radix"])
    return figure(
        alt.layer(line, point, text).properties(height=260),
        title="Networks grow by steps",
        subtitle=(
            f"With switches of {radix} ports, a network of "
            f"{numerals.counted(np.ceil(need), 'accelerator')} has {numerals.counted(levels, 'tier')} and "
            f"{numerals.significant(here)} switches for each 1,000; "
            f"beyond {numerals.whole(limit)} it takes a tier more."
        ),
        description="Lines of switches for each 1,000 accelerators by the size of the network, in steps: "
        + "; ".join(
            f"{radix} ports: "
            + ", ".join(
                f"{numerals.significant(1000 * chain.switches(1, known['network_ports'], 1, tier, radix))} up to "
                f"{numerals.whole(chain.largest_fat_tree(tier, radix))}"
                for tier in (1, 2, 3)
            )
            for radix in _RADIX
        )
        + f". To train: {numerals.counted(np.ceil(need), 'accelerator')}.",
        source="computed by analysis/economics/chain.py: full fat trees, after Al-Fares et al. 2008",
    )


def tornado(scenario: Scenario, link: str, most: int = 8) -> alt.LayerChart:
    """Return how far each coefficient moves a link between its low and its high, the `most` that move it furthest."""
    known = coefficients.load(scenario.accelerator)
    table = pass_through.tornado(scenario, link, known).head(most)
    expected = table["expected"].iloc[0]
    scale = LINKS[link].scale
    frame = pd.DataFrame(
        {
            "label": [_range(known[name]) for name in table.index],
            "low": table[["at low", "at high"]].min(axis=1) / scale,
            "high": table[["at low", "at high"]].max(axis=1) / scale,
        }
    )
    chart = rows(
        frame,
        label="label",
        mark="bar",
        x=alt.X(
            "low:Q",
            title=f"{LINKS[link].title}, {LINKS[link].unit}; stroke: as expected",
            scale=alt.Scale(zero=False),
            axis=alt.Axis(labelExpr="format(datum.value, ',')", tickCount=5),
        ),
        tooltip=tips("label:N | Coefficient", "low:Q | Lowest | ,.3~r", "high:Q | Highest | ,.3~r"),
    )
    chart.layer[0].encoding.x2 = alt.X2("high:Q")
    stroke = (
        alt.Chart(frame).mark_tick(thickness=3, size=26).encode(y=chart.layer[1].encoding.y, x=alt.datum(float(expected / scale)))
    )
    widest = known[table.index[0]]
    ratio = (table.iloc[0][["at low", "at high"]] / expected - 1).abs().max()
    return figure(
        chart + stroke,
        title=f"{LINKS[link].title}: what moves it",
        subtitle=(
            f"{written(link, expected)} as expected. {SHORT[widest.name]} moves it furthest, by up to {numerals.percent(ratio)}."
        ),
        description=f"Bars of {LINKS[link].title.lower()}, one coefficient moved at a time: "
        + "; ".join(
            f"{known[name].meaning}: {written(link, row['at low'])} to {written(link, row['at high'])}"
            for name, row in table.iterrows()
        )
        + ".",
        source=_SOURCE,
    )


def clusters() -> alt.LayerChart:
    """Return the power that the formulas give for existing clusters over what was reported for them."""
    frame = pass_through.reported_clusters()
    frame = frame.assign(reported_mw=frame["reported"] / 1e6, drawn_mw=frame["drawn"] / 1e6)
    ratio = frame["drawn"] / frame["reported"]
    ends = [0.8 * frame["reported_mw"].min(), 1.2 * frame["reported_mw"].max()]
    values = [0.1, 1, 10, 100]
    scale = alt.Scale(type="log", domain=ends, nice=False)
    points = (
        alt.Chart(frame)
        .mark_point(filled=True, size=70, opacity=0.8)
        .encode(
            x=alt.X("reported_mw:Q", title="Reported power, MW", scale=scale, axis=alt.Axis(values=values, format="~g")),
            y=alt.Y("drawn_mw:Q", title="Power by the formulas, MW", scale=scale, axis=alt.Axis(values=values, format="~g")),
            color=alt.Color("chip:N", title=None),
            tooltip=tips(
                "cluster:N | Cluster",
                "chip:N | Chip",
                "chips:Q | Chips | ,",
                "reported_mw:Q | Reported, MW | ,.3~r",
                "drawn_mw:Q | By the formulas, MW | ,.3~r",
            ),
        )
    )
    line = alt.Chart(pd.DataFrame({"x": ends, "y": ends})).mark_line(strokeDash=[4, 4], strokeWidth=1, aria=False)
    line = line.encode(x=alt.X("x:Q", scale=scale), y=alt.Y("y:Q", scale=scale))
    low, high = ratio.quantile([0.1, 0.9])
    return figure(
        alt.layer(line, points).properties(height=340),
        title="The formulas come close to the power that clusters report",
        subtitle=(
            f"For {numerals.whole(len(frame))} clusters whose power was reported, the formulas give "
            f"{numerals.significant(ratio.median(), 2)} times that in the middle, and for 80% of them from "
            f"{numerals.significant(low, 2)} to {numerals.significant(high, 2)} times."
        ),
        description=f"Points of power by the formulas against reported power of {len(frame)} clusters, both logarithmic, "
        f"from {numerals.significant(frame['reported_mw'].min(), 2)} to "
        f"{numerals.significant(frame['reported_mw'].max(), 2)} MW; dashed: equal.",
        source="data/clusters.csv (Epoch AI, GPU Clusters); computed by analysis/industry/pass_through.py",
    )


def written(link: str, value: float) -> str:
    """Return an amount of a link as people read it: "19,300", "323 MW", "13.6 billion US dollars"."""
    about = LINKS[link]
    if "USD" in about.unit:
        return f"{numerals.words(value)} US dollars"
    if about.unit in ("MW", "TB", "m²"):
        return f"{numerals.readable(value / about.scale)} {about.unit}"
    if link in ("accelerators", "servers") and value < 1e9:
        return numerals.whole(np.ceil(value))
    return numerals.readable(value)


def _serving(scenario: Scenario) -> dict[str, float]:
    values = coefficients.expected(coefficients.load(scenario.accelerator))
    units = pass_through.by_part(pass_through.demand(scenario), scenario.accelerators_per_server, values)["serving"]
    return {name: float(value) for name, value in units.items()}


def _levels(need: float, known: dict[str, float]) -> float:
    return float(ownership.tiers(min(need, known["fabric"]) * known["network_ports"], known["switch_radix"]))


def _costs(count: object, known: dict[str, float], pue: object, levels: float) -> dict[str, object]:
    """Return the dollars of each part in `_COSTS`, of numbers or of Altair parameters."""
    switches = chain.switches(count, known["network_ports"], known["taper"], levels, known["switch_radix"])
    modules = chain.optical_modules(count, known["network_ports"], known["taper"], levels, known["optical_share"])
    watts = chain.server_power(count, known["accelerator_power"], known["server_share"])
    site = chain.site_power(chain.computer_power(watts, switches, known["switch_power"]), pue)
    servers = chain.servers_cost(count, known["accelerator_price"], known["server_chip_share"])
    return {
        "accelerators": count * known["accelerator_price"],
        "servers": servers - count * known["accelerator_price"],
        "network": chain.network_cost(switches, known["switch_price"], modules, known["module_price"]),
        "building": chain.building_cost(site, known["building_cost_per_watt"]),
    }


def _per_thousand(sizes: np.ndarray, known: dict[str, float], radix: float) -> np.ndarray:
    levels = ownership.tiers(sizes * known["network_ports"], radix)
    return 1000 * chain.switches(1, known["network_ports"], 1, levels, radix)


def _range(coefficient: coefficients.Coefficient) -> str:
    low, high = (numerals.plain(value, 2) for value in (coefficient.low, coefficient.high))
    return f"{SHORT[coefficient.name]}: {low} to {high}"
