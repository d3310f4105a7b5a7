"""The settings of the notebooks that look into the translator: a sentence and where to look, or another shape."""

from dataclasses import replace

from pydantic import Field, field_validator, model_validator

from analysis.models.architecture import Architecture, built
from analysis.networks import attention, number_words, translator
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


class Decoding(Sentence):
    """How to look at the decoder: `layer` whose cross-attention is drawn, and `step` of the translation, counted from 1;
    the `temperature` of the chart and of the samples, and the `seed` of these."""

    layer: int = Field(translator.ARCHITECTURE.n_layers, ge=1, le=translator.ARCHITECTURE.n_layers)
    step: int = Field(1, ge=1)
    temperature: float = Field(1.0, gt=0, le=10)
    seed: int = Field(0, ge=0)

    @model_validator(mode="after")
    def _is_a_step(self) -> "Decoding":
        steps = len(translator.translate(self.sentence).steps)
        if self.step > steps:
            raise ValueError(
                f"step: {self.step} is not valid: the sentence is translated in {steps} steps, the one that writes the end "
                f"included; allowed are 1 to {steps}"
            )
        return self


_OWN = translator.ARCHITECTURE


class Shape(Settings):
    """The shape of an encoder-decoder, the translator's unless changed: layers of both stacks, the width, the heads that
    share it, and the width inside the feed-forward networks."""

    n_encoder_layers: int = Field(_OWN.n_encoder_layers, ge=1, le=12)
    n_decoder_layers: int = Field(_OWN.n_layers, ge=1, le=12)
    d_model: int = Field(_OWN.d_model, ge=2, le=8192, multiple_of=2)
    n_heads: int = Field(_OWN.n_heads, ge=1)
    d_ff: int = Field(_OWN.d_ff, ge=1, le=32_768)

    @model_validator(mode="after")
    def _heads_share_the_width(self) -> "Shape":
        attention.check_heads(self.d_model, self.n_heads)
        return self

    @property
    def architecture(self) -> Architecture:
        """The translator's architecture in this shape."""
        return built(
            replace(
                translator.SHAPE,
                n_encoder_layers=self.n_encoder_layers,
                n_layers=self.n_decoder_layers,
                d_model=self.d_model,
                n_heads=self.n_heads,
                n_kv_heads=None,
                d_head=None,
                d_ff=self.d_ff,
            )
        )
