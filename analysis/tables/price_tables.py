"""Tables of prices, of what owning takes, and of what was found in one source alone, as DataFrames of text."""

import pandas as pd

from analysis import facts, numerals
from analysis.economics import carbon, coefficients, ownership, price_index, prices

#: Chips whose rents and prices are listed.
CHIPS = (
    "V100 SXM2 32GB", "A100 SXM4 80GB", "H800 SXM5", "H20", "H100 SXM5", "H200 SXM", "B200 SXM (HGX/DGX)", "B300 SXM",
    "GB200 (per GPU)", "GB300 (per GPU)", "VR200 (per GPU)", "Instinct MI300X", "Instinct MI355X",
)  # fmt: skip
_KINDS = {"cloud": "clouds", "hyperscaler": "hyperscalers", "marketplace": "marketplaces", "any": "sellers of all kinds"}
_SOLD = {"servers": "in servers", "singly": "singly", "estimates": "estimate"}


def rents() -> pd.DataFrame:
    """Return the newest rents by chip and term, what they rest on, and how the same seller's moved in a year."""
    rows = []
    for chip in CHIPS:
        now = prices.level(chip)
        rows.append(
            {
                "Chip": chip,
                "On demand, USD an hour": _level(now),
                "Quotes, sellers, quarter": _basis(now),
                "Same sellers, a year": _year(chip),
                "Spot": _level(prices.level(chip, "spot"), dated=True),
                "One year": _contract(chip),
            }
        )
    return pd.DataFrame(rows)


def bought() -> pd.DataFrame:
    """Return the newest prices to buy by chip, new and used, and what an hour of an owned one costs."""
    used = facts.read("gpu_prices")
    used = used[used["kind"] == "used"]
    rows = []
    for chip in CHIPS:
        new, again = coefficients.chip_price(chip), used[prices.named(chip).reindex(used.index)]
        if not new.quotes:
            continue
        hour = ownership.hour_of_chip(chip).loc["all"]
        rows.append(
            {
                "Chip": chip,
                "New, USD": f"{numerals.rounded(new.dollars)} ({numerals.rounded(new.low)} to {numerals.rounded(new.high)})",
                "Sold": f"{_SOLD[new.kind]}, {new.quotes}, {new.date}",
                "Used, USD": numerals.whole(again["usd_purchase_per_gpu"].median()) if len(again) else "–",
                "Owned hour, USD": _ends(hour["dollars"], hour["low"], hour["high"]),
            }
        )
    return pd.DataFrame(rows)


def owning() -> pd.DataFrame:
    """Return what an owned hour is computed from beside prices of the chip, with sources."""
    known = coefficients.owning("H100 SXM5")
    first = ("years", "building_years", "cost_of_capital", "upkeep", "occupancy", "dollars_per_kwh")
    names = [*first, "pue", "draw_share", "server_chip_share", "server_share", "building_cost_per_watt"]
    return pd.DataFrame(
        [
            {
                "Coefficient": coefficient.meaning[0].upper() + coefficient.meaning[1:],
                "Low, expected, high": " / ".join(
                    numerals.significant(value) for value in (coefficient.low, coefficient.expected, coefficient.high)
                ),
                "Unit": coefficient.unit,
                "Source": coefficient.source,
                "Verified": coefficient.verified,
            }
            for coefficient in (known[name] for name in names)
        ]
    )


def components() -> pd.DataFrame:
    """Return prices of memory, and of chips in China in RMB and dollars."""
    rate = facts.read("exchange_rates").sort_values("date").iloc[-1]
    rows = []
    for row in facts.read("component_prices").itertuples():
        dollars = row.value / rate["per_dollar"] if row.currency == "CNY" else row.value
        rows.append(
            {
                "What": row.item,
                "Date": row.date,
                "RMB": numerals.whole(row.value) if row.currency == "CNY" else "–",
                "USD": numerals.rounded(dollars),
                "Source": row.source,
                "Verified": row.verified,
            }
        )
    return pd.DataFrame(rows)


def site_costs() -> dict[str, str]:
    """Return what estimates say of a watt of a site of H100: all in, what that leaves for the building, and what builders say."""
    rows = facts.read("site_costs").set_index("item")
    whole = rows.loc["1 GW data centre with H100, all in", "low"]
    computers, network = (
        rows.loc[item, ["low", "high"]] for item in ("racks and servers, share of all", "networking, share of all")
    )
    left = [whole * (1 - computers[end] - network[end]) for end in ("high", "low")]
    built = rows[(rows["group"] == "building") & (rows["unit"] == "USD/W")]
    texts = {"site_left": left, "site_built": (built["low"].min(), built["high"].max())}
    ends = {name: " to ".join(numerals.significant(value) for value in values) for name, values in texts.items()}
    return {"site_all_in": numerals.significant(whole)} | ends


def electricity() -> pd.DataFrame:
    """Return prices of electricity by region and date; a dash where none was found."""
    rows = facts.read("facility")
    rows = rows[rows["item"].str.contains("electricity price", case=False)].sort_values(["region", "date"])
    return pd.DataFrame(
        {
            "What": rows["item"], "Price": rows["value"].fillna("–"), "Unit": rows["unit"], "Date": rows["date"].fillna("–"),
            "Source": rows["source"], "Verified": rows["verified"],
        }
    )  # fmt: skip


def depreciation() -> pd.DataFrame:
    """Return over how many years owners spread the price of servers."""
    rows = facts.read("depreciation")
    return pd.DataFrame(
        {
            "Owner": rows["owner"], "What": rows["what"], "Years": rows["years"].map(numerals.significant),
            "As of": rows["as_of"], "Source": rows["source"],
        }
    )  # fmt: skip


def _ends(value: float, low: float, high: float) -> str:
    return f"{numerals.significant(value)} ({numerals.significant(low)} to {numerals.significant(high)})"


def _level(level: prices.Level, *, dated: bool = False) -> str:
    if not level.quotes:
        return "–"
    return f"{numerals.significant(level.dollars)}, {level.date}" if dated else _ends(level.dollars, level.low, level.high)


def _basis(level: prices.Level) -> str:
    return f"{level.quotes} of {level.sellers} {_KINDS[level.kind]}, {level.date}" if level.quotes else "–"


def _year(chip: str) -> str:
    levels = price_index.index_of_chip(chip).set_index("quarter")["index"]
    before = price_index.year_before()
    if before not in levels.index:
        return "–"
    change = 1 / levels[before] - 1
    return f"{'+' if change >= 0 else '−'}{numerals.percent(abs(change))}"


def _contract(chip: str) -> str:
    contracts = prices.contracts(chip)
    if contracts.empty:
        return _level(prices.level(chip, "one year"), dated=True)
    last = contracts[contracts["quarter"] == contracts["quarter"].max()]["dollars"]
    low, high = (numerals.significant(value) for value in (last.min(), last.max()))
    return f"{low} to {high}, {contracts['quarter'].max()}" if low != high else f"{low}, {contracts['quarter'].max()}"


def carbon_by_region(kilowatt_hours: float) -> pd.DataFrame:
    """Return what so much electricity emits by region, in tonnes, least first."""
    return pd.DataFrame(
        [
            {
                "Region": row.region[0].upper() + row.region[1:],
                "g a kWh": numerals.whole(row.grams_per_kwh),
                "Tonnes": numerals.significant(carbon.electricity(kilowatt_hours, row.grams_per_kwh) / 1000),
                "As of": row.as_of,
                "Source": row.source,
            }
            for row in carbon.regions().itertuples()
        ]
    )


def embodied(chip_hours: float, chip: str) -> dict[str, str]:
    """Return what making the servers adds to a run of `chip_hours`, in tonnes, as texts by their published names."""
    values = ownership.values(chip)
    each = carbon.server_kilograms()
    tonnes = [carbon.embodied(chip_hours, kilograms, values["years"], values["occupancy"]) / 1000 for kilograms in each]
    return {
        "embodied_each": " to ".join(numerals.rounded(kilograms) for kilograms in each),
        "embodied": " to ".join(numerals.significant(mass, 2) for mass in tonnes),
    }
