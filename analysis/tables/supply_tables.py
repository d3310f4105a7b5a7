"""Tables of the chapter on supply, as DataFrames of text with units in their heads."""

import pandas as pd

from analysis import numerals
from analysis.hardware import accelerators
from analysis.industry import supply

_MARKS = {"yes": "yes", "partly": "partly", "no": "not verified"}


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
    for before, after in supply.EXPORTED.items():
        row = {"From, to": f"{before}\n→ {after}"}
        row |= {title: _change(table.loc[before, key], table.loc[after, key]) for title, key in columns.items()}
        performance = [supply.processing_performance(chip) for chip in (before, after)]
        row["Processing performance"] = _change(*performance)
        rows.append(row | {"Verified": _MARKS[table.loc[after, "verified"]]})
    return pd.DataFrame(rows)


def work(frame: pd.DataFrame) -> pd.DataFrame:
    """Return `supply.same_work` as text."""
    return pd.DataFrame(
        [
            {
                "Chip": row.chip,
                "Requests at once": _number(row.batch),
                "Prompt, tokens/s": _number(row.prefill),
                "Answer, tokens/s": _number(row.decode),
                "Prompt, USD a million": _price(row.prompt_dollars),
                "Answer, USD a million": _price(row.answer_dollars),
                "Blended, USD a million": _price(row.blended_dollars),
                "Verified": _MARKS[row.verified] + ("\nlinks assumed" if row.link_assumed and row.decode > 0 else ""),
            }
            for row in frame.itertuples()
        ]
    )


def countries() -> pd.DataFrame:
    """Return the known existing clusters by country or region."""
    frame = supply.countries()
    total = frame["h100_equivalents"].sum()
    return pd.DataFrame(
        [
            {
                "Country or region": row.country_or_region[0].upper() + row.country_or_region[1:],
                "Clusters": numerals.whole(row.clusters),
                "Peak, thousand H100": numerals.significant(row.h100_equivalents / 1e3),
                "Share": numerals.percent(row.h100_equivalents / total),
            }
            for row in frame.itertuples()
        ]
    )


def _change(before: float, after: float) -> str:
    if pd.isna(before) or pd.isna(after):
        return "–"
    if before == after:
        return numerals.plain(after)
    return f"{numerals.plain(before)} → {numerals.plain(after)}"


def _number(value: float) -> str:
    return "–" if pd.isna(value) else numerals.whole(value)


def _price(value: float) -> str:
    return "–" if pd.isna(value) else f"{value:.2f}"
