"""The map of the industry chain: companies by segment, position, region and market, from `data/industry_chain.csv`."""

from datetime import date

import pandas as pd

from analysis import ageing, facts
from analysis.suggest import nearest

#: Segments along the chain, from what chips are made of to what models are used for.
SEGMENTS = (
    "Foundry, equipment, EDA, materials",
    "AI chips (GPU/ASIC/CPU)",
    "HBM / memory",
    "Advanced packaging and substrates",
    "PCB and copper-clad laminate",
    "Optical modules and components",
    "Switches, networking, connectors",
    "Servers",
    "Liquid cooling and thermal",
    "Power supply",
    "IDC and computing-power leasing",
    "Cloud",
    "Data, annotation, corpora",
    "Model vendors",
    "Applications",
)
POSITIONS = ("upstream", "midstream", "downstream")
CHINESE = {"upstream": "上游", "midstream": "中游", "downstream": "下游"}
#: Mainland exchanges by their parts; the other markets are named as they are.
_MAINLAND = ("Shanghai", "Shenzhen")
_COUNTRIES = ("China", "USA", "Taiwan")


class CompanyError(ValueError):
    """A segment that the map does not have; the message names the nearest."""


def table() -> pd.DataFrame:
    """Return the companies in the order of the chain, with `region_group` and `market_group` beside their own."""
    frame = facts.read("industry_chain")
    unknown = set(frame["segment"]) - set(SEGMENTS)
    if unknown:
        name = min(unknown)
        raise CompanyError(f"data/industry_chain.csv: segment {name!r} is not known{nearest(name, SEGMENTS)}")
    frame["region_group"] = frame["country_or_region"].where(frame["country_or_region"].isin(_COUNTRIES), "Others")
    frame["market_group"] = [_market(market) for market in frame["market"]]
    order = frame["segment"].map(SEGMENTS.index)
    return frame.iloc[order.argsort(kind="stable")].reset_index(drop=True)


def in_segment(segment: str) -> pd.DataFrame:
    """Return the companies of one segment. Raises CompanyError for one that the map does not have."""
    if segment not in SEGMENTS:
        raise CompanyError(f"segment {segment!r} is not in the map{nearest(segment, SEGMENTS)}")
    return table()[lambda frame: frame["segment"] == segment]


def recent(day: date, years: int = 2) -> pd.DataFrame:
    """Return the companies listed in the `years` before a day, by date; one whose day is not known counts by its month."""
    frame = table()
    days = frame["listed"].map(lambda text: ageing.period(text)[0], na_action="ignore")
    first = day.replace(year=day.year - years, day=1)
    return frame[days.map(lambda listed: first <= listed <= day, na_action="ignore").eq(True)].sort_values("listed")


def _market(market: str) -> str:
    if market.startswith(_MAINLAND):
        return "Shanghai or Shenzhen"
    if market in ("NASDAQ", "NYSE"):
        return "New York"
    return market if market in ("Hong Kong", "Taiwan", "unlisted") else "Other markets"
