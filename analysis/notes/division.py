"""The deck's division in a note: what the deck prints, what its formula gives, and what was wrong with a note that divided."""

from collections.abc import Iterator
from functools import cache

import pandas as pd

from analysis import facts, numerals
from analysis.figures import inference as inference_figures
from analysis.languages.words import Words
from analysis.notes import results
from analysis.notes.blocks import Block, Chart, Table, Text
from analysis.notes.findings import said
from analysis.notes.planned import Planned
from analysis.notes.request import Request
from analysis.plan.interval import Interval
from analysis.scenarios.estimate import estimate_with_deck_slip
from analysis.scenarios.scenario import ASSUMPTIONS, DECK, Scenario

#: Results that the deck prints too; `data/deck_claims.csv` has them under the same names.
_PRINTED = (
    "training_flop",
    "training_accelerators",
    "training_servers",
    "inference_flop",
    "inference_accelerators",
    "inference_servers",
)


def against(request: Request, part: str, chips: Interval, words: Words) -> dict[str, str]:
    """Return, as texts, what the division gives for a part of the work, what is planned, and how many times that is."""
    divided = results.evaluate(results.inputs(request.scenario))[f"{part}_accelerators"]
    return {
        "utilization": numerals.percent(request.scenario.utilization), "division": words.amount("count", divided),
        "planned": said(words, "count", chips), "factor": numerals.significant(chips.expected / divided),
    }  # fmt: skip


def wrong(request: Request, asked: Planned, words: Words) -> Iterator[Block]:
    """Yield what the corrected note said, by how much it was wrong, and why."""
    if request.corrects is None:
        return
    yield Text(words("wrong_said"))
    yield from map(Text, request.corrects.summary)
    for part in request.parts:
        chips = asked.chips(part)
        if chips is None:
            continue
        yield Text(words("wrong_text", part=words(part), **against(request, part, chips, words)))
    yield Text(words("wrong_why"))


def _is_deck(scenario: Scenario) -> bool:
    return all(getattr(scenario, name) == getattr(DECK, name) for name in ASSUMPTIONS)


@cache
def _printed_values() -> dict[str, float]:
    """Return what the deck prints, by the name of the line."""
    claims = facts.read("deck_claims").set_index("claim")["printed"]
    return {name: float(claims[name]) for name in _PRINTED}


def printed(request: Request, asked: Planned, words: Words) -> Iterator[Block]:
    """Yield what the deck prints beside its recomputation, and its division of this scenario, where that is the base."""
    if not _is_deck(request.base):
        return
    values, deck = _printed_values(), results.evaluate(results.inputs(DECK))
    if "inference" in request.parts:
        yield Text(
            words(
                "printed_text",
                printed=numerals.whole(values["inference_accelerators"]),
                corrected=numerals.whole(deck["inference_accelerators"]),
                tokens=numerals.plain(DECK.training_tokens),
                parameters=numerals.plain(DECK.parameters),
                factor=numerals.significant(
                    estimate_with_deck_slip(DECK).accelerators_exact / deck["inference_accelerators_exact"]
                ),
            )
        )
    for part in request.parts:
        chips = asked.chips(part)
        if chips is not None:
            text = words("division_text", **against(request, part, chips, words))
            yield Text(words("labelled", label=words(part), text=text))
    rows = [
        {
            words("result"): words(line.name),
            words("deck prints"): words.quantity(line.quantity, values[line.name]),
            words("deck recomputed"): words.quantity(line.quantity, deck[line.name]),
        }
        for line in results.LINES
        if line.name in values and line.part in request.parts
    ]
    yield Table(pd.DataFrame(rows), words("printed_caption"))
    if "inference" in request.parts:
        yield Chart(inference_figures.slip(request.scenario, values["inference_accelerators"], "slip_note", words))
