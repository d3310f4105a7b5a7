"""Tokenizers: how many tokens the same text becomes."""

import json
import re

import altair as alt
import pandas as pd

from analysis import numerals
from analysis.figures import walk
from analysis.figures.render import figure
from analysis.figures.rows import rows
from analysis.figures.tooltips import tips
from analysis.history import prompts
from analysis.languages.walks import word
from analysis.networks import subwords
from analysis.networks.subwords import Pieces
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


#: A sentence in both languages, the second half a line of Wang Zhihuan's; and how much of a typed one is cut.
SENTENCE = "A model reads tokens, not words: 春風不度玉門關"
_MOST = 72
_LETTER, _WIDE_LETTER, _PAD = 7.25, 12.5, 7  # px of a letter, of a Chinese character, and around a token
_LINE, _HEADING, _EDGE = 24, 27, 96  # px of a line of tokens, of a name above it, and of the longest token
#: What puts a mark for each further byte behind a character that is in no list.
_AFTER = r", regexp('\u0002([@characters])', 'gu'), '\u0002$1@bytes')"
_CHINESE = "[\\u2e80-\\uffff]"


def typed(language: str = "en") -> alt.LayerChart:
    """Return how a sentence that the reader types is cut by vocabularies that this book learned, which a slider lets grow.

    The page itself cuts, as `subwords.cut` does: a pattern of all tokens, the longest first, then of the characters.
    """
    english, chinese = subwords.english(), subwords.chinese()
    lists: list[tuple[str, tuple[Pieces, ...]]] = [
        ("cut_bytes", ()), ("cut_english", (english,)), ("cut_chinese", (chinese,)), ("cut_both", (english, chinese))
    ]  # fmt: skip
    names = [word(name, language) for name, _ in lists]
    last = len(subwords.STEPS) - 1
    costs = [sum(cost for _, cost in subwords.cut(SENTENCE, _tokens(pieces, subwords.STEPS[-1]))) for _, pieces in lists]
    controls = (
        walk.typed("walk_text", word("cut_text", language), "", SENTENCE),
        walk.slider("walk_joins", word("cut_joins", language), last, last),
        *(alt.param(name=f"list_{number}", expr=f"{_text([_pattern(pieces, steps) for steps in subwords.STEPS])}[walk_joins]")
          for number, (_, pieces) in enumerate(lists)),
        *(alt.param(name=f"cut_{number}", expr=_cutting(f"list_{number}")) for number in range(len(lists))),
        walk.told(
            word("cut_said", language),
            {"@joins": f"toString({list(subwords.STEPS)}[walk_joins])"} | {
                f"@{number}": f"toString(length(split(cut_{number}, '\\u0001')) + length(split(cut_{number}, '\\u0003')) - 2)"
                for number in range(len(lists))
            },
        ),
    )  # fmt: skip
    kinds = [word("cut_token", language), word("cut_byte", language)]
    pieces = (
        alt.Chart(pd.DataFrame({"rank": range(len(lists)), "name": names}))
        .transform_calculate(cut=f"split([{', '.join(f'cut_{number}' for number in range(len(lists)))}][datum.rank], '\\u0001')")
        .transform_flatten(["cut"])
        .transform_filter("datum.cut != ''")
        .transform_calculate(
            both="split(datum.cut, '\\u0002')",
            cost="length(split(datum.cut, '\\u0003'))",
            piece="replace(replace(datum.both[0] + datum.both[1], regexp('\\u0003', 'g'), ''), regexp(' ', 'g'), '·')",
            kind=f"datum.both[0] == '' ? {kinds[1]!r} : {kinds[0]!r}",
            text="datum.piece + ['', '', '²', '³', '⁴'][datum.cost]",
            wide=f"length(datum.piece) - length(replace(datum.piece, regexp('{_CHINESE}', 'g'), ''))",
            span=f"{_PAD} + {_LETTER} * (length(datum.text) - datum.wide) + {_WIDE_LETTER} * datum.wide",
        )
        .transform_window(reached="sum(span)", groupby=["rank"], frame=[None, 0])
        .transform_calculate(line=f"floor((datum.reached - datum.span) / (width - {_EDGE}))")
        .transform_joinaggregate(begin="min(reached)", first="min(span)", groupby=["rank", "line"])
        .transform_window(row="dense_rank()", sort=[alt.SortField("rank"), alt.SortField("line")])
        .transform_window(place="row_number()", groupby=["rank", "line"])
        .transform_calculate(y=f"(datum.row - 1) * {_LINE} + (datum.rank + 1) * {_HEADING}")
    )
    starts = (
        pieces.transform_window(within="sum(span)", groupby=["rank", "line"], frame=[None, 0])
        .transform_calculate(x="datum.within - datum.span", to_x="datum.within - 2", to_y=f"datum.y + {_LINE - 3}",
                             middle="datum.within - datum.span / 2 - 1", centre=f"datum.y + {(_LINE - 3) / 2}")
    )  # fmt: skip
    height = 8 * _LINE + len(lists) * _HEADING
    x = alt.X("x:Q", axis=None, scale=alt.Scale(domain=[0, {"expr": "width"}], nice=False))
    up = alt.Scale(domain=[height, 0], nice=False)
    colour = alt.Color("kind:N", title=None, scale=alt.Scale(domain=kinds), legend=alt.Legend(columns=1, symbolOpacity=1))
    headings = (
        pieces.transform_aggregate(tokens="sum(cost)", y="min(y)", groupby=["name"])
        .transform_calculate(text=f"datum.name + ': ' + datum.tokens + {' ' + word('cut_tokens', language)!r}")
    )  # fmt: skip
    return figure(
        alt.layer(
            starts.mark_rect(opacity=0.28, cornerRadius=3, aria=False)
            .encode(x=x, x2="to_x:Q", y=alt.Y("y:Q", axis=None, scale=up), y2="to_y:Q", color=colour),
            starts.mark_text(font="monospace", fontSize=12, baseline="middle")
            .encode(x=alt.X("middle:Q", axis=None), y=alt.Y("centre:Q", axis=None, scale=up), text="text:N"),
            headings.mark_text(align="left", baseline="bottom", dy=-4, style="diagram-name", fontSize=13)
            .encode(x=alt.value(0), y=alt.Y("y:Q", axis=None, scale=up), text="text:N"),
        )
        .properties(height=height)
        .add_params(*controls),
        title="A vocabulary saves tokens in the language that it learned",
        subtitle=(
            f"“{SENTENCE}” takes {costs[0]} tokens by bytes, {costs[1]} with a list learned from English, {costs[2]} with one "
            f"from Chinese, {costs[3]} with both. Raised digits count the bytes of a character that no list has."
        ),
        description="A sentence cut into boxes by four vocabularies. "
        + " ".join(f"{name}: {' | '.join(piece for piece, _ in subwords.cut(SENTENCE, _tokens(of, subwords.STEPS[-1])))}."
                   for name, (_, of) in zip(names, lists, strict=True)),
        source="lists learned here by byte-pair encoding (Sennrich et al. 2016) from this book's glossary, and from Tang and "
        "Song poems; no seller's vocabulary, so without a price",
    )  # fmt: skip


def _tokens(pieces: tuple[Pieces, ...], steps: int) -> set[str]:
    return {token for list_ in pieces for token in list_.tokens(steps)}


def _pattern(pieces: tuple[Pieces, ...], steps: int) -> str:
    """Return a regular expression of the tokens after so many joins, the longest first."""
    joined = sorted({token for list_ in pieces for token in list_.joined[:steps]}, key=lambda token: (-len(token), token))
    characters = "".join(_escaped(character) for list_ in pieces for character in list_.characters)
    return "|".join([*map(_escaped, joined), f"[{characters}]"]) if pieces else "(?!)"


def _escaped(token: str) -> str:
    return re.sub(r"[\\^$.*+?()\[\]{}|/-]", r"\\\g<0>", token)


def _cutting(pattern: str) -> str:
    """Return the expression of the typed text with a mark after each piece, one before a character that is in no list, and
    another for each further byte of it."""
    marked = rf"replace(slice(walk_text, 0, {_MOST}), regexp('(' + {pattern} + ')|([\\s\\S])', 'gu'), '$1\u0002$2\u0001')"
    for characters, more in ((r"\u{80}-\u{7ff}", 1), (r"\u{800}-\u{ffff}", 2), (r"\u{10000}-\u{10ffff}", 3)):
        bytes_ = r"\u0003" * more
        marked += _AFTER.replace("@characters", characters.replace("\\", "\\\\")).replace("@bytes", bytes_)
        marked = f"replace({marked}"
    return marked


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
