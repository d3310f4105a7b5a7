from datetime import date

import pytest

from analysis import ageing
from lint import present

TEXT = "# A page\n\nPrices fall. The latest price is {result}`prices:latest`.\n\nIt maps the newest position.\n"
SAID = {"a-page": {"latest price": "gpu_prices", "newest position": "none"}}


def test_the_chapters_call_nothing_old_the_present():
    assert not list(present.complaints())


def test_a_clock_that_runs_on_makes_the_same_chapters_fail():
    later = ageing.today().replace(year=ageing.today().year + 3)
    found = list(present.complaints(later))
    assert any("data/gpu_prices.csv" in one for one in found)
    assert all("calls present what is of" in one for one in found)


def test_a_sentence_is_fresh_for_a_year_after_its_newest_row():
    newest = ageing.period(ageing.age_of("gpu_prices").newest)[1]
    assert not list(present.of_pages({"a-page": TEXT}, SAID, newest.replace(year=newest.year + 1)))
    (found,) = present.of_pages({"a-page": TEXT}, SAID, newest.replace(year=newest.year + 2))
    assert found.startswith("book/a-page.md: calls present what is of 20")
    assert found.endswith("The latest price is {result}``.")


@pytest.mark.parametrize(
    ("text", "said", "complaint"),
    [
        (TEXT, {"a-page": {"newest position": "none"}}, "does not say what it rests on: The latest price is"),
        (TEXT + "Old words.", SAID | {"b-page": {}}, "there is no page b-page"),
        (TEXT.replace("newest", "last"), SAID, "no sentence of a-page that speaks of the present has 'newest position'"),
        (TEXT, {"a-page": SAID["a-page"] | {"latest price": "gpt3_sizes"}}, "'gpt3_sizes' is not among the files whose rows age"),
    ],
)
def test_what_is_left_out_is_told(text, said, complaint):
    (found,) = present.of_pages({"a-page": text}, said, date(2026, 11, 30))
    assert complaint in found


def test_code_and_names_of_results_speak_of_no_time():
    text = "```shell\npip install today\n```\n\nSee {result}`a:today` and `latest`.\n"
    assert not list(present.of_pages({"a-page": text}, {}, date(2026, 11, 30)))
