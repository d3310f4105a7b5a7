"""Tables of the chapter on rules of export, as DataFrames of text with units in their heads."""

from datetime import date

import pandas as pd

from analysis import facts, numerals
from analysis.hardware import accelerators
from analysis.industry import export_rules

_MARKS = {"yes": "yes", "partly": "partly", "no": "not verified"}
#: Chips of the data centre that were cut down for China, after what they were cut down from.
EXPORTED = {
    "A100 SXM4 80GB": "A800 SXM4 80GB",
    "H100 SXM5": "H800 SXM5",
    "H800 SXM5": "H20",
}
#: Chips whose standing is followed through the rules: those sold to China, and the newest of two makers.
FOLLOWED = (
    "A100 SXM4 80GB", "A800 SXM4 80GB", "H100 SXM5", "H800 SXM5", "L4", "L20", "H20", "H200 SXM", "Instinct MI325X",
    "B200 SXM (HGX/DGX)", "VR200 (per GPU)", "Instinct MI455X",
)  # fmt: skip
#: What the chips stand under, after each rule that changed it.
_AFTER = ("October 2022", "October 2023", "Letter on H20, April 2025", "January 2026")
_KINDS = {
    "licence": "licence",
    "case by case": "review of a licence",
    "tariff": "tariff",
    "purchase": "against buying",
    "materials": "materials and equipment",
    "guidance": "conduct of firms",
    "sales": "what followed",
}


def exported() -> pd.DataFrame:
    """Return what was changed in the chips that were cut down for China, beside what they were cut down from."""
    columns = {
        "16-bit peak, TFLOPS": "bf16_dense_tflops",
        "FP8 peak, TFLOPS": "fp8_dense_tflops",
        "Memory, GB": "memory_gb",
        "Bandwidth, TB/s": "mem_bw_tbs",
        "Links, GB/s": "interconnect_gbs",
        "Power, W": "tdp_w",
    }
    table = accelerators.table()
    rows = []
    for before, after in EXPORTED.items():
        row = {"From, to": f"{before}\n→ {after}"}
        row |= {title: _change(table.loc[before, key], table.loc[after, key]) for title, key in columns.items()}
        performance = [export_rules.measures(chip).performance for chip in (before, after)]
        row["Processing performance"] = _change(*performance)
        rows.append(row | {"Verified": _MARKS[table.loc[after, "verified"]]})
    return pd.DataFrame(rows)


def standing() -> pd.DataFrame:
    """Return what chips measure, and what the rules of the USA made of sending them to China after each change."""
    rows = []
    for chip in FOLLOWED:
        measured = export_rules.measures(chip)
        row = {"Chip": chip}
        for name in _AFTER:
            rule = export_rules.rule(name)
            row[f"After {rule.date:%B %Y}"] = export_rules.standing(chip, rule.date)
        taxed = export_rules.reaches(chip, "Tariff, January 2026")
        row |= {
            "In a band of the tariff": {True: "yes", False: "no", None: "not known"}[taxed],
            "Performance, TOPS × bit": _whole(measured.performance),
            "Density, over mm²": "–" if measured.density is None else numerals.significant(measured.density),
            "Links, GB/s": _whole(measured.link),
            "Memory, GB/s": _whole(measured.memory),
        }
        rows.append(row)
    return pd.DataFrame(rows)


def measures() -> pd.DataFrame:
    """Return every measure with its date, authority, bounds, status and source, oldest first."""
    frame = facts.read("export_rules")
    rows = []
    for row in frame.itertuples():
        bounds = _bounds(row)
        rows.append(
            {
                "Date": row.date if pd.isna(row.until) else f"{row.date}\nuntil {row.until}",
                "Rule": f"{row.rule}\n{row.authority}, {row.country}",
                "What it asks": row.measure if not bounds else f"{row.measure}\n{bounds}",
                "Kind": _KINDS[row.kind],
                "Status": f"{row.status}\nread as of {row.as_of}",
                "Verified": _MARKS[row.verified],
                "Source and note": row.source if pd.isna(row.note) else f"{row.source}\n{row.note[0].upper()}{row.note[1:]}",
            }
        )
    return pd.DataFrame(rows)


def lapsed(day: date) -> list[str]:
    """Return the rules whose state on a day was looked for and not found, as a text each."""
    frame = facts.read("export_rules")
    return list(frame.loc[(frame["status"] == "not found") & (frame["date"] <= day.isoformat()), "rule"])


def _bounds(row: object) -> str:
    """Return a row's bounds in words: "performance from 1,600; density from 5.92"."""
    words = {"tpp": "performance", "density": "density", "link": "links in GB/s", "memory": "memory in GB/s"}
    bounds = []
    for column in (
        "tpp_from",
        "tpp_below",
        "density_from",
        "density_below",
        "link_from",
        "memory_from",
        "memory_above",
        "memory_below",
    ):
        value = getattr(row, column)
        if not pd.isna(value):
            name, how = column.split("_")
            bounds.append(f"{words[name]} {how} {numerals.plain(value)}")
    return "; ".join(bounds)


def _whole(value: float | None) -> str:
    return "–" if value is None else numerals.whole(value)


def _change(before: float, after: float) -> str:
    if pd.isna(before) or pd.isna(after):
        return "–"
    if before == after:
        return numerals.plain(after)
    return f"{numerals.plain(before)} → {numerals.plain(after)}"
