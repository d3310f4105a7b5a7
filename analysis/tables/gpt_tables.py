"""GPT-1 to GPT-3 as tables of text: their sizes, GPT-2's answers, and GPT-3's prompts."""

import pandas as pd

from analysis import numerals
from analysis.history import answers, gpt_family, prompts
from analysis.models.architecture import load


def family() -> pd.DataFrame:
    """Return the sizes of GPT-1 to GPT-3: the shape as printed, printed and counted parameters."""
    rows = []
    for row in gpt_family.table().itertuples():
        shape = gpt_family.as_printed(row.model)
        rows.append(
            {
                "Model": row.model,
                "Layers": numerals.whole(shape.n_layers),
                "Width": numerals.whole(shape.d_model),
                "Heads": numerals.whole(shape.n_heads),
                "Printed": numerals.words(row.printed_parameters, 4),
                "Counted": numerals.whole(row.counted),
                "Agree": ("yes" if row.agrees else "no") + ("" if row.own else ", with the next paper's"),
            }
        )
    return pd.DataFrame(rows)


def texts() -> pd.DataFrame:
    """Return GPT-1, GPT-2 and GPT-3 with their dates, contexts and the text that each was trained on."""
    frame = gpt_family.table().drop_duplicates("date")
    return pd.DataFrame(
        [
            {
                "Model": " ".join(row.model.split()[:1]),
                "Published": row.date.replace("-", "\N{NON-BREAKING HYPHEN}"),
                "Context, tokens": numerals.whole(load(row.model).learned_positions),
                "Trained on": row.training_text + ("" if pd.isna(row.text_size) else f"\n{row.text_size}"),
            }
            for row in frame.itertuples()
        ]
    )


def surest_answers() -> pd.DataFrame:
    """Return the 30 answers of which GPT-2 was surest."""
    return pd.DataFrame(
        [
            {
                "Question": row.question,
                "GPT-2's answer": row.answer,
                "Right": "yes" if row.right else "no",
                "Probability": numerals.percent(row.probability, 3),
            }
            for row in answers.table().itertuples()
        ]
    )


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
