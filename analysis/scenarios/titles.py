"""The names of assumptions as people read them in English; the Chinese ones stand with the fields."""

_TITLES = {"ttft_target": "Target time to first token", "tpot_target": "Target time per output token"}


def assumption_title(name: str) -> str:
    """Return the name of an assumption as a table or a chart has it: "Training time"."""
    title = name.replace("_", " ")
    return _TITLES.get(name, f"RL {title[3:]}" if title.startswith("rl ") else title.capitalize())
