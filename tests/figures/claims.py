"""What the titles of charts say in words that compare, and what has to hold for it in the data that each chart carries.

A claim is the words, as a regular expression whose groups are numbers and names, and the expression that they say. It is
computed from the data sets of the chart alone, so that a title can't be right by being made of what is wrong.
"""

import numpy as np

from tests.figures.drawn import (
    NUMBER,
    Holds,
    always,
    at_least_as_many,
    best_spent,
    compared,
    falls_at_most,
    fastest_that_fits,
    fitted,
    free,
    gaps,
    grid,
    grown_by_label,
    growth,
    leads,
    near,
    network,
    number,
    overlaps,
    read_more,
    rush,
    some_falls,
    split,
    turns,
    widest,
    work_grows,
)

_N = rf"({NUMBER})"

#: By the name of the chart in `charts.CHARTS`: the words, and what has to hold of the chart's data.
CLAIMS: dict[str, list[tuple[str, Holds]]] = {
    "long contexts in work": [(rf"a token's work grows {_N}-fold in (.+?), {_N}-fold in (.+?)\.$", grown_by_label)],
    "loss": [(rf"falls from {_N} to {_N}", lambda d, a, b: some_falls(d["epoch", "on", "loss"], "on", "loss", a, b))],
    "learning curves": [(r"most are labelled right from \d+ by the (.+?) \(.+?\); from [\d,]+, by the (.+?) \(.+\)", leads)],
    "bends": [
        (
            rf"Below zero the ReLU is flat, and the GELU dips to {_N}",
            lambda d, dip: (
                (d["activation", "output"].query("activation == 'ReLU' and input < 0")["output"] == 0).all()
                and near(d["activation", "output"].query("activation == 'GELU'")["output"].min(), dip)
            ),
        )
    ],
    "pre-training": [(rf"falls from {_N} to {_N}", lambda d, a, b: some_falls(d["step", "on", "nats"], "on", "nats", a, b))],
    "factors": [(r"the largest part of it", lambda d: np.log(d["change", "factor"]["factor"]).abs().is_monotonic_decreasing)],
    "slip": [
        (
            rf"{_N} times too high",
            lambda d, a: any(
                near(d["accelerators"]["accelerators"].iloc[0] / one, a) for one in d["accelerators"]["accelerators"]
            ),
        )
    ],
    "requests that fit": [
        (
            rf"requests of {_N} tokens fit on .+; in the smallest formats shown, {_N}",
            lambda d, tokens, most: (
                np.floor(d["free", "token"]["free"] / d["free", "token"]["token"] / number(tokens)).max() == number(most)
            ),
        )
    ],
    "errors by unit": [
        (
            rf"{_N} of {_N} stay below 20%",
            lambda d, a, b: (
                (d["unit", "kind", "error"].query("kind == 'Time per output token'")["error"] < 0.2).sum() == number(a)
            ),
        )
    ],
    "attention": [
        (
            rf"{_N} of its smallest sibling's",
            lambda d, a: near(
                np.interp(2048, *d["model", "context", "share"].query("model == '125M'")[["context", "share"]].to_numpy().T), a
            ),
        )
    ],
    "plans": [
        (r"The fastest \(◇\) is (.+), at", lambda d, a: d["plan", "seconds"].sort_values("seconds")["plan"].iloc[0] == a),
        (rf"the slowest takes {_N} times", always),  # of all plans, of which the best of each split are drawn
    ],
    "split of a step": [
        ("The fastest plan that fits", fastest_that_fits),
        (rf"“(.+?)” takes {_N} times as long; most of that is (.+)\.", split),
    ],
    "more chips": [
        (
            rf"More chips on the same batch are used less At one batch, the best plans use {_N} of the peak on {_N} "
            rf"chips and {_N} on {_N}",
            lambda d, a, few, b, many: number(a) > number(b) and number(few) < number(many),
        ),
        (
            "A larger batch feeds more",
            lambda d: all(
                rows.sort_values("times")["utilization"].is_monotonic_increasing
                for _, rows in d["chips", "times", "utilization"].groupby("chips")
            ),
        ),
    ],
    "longer sequences": [
        ("The fastest plan", always),  # the planner's: tests/training/test_plans.py
        (
            "More tokens at once leave fewer micro-batches",
            lambda d: all(
                rows.sort_values("sequence")["micro_batches"].iloc[-1] <= rows.sort_values("sequence")["micro_batches"].iloc[0]
                for _, rows in d["sequence", "sequences", "micro_batches"].groupby("sequences")
            ),
        ),
    ],
    "matmul ceilings": [
        (
            rf"No chip reaches its printed peak The best .+ from {_N} .+ down to {_N}",
            lambda d, a, b: (
                d["chip", "utilization"]["utilization"].max() < 1
                and near(d["chip", "utilization"]["utilization"].max(), a)
                and near(d["chip", "utilization"]["utilization"].min(), b)
            ),
        )
    ],
    "ladder": [(rf"the best product takes {_N}", lambda d, a: near(d["what", "share"]["share"].max(), a))],
    "tornado of serving": [(rf"most is: (.+), from {_N} to {_N}", widest("factor", "chips"))],
    "tornado of all inputs": [(rf"most is: (.+), from {_N}(?: [a-zA-Z ]+)? to {_N}", always)],
    "tornado": [(rf"most is: (.+), from {_N} to {_N}", widest("input", "days"))],
    "load by target": [
        (
            rf"A tight target costs chips, and some can't be met (.+) meets none of those tried below {_N} ms",
            lambda d, name, a: (
                all(
                    own.sort_values("milliseconds")["rate"].is_monotonic_increasing
                    for _, own in d["name", "milliseconds", "rate"].groupby("name")
                )
                and near(d["name", "milliseconds", "rate"].query("name == @name")["milliseconds"].min(), a)
                and d["milliseconds"]["milliseconds"].min() < number(a)
            ),
        )
    ],
    "token prices": [
        (
            rf"Prices fell from {_N} in \d+ to {_N} for the cheapest model",
            lambda d, a, b: (
                near(d["blended", "day"].sort_values("day")["blended"].iloc[0], a)
                and near(d["blended", "day"]["blended"].min(), b)
                and number(b) < number(a)
            ),
        )
    ],
    "days against dollars": [(rf"in {_N} days rather than {_N} takes {_N} times the rent", rush)],
    "rent or own": [
        ("shown are the fastest", lambda d: not d["machine", "rent", "in_time"]["in_time"].any()),
        (
            rf"the cheapest to rent is {_N} × (.+), for {_N} million",
            lambda d, chips, name, a: (
                d["machine", "rent", "in_time"].query("in_time and way == 'Rent'").sort_values("rent")["machine"].iloc[0] == name
            ),
        ),
    ],
    "loss by size": [(rf"([\d.]+)\s×\s10([⁰¹²³⁴⁵⁶⁷⁸⁹]+) FLOP are best spent on {_N} parameters by one fit and {_N}", best_spent)],
    "chain network": [(rf"Networks grow by steps With switches of (\d+) ports.+; beyond {_N} it takes a tier more", network)],
    "chain power tornado": [
        (
            r"expected\. (.+) moves it furthest",
            lambda d, name: (
                d["label", "low", "high"].eval("spread = high - low").sort_values("spread")["label"].iloc[-1].startswith(name)
            ),
        )
    ],
    "chip peaks": [
        (
            rf"grew {_N} \(",
            lambda d, a: (
                near(growth(d.line("year", "tera", "group").query("group == 'Other chips'"), "tera") - 1, a) and number(a) > 0
            ),
        )
    ],
    "chip growth": [
        (
            "Peaks grew faster than bandwidth",
            lambda d: d["label", "low"].set_index("label")["low"]["Peak over bandwidth, others"] > 0,
        ),
        (rf"a watt buys {_N} \(.+\) more", lambda d, a: d["label", "low"].set_index("label")["low"]["Peak a watt, others"] > 0),
    ],
    "export rules": [
        (
            "so chips with slower links passed",
            lambda d: ((d["performance", "link"]["performance"] >= 4800) & (d["performance", "link"]["link"] < 600)).any(),
        )
    ],
    "box of memory": [
        (
            rf"H200, at {_N}, lies within the box of January 2026, below {_N} and {_N} TB/s; the B200, at {_N}, lies outside",
            lambda d, inside, edge, top, outside: (
                (number(inside) < number(edge) <= number(outside))
                and d["chip", "memory"].set_index("chip")["memory"]["H200 SXM"] < number(top)
            ),
        )
    ],
    "same work": [
        (
            rf"On the same work, the (.+) decodes {_N} tokens a second, the fastest Chinese chip of the table, the (.+), {_N}",
            lambda d, best, a, home, b: (
                d["chip", "decode"].sort_values("decode")["chip"].iloc[-1] == best
                and d["chip", "decode"][lambda rows: rows["chip"].str.match("Ascend|BR")].sort_values("decode")["chip"].iloc[-1]
                == home
            ),
        )
    ],
    "owned hour": [
        (
            rf"chip and electricity alone are {_N} of it",
            lambda d, a: (
                lambda rows: near(
                    rows[rows["part"].isin(["Accelerator", "Electricity"])]["dollars"].sum() / rows["dollars"].sum(), a
                )
            )(d["label", "part", "dollars"].query("label.str.startswith('H100')")),
        )
    ],
    "purchases": [
        (rf"a dollar buys grew {_N}", lambda d, a: near(fitted(d["year", "rate_per_dollar"], "rate_per_dollar") - 1, a))
    ],
    "stresses": [
        (
            rf"stresses, (.+) multiplies serving most, by {_N}, and (.+) least, by {_N}",
            lambda d, most, a, least, b: (
                [name.lower() for name in d["title", "serving"].sort_values("serving")["title"].iloc[[-1, 0]]] == [most, least]
            ),
        )
    ],
    "rebound": [
        (
            "saves chips only while one percent cheaper brings less than one percent more",
            lambda d: ((d["elasticity", "work"]["work"] < 1) == (d["elasticity", "work"]["elasticity"] < 1 - 1e-9))[
                (d["elasticity", "work"]["elasticity"] - 1).abs() > 1e-9
            ],
        ),
        (rf"published tokens grew {_N} for each percent that prices fell", lambda d, a: number(a) > 0),
    ],
    "earned back": [
        (
            r"if rents stay, and after (.+) if they fall as fast as a dollar rents more",
            lambda d, years: (lambda last: last.iloc[0] > last.iloc[-1] and (last.iloc[-1] < 1 or "more years" not in years))(
                d["years", "share", "path"].groupby("path", sort=False)["share"].max()
            ),
        ),
        ("after more years than a chip lives if rents stay", always),
    ],
    "sites": [
        (
            rf"the largest site that is known, {_N} MW",
            lambda d, a: near(d["site", "power_mw", "kind"].query("kind.str.startswith('Data')")["power_mw"].max(), a),
        )
    ],
    "joint draws": [
        (
            rf"above {_N} lie {_N}",
            lambda d, at, a: abs(d["from", "to", "share"].query("`from` > @number(@at)")["share"].sum() - number(a)) < 0.06,
        )
    ],
    "analogy": [
        (
            r"from (\w+), the nearest word that was not given",
            lambda d, name: (
                d["word", "kind", "cosine"].query("kind == 'Nearest words'").sort_values("cosine")["word"].iloc[-1] == name
            ),
        )
    ],
    "right answers": [
        (
            rf"falls from {_N} to {_N}",
            lambda d, a, b: (
                lambda means: (
                    near(means["right"], a) and near(means["right_of_all"], b) and means["right"] > means["right_of_all"]
                )
            )(d["way", "share"].groupby("way")["share"].mean()),
        )
    ],
    "products of positions": [("How alike two positions are", always)],  # a name for what is drawn
    "two languages": [
        (
            r"for (\d+) of (\d+) the right numeral is the nearest",
            lambda d, a, b: (grid(d["row", "column", "value"]).argmax(axis=1) == np.arange(int(b))).sum() == int(a),
        )
    ],
    "weights": [(rf"The largest attention weight, {_N}", lambda d, a: near(d["row", "column", "value"]["value"].max(), a))],
    "maps of heads": [
        (rf"the two most alike put {_N} of their attention on the same tokens, the two least alike {_N}", overlaps)
    ],
    "what heads add": [
        (
            rf"Head (\d+) adds most, {_N} of all lengths",
            lambda d, head, a: (lambda sums: sums.argmax() + 1 == int(head) and near(sums.max() / sums.sum(), a))(
                d["row", "column", "value"].groupby("row")["value"].sum().to_numpy()
            ),
        )
    ],
    "what heads are worth": [
        (
            rf"Of {_N} heads, {_N} can be silenced alone for less than a percentage point of accuracy; .+, {_N} falls to {_N}",
            lambda d, n, few, a, b: (
                lambda lost: (lost < 1).sum() == number(few) and len(lost) == number(n) and near(number(a) - lost.max() / 100, b)
            )(d["row", "column", "value"]["value"]),
        )
    ],
    "right at gaps": [(r".+above|.+below", gaps)],
    "factors of the chain rule": [
        (r": (\S+) is likelier", lambda d, text: d["text", "surprise"].groupby("text")["surprise"].sum().idxmin() == text)
    ],
    "order of characters": [
        (
            rf"are likelier as written than with two neighbours swapped; fewest, {_N} ± .+, where the swap begins at character "
            r"(\d+) of (\d+)(?:, and at \d+ other places within noise of that)?",
            lambda d, a, place, length: near(d["place", "right", "lines"]["right"].min(), a),
        )
    ],
    "small models by text": [("lower the loss of the largest model by", falls_at_most("parameters", "tokens"))],
    "small models by size": [("lower the loss by", falls_at_most("tokens", "parameters"))],
    "without sub-layers": [
        (
            rf"{_N} of {_N} sub-layers can be left out for less than a percentage point",
            lambda d, a, b: (1 - d["sublayer", "left"]["left"] < 0.01).sum() == number(a),
        )
    ],
    "cost of a layer": [(rf"From {_N} tokens on, comparing tokens costs a layer more than its matrices do", compared)],
    "alignment": [(r"it looks most at the word", always)],  # a count over unseen numbers: tests/networks/test_alignment.py
    "ablations": [
        (
            rf"the error of {_N} grows to {_N}; .+, to {_N}\.",
            lambda d, full, first, second: (
                lambda errors: near(errors.iloc[0], full) and near(errors.sort_values().iloc[-1], first)
            )(d["key", "median_error"]["median_error"]),
        )
    ],
    "baselines": [
        (
            rf"has a smaller median error than both baselines on {_N} of {_N} kinds of runs; "
            rf"on whole runs it has {_N}, the better baseline {_N}",
            lambda d, a, n, ours, least: (lambda rows: (rows.iloc[:, 0] < rows.iloc[:, 1:].min(axis=1)).sum() == number(a))(
                d["rows", "method", "median error"].pivot(index="rows", columns="method", values="median error")[
                    list(dict.fromkeys(d["rows", "method", "median error"]["method"]))
                ]
            ),
        )
    ],
    "growth of parameters": [
        (
            rf"grew {_N}-fold \(.+\) a year by the line through all",
            lambda d, a: near(
                growth(
                    min((one for one in d.sets if {"year", "value", "group"} == set(one)), key=len).query("group == 'All'"),
                    "value",
                ),
                a,
            ),
        )
    ],
    "longest contexts": [
        (rf"contexts grew {_N}-fold", lambda d, a: near(growth(d.line("year", "context"), "context"), a)),
        (
            r"the longest, that of (.+), is said",
            lambda d, name: d["model", "context"].sort_values("context")["model"].iloc[-1] == name,
        ),
    ],
    "calibration of answers": [(rf"so many or more would come by chance in {_N}", at_least_as_many)],
    "tasks by size": [
        (
            rf" The largest GPT-3 scores {_N} without examples",
            lambda d, a: (lambda rows: near(rows.sort_values("parameters")["score"].iloc[-1], a))(
                d["task", "setting", "score"].query("setting == 'zero-shot' and task == @d.title.split(':')[0]")
            ),
        )
    ],
    "gains of examples": [
        (
            rf"add {_N} points to the largest model in the median of \d+ tasks, and {_N} to the smallest",
            lambda d, a, b: (lambda rows: near(rows["median"].iloc[-1], a) and near(rows["median"].iloc[0], b))(
                d["setting", "parameters", "median"].query("setting == 'few-shot'").sort_values("parameters")
            ),
        )
    ],
    "context": [
        (
            rf"grows {_N}-fold from [\d,]+ to [\d,]+ tokens, all of it in scores and values: {_N} of the work at first, "
            rf"then {_N}\.",
            work_grows,
        )
    ],
    "models and advice": [
        (
            rf"read more text than the laws advise.*: {_N} of {_N} models of (\d+) and (\d+), {_N} of {_N} of (\d+)\.",
            read_more,
        )
    ],
    "promised and got": [
        (
            rf"keeps rising .* turns down.* goes from {_N} ± {NUMBER} points to {_N} ± {NUMBER} at iteration {_N} and {_N} ± "
            rf"{NUMBER} at the end; with one of {_N} it ends at {_N} ±",
            turns,
        ),
    ],
    "reward by divergence": [
        (rf"comes to {_N} ± {NUMBER} points, falls to {_N} ± {NUMBER} at {NUMBER} nats and ends at {_N} ±", free)
    ],
}
CLAIMS["growth of compute"] = CLAIMS["growth of parameters"]
