import pytest

from analysis.deck import audit
from analysis.scenarios.estimate import estimate
from analysis.scenarios.scenario import DECK
from analysis.tables import deck_tables


@pytest.mark.parametrize(
    ("printed", "recomputed", "compare", "verdict"),
    [
        ("195", 195, "equal", "holds"),
        ("121528e12", 121527.78e12, "equal", "holds"),
        ("121528e12", 121527.4e12, "equal", "wrong"),
        ("1558", 1558.05, "count", "rounded down"),
        ("1559", 1558.05, "count", "wrong"),
        ("195", 195, "inferred", "consistent"),
        ("196", 195, "inferred", "wrong"),
        ("1558", 1558.0, "count", "holds"),
        ("8.8e4", 88_289, "equal", "holds"),
        ("8.8e4", 88_600, "equal", "wrong"),
        ("1.3333", 4 / 3, "equal", "holds"),
        ("1.3333", 2.24, "basis", "wrong basis"),
        ("3.5e9", 13.7e9, "newer", "outdated"),
    ],
)
def test_the_rule_of_the_verdicts(printed, recomputed, compare, verdict):
    assert audit.verdict(printed, recomputed, compare) == verdict


def test_every_claim_has_one_known_verdict():
    claims = audit.claims()
    assert claims["verdict"].isin(audit.VERDICTS).all()
    computed = claims["quantity"].notna()
    assert (claims["compare"].notna() == computed).all()
    assert (claims["judged"].isna() == computed).all(), "a verdict is computed or judged, never both"
    assert claims.loc[computed, "printed"].notna().all()


def test_the_wrong_claims_are_the_slip_and_nothing_else():
    claims = audit.claims()
    wrong = set(claims[claims["verdict"] == "wrong"]["claim"])
    assert wrong == {"inference_flop", "inference_rate", "inference_accelerators", "inference_servers"}
    assert all(audit.follows_from_slip(claim) for claim in wrong)


def test_three_more_claims_are_off_for_another_reason():
    verdicts = audit.claims()["verdict"]
    assert verdicts.isin(["rounded down", "outdated", "wrong basis"]).sum() == 3, "book/deck-audit.md says three"


def test_claims_against_the_estimate():
    claims = audit.claims().set_index("claim")
    assert claims.loc["inference_accelerators", "recomputed"] == estimate(DECK).inference.accelerators_exact
    assert claims.loc["inference_accelerators", "ratio"] == pytest.approx(300 / 175, rel=1e-5)
    assert claims.loc["training_accelerators", "verdict"] == "rounded down"
    assert claims.loc["tokens_per_character", "verdict"] == "wrong basis"


def test_errata_have_their_numbers_put_in():
    errata = audit.errata()
    assert list(errata["erratum"]) == list(range(1, len(errata) + 1))
    for column in ("problem", "correction"):
        assert not errata[column].str.contains("[{}]").any()
    text = " ".join(errata["problem"] + errata["correction"])
    for number in ("412,018", "51,503", "780 GPUs", "98 servers", "12,465", "206,009", "13.7 billion", "2.24", "0.53", "2.8%"):
        assert number in text


def test_measured_tokens_a_character():
    assert audit.tokens_per_character("GPT-2/GPT-3 r50k_base") == pytest.approx(2.24, abs=0.005)
    assert audit.tokens_per_character("DeepSeek-V3") == pytest.approx(0.53, abs=0.005)


def test_every_erratum_is_of_a_kind_that_is_explained():
    assert set(audit.errata()["kind"]) == set(audit.KINDS)
    others = audit.KINDS.keys() - set(audit.CHANGE_THE_ESTIMATE)
    shown = [deck_tables.errata(kinds) for kinds in (audit.CHANGE_THE_ESTIMATE, others)]
    assert sum(map(len, shown)) == len(audit.errata()) == deck_tables.errata_kinds()["Errata"].astype(int).sum()
