"""Tokenizers: how many tokens the same text becomes."""

import altair as alt

from analysis import numerals
from analysis.figures.render import figure
from analysis.figures.rows import rows
from analysis.figures.tooltips import tips
from analysis.history import prompts
from analysis.serving import demand

_TITLES = {
    "Chinese characters": "The deck's Chinese characters",
    "Chinese with punctuation": "The deck's Chinese with punctuation",
    "Chinese with numbers and English": "The whole deck",
    "classical Chinese": "The Analects",
    "zh: Tang poems (traditional chars, first 3000)": "Tang poems, traditional characters",
    "English news": "English news",
    "English drama": "English drama",
}


def by_text(text: str, rule: float) -> alt.LayerChart:
    """Return tokens a character by tokenizer, of `text` or another that the reader chooses; `rule` is the scenario's."""
    frame = demand.tokenizer_ratios()[["tokenizer", "text", "tokens_per_character"]]
    of_text = frame[frame["text"] == text].sort_values("tokens_per_character", ascending=False, kind="stable")
    rank = {name: place for place, name in enumerate(of_text["tokenizer"])}
    frame = frame.assign(title=frame["text"].map(_TITLES), rank=frame["tokenizer"].map(rank)).sort_values("rank", kind="stable")
    choice = alt.param(
        name="tokenized_text",
        value=_TITLES[text],
        bind=alt.binding_select(options=list(_TITLES.values()), name="Text "),
    )
    by_name = of_text.set_index("tokenizer")["tokens_per_character"]
    chart = rows(
        frame[["tokenizer", "title", "tokens_per_character"]],
        label="tokenizer",
        mark="bar",
        x=alt.X("sum(shown):Q", title="Tokens a character; dashed: the scenario's rule"),
        rule=rule,
        tooltip=tips("tokenizer:N | Tokenizer", "sum(shown):Q | Tokens a character | .3f"),
        calculate={"shown": f"datum.title == {choice.name} ? datum.tokens_per_character : 0"},
    )
    return figure(
        chart.add_params(choice),
        title=f"{_TITLES[text]}: tokens that a character takes",
        subtitle=(
            f"{_TITLES[text]}: {numerals.significant(by_name[prompts.GPT3], 3)} tokens a character for GPT-3, "
            f"{numerals.significant(by_name.min(), 2)} for {by_name.idxmin().split()[0]}; the scenario's rule says "
            f"{numerals.significant(rule, 3)}."
        ),
        description=f"Bars of tokens a character by tokenizer, for {_TITLES[text].lower()}: "
        + "; ".join(f"{row.tokenizer} {numerals.significant(row.tokens_per_character)}" for row in of_text.itertuples())
        + ".",
        source="data/tokenizer_ratios.csv, measured with the named vocabularies",
    )
