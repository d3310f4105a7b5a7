"""What the deck prints, as it prints it; analysis/deck/audit.py judges it."""

from analysis import facts


def printed(claim: str) -> float:
    """Return the number that the deck prints for `claim`, one of `data/deck_claims.csv`. Raises FactsError."""
    values = {row["claim"]: row["printed"] for row in facts.rows("deck_claims")}
    try:
        return float(values[claim] or "")
    except (KeyError, ValueError) as exc:
        raise facts.FactsError(f"deck_claims.csv: no number is printed for {claim!r}") from exc
