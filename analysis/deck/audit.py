"""The audit of the deck: each numeric claim recomputed, and each erratum with its numbers put in.

A claim that names a quantity gets a computed verdict: the printed number against the recomputed one, to the digits
that the deck prints. Only where nothing can be computed does the verdict come from `data/deck_claims.csv`.
"""

from decimal import Decimal
from functools import cache

import pandas as pd

from analysis import facts, numerals
from analysis.scenarios import sizing
from analysis.scenarios.estimate import estimate, estimate_with_deck_slip, whole
from analysis.scenarios.reading import build
from analysis.scenarios.scenario import DECK
from analysis.serving.demand import tokens_per_character

#: What a verdict says of a printed number, in the order in which they are listed.
VERDICTS = {
    "holds": "the recomputed value agrees to the digits that the deck prints, or the named source says the same",
    "consistent": "agrees, but the assumption was read off this very number, so that it had to",
    "rounded down": "agrees, but a count has to be rounded up",
    "wrong": "the deck's own assumptions give another value",
    "outdated": "was true once; a newer value is published",
    "wrong basis": "a rule for something else; the measured value differs",
    "assumption": "a choice of the deck, neither true nor false",
    "variant": "one of several usual statements",
    "unverified": "could not be found in a source",
    "not printed": "announced, but no number is printed",
}
#: What an erratum of each kind is; those of the first four kinds change a number of the estimate.
KINDS = {
    "arithmetic": "a wrong factor, or a number computed with it",
    "rounding": "a count rounded down",
    "method": "a rule or a peak taken where another holds",
    "input": "a value that was out of date",
    "fact": "a statement that its source does not bear out",
    "source": "a source named that is another's, or second-hand",
    "omission": "something left out that the reader needs",
    "variant": "one of several usual statements",
    "wording": "a misprint, or a word that says something else",
}
CHANGE_THE_ESTIMATE = ("arithmetic", "rounding", "method", "input")
#: Positions that GPT-3 attends to (Brown et al. 2020, section 2.1).
GPT3_CONTEXT = 2048
#: Tokens that GPT-3 tells apart (Radford et al. 2019, section 2.2, whose vocabulary it keeps).
GPT3_VOCABULARY = 50_257

_WHERE_DIFFERENT = {"equal": "wrong", "count": "wrong", "inferred": "wrong", "newer": "outdated", "basis": "wrong basis"}


def verdict(printed: str, recomputed: float, compare: str) -> str:
    """Return the verdict on a printed number, to the digits with which it is printed.

    `compare` is how the two relate: "equal", "count" (must be rounded up), "newer" (`recomputed` was published
    later), "basis" (`recomputed` is measured on what the rule is applied to) or "inferred" (an assumption behind
    `recomputed` was read off the printed number).
    """
    half_digit = Decimal(5).scaleb(Decimal(printed).as_tuple().exponent - 1)
    if abs(Decimal(printed) - Decimal(recomputed)) > half_digit:
        return _WHERE_DIFFERENT[compare]
    if compare == "inferred":
        return "consistent"
    if compare == "count" and float(printed) < whole(recomputed):
        return "rounded down"
    return "holds"


@cache
def quantities() -> dict[str, float]:
    """Return every quantity that a claim is held against, by the name in `data/deck_claims.csv`."""
    gpt3 = facts.read("gpt3_sizes").set_index("model").loc["GPT-3 175B"]
    values = dict(estimate(DECK).flat())
    values |= {
        "units.seconds_in_training_time": 30 * 24 * 60 * 60,
        "units.seconds_in_a_day": 24 * 60 * 60,
        "scenario.effective_flop_per_second": sizing.effective_flop_per_second(DECK.peak_flop_per_second, DECK.utilization),
        "gpt3.parameters": gpt3.params_table_D_1_million * 1e6,
        "gpt3.training_tokens": gpt3.training_tokens,
        "demand.searches_per_day": searches_per_day(),
        "tokenizer.gpt3_tokens_per_character": tokens_per_character("GPT-2/GPT-3 r50k_base"),
    }
    return values


def claims() -> pd.DataFrame:
    """Return every claim with `recomputed` (NaN where nothing can be), `ratio` of printed to it, and `verdict`."""
    frame = facts.read("deck_claims")
    frame["recomputed"] = frame["quantity"].map(quantities())
    unknown = frame["quantity"].notna() & frame["recomputed"].isna()
    if unknown.any():
        raise facts.FactsError(f"deck_claims.csv: unknown quantity {frame.loc[unknown, 'quantity'].iloc[0]!r}")
    computed = frame["recomputed"].notna()
    frame["verdict"] = frame["judged"]
    frame.loc[computed, "verdict"] = [verdict(row.printed, row.recomputed, row.compare) for row in frame[computed].itertuples()]
    frame["ratio"] = pd.to_numeric(frame["printed"], errors="coerce") / frame["recomputed"]
    return frame


def follows_from_slip(claim: str) -> bool:
    """Say whether the printed number of `claim` comes out when training tokens stand for parameters."""
    row = facts.read("deck_claims").set_index("claim").loc[claim]
    name = row.quantity.removeprefix("inference.")
    return verdict(row.printed, getattr(estimate_with_deck_slip(DECK), name), "equal") == "holds"


def errata() -> pd.DataFrame:
    """Return the errata with their computed numbers put in."""
    frame = facts.read("deck_errata")
    for column in ("problem", "correction"):
        frame[column] = [text.format_map(_texts()) for text in frame[column]]
    return frame


def searches_per_day() -> float:
    """Return Google's searches a day, from the newest yearly figure that it published."""
    demand = facts.read("demand")
    yearly = demand[(demand["product"] == "Search") & (demand["metric"] == "searches per year")]
    return float(yearly.sort_values("date")["value"].iloc[-1]) / 365


@cache
def _texts() -> dict[str, str]:
    """Return the computed numbers that the errata quote, as text."""
    result, slip = estimate(DECK), estimate_with_deck_slip(DECK)
    bf16 = _under(precision="BF16")
    fp32 = _under(precision="FP32")
    gpt3 = facts.read("gpt3_sizes").set_index("model").loc["GPT-3 175B"]
    attention = gpt3.n_layers * sizing.layer_attention_flop_per_token(gpt3.d_model, GPT3_CONTEXT)
    return {
        "training_tokens": numerals.words(DECK.training_tokens),
        "parameters": numerals.words(DECK.parameters),
        "tokens_per_day": numerals.scientific(result.inference.tokens_per_day, 4),
        "flop_per_day": numerals.scientific(result.inference.flop_per_day, 4),
        "slip_flop_per_day": numerals.scientific(slip.flop_per_day, 3),
        "slip_factor": numerals.significant(slip.flop_per_day / result.inference.flop_per_day),
        "flop_per_second": numerals.scientific(result.inference.flop_per_second, 4),
        "accelerators": numerals.whole(result.inference.accelerators),
        "servers": numerals.whole(result.inference.servers),
        "accelerators_per_server": numerals.whole(DECK.accelerators_per_server),
        "training_accelerators_exact": f"{result.training.accelerators_exact:,.2f}",
        "training_accelerators": numerals.whole(result.training.accelerators),
        "training_servers": numerals.whole(result.training.servers),
        "training_accelerators_bf16": numerals.whole(bf16.training.accelerators),
        "training_servers_bf16": numerals.whole(bf16.training.servers),
        "training_accelerators_fp32": numerals.whole(fp32.training.accelerators),
        "inference_accelerators_fp16": numerals.whole(_under(precision="FP16").inference.accelerators),
        "inference_accelerators_int8": numerals.whole(_under(precision="INT8").inference.accelerators),
        "a100_tf32": _tflops("TF32"),
        "a100_bf16": _tflops("BF16"),
        "a100_fp32": _tflops("FP32"),
        "searches_per_day": numerals.words(searches_per_day()),
        "tokens_per_character_gpt3": numerals.significant(tokens_per_character("GPT-2/GPT-3 r50k_base")),
        "tokens_per_character_gpt4": numerals.significant(tokens_per_character("GPT-3.5-turbo/GPT-4 cl100k_base")),
        "tokens_per_character_gpt4o": numerals.significant(tokens_per_character("GPT-4o o200k_base"), 2),
        "tokens_per_character_qwen3": numerals.significant(tokens_per_character("Qwen3"), 2),
        "tokens_per_character_deepseek": numerals.significant(tokens_per_character("DeepSeek-V3"), 2),
        "attention_flop_per_token": numerals.scientific(attention, 2),
        "attention_share": numerals.percent(attention / sizing.inference_flop(DECK.parameters, 1)),
        "gpt3_context": numerals.whole(GPT3_CONTEXT),
    }


def _under(**assumptions: object):
    return estimate(build(assumptions, "errata"))


def _tflops(precision: str) -> str:
    peak = build({"precision": precision}, "errata").peak_flop_per_second
    return f"{numerals.significant(peak / 1e12)} TFLOPS"
