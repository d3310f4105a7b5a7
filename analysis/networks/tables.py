"""Tables of the chapters on the small networks, as DataFrames of text."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from analysis import numerals
from analysis.models import ledger
from analysis.models.architecture import Architecture
from analysis.networks import decoding, number_words, translator
from analysis.networks.attention import MultiHeadAttended
from analysis.networks.decoding import Generated
from analysis.networks.transformer import Transformer
from analysis.networks.word_vectors import WordVectors


def looked_up(model: Transformer, tokens: Sequence[str], numbers: Sequence[int], shown: int = 4) -> pd.DataFrame:
    """Return what the table of vectors holds for each of the `tokens`, the first `shown` components of it."""
    rows = [
        {"Token": token, "Row of the table": str(number)}
        | {"Its vector": f"({', '.join(numerals.signed(value) for value in model.embedding[number, :shown])}, …)"}
        for token, number in zip(tokens, numbers, strict=True)
    ]
    return pd.DataFrame(rows)


def steps(attended: MultiHeadAttended, head: int, query: int, tokens: Sequence[str]) -> pd.DataFrame:
    """Return attention step by step for one query: a row for each key. `head` and `query` are counted from 0."""
    d_k = attended.queries.shape[-1]
    products = attended.keys[head] @ attended.queries[head, query]
    scaled = products / np.sqrt(d_k)
    powers = np.exp(scaled)
    rows = [
        [token, numerals.signed(product), numerals.signed(score), numerals.significant(float(power)), _share(weight)]
        for token, product, score, power, weight in zip(tokens, products, scaled, powers, powers / powers.sum(), strict=True)
    ]
    rows.append(["Sum", "", "", numerals.significant(float(powers.sum())), _share(1.0)])
    return pd.DataFrame(rows, columns=["Key", "q · k", f"÷ √{d_k}", "e to the power of it", "Weight"])


def by_heads(architecture: Architecture, counts: Iterable[int], tokens: int) -> pd.DataFrame:
    """Return width, parameters and work of the `architecture` with each of the `counts` of heads, over `tokens` tokens.

    The last row keeps the full width in each of the architecture's own heads. Parameters and FLOP are the ledger's.
    """

    def with_heads(count: int, width: int) -> Architecture:
        return architecture.with_blocks(
            mixer=lambda mixer: replace(mixer, heads=count, kv_heads=count, key_dim=width, value_dim=width)
        )

    others = [with_heads(count, architecture.d_model // count) for count in counts]
    wide = with_heads(architecture.n_heads, architecture.d_model)
    return pd.DataFrame(
        [
            {
                "Heads": str(other.n_heads),
                "Width of a head": str(other.d_head),
                "Parameters": numerals.whole(ledger.parameters(other)),
                f"FLOP over {tokens} tokens": numerals.whole(ledger.product_flop(ledger.ledger(other, 1, tokens))[0]),
                "Weights a layer": numerals.whole(other.n_heads * tokens**2),
            }
            for other in (*others, wide)
        ]
    )


def analogies(vectors: WordVectors, questions: Iterable[tuple[str, str, str]], count: int = 3) -> pd.DataFrame:
    """Return the nearest words to each second − first + third, without and with the three words."""

    def written(answers: list[tuple[str, float]]) -> str:
        return ", ".join(f"{word} {numerals.significant(cosine, 2)}" for word, cosine in answers)

    return pd.DataFrame(
        [
            {
                "Question": f"{first} : {second} :: {third} : ?",
                "Given words left out": written(vectors.analogy(first, second, third, count)),
                "No word left out": written(vectors.analogy(first, second, third, count, exclude=False)),
            }
            for first, second, third in questions
        ]
    )


def relations(scores: pd.DataFrame, log: pd.DataFrame) -> pd.DataFrame:
    """Return the scores of analogies by relation, with those among all of GloVe's words, from the `log`, beside
    them."""
    among_all = log.set_index("relation")["right"]
    return pd.DataFrame(
        [
            {
                "Relation": row.relation.capitalize(),
                "Right": numerals.percent(row.right),
                "No word left out": numerals.percent(row.right_of_all),
                "Third word comes back": numerals.percent(row.repeats_third),
                "Without the difference": numerals.percent(row.right_without_offset),
                "Right among all words": numerals.percent(among_all[row.relation]),
                "Cosine of differences": numerals.significant(row.parallel, 2),
            }
            for row in scores.sort_values("right", ascending=False).itertuples()
        ]
    )


def accuracy(frame: pd.DataFrame, model: Transformer) -> pd.DataFrame:
    """Return what `held_out.by_digits` measured, with an example of what went wrong, if anything did."""

    def failure(number: float | None) -> str:
        if number is None or np.isnan(number):
            return "–"
        written = translator.text(translator.translate(number_words.english(int(number)), model=model))
        return f"{int(number):,}: {written}"

    table = pd.DataFrame(
        {
            "Unseen numbers": frame["kind"],
            "Digits": frame["digits"].astype(str),
            "There are": [numerals.whole(count) for count in frame["unseen"]],
            "Tested": [numerals.whole(count) for count in frame["tested"]],
            "Right": [numerals.percent(share, 4) for share in frame["right"] / frame["tested"]],
            "A wrong one": [failure(number) for number in frame["wrong"]],
        }
    )
    return table if frame["wrong"].notna().any() else table.drop(columns="A wrong one")


def odd_sentences(sentences: Iterable[str], model: Transformer) -> pd.DataFrame:
    """Return what the translator makes of `sentences` that no number is written as, and how probable it finds that."""
    rows = []
    for sentence in sentences:
        generated = translator.translate(sentence, model=model)
        rows.append((sentence, translator.text(generated) or "(nothing)", numerals.probability(generated.probability)))
    return pd.DataFrame(rows, columns=["English", "What it writes", "Probability of that"])


def additions(frame: pd.DataFrame) -> pd.DataFrame:
    """Return what `sublayers.additions` measured: how long the vectors are on both ways around each sub-layer."""
    return pd.DataFrame(
        {
            "Layer": frame["layer"].astype(str),
            "Sub-layer": frame["sublayer"],
            "Enters": [numerals.significant(length, 2) for length in frame["enters"]],
            "Is added": [numerals.significant(length, 2) for length in frame["added"]],
            "Sum": [numerals.significant(length, 2) for length in frame["sum"]],
        }
    )


def decoder_steps(generated: Generated, most: int = 2) -> pd.DataFrame:
    """Return what each step of the decoder was fed, and its `most` likeliest tokens."""
    tokens = translator.VOCABULARY.tokens
    rows = []
    for number, step in enumerate(generated.steps, start=1):
        likeliest = np.argsort(-step.probabilities)[:most]
        rows.append(
            (
                str(number),
                translator.fed(step),
                *(f"{tokens[token]} {numerals.probability(step.probabilities[token])}" for token in likeliest),
            )
        )
    return pd.DataFrame(rows, columns=["Step", "It is fed", "Likeliest", "Second", "Third"][: 2 + most])


def samples(sentence: str, temperatures: Iterable[float], count: int, seed: int) -> pd.DataFrame:
    """Return `count` translations of `sentence` that were sampled at each of the `temperatures`."""
    rows = []
    for temperature in temperatures:
        choose = decoding.sampling(temperature, np.random.default_rng(seed))
        texts = [translator.text(translator.translate(sentence, choose)) for _ in range(count)]
        rows.append((numerals.plain(temperature), ", ".join(text or "(nothing)" for text in texts)))
    return pd.DataFrame(rows, columns=["Temperature", "Sampled translations"])


def _share(value: float) -> str:
    return f"{value:.3f}"
