"""Prompts: what is in them, how long they are by measured counts, and what is refused."""

import pytest

from analysis import settings
from analysis.history import prompts
from analysis.history.prompts import PromptError
from analysis.serving.demand import DemandError
from analysis.settings import SettingError
from analysis.tables import prompt_tables


def test_a_prompt_has_its_examples_and_ends_with_the_question():
    for examples in range(len(prompts.EXAMPLES) + 1):
        lines = prompts.prompt(examples).splitlines()
        assert lines[0] == prompts.TASK
        assert lines[-1].startswith(prompts.QUESTION)
        assert len(lines) == examples + 2
        assert prompts.ANSWER not in prompts.prompt(examples)


def test_tokens_are_characters_by_measured_ratios():
    assert prompts.tokens("苹果", prompts.GPT3) == pytest.approx(2 * 2.07, rel=0.01)
    assert prompts.tokens("apples", prompts.GPT3) == pytest.approx(6 * 0.21, rel=0.03)
    with pytest.raises(DemandError, match="tokenizer 'GPT-5' is not in"):
        prompts.tokens("苹果", "GPT-5")


def test_as_many_examples_as_fit_fit_and_one_more_does_not():
    count, context = prompts.fitting(2048, prompts.GPT3), 2048
    each = (prompts.tokens(prompts.prompt(3), prompts.GPT3) - prompts.tokens(prompts.prompt(0), prompts.GPT3)) / 3
    fixed = prompts.tokens(prompts.prompt(0) + prompts.ANSWER, prompts.GPT3)
    assert fixed + count * each <= context < fixed + (count + 1) * each
    assert prompts.fitting(context, prompts.LATER) > count


def test_every_way_is_in_the_table():
    table = prompt_tables.ways_to_ask(2)
    assert list(table["Way"]) == ["Zero-shot", "One-shot", "Few-shot, 2", "Fine-tuning"]
    assert table["The model reads"].str.contains(prompts.QUESTION).all()


def test_the_decks_question_has_four_continuations_and_two_prompts_choose():
    table = prompt_tables.continuations()
    assert len(table) == 4
    asked = [prompt for _, _, _, prompt in prompts.CONTINUATIONS if prompt]
    assert len(set(asked)) == 2
    assert all(prompt.endswith(prompts.QUESTION) for prompt in asked), "the question stays, the words before it decide"
    followed = {text for text, *_ in prompts.CONTINUATIONS}
    assert not followed & {part for pair in prompts.EXAMPLES for part in pair}, "a continuation is no sentence to translate"


@pytest.mark.parametrize("examples", [-1, 4])
def test_examples_that_cannot_be_shown_are_refused(examples):
    with pytest.raises(PromptError, match=f"examples: {examples} can't be shown; allowed: 0 to 3"):
        prompts.prompt(examples)
    with pytest.raises(SettingError, match="examples: "):
        settings.read(prompts.Asked, {"examples": examples})
