"""What stays as it is in every language: names of chips, models, makers and engines, and what cites a source."""

from functools import cache

from analysis import facts

#: Columns of facts that hold names or citations and nothing else.
_COLUMNS = frozenset(
    {
        "accelerator",
        "chip",
        "chips",
        "cloud",
        "cluster",
        "company",
        "data_set",
        "engine",
        "engine_name",
        "house",
        "id",
        "key",
        "label",
        "maker",
        "makers",
        "model",
        "model_name",
        "model_type",
        "name",
        "name_en",
        "organisation",
        "organization",
        "paper",
        "product",
        "provider",
        "seller",
        "server",
        "site",
        "source",
        "sources",
        "system",
        "tokenizer",
        "url",
        "vendor",
    }  # fmt: skip
)


@cache
def names() -> frozenset[str]:
    """Return every name in the facts."""
    known: set[str] = set()
    for file in facts.names():
        table = facts.read(file)
        for column in _COLUMNS.intersection(table.columns):
            known.update(value for value in table[column].dropna().unique() if isinstance(value, str))
    return frozenset(known)
