"""A chart's title and the data that it carries, and the expressions by which tests/figures/claims.py reads these data."""

import re
from collections.abc import Callable
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

#: Words that compare. A title that holds one outside of its claims fails.
COMPARING = re.compile(
    r"\b(more|less|fewer|most|least|fewest|than|"
    r"(?:larg|small|high|low|long|short|fast|slow|near|wid|cheap|dear|tight|likel|strong|weak|great)i?(?:er|est)|"
    r"better|best|worse|worst|furthest|above|below|beyond|"
    r"grew|grows?|fell|falls?|rises?|rose|drops?|beats?|exceeds?|alike|within noise|too (?:high|low))\b",
    re.IGNORECASE,
)
_SIZES = {"trillion": 1e12, "billion": 1e9, "million": 1e6}
NUMBER = r"[−$]?[\d,.]+(?: (?:million|billion|trillion))?%?"
Holds = Callable[..., Any]


LONGEST_TITLE = 12  # words
_CHINESE = re.compile(r"[\u4e00-\u9fff]{1,2}")  # about a word


def is_short(title: str) -> bool:
    """Say whether a title is short and leaves its numbers, but for counts of a few and years, to the subtitle."""
    words = len(_CHINESE.sub(" 字 ", title).split())
    return words <= LONGEST_TITLE and not re.search(r"\d[.,]\d|\d%", title)


class Drawn:
    """A chart's title and the data that it carries; `drawn["a", "b"]` is the largest set of rows that has these columns."""

    def __init__(self, chart: alt.TopLevelMixin) -> None:
        spec = chart.to_dict()
        self.title: str = " ".join(filter(None, (spec["title"], spec["usermeta"].get("subtitle"))))
        self.sets = [pd.DataFrame(rows) for rows in spec.get("datasets", {}).values()]

    def __getitem__(self, columns: str | tuple[str, ...]) -> pd.DataFrame:
        wanted = {columns} if isinstance(columns, str) else set(columns)
        return max((rows for rows in self.sets if wanted <= set(rows)), key=len)

    def line(self, *columns: str) -> pd.DataFrame:
        """Return the smallest set of rows that has these columns: a line is drawn by its ends."""
        return min((rows for rows in self.sets if set(columns) <= set(rows)), key=len)


def number(text: str) -> float:
    """Return what a number in a title is: "−4%", "$0.06", "1.3 million"."""
    value, _, size = text.rstrip("%.,").removeprefix("$").replace(",", "").replace("−", "-").partition(" ")
    return float(value) * _SIZES.get(size, 1) / (100 if text.endswith("%") else 1)


def near(value: float, text: str) -> bool:
    """Say whether `text` is `value` as a title rounds it: to two digits at least."""
    return bool(np.isclose(value, number(text), rtol=0.051, atol=0.0006))


def some_falls(rows: pd.DataFrame, by: str, value: str, first: str, last: str) -> bool:
    """Say whether one of the lines begins at what is written and has its least, which is lower, at what is."""
    return any(
        near(line[value].iloc[0], first) and near(line[value].min(), last) and line[value].min() < line[value].iloc[0]
        for _, line in rows.groupby(by)
    )


def falls_at_most(held: str, by: str) -> Holds:
    """Say that the loss falls with `by` where `held` is largest."""

    def holds(d: Drawn) -> bool:
        rows = d["parameters", "tokens", "loss"]
        return rows[rows[held] == rows[held].max()].sort_values(by)["loss"].is_monotonic_decreasing

    return holds


def widest(name: str, value: str) -> Holds:
    """Return what "NAME moves it most, from LOW to HIGH" says of a tornado's bars."""

    def holds(d: Drawn, most: str, low: str, high: str) -> bool:
        rows = d[name, value]
        spread = rows.groupby(name)[value].agg(np.ptp)
        own = rows[rows[name] == spread.idxmax()][value]
        return str(spread.idxmax()).lower() == most and near(own.min(), low) and near(own.max(), high)

    return holds


def grid(rows: pd.DataFrame) -> np.ndarray:
    """Return the cells of a heat map."""
    return rows.pivot(index="row", columns="column", values="value").to_numpy(float)


def overlaps(d: Drawn, most: str, least: str) -> bool:
    """Say how much of their attention the two heads put on the same tokens that are most alike, and least."""
    cells = grid(d["row", "column", "value"])
    heads = cells.reshape(-1, cells.shape[1], cells.shape[1])
    found = [np.minimum(heads[i], heads[j]).sum(axis=1).mean() for i in range(len(heads)) for j in range(i)]
    return near(max(found), most) and near(min(found), least)


def grown_by_label(d: Drawn, most: str, one: str, least: str, other: str) -> bool:
    """Say whether these are the lines that grew most and least from end to end, and by these factors."""
    lines = d["label", "gigaflop"].groupby("label")["gigaflop"]
    grown = lines.last() / lines.first()
    ends = ((grown.idxmax(), grown.max(), one, most), (grown.idxmin(), grown.min(), other, least))
    return all(label.startswith(f"{name}:") and near(factor, times) for label, factor, name, times in ends)


def growth(rows: pd.DataFrame, value: str) -> float:
    """Return the growth a year along a drawn line, as a factor."""
    first, last = rows.loc[rows["year"].idxmin()], rows.loc[rows["year"].idxmax()]
    return float((last[value] / first[value]) ** (1 / (last["year"] - first["year"])))


def fitted(rows: pd.DataFrame, value: str) -> float:
    """Return the growth a year of points, as a factor, by least squares on their logarithms."""
    rows = rows.dropna(subset=["year", value])
    return float(np.exp(np.polyfit(rows["year"], np.log(rows[value]), 1)[0]))


def optimum(row: pd.Series, flop: float) -> float:
    """Return the parameters at which a fit's loss is least, by trying them all."""
    sizes = np.geomspace(1e8, 1e16, 8001)
    loss = row["size_coefficient"] / sizes ** row["size_exponent"]
    loss = loss + row["data_coefficient"] / (flop / 6 / sizes) ** row["data_exponent"]
    return float(sizes[loss.argmin()])


def flop(mantissa: str, exponent: str) -> float:
    """Return an amount that is written with a power of ten."""
    return float(mantissa) * 10 ** int(exponent.translate(str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")))


def best_spent(d: Drawn, mantissa: str, exponent: str, one: str, other: str) -> bool:
    """Say whether the two fits are least where they are said to be."""
    found = [optimum(row, flop(mantissa, exponent)) for _, row in d["fit", "size_exponent"].drop_duplicates("fit").iterrows()]
    return any(near(size, one) for size in found) and any(near(size, other) for size in found)


def at_least_as_many(d: Drawn, percent: str) -> bool:
    """The chance of so many right answers, each right with its own probability, by convolution."""
    rows, counts = d["question", "outcome", "probability"], np.ones(1)
    for chance in rows["probability"]:
        counts = np.convolve(counts, [1 - chance, chance])
    return near(counts[(rows["outcome"] == "Right").sum() :].sum(), percent)


def fastest_that_fits(d: Drawn) -> bool:
    plans = d["label", "total"].sort_values("total")["label"]
    return bool(plans[~plans.str.endswith("(does not fit)")].iloc[0] == "The fastest")


def split(d: Drawn, worst: str, times: str, heaviest: str) -> bool:
    """Say whether that plan takes longest, how much longer, and what most of that is."""
    rows = d["label", "total", "part", "seconds"]
    total = rows.groupby("label")["total"].first()
    by_part = rows.pivot(index="label", columns="part", values="seconds")
    more = (by_part.loc[total.idxmax()] - by_part.loc[total.idxmin()]).idxmax()
    return worst in total.idxmax() and near(total.max() / total.min(), times) and more.lower() == heaviest.lower()


def gaps(d: Drawn) -> bool:
    """What is said of BERT's surprise is beyond noise where it is said without the word, and only there."""
    bert = d["task", "kind", "over"].query("kind == 'BERT'")
    noise = (bert["over"].abs() <= 2 * bert["over ±"]).tolist()
    return ["within noise" in part for part in d.title.split(";")] == noise


def leads(d: Drawn, few: str, many: str) -> bool:
    """The means of the models that are named are the best there are, or within noise of it."""
    rows = d["examples", "name", "error"]
    for examples, names in ((rows["examples"].min(), few), (rows["examples"].max(), many)):
        means = rows[rows["examples"] == examples].groupby("name")["error"].mean()
        if not means.idxmin().lower().startswith(names.split(" or the ")[0]):
            return False
    return True


def free(d: Drawn, top: str, low: str, end: str) -> bool:
    """Say whether the mean true reward goes up to, down to, and back to what is written."""
    rows = d["way", "strength", "reward", "comparisons"]
    path = rows[(rows["way"] == "PPO without penalty, as it trains") & (rows["comparisons"] == 1000)].sort_values("strength")
    reward, least = path["reward"].to_numpy(), path["reward"].to_numpy().argmin()
    return near(reward[:least].max(), top) and near(reward[least], low) and near(reward[-1], end) and reward[-1] > reward[least]


def work_grows(d: Drawn, times: str, first: str, last: str) -> bool:
    """Say whether the work of GPT-3's layers grows so from 2,048 tokens to the last context, and in scores and values alone."""
    rows = d["model", "layer", "part", "flop"].query("model == 'GPT-3 175B'")
    by_part = rows.groupby("part")["flop"].apply(lambda flops: np.vstack(flops)[:, [1, -1]].sum(axis=0))
    scores, whole = by_part["Attention: scores and values"], by_part.sum()
    growing = {part for part, (before, after) in by_part.items() if after > before}
    return (
        near(whole[1] / whole[0], times)
        and near(scores[0] / whole[0], first)
        and near(scores[1] / whole[1], last)
        and growing == {"Attention: scores and values"}
    )


def read_more(d: Drawn, few: str, early: str, since: str, until: str, most: str, late: str, year: str) -> bool:
    """Say whether so many models lie above the lines of both fits, where their own FLOP are."""
    models, lines = d["model", "year", "parameters", "tokens", "ratio"], d["advice", "parameters", "tokens"]
    lines = lines[lines["advice"].isin(("Hoffmann et al. 2022", "Besiroglu et al. 2024"))]
    advised = [
        np.interp(np.log(models["parameters"] * models["tokens"]), np.log(line["parameters"] * line["tokens"]),
                  np.log(line["tokens"] / line["parameters"]))
        for _, line in lines.groupby("advice")
    ]  # fmt: skip
    above = np.log(models["tokens"] / models["parameters"]) > np.max(advised, axis=0)
    first, last = models["year"].between(int(since), int(until)), models["year"] == int(year)
    counted = [above[first].sum(), first.sum(), above[last].sum(), last.sum()]
    return [int(count) for count in counted] == [int(number(text)) for text in (few, early, most, late)] and int(most) > int(few)


def turns(d: Drawn, first: str, low: str, iteration: str, last: str, penalty: str, held: str) -> bool:
    """Say whether the mean score never falls, and the true reward is lowest on the way, without a penalty; and all ends."""
    gains = d["held", "iteration", "quantity", "points"].pivot(index=["held", "iteration"], columns="quantity", values="points")
    free, kept = gains.loc["none"], gains.loc[penalty]
    start = number(first)
    return (
        free["score"].is_monotonic_increasing
        and free["reward"].idxmin() == number(iteration)
        and all(
            abs(start + gain - number(text)) < 0.1
            for gain, text in ((free["reward"].min(), low), (free["reward"].iloc[-1], last), (kept["reward"].iloc[-1], held))
        )
        and free["reward"].min() < 0 < free["reward"].iloc[: int(free["reward"].argmin())].max()
    )


def rush(d: Drawn, fast: str, slow: str, times: str) -> bool:
    """Say whether the first machine's shortest run is that much dearer than its longest."""
    rows = d["machine", "days", "millions"]
    own = rows[rows["machine"] == rows["machine"].iloc[0]].sort_values("days")
    dearer = own["millions"].iloc[0] / own["millions"].iloc[-1]
    return near(own["days"].iloc[0], fast) and near(own["days"].iloc[-1], slow) and near(dearer, times) and dearer > 1


def network(d: Drawn, ports: str, limit: str) -> bool:
    """Just beyond the limit a network has more switches for each accelerator."""
    own = d["size", "radix", "switches"].query("radix == @ports + ' ports'").sort_values("size")
    below, above = own[own["size"] <= number(limit)], own[own["size"] > number(limit)]
    return below.empty or above.empty or above["switches"].iloc[0] > below["switches"].iloc[-1]


def compared(d: Drawn, length: str) -> bool:
    """From the length on, comparing tokens takes more FLOP than all else."""
    rows = d["length", "part", "flop"].pivot(index="length", columns="part", values="flop")
    pairs = rows[[part for part in rows if "scores" in part.lower() or "compar" in part.lower()]].sum(axis=1)
    more = pairs > rows.sum(axis=1) - pairs
    return bool((more == (rows.index >= number(length))).all())


def always(_: Drawn, *__: str) -> bool:
    """What is said holds by what the words mean, whatever the data."""
    return True
