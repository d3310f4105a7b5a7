"""The settings of the notebooks that look into the translator: a sentence, and where to look."""

from pydantic import Field, field_validator, model_validator

from analysis.networks import number_words, translator
from analysis.settings import Settings
from analysis.suggest import nearest


class Sentence(Settings):
    """An English number that the translator reads."""

    sentence: str = "three hundred and twenty-one"

    @field_validator("sentence")
    @classmethod
    def _can_be_translated(cls, sentence: str) -> str:
        try:
            translator.source(sentence)
        except translator.SentenceError as exc:
            raise ValueError(str(exc).removeprefix("sentence: ")) from exc
        return sentence

    @property
    def tokens(self) -> tuple[str, ...]:
        """The tokens of the sentence, its end included."""
        return tuple(translator.VOCABULARY.tokens[number] for number in translator.source(self.sentence))


class Entering(Sentence):
    """What the notebook on embeddings shows: a sentence; a word in many sentences; positions that far apart."""

    word: str = "two"
    offset: int = Field(4, ge=1, le=100)

    @field_validator("word")
    @classmethod
    def _is_known(cls, word: str) -> str:
        if word not in number_words.ENGLISH:
            raise ValueError(
                f"{word!r} is not in the vocabulary{nearest(word, number_words.ENGLISH)}; it has English number "
                "words only: "
                f"{', '.join(number_words.ENGLISH)}"
            )
        return word


class Looking(Sentence):
    """Which head to look at: `layer` of the encoder, `head`, and the `query`, a token of the sentence, counted from
    1."""

    layer: int = Field(1, ge=1, le=translator.ARCHITECTURE.n_encoder_layers)
    head: int = Field(1, ge=1, le=translator.ARCHITECTURE.n_heads)
    query: int = Field(1, ge=1)

    @model_validator(mode="after")
    def _is_in_the_sentence(self) -> "Looking":
        if self.query > len(self.tokens):
            raise ValueError(
                f"query: {self.query} is not valid: the sentence has {len(self.tokens)} tokens, its end included; "
                f"allowed are 1 to {len(self.tokens)}"
            )
        return self
