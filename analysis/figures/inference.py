"""Inference: the deck's slip, and what a tokenizer does to the count (the deck's figure 39)."""

import altair as alt
import pandas as pd

from analysis import facts, numerals
from analysis.deck import audit
from analysis.figures import axes, sliders
from analysis.figures.render import figure, vega
from analysis.figures.rows import rows
from analysis.figures.tooltips import tips
from analysis.languages.words import Words
from analysis.scenarios import sizing
from analysis.scenarios.estimate import estimate, estimate_with_deck_slip
from analysis.scenarios.scenario import DECK, Scenario

_ACCELERATORS = alt.Axis(labelExpr=axes.SHORT, tickCount=5)


def slip(scenario: Scenario, printed: float, whose: str = "slip_book", words: Words = Words("en")) -> alt.LayerChart:
    """Return the deck's printed count, the same with its slip recomputed, the corrected count, and the scenario's.

    `whose` is the name, among the words, of what has the scenario's assumptions.
    """
    corrected = estimate(DECK).inference.accelerators
    cases = [
        (words("slip_printed"), printed, "deck"),
        # Rounded as the deck rounds, not up, so that the two can be compared.
        (words("slip_repeated"), round(estimate_with_deck_slip(DECK).accelerators_exact), "deck"),
        (words("slip_corrected"), corrected, "corrected"),
    ]
    if (chips := estimate(scenario).inference.accelerators) != corrected:
        cases.append((words(whose), chips, "scenario"))
    frame = pd.DataFrame(cases, columns=["case", "accelerators", "kind"])
    frame = frame.astype({"accelerators": float})  # JSON has no integers beyond 64 bits
    factor = numerals.significant(printed / corrected)
    return figure(
        rows(
            frame,
            label="case",
            mark="bar",
            x=alt.X("accelerators:Q", title=words("slip_axis"), axis=_ACCELERATORS),
            colour=alt.Color("kind:N", legend=None, scale=alt.Scale(domain=["corrected", "deck", "scenario"])),
            value="format(datum.accelerators, ',')",
        ),
        title=words("slip_title"),
        subtitle=words("slip_subtitle", factor=factor),
        description=words("slip_text", counts="; ".join(f"{case} {numerals.whole(count)}" for case, count, _ in cases)),
        source=words("slip_source"),
    )


def tokenizers(scenario: Scenario) -> alt.LayerChart:
    """Return accelerators by tokenizer, on the Chinese characters of the deck, with sliders for visits and utilization."""
    billion_visits = sliders.billions(scenario.visits_per_day, "billion_visits", "Visits a day", 0.1, 20, 0.1)
    utilization = sliders.utilization(scenario, "serving_utilization")
    tokens = sizing.tokens_per_day(
        billion_visits * 1e9, scenario.questions_per_visit, scenario.characters_per_question, alt.datum.ratio
    )
    flop = sizing.inference_flop(scenario.parameters, tokens)
    needed = vega(sizing.accelerators_needed(flop, scenario.serving_time, scenario.peak_flop_per_second, utilization))
    frame = _ratios()

    def needed_at(ratio: float) -> int:
        return estimate(scenario.model_copy(update={"tokens_per_character": ratio})).inference.accelerators

    chart = rows(
        frame,
        label="tokenizer",
        mark="bar",
        x=alt.X("needed:Q", title="Accelerators to serve one day", axis=_ACCELERATORS),
        colour=alt.Color("kind:N", legend=None, scale=alt.Scale(domain=["measured", "rule"])),
        value="format(ceil(datum.needed), ',')",
        tooltip=tips("tokenizer:N | Tokenizer", "ratio:Q | Tokens a character | .2f", "needed:Q | Accelerators | ,.0f"),
        calculate={"needed": needed},
    )
    spread = frame["ratio"].max() / frame["ratio"].min()
    return figure(
        chart.add_params(billion_visits, utilization),
        title="The tokenizer alone can multiply the count",
        subtitle=f"Between the tokenizers shown, the count changes by a factor of {numerals.significant(spread, 2)}.",
        description="Bars of accelerators by tokenizer. Tokens a Chinese character: "
        + "; ".join(f"{row.tokenizer}, {numerals.counted(needed_at(row.ratio), 'accelerator')}" for row in frame.itertuples())
        + ".",
        source="the tokenizers, run on the deck's own Chinese text",
    )


def _ratios() -> pd.DataFrame:
    """Return tokens a Chinese character, measured, by tokenizer, with the deck's rule among them."""
    names = facts.read("tokenizer_ratios")["tokenizer"].unique()
    frame = pd.DataFrame({"name": names, "ratio": [audit.tokens_per_character(name) for name in names], "kind": "measured"})
    frame = frame[~frame["name"].str.contains("p50k|DeepSeek-V4|BERT")]  # twins of rows that stay; BERT does not write
    rule = {"name": "The deck's rule, for English words", "ratio": DECK.tokens_per_character, "kind": "rule"}
    frame = pd.concat([frame, pd.DataFrame([rule])]).sort_values("ratio", ascending=False, ignore_index=True)
    frame["tokenizer"] = [
        f"{name}: {numerals.significant(ratio)}" for name, ratio in zip(frame["name"], frame["ratio"], strict=True)
    ]
    return frame[["tokenizer", "ratio", "kind"]]
