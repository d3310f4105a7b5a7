"""The Chinese edition's catalogues keep what their sources have, and what is checked is seen when it is broken."""

import pytest
from babel.messages.pofile import read_po

from publishing import catalogues


@pytest.mark.parametrize("page", catalogues.written())
def test_a_translation_keeps_roles_formulas_links_and_numbers(page):
    assert list(catalogues.wrong(page)) == []
    with (catalogues.FOLDER / f"{page}.po").open("rb") as file:
        assert not [message.id for message in read_po(file) if message.fuzzy], "gettext drops fuzzy messages silently"


@pytest.mark.parametrize(
    ("source", "translation", "complaint"),
    [
        ("It takes {result}`a:b` days.", "需要{result}`a:c`天。", "'{result}`a:b`' is missing"),
        ("It takes {result}`a:b` days.", "需要若干天。", "'{result}`a:b`' is missing"),
        ("See {doc}`memory`.", "见{doc}`memory`和{doc}`serving`。", "'{doc}`serving`' is not in the source"),
        ("It costs $2ND$.", "需要$6ND$。", "'$2ND$' is missing"),
        ("Run `make book`.", "运行`make`。", "'`make book`' is missing"),
        ("In [this](a.html) paper.", "在[这篇](b.html)论文里。", "'a.html' is missing"),
        ("About 31 pages.", "约30页。", "'31' is missing"),
        ("{1} of {2} chips", "{1}张芯片", "'{2}' is missing"),
    ],
)
def test_what_a_translation_loses_or_invents_is_named(source, translation, complaint):
    assert complaint in list(catalogues.complaints(source, translation))


def test_numbers_may_be_written_as_chinese_writes_them():
    assert not list(catalogues.complaints("With 65 million parameters in June 2018.", "2018年6月，参数量为6500万。"))
    assert list(catalogues.complaints("With 65 million parameters.", "参数量为650万。"))
