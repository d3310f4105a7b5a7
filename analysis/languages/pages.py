"""What pages of the book say beside their text: of captions, guides and the other edition."""

from collections.abc import Callable

TABLES: dict[str, dict[str, str]] = {
    "en": {
        "origin of a table": " Notebook: {link}.",
        "origin in the deck": " Deck: {link}.",
        "deck's figure": "figure {numbers}",
        "deck's figures": "figures {numbers}",
        "source of a chart": "Source: {source}",
        "picture of a figure": "SVG: the picture",
        "data of a figure": "CSV: its data",
        "code of a figure": "Code: {code}",
        "tools of a figure": "Tools of this figure",
        "what a figure has": "Picture, data, code",
        "sections of a chapter": "Sections of: {chapter}",
        "comma": ", ",
        "guide for": "For ",
        "guide needs": "You need ",
        "guide takes": "Takes ",
        "guide then": "Then you can ",
        "guide stop": ". ",
        "minute to read": "{count} minute",
        "minutes to read": "{count} minutes",
    },
    "zh": {
        "origin of a table": "计算：{link}。",
        "origin in the deck": "原报告：{link}。",
        "deck's figure": "图{numbers}",
        "deck's figures": "图{numbers}",
        "source of a chart": "来源：{source}",
        "picture of a figure": "SVG：图片",
        "data of a figure": "CSV：数据",
        "code of a figure": "代码：{code}",
        "tools of a figure": "本图的工具",
        "what a figure has": "图片、数据、代码",
        "sections of a chapter": "{chapter}的各节",
        "comma": "、",
        "guide for": "读者：",
        "guide needs": "所需基础：",
        "guide takes": "用时：",
        "guide then": "读完能够：",
        "guide stop": "。",
        "minute to read": "{count}分钟",
        "minutes to read": "{count}分钟",
    },
}


def of_locale(locale: str) -> Callable[..., str]:
    """Return what says a text by its name, with its gaps filled, in the language of Sphinx's `locale`, such as "zh_CN"."""
    texts = TABLES[locale.partition("_")[0]]
    return lambda name, /, **gaps: texts[name].format(**gaps)
