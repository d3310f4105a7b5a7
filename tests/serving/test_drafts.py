import pytest

from analysis.inference import pass_time
from analysis.models import architecture
from analysis.serving import drafts
from analysis.serving.serving_queue import ServingError


def test_a_model_with_layers_that_predict_further_drafts_with_these():
    deepseek, llama = (architecture.load(name) for name in ("DeepSeek-V3", "Llama-3.1-70B"))
    assert {made.method for made in drafts.of_model(deepseek)} == {"MTP"}
    assert {made.method for made in drafts.of_model(llama)} == {drafts.HEAD}
    # The report says 14 billion of 671.
    assert drafts.of_model(deepseek)[0].memory_share == pytest.approx(14 / 671, rel=0.3)


def test_a_rate_that_is_computed_gives_back_what_was_published():
    rows = drafts.published()
    said = rows.dropna(subset=["tokens_per_step"])
    assert len(said) and said["acceptance"].between(0, 1).all()
    for row in said.itertuples():
        assert pass_time.tokens_per_step(row.draft_tokens, row.acceptance) == pytest.approx(row.tokens_per_step, rel=1e-6)


def test_what_no_row_says_of_a_text_is_that_of_the_method():
    assert drafts.acceptance("MTP", "coding") == pytest.approx(0.875)
    assert drafts.acceptance("EAGLE-3", "coding") > drafts.acceptance("EAGLE-3", "conversation")


def test_an_unknown_text_is_refused_with_the_nearest():
    with pytest.raises(ServingError, match="text 'codng' .* coding"):
        drafts.of_model(architecture.load("Llama-3.1-70B"), "codng")
