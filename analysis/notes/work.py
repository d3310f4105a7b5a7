"""A note's section on one work on two chips: what reading and writing tokens are each bound by."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from analysis import numerals
from analysis.figures import note as figures
from analysis.hardware import accelerators
from analysis.industry import supply
from analysis.inference import pass_time
from analysis.inference.inference_fitted import HALF_WIDTHS
from analysis.languages.words import Words
from analysis.notes import results
from analysis.notes.blocks import Block, Chart, Table, Text
from analysis.notes.request import Request


def blocks(request: Request, words: Words) -> Iterator[Block]:
    """Yield what the chips of the scenario and of its base do of one work, read and written tokens apart."""
    chips = list(dict.fromkeys([request.base.accelerator, request.scenario.accelerator]))
    if "inference" not in request.parts or not all(map(results.is_known, chips)):
        return
    frame = supply.same_work(chips)
    yield Text(
        words(
            "work_text",
            chips=words("list", one=chips[0], other=chips[1]) if len(chips) > 1 else chips[0],
            model=supply.MODEL,
            server=supply.SERVER,
            prompt=numerals.whole(supply.PROMPT),
            context=numerals.whole(supply.CONTEXT),
        )
    )
    known = frame[frame["decode"].notna()]
    for row in frame[frame["decode"].isna()].itertuples():
        yield Text(words("work_missing", chip=row.chip, reason=row.why_not))
    rows = [
        {
            words("chip"): row.chip,
            words("requests"): numerals.whole(row.batch),
            words("prompts"): _around(row.prefill, "prefill"),
            words("answers"): _around(row.decode, "output token"),
        }
        for row in known.itertuples()
    ]
    if rows:
        yield Table(pd.DataFrame(rows), words("work_caption"))
    if len(known) == 2:
        yield from _against(request, known, words)
    for row in known[known["prompt_dollars"].notna()].itertuples():
        yield Text(
            words(
                "work_cost",
                chip=row.chip,
                prompt=numerals.significant(row.prompt_dollars),
                answer=numerals.significant(row.answer_dollars),
            )
        )


def _around(value: float, group: str) -> str:
    factor = np.exp(HALF_WIDTHS[group])
    return f"{numerals.whole(value)} ({numerals.whole(value / factor)} – {numerals.whole(value * factor)})"


def _against(request: Request, known: pd.DataFrame, words: Words) -> Iterator[Block]:
    before, after = known["chip"]
    first, second = known.iloc[0], known.iloc[1]
    sheet = accelerators.table()
    peaks = [scenario.peak_flop_per_second for scenario in (request.base, request.scenario)]
    precision = " / ".join(dict.fromkeys(scenario.precision for scenario in (request.base, request.scenario)))
    delivered = [peak * scenario.utilization for peak, scenario in zip(peaks, (request.base, request.scenario), strict=True)]
    many = " / ".join(dict.fromkeys(map(numerals.whole, known["batch"])))
    rows = {
        "peak": (words("ratio_peak", precision=precision), peaks[1] / peaks[0], "data sheet"),
        "bandwidth": (words("ratio_bandwidth"), _ratio(sheet, "mem_bw_tbs", before, after), "data sheet"),
        "memory": (words("ratio_memory"), _ratio(sheet, "memory_gb", before, after), "data sheet"),
        "prefill": (words("ratio_prefill"), second["prefill"] / first["prefill"], "predicted"),
        "few": (words("ratio_few", requests=supply.SERVER), _few(after) / _few(before), "predicted"),
        "decode": (words("ratio_decode", requests=many), second["decode"] / first["decode"], "predicted"),
    }
    frame = pd.DataFrame([[key, *row] for key, row in rows.items()], columns=["key", "what", "ratio", "kind"])
    ratio = {key: numerals.significant(row[1]) for key, row in rows.items()}
    yield Text(
        words(
            "work_more",
            before=before,
            after=after,
            peak=ratio["peak"],
            bandwidth=ratio["bandwidth"],
            prefill=ratio["prefill"],
            decode=ratio["decode"],
            few=ratio["few"],
            requests=supply.SERVER,
            formula=numerals.significant(delivered[1] / delivered[0]),
        )
    )
    yield Chart(figures.ratios(frame, before, after, words))


def _few(chip: str) -> float:
    """Return the tokens a second and chip that a server writes of as many requests as it has chips."""
    return pass_time.tokens_per_second_per_chip(supply.server(chip), supply.SERVER, supply.CONTEXT).item()


def _ratio(sheet: pd.DataFrame, column: str, before: str, after: str) -> float:
    return float(sheet.loc[after, column] / sheet.loc[before, column])
