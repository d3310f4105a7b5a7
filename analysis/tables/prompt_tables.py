"""GPT-3's prompts as tables of text."""

import pandas as pd

from analysis import numerals
from analysis.history import prompts


def continuations() -> pd.DataFrame:
    """Return what may follow the deck's question, what each is, and the prompt that asks for it."""
    return pd.DataFrame(
        [
            {
                "What may follow": f"{text}\n{meaning}".strip(),
                "What it is": kind,
                "Prompt that asks for it": prompt or "none in the deck",
            }
            for text, meaning, kind, prompt in prompts.CONTINUATIONS
        ]
    )


def ways_to_ask(examples: int) -> pd.DataFrame:
    """Return what the model reads and learns when it is asked with no, one or so many examples, or fine-tuned."""
    asked = {"Zero-shot": 0, "One-shot": 1, f"Few-shot, {examples}": examples}
    rows = [
        {
            "Way": way,
            "The model reads": prompts.prompt(count),
            "What changes": "nothing: no weight moves",
            "Tokens read, about": numerals.whole(prompts.tokens(prompts.prompt(count), prompts.GPT3)),
        }
        for way, count in asked.items()
    ]
    pairs = [f"{source} ⇒ {target}" for source, target in prompts.EXAMPLES]
    rows.append(
        {
            "Way": "Fine-tuning",
            "The model reads": "\n".join(
                [*pairs, "… thousands of pairs, each followed by a step", "then alone:", prompts.QUESTION]
            ),
            "What changes": "all weights, a little with each step; a model for this task alone",
            "Tokens read, about": numerals.whole(prompts.tokens(prompts.QUESTION, prompts.GPT3)),
        }
    )
    return pd.DataFrame(rows)
