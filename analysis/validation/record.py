"""Predictions on record: runs that are announced and not yet measured, predicted on a day and scored once published.

data/announced_runs.csv asks. `python -m analysis.validation.record --write [DAY]` states what is not stated yet, in
data/generated/predictions.csv, and leaves what was stated as it is, whatever the model says by then.
"""

import sys
from datetime import date

import numpy as np
import pandas as pd

from analysis import facts, paths
from analysis.evidence.errors import log_error
from analysis.validation.predict import PREDICTED, predict

QUESTIONS = "announced_runs"
NAME = f"{paths.GENERATED.name}/predictions"
COLUMNS = ("run_id", "stated", "predicted", "low", "high", "assumed")


class RecordError(ValueError):
    """A question that can't be predicted beforehand, or a prediction without its question; the message says which."""


def stated(questions: pd.DataFrame, known: set[str], day: str) -> pd.DataFrame:
    """Return the predictions, stated on `day`, of the `questions` that are not `known` by their run_id.

    Raises RecordError for one that is published already or that no model predicts.
    """
    new = questions[~questions["run_id"].isin(known)].reset_index(drop=True)
    if new.empty:
        return pd.DataFrame(columns=list(COLUMNS))
    if new["published"].notna().any():
        first = new.loc[new["published"].notna(), "run_id"].iloc[0]
        raise RecordError(f"data/{QUESTIONS}.csv: {first} is published already, so it can't be predicted beforehand")
    result = predict(new).assign(stated=day)
    refused = result.loc[result["status"] != PREDICTED, "status"]
    if len(refused):
        raise RecordError(f"data/{QUESTIONS}.csv: {refused.iloc[0]}")
    return result[list(COLUMNS)]


def extended(text: str, questions: pd.DataFrame, day: str) -> str:
    """Return the record's `text`, a CSV with a header or "", with a line for each new question, six digits a number."""
    known = {line.split(",", 1)[0] for line in text.splitlines()[1:]}
    new = stated(questions, known, day)
    return text + new.to_csv(index=False, header=not text, float_format="%.6g", lineterminator="\n")


def scored(questions: pd.DataFrame, kept: pd.DataFrame) -> pd.DataFrame:
    """Return the kept predictions with their questions, `log_error` and `held`, 1 where the interval holds what was published.

    Both are NaN while nothing is published. Raises RecordError for a prediction without its question, or one that was not
    stated before the day of publication.
    """
    orphans = sorted(set(kept["run_id"]) - set(questions["run_id"]))
    if orphans:
        raise RecordError(f"data/{NAME}.csv has {orphans[0]!r}, of which data/{QUESTIONS}.csv asks nothing")
    rows = kept.merge(questions, on="run_id", validate="one_to_one")
    known = rows["published"].notna()
    late = known & ~(rows["published_date"].fillna("") > rows["stated"])
    if late.any():
        row = rows[late].iloc[0]
        raise RecordError(f"{row['run_id']}: published_date = {row['published_date']!r} has to be after {row['stated']}, "
                          "the day on which it was predicted")  # fmt: skip
    held = (rows["low"] <= rows["published"]) & (rows["published"] <= rows["high"])
    return rows.assign(
        log_error=log_error(rows["predicted"], rows["published"], rows["metric"]),
        held=np.where(known, held.astype(float), np.nan),
    )


def read() -> pd.DataFrame:
    """Return what is on record, as `scored` has it."""
    return scored(facts.read(QUESTIONS), facts.read(NAME))


def main(words: list[str]) -> None:
    """Print what the record lacks, as of the day among the `words` or today; with --write, add it to the record."""
    day = next((word for word in words if word != "--write"), date.today().isoformat())
    date.fromisoformat(day)
    path = paths.DATA / f"{NAME}.csv"
    before = path.read_text(encoding="utf-8") if path.is_file() else ""
    after = extended(before, facts.read(QUESTIONS), day)
    print(after.removeprefix(before).strip() or "nothing is new")
    if "--write" in words and after != before:
        paths.write(path, after)


if __name__ == "__main__":
    main(sys.argv[1:])
