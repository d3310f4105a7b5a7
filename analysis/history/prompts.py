"""Prompts: the deck's own question, what may follow it, and how GPT-3 is asked, with no, one or a few examples."""

import math

from pydantic import Field

from analysis.serving import demand
from analysis.settings import Settings

#: The task in the deck's words, and the sentence that it asks for.
TASK = "汉译英："
QUESTION = "你喜欢吃苹果吗？"
ANSWER = "Do you like eating apples?"
#: What may follow the deck's question: the text, its meaning, what it is, and the deck's prompt that
#: asks for it, where it gives one.
CONTINUATIONS = (
    ("我喜欢吃。", "I like eating them.", "an answer", "请回答：你喜欢吃苹果吗？"),
    ("苹果是什么？", "What is an apple?", "a question back", ""),
    ("今天天气真好。", "The weather is really nice today.", "a change of subject", ""),
    (ANSWER, "", "a translation", f"{TASK}{QUESTION}"),
)
#: Examples of the task: our own, since the deck prints none.
EXAMPLES = (
    ("他住在北京。", "He lives in Beijing."),
    ("你的书在哪里？", "Where is your book?"),
    ("我们明天去上海。", "We are going to Shanghai tomorrow."),
)
#: Tokenizers by data/tokenizer_ratios.csv: GPT-3's own, and a later one.
GPT3, LATER = "GPT-2/GPT-3 r50k_base", "GPT-4o o200k_base"
_MEANS = " → "


class PromptError(ValueError):
    """A number of examples that can't be shown; the message says what is allowed."""


class Asked(Settings):
    """The settings of the notebook on prompts: the examples in the prompt of few."""

    examples: int = Field(3, ge=2, le=len(EXAMPLES))


def prompt(examples: int) -> str:
    """Return what GPT-3 reads: the task, so many examples, and the question. Raises PromptError."""
    if not 0 <= examples <= len(EXAMPLES):
        raise PromptError(f"examples: {examples} can't be shown; allowed: 0 to {len(EXAMPLES)}")
    shown = [f"{source}{_MEANS}{target}" for source, target in EXAMPLES[:examples]]
    return "\n".join([TASK, *shown, f"{QUESTION}{_MEANS}".rstrip()])


def tokens(text: str, tokenizer: str) -> float:
    """Return about how many tokens `text` is, from measured ratios: other characters as in English news.

    Raises DemandError for an unknown tokenizer.
    """
    chinese = sum(ord(character) >= 0x2E80 for character in text)
    each = demand.tokens_per_character(tokenizer, "Chinese with punctuation")
    return chinese * each + (len(text) - chinese) * demand.tokens_per_character(tokenizer, "English news")


def fitting(context: int, tokenizer: str) -> int:
    """Return about how many examples, as long as EXAMPLES are on average, fit before the question in `context` tokens."""
    each = (tokens(prompt(len(EXAMPLES)), tokenizer) - tokens(prompt(0), tokenizer)) / len(EXAMPLES)
    return math.floor((context - tokens(prompt(0) + ANSWER, tokenizer)) / each)
