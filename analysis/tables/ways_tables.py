"""Tables of ways to serve: what each needs, what engines are told, what sessions find, and what published services say."""

from typing import Any

import pandas as pd

from analysis import facts, numerals
from analysis.serving import drafts, engine_flags, ways_case, ways_checked
from analysis.serving.serving_words import seconds
from analysis.serving.ways import Pool, Way
from analysis.serving.ways_case import WaysCase

_ROLES = {"both": "read and write", "reads": "read", "writes": "write"}


def needs(case: WaysCase) -> pd.DataFrame:
    """Return what each way takes for the demand of `case`, fewest chips first."""
    return pd.DataFrame([
        {
            "Way": way.kind.capitalize(),
            "Weights": way.weight_precision.upper(),
            "Cache": way.cache_precision.upper(),
            "Drafts": "–" if way.drafts is None else str(way.drafts.tokens),
            "Chips": numerals.whole(way.chips),
            "Replicas": "; ".join(map(_pool, way.pools)),
            "First token": seconds(way.first_token),
            "Further ones": seconds(way.output_token),
        }
        for way in ways_case.searched(case)
    ])  # fmt: skip


def compromises(case: WaysCase) -> pd.DataFrame:
    """Return the best compromises of tokens a second and chip with the time for each token, and with that to the first one.

    No other way has as many tokens in as short a time, where the other target is that of `case`.
    """
    lines_ = []
    for which, title in (("output_token", "Further tokens"), ("first_token", "First token")):
        rows = ways_case.by_target(case, which).sort_values([which, "speed"], ascending=[True, False])
        rows = rows[rows["speed"] > 1.001 * rows["speed"].cummax().shift(fill_value=0.0)]
        lines_ += [
            {"Time that is kept": title, "It is": seconds(getattr(row, which)), "Way": row.label,
             "Tokens a second and chip": numerals.significant(row.speed)}
            for row in rows.itertuples()
        ]  # fmt: skip
    return pd.DataFrame(lines_)


def lines(way: Way, model: str) -> pd.DataFrame:
    """Return the commands that three engines are given for `way`, none of which was run here."""
    return pd.DataFrame([
        {"Engine": engine, "Replicas": _ROLES[pool.role], "Command": line}
        for engine in engine_flags.ENGINES
        for pool, line in zip(way.pools, engine_flags.launches(way, model, engine), strict=True)
    ])  # fmt: skip


def in_sessions(case: WaysCase) -> pd.DataFrame:
    """Return what sessions find in the cache, without and with the host's memory; of sessions that can't be served, why."""
    return pd.DataFrame([
        {"Session": row.session, "Prompt, tokens": numerals.whole(row.prompt)}
        | (
            {"Host memory a chip": f"can't be served: {row.refused}"}
            if row.refused
            else {
                "Host memory a chip": "none" if not row.host else f"{row.host / 1e9:.0f} GB",
                "Turns that find their context": numerals.percent(row.hit_share),
                "Tokens not read again": numerals.percent(row.cached),
                "Turns a second and chip": numerals.significant(row.rate),
                "Without a cache": numerals.significant(row.alone, 2),
            }
        )
        for row in ways_case.found_by_sessions(case).itertuples()
    ]).fillna("–")  # fmt: skip


def mixes() -> pd.DataFrame:
    """Return what is published of requests by kind of service."""
    rows = facts.read("service_mixes")
    return pd.DataFrame({
        "Service": rows["service"].str.capitalize(),
        "Trace": rows["trace"],
        "Read": rows["prompt_tokens"].map(_whole),
        "Written": rows["answer_tokens"].map(_whole),
        "Known before": rows["cached_share"].map(lambda share: "–" if pd.isna(share) else numerals.percent(share)),
        "Turns": rows["turns"].map(_whole),
    })  # fmt: skip


def rates() -> pd.DataFrame:
    """Return the published rates at which drafts are accepted."""
    rows = drafts.published()
    return pd.DataFrame({
        "Method": rows["method"],
        "Model": rows["model"],
        "Text": rows["text"].str.capitalize(),
        "Drafted": rows["draft_tokens"].map(_whole),
        "Accepted": rows["acceptance"].map(numerals.percent),
    })  # fmt: skip


def checks() -> pd.DataFrame:
    """Return what was published of ways to serve, what is predicted, and the error."""
    return pd.DataFrame([
        {
            "What": row.what,
            "Unit": row.unit,
            "Published": numerals.significant(row.published),
            "Predicted": predicted(row),
            "Error": "–" if pd.isna(row.error) else f"{row.error:+.0%}".replace("-", "−"),
        }
        for row in ways_checked.checked().itertuples()
    ])  # fmt: skip


def predicted(row: Any) -> str:
    """Return what is predicted of a row of `ways_checked.checked`, or the range of a row that does not say enough."""
    if pd.isna(row.predicted):
        return f"{numerals.significant(row.low, 2)} to {numerals.significant(row.high, 2)}, by the length of answers"
    return numerals.significant(row.predicted)


def chips(way: Way | None) -> str:
    """Return the chips of a way; of one that keeps no targets, "no number that is enough"."""
    return "no number that is enough" if way is None else numerals.whole(way.chips)


def quality() -> pd.DataFrame:
    """Return what formats of fewer bits cost of scores, where both were published."""
    rows = facts.read("format_quality").dropna(subset=["score_before", "score_after"])
    return pd.DataFrame({
        "Format": rows["format"].str.upper(),
        "Before": rows["from_format"].str.upper(),
        "Model": rows["model"],
        "Benchmark": rows["benchmark"],
        "Score before": rows["score_before"].map("{:.1f}".format),
        "Score after": rows["score_after"].map("{:.1f}".format),
    })  # fmt: skip


def _pool(pool: Pool) -> str:
    shape = pool.deployment
    sizes = {"tensor": shape.tensor, "pipeline": shape.pipeline, "data": shape.data, "expert": shape.expert}
    split = ", ".join(f"{name} {size}" for name, size in sizes.items() if size > 1) or "one chip"
    return f"{pool.replicas} {_ROLES[pool.role]} ({split})"


def _whole(value: float) -> str:
    return "–" if pd.isna(value) else numerals.whole(value)
