import pytest

from analysis.deck import audit, claims
from analysis.facts import FactsError


def test_it_is_the_number_that_is_judged():
    judged = audit.claims().set_index("claim")["printed"]
    assert claims.printed("inference_accelerators") == float(judged["inference_accelerators"]) == 706_315


@pytest.mark.parametrize("claim", ["no_such_claim", "inference_accelerator"])
def test_what_is_no_claim_is_refused(claim):
    with pytest.raises(FactsError, match=claim):
        claims.printed(claim)
