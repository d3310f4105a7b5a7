"""The deck's training run revisited: days by chips, what a count of chips needs, days against dollars, rent or own."""

import altair as alt
import numpy as np
import pandas as pd

from analysis import numerals
from analysis.economics import ownership, whole_run
from analysis.figures import sliders
from analysis.figures.render import figure, vega
from analysis.figures.rows import beside_interval, rows
from analysis.figures.tooltips import tips
from analysis.plan import of_scenario, scenario_training, training_plan
from analysis.scenarios.scenario import ASSUMPTIONS, DECK, Scenario
from analysis.training.fitted import CONSTANTS

_SOURCE = "planned by this book; chips: makers' data sheets"
_PRICES = "; prices: sellers' lists; owning: sourced parts of an hour"
_PERCENT = alt.Axis(format=".0%", tickCount=5)
_CHIPS_AXIS = alt.Axis(values=[2**power for power in range(4, 17, 2)], format=",")
_DAYS_AXIS = alt.Axis(values=[1, 3, 10, 30, 100, 300, 1000, 3000, 10_000], format=",")
#: How machines differ in cost: what stands beside each other for a run that takes the scenario's time.
_WAYS = ("Rent", "Own")
_PRICE_OF = ("rental", "purchase")  # in the same order


def days_by_chips(scenario: Scenario, printed: float) -> alt.LayerChart:
    """Return predicted days against chips for the scenario's machine and others, with sliders for tokens and losses.

    `printed` is the deck's number of chips, for its days.
    """
    shown = scenario_training.machines(scenario)[:3]
    frame = pd.concat([scenario_training.sizes(scenario, machine) for machine in shown], ignore_index=True)
    # Speed with the loss taken out, so that the reader's own applies; at the fitted loss the days are those of the plan.
    clock = scenario.training_tokens / (frame["days"] * whole_run.DAY)
    frame["steps_per_second"] = clock / whole_run.goodput(frame["chips"], CONSTANTS.loss_exponent)
    frame["below"], frame["above"] = frame["low_days"] / frame["days"], frame["high_days"] / frame["days"]
    tokens = sliders.billions(scenario.training_tokens, "run_tokens", "Training tokens", 10, 15_000, 10)
    exponent = sliders.slider("run_loss", "Time lost, as an exponent of the chips", CONSTANTS.loss_exponent, 0, 0.1, 0.001)
    datum = alt.datum
    goodput = whole_run.goodput(datum.chips, exponent)
    days = whole_run.wall_clock_seconds(tokens * 1e9, datum.steps_per_second, goodput) / whole_run.DAY
    calculated = {
        "days_now": vega(days),
        "low_now": f"({vega(days)}) * datum.below",
        "high_now": f"({vega(days)}) * datum.above",
    }
    columns = ["machine", "chips", "steps_per_second", "below", "above", "model_flops_utilization", "tensor",
               "pipeline", "data"]  # fmt: skip
    base = alt.Chart(frame[columns]).transform_calculate(**calculated)
    x = alt.X("chips:Q", title="Chips", scale=alt.Scale(type="log", nice=False), axis=_CHIPS_AXIS)
    y = alt.Y("days_now:Q", title="Days", scale=alt.Scale(type="log", nice=False), axis=_DAYS_AXIS)
    colour = alt.Color(
        "machine:N", title=None, sort=[machine.title for machine in shown], legend=alt.Legend(columns=1, symbolOpacity=1)
    )
    tooltip = tips(
        "machine:N | Machine",
        "chips:Q | Chips | ,",
        "days_now:Q | Days | ,.3~r",
        "low_now:Q | At least | ,.3~r",
        "high_now:Q | At most | ,.3~r",
        "model_flops_utilization:Q | Utilization of steps | .0%",
        "tensor:Q | Tensor",
        "pipeline:Q | Pipeline",
        "data:Q | Data",
    )
    band = (
        base.transform_filter(alt.datum.machine == shown[0].title)
        .mark_area(opacity=0.18)
        .encode(x=x, y=alt.Y("low_now:Q", title="Days", scale=alt.Scale(type="log", nice=False), axis=_DAYS_AXIS),
                y2="high_now:Q", color=colour)
    )  # fmt: skip
    lines = base.mark_line(strokeWidth=2).encode(x=x, y=y, color=colour, tooltip=tooltip)
    points = base.mark_point(size=30, opacity=1).encode(x=x, y=y, color=colour, tooltip=tooltip)
    deck = pd.DataFrame([{"chips": printed, "days_now": DECK.training_time / whole_run.DAY}])
    mark = alt.Chart(deck).mark_point(shape="diamond", filled=False, size=260, strokeWidth=2).encode(x=x, y=y)
    text = (
        alt.Chart(deck)
        .mark_text(align="right", baseline="top")
        .encode(x=alt.value("width"), y=alt.value(4), text=alt.value(f"◇ the deck: {numerals.whole(printed)}"))
    )
    return figure(
        alt.layer(band, lines, points, mark, text).add_params(tokens, exponent).properties(height=360),
        title="How many chips train the model in time",
        subtitle=_headline(scenario, shown[0]),
        description="Days of training against chips, both logarithmic, with the interval of the first machine. "
        + "; ".join(
            f"{name}: " + ", ".join(f"{row.chips:,} chips {numerals.significant(row.days)} days" for row in group.itertuples())
            for name, group in frame.groupby("machine", sort=False)
        )
        + ".",
        source=_SOURCE,
    )


def _headline(scenario: Scenario, machine: scenario_training.Machine) -> str:
    time, model = ASSUMPTIONS["training_time"].written(scenario.training_time), of_scenario.model(scenario).name
    run = scenario_training.in_time(scenario, machine)
    if run is None:
        return f"No number of {machine.title} that was tried trains {model} in {time}."
    fewest, most = scenario_training.between(run)
    return (
        f"To train {model} in {time} takes {numerals.whole(run.chips.expected)} × {machine.title}, with "
        f"an 80% interval {between(fewest, most)}."
    )


def between(fewest: int | None, most: int | None) -> str:
    """Return an interval of chips as text; None is an end beyond what was tried."""
    if fewest == most:
        return "more than any tried at both ends" if most is None else f"{numerals.whole(most)} at both ends"
    low = "from more than any tried" if fewest is None else f"from {numerals.whole(fewest)}"
    return f"{low} to {'more than any tried' if most is None else numerals.whole(most)}"


def enough(scenario: Scenario, printed: float) -> alt.LayerChart:
    """Return, by machine, the utilization that the deck's chips would need, and what a run is predicted to sustain."""
    table = scenario_training.enough(scenario, printed)
    labels = [f"{row.machine}: {row.verdict}" for row in table.itertuples()]
    table = table.assign(label=labels)
    highest = max(0.7, table["high"].max(), min(1.5, table["required"].max()))
    x = alt.X(
        "value:Q",
        title="Share of the peak, 6ND over the whole run",
        axis=_PERCENT,
        scale=alt.Scale(domain=[0, highest], clamp=True),
    )
    tooltip = tips(
        "machine:N | Machine",
        "required:Q | Needed | .1%",
        "sustained:Q | Predicted | .1%",
        "low:Q | At least | .1%",
        "high:Q | At most | .1%",
        "days:Q | Days | .3~r",
    )
    columns = ["label", "machine", "required", "sustained", "low", "high", "days"]
    values = {"sustained": "Predicted, with its 80% interval", "required": "Needed to be done in time"}
    first, chips = table.iloc[0], numerals.whole(printed)
    time = ASSUMPTIONS["training_time"].written(scenario.training_time)
    return figure(
        beside_interval(table[columns], values, label="label", x=x, tooltip=tooltip, columns=1),
        title="Would the deck's chips be enough?",
        subtitle=(
            f"{chips} chips, {time}, {first['machine']}: {first['verdict']}, since it needs "
            f"{numerals.percent(first['required'])} where {numerals.percent(first['sustained'])} is predicted."
        ),
        description="Needed and predicted utilization by machine: "
        + "; ".join(
            f"{row.machine} needs {numerals.percent(row.required)}, predicted {numerals.percent(row.sustained)} "
            f"({numerals.percent(row.low)} to {numerals.percent(row.high)}), enough: {row.verdict}"
            for row in table.itertuples()
        )
        + ".",
        source=_SOURCE,
    )


def days_against_dollars(scenario: Scenario) -> alt.LayerChart:
    """Return the Pareto set of days and rental dollars over the number of chips, for each machine with a price."""
    frames = []
    for machine in scenario_training.machines(scenario):
        table = scenario_training.sizes(scenario, machine)
        if table["rent"].notna().all():
            frames.append(training_plan.pareto(table))
    frame = pd.concat(frames, ignore_index=True)
    frame["millions"] = frame["rent"] / 1e6
    order = list(dict.fromkeys(frame["machine"]))
    x = alt.X("days:Q", title="Days", scale=alt.Scale(type="log", nice=False), axis=_DAYS_AXIS)
    y = alt.Y("millions:Q", title="Rent, million dollars", scale=alt.Scale(type="log", nice=False),
              axis=alt.Axis(values=[factor * 10.0**power for power in range(-3, 9) for factor in (1, 2, 5)],
                            format=",.2~r"))  # fmt: skip
    base = alt.Chart(frame[["machine", "chips", "days", "millions", "chip_hours"]]).encode(
        x=x,
        y=y,
        color=alt.Color("machine:N", title=None, sort=order, legend=alt.Legend(columns=1)),
        tooltip=tips(
            "machine:N | Machine", "chips:Q | Chips | ,", "days:Q | Days | ,.3~r", "millions:Q | Million dollars | ,.3~r"
        ),
    )
    rule = alt.Chart(pd.DataFrame([{}])).mark_rule(strokeDash=[4, 4], aria=False)
    first = frame[frame["machine"] == order[0]]
    fast, cheap = first.iloc[0], first.iloc[-1]
    dearer = fast["millions"] / cheap["millions"]
    return figure(
        alt.layer(
            rule.encode(x=alt.datum(scenario.training_time / whole_run.DAY)),
            base.mark_line(strokeWidth=2),
            base.mark_point(size=45, opacity=1),
        ).properties(height=320),
        title="Speed costs rent" if dearer > 1 else "What a run rents for, by its days",
        subtitle=(
            f"On {order[0]}, to be done in {numerals.significant(fast['days'], 2)} days rather than "
            f"{numerals.significant(cheap['days'], 2)} takes {numerals.significant(dearer, 2)} times the rent."
        ),
        description="Rent against days, both logarithmic; the dashed line is the scenario's time. "
        + "; ".join(
            f"{name}: "
            + ", ".join(
                f"{row.chips:,} chips {numerals.significant(row.days)} days {numerals.significant(row.millions)} million"
                for row in group.itertuples()
            )
            for name, group in frame.groupby("machine", sort=False)
        )
        + ".",
        source=_SOURCE + _PRICES,
    )


def rent_or_own(scenario: Scenario) -> alt.LayerChart:
    """Return rent and cost of ownership of a run in the scenario's time, with sliders for what owning depends on."""
    usual = ownership.values(scenario_training.A100.chip)
    years = sliders.slider("own_years", "Years of use", usual["years"], 1, 8, 0.5)
    occupancy = sliders.slider("own_occupancy", "Share of them in which chips work", usual["occupancy"], 0.1, 1, 0.05)
    cents = sliders.slider("own_cents", "Electricity, US cents a kWh", round(100 * usual["dollars_per_kwh"], 2), 2, 30, 0.5)
    frame = costs(scenario)
    datum = alt.datum
    yearly = ownership.annual(
        datum.equipment, datum.building, usual["cost_of_capital"], years, usual["building_years"], usual["upkeep"]
    )
    owning = datum.chip_hours * ownership.chip_hour(yearly, occupancy, datum.kilowatts, cents / 100)
    chart = rows(
        frame,
        label="label",
        mark="bar",
        x=alt.X("millions:Q", title="Million dollars", axis=alt.Axis(format=",.2~r", tickCount=5)),
        colour=alt.Color("way:N", title=None, sort=list(_WAYS)),
        offset=alt.YOffset("way:N", sort=list(_WAYS)),
        tooltip=tips("label:N | Machine", "way:N | Way", "millions:Q | Million dollars | ,.3~r"),
        calculate={"millions": f"datum.way == 'Rent' ? datum.rent : ({vega(owning / 1e6)})"},
    )
    rented = frame[(frame["way"] == "Rent") & frame["in_time"]].dropna(subset=["rent"])
    time = ASSUMPTIONS["training_time"].written(scenario.training_time)
    if rented.empty:
        said = f"No machine that can be rented is done in {time}; shown are the fastest."
    else:
        cheapest = rented.loc[rented["rent"].idxmin()]
        said = (
            f"To be done in {time}, the cheapest to rent is {numerals.whole(cheapest['chips'])} × {cheapest['machine']}, for "
            f"{numerals.significant(cheapest['rent'], 2)} million dollars."
        )
    return figure(
        chart.add_params(years, occupancy, cents),
        title="What a run in time costs, rented and owned",
        subtitle=f"{said} What owning costs depends on how long and how often the chips work.",
        description="Rent and cost of ownership of the run by machine, million dollars: "
        + "; ".join(
            f"{row.label}, {row.way.lower()} {numerals.significant(cost, 2)}"
            for row in frame.itertuples()
            if np.isfinite(cost := row.rent if row.way == "Rent" else row.own)
        )
        + ".",
        source=_SOURCE + _PRICES,
    )


def costs(scenario: Scenario) -> pd.DataFrame:
    """Return two rows a machine, one a way to pay, for the fewest chips that are done in the scenario's time.

    Where no number of chips is, the fastest is taken. Columns: `label`, `machine`, `chips`, whether it is `in_time`, `way`,
    `rent` and `own` in million dollars (NaN where a price is not known), and what owning is computed from.
    """
    costs_ = []
    for machine in scenario_training.machines(scenario):
        run, in_time = scenario_training.done(scenario, machine)
        paid = run.cost.rent, run.cost.owned
        missing = [way for way, price in zip(_PRICE_OF, paid, strict=True) if price is None]
        rent, own_cost = (np.nan if price is None else price.expected / 1e6 for price in paid)
        no_price = f", no {' or '.join(missing)} price" if missing else ""
        late = "" if in_time else f", late: {numerals.significant(run.days.expected, 2)} days"
        values = ownership.values(machine.chip)
        owned = ownership.owned(values)
        bought = {"equipment": owned.accelerator + owned.server + owned.network, "building": owned.building,
                  "kilowatts": ownership.kilowatts(values)}  # fmt: skip
        for way in _WAYS:
            costs_.append({
                "label": f"{numerals.whole(run.chips.expected)} × {machine.title}{no_price}{late}",
                "machine": machine.title, "chips": run.chips.expected, "in_time": in_time,
                "way": way, "rent": rent, "own": own_cost, "chip_hours": run.chip_hours.expected, **bought,
            })  # fmt: skip
    return pd.DataFrame(costs_)
