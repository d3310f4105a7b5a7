"""What to watch for each risk: the latest value of a published series, and how it moved a year, where `data/` has one."""

from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

from analysis import facts, numerals, trends
from analysis.economics import price_index
from analysis.economics import prices as prices_of_chips
from analysis.industry import chip_supply, supply
from analysis.risk.risks import RISKS
from analysis.serving import demand, demand_growth, token_cost
from analysis.trends import Trend
from analysis.validation import held_out, utilization

#: Parameters from which a model is called large.
_LARGE = 1e10
#: The chip whose rent is watched.
_RENTED = "H100 SXM5"


@dataclass(frozen=True)
class Indicator:
    """A series to watch: what it is, its latest value as a text, its trend (None where it has no dates), its source.

    `as_of` is the date of that value, as its row writes it; "" where the file says of no row when it was.
    """

    name: str
    latest: str
    trend: Trend | None
    source: str
    as_of: str = ""


@cache
def tokens() -> pd.DataFrame:
    """Return published tokens a day that were not rumoured, with `year`; one row a date and product."""
    return demand_growth.statements()


def newest_product() -> pd.Series:
    """Return the newest statement on one product; whole countries are none."""
    rows = tokens()
    return rows[rows["organisation"] != "China"].sort_values(["date", "per_day"]).iloc[-1]


def tokens_trend() -> Trend:
    """Return how the tokens a day of one and the same product grew a year."""
    return demand_growth.trend()


def messages_trend() -> Trend:
    """Return how the messages a day of the one product that reported more than once grew a year."""
    rows = demand.published("messages")
    rows = rows[rows.duplicated(["organisation", "product"], keep=False)]
    return trends.fit(trends.in_years(rows["date"].dt.strftime("%Y-%m-%d")), rows["per_day"], rows["organisation"])


@cache
def prices() -> pd.DataFrame:
    """Return published prices of a million tokens, a quarter of them written, with `year`."""
    rows = token_cost.published_prices()
    return rows.assign(year=trends.in_years(rows["date"].dt.strftime("%Y-%m-%d")))


def prices_trend() -> Trend:
    """Return how the price of a million tokens changed a year, over all models."""
    return trends.fit(prices()["year"], prices()["blended"])


@cache
def sites() -> pd.DataFrame:
    """Return the power of data centres up to the day on which the list was read, the latest of each; most first."""
    rows = facts.read("data_centres")
    read = facts.origin("data_centres").date_accessed.isoformat()
    rows = rows[(rows["power_mw"] > 0) & (rows["date"] <= read)].sort_values("date")
    return rows.groupby("data_centre").tail(1).sort_values("power_mw", ascending=False, ignore_index=True)


def largest_sites() -> pd.DataFrame:
    """Return the power of the largest site at each date at which there was a new one: `year` and `power_mw`."""
    rows = facts.read("data_centres")
    read = facts.origin("data_centres").date_accessed.isoformat()
    rows = rows[(rows["power_mw"] > 0) & (rows["date"] <= read)].sort_values("date")
    best = rows[rows["power_mw"] > rows["power_mw"].cummax().shift(fill_value=0)]
    return pd.DataFrame({"year": trends.in_years(best["date"]), "power_mw": best["power_mw"].to_numpy()})


def tokens_read() -> pd.DataFrame:
    """Return large models whose training tokens are published and no rumour, oldest first; rows of data/models.csv."""
    rows = facts.read("models")
    rows = rows[rows["training_tokens"].notna() & (rows["verified"] != "no") & ~(rows["parameters"] < _LARGE)]
    return rows.sort_values("date", ignore_index=True)


def concentration(shares: pd.Series) -> float:
    """Return the Herfindahl index of market shares: the sum of their squares; 1 is a single supplier."""
    return float((shares**2).sum())


def model_errors() -> pd.Series:
    """Return the errors of this book's predictions of whole runs whose source was held out, as logarithms."""
    rows = held_out.read()
    return rows.loc[(rows["group"] == "whole run") & (rows["usable"] == "yes"), "log_error"]


def watched() -> dict[str, Indicator]:
    """Return the indicator of each risk, by its key."""
    used = newest_product()
    paid = prices()[prices()["date"] > prices()["date"].max() - pd.DateOffset(years=1)]
    trained = utilization.published()
    trained = trained[trained["common"].notna()].sort_values("date")
    sold = supply.sold_to_china().groupby("date")["h100_equivalents"].sum()
    rent = prices_of_chips.level(_RENTED)
    site = sites().iloc[0]
    contexts = facts.read("context_lengths")["context_length"]
    ratios = demand.tokenizer_ratios()
    ratios = ratios[ratios["text"] == "Chinese characters"]["tokens_per_character"]
    read = tokens_read()
    shares = chip_supply.shares()
    last = chip_supply.standing()
    largest_maker = last["maker"].iloc[0]
    first = shares[shares["maker"] == largest_maker]
    largest = largest_sites()
    errors = model_errors()
    indicators = {
        "demand": Indicator(
            "Tokens a day of one product",
            f"{numerals.words(used['per_day'])}, {used['organisation']}, {used['date']:%Y-%m}",
            tokens_trend(),
            "data/demand.csv",
            f"{used['date']:%Y-%m}",
        ),
        "efficiency": Indicator(
            "Price of a million tokens",
            f"{numerals.significant(paid['blended'].median(), 2)} USD, median of {len(paid)} prices of the year to "
            f"{paid['date'].max():%Y-%m}",
            prices_trend(),
            "data/api_prices.csv",
            f"{paid['date'].max():%Y-%m}",
        ),
        "utilization": Indicator(
            "Published utilization of training",
            f"{numerals.percent(trained['common'].tail(10).median())}, median of the last ten, to {trained['date'].iloc[-1][:7]}",
            trends.fit(trends.in_years(trained["date"]), trained["common"]),
            "data/mfu.csv",
            trained["date"].iloc[-1],
        ),
        "export-rules": Indicator(
            "Chips made for China, sold in a quarter",
            f"{numerals.words(sold.iloc[-1])} H100 in peak, quarter to {sold.index[-1]}",
            None,
            "data/chips_by_type.csv",
            sold.index[-1],
        ),
        "next-chip": Indicator(
            "Rent of one and the same chip",
            f"{numerals.significant(rent.dollars)} USD an hour, {_RENTED}, {rent.sellers} clouds, {rent.date}",
            price_index.trend(price_index.year_before()),
            "data/gpu_prices.csv",
            rent.date,
        ),
        "power": Indicator(
            "Power of the largest site",
            f"{numerals.whole(site['power_mw'])} MW, {site['date'][:7]}",
            trends.fit(largest["year"], largest["power_mw"]),
            "data/data_centres.csv",
            site["date"],
        ),
        "architecture": Indicator(
            "Context that models take",
            f"{numerals.whole(contexts.median())} tokens in the middle, {numerals.words(contexts.max())} at most",
            None,
            "data/context_lengths.csv",
        ),
        "tokenizer": Indicator(
            "Tokens a Chinese character",
            f"{numerals.significant(ratios.min(), 2)} to {numerals.significant(ratios.max(), 2)}, {len(ratios)} tokenizers",
            None,
            "data/tokenizer_ratios.csv",
        ),
        "data-limits": Indicator(
            "Tokens that large models train on",
            f"{numerals.words(read['training_tokens'].iloc[-1])}, {read['model'].iloc[-1]}, {read['date'].iloc[-1][:7]}",
            trends.fit(trends.in_years(read["date"]), read["training_tokens"]),
            "data/models.csv",
            read["date"].iloc[-1],
        ),
        "suppliers": Indicator(
            f"Largest maker's share of the peak of {len(last)} makers",
            f"{numerals.percent(last['share'].iloc[0])}, {largest_maker}, {last['date'].iloc[0][:7]}; Herfindahl "
            f"{numerals.significant(concentration(last['share']), 2)}",
            trends.fit(trends.in_years(first["date"]), first["share"]),
            "data/chip_supply.csv",
            last["date"].iloc[0],
        ),
        "model-error": Indicator(
            "Error of this book on held-out runs",
            f"{numerals.percent(np.expm1(errors.abs().median()))}, median of {len(errors)} whole runs",
            None,
            "data/generated/held_out.csv",
        ),
    }
    return {key: indicators[key] for key in RISKS}
