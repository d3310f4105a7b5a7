"""English number words and Chinese numerals, both ways: the language pair that the small Transformer translates.

English is British: "and" stands before the last two digits of a group of three. Chinese follows these rules:

- 十 needs no 一 at the start of a numeral (十二, 十万), and has it elsewhere (一百一十);
- zeros between digits that are not zero are one 零 (一千零一, 十万零一百), zeros at the end are none (一千二百), and a group
  that ends in 零 before 万 is followed by 千 without one (十万一千);
- 2 is 两 before a 千 or 万 at the start (两千, 两万二千), and 二 everywhere else (二百, 三万二千, 十二万). Other
  uses are as good, such as 两百; the network has to be taught one.
"""

LARGEST = 999_999

UNITS = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
]  # fmt: skip
TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
DIGITS = "零一二三四五六七八九"
TWO = "两"
POWERS = {"十": 10, "百": 100, "千": 1000, "万": 10_000}

#: Every word and every numeral that occurs.
ENGLISH = (*UNITS, *TENS, "hundred", "thousand", "and")
CHINESE = (*DIGITS, *POWERS, TWO)


def english(number: int, *, with_and: bool = True) -> str:
    """Return `number` in words: "three hundred and twenty-one"; without its "and", as in American English, if asked."""
    _check(number)
    thousands, rest = divmod(number, 1000)
    words = [f"{_english_group(thousands, with_and)} thousand"] if thousands else []
    if rest or not thousands:
        link = ["and"] if thousands and rest < 100 and with_and else []
        words += [*link, _english_group(rest, with_and)]
    return " ".join(words)


def chinese(number: int) -> str:
    """Return `number` in Chinese numerals: 三百二十一."""
    _check(number)
    if number == 0:
        return DIGITS[0]
    myriads, rest = divmod(number, 10_000)
    text = f"{_chinese_group(myriads)}万" if myriads else ""
    if rest:
        text += (DIGITS[0] if myriads and rest < 1000 else "") + _chinese_group(rest)
    if text.startswith("一十"):
        text = text[1:]
    if text[0] == DIGITS[2] and text[1:2] in ("千", "万"):
        text = TWO + text[1:]
    return text


def words(text: str) -> list[str]:
    """Return the words of an English number: a hyphen parts them as a space does."""
    return text.casefold().replace("-", " ").split()


def _english_group(number: int, with_and: bool) -> str:
    hundreds, rest = divmod(number, 100)
    parts = [f"{UNITS[hundreds]} hundred"] if hundreds else []
    if rest or not hundreds:
        parts += [*(["and"] if hundreds and with_and else []), _below_hundred(rest)]
    return " ".join(parts)


def _below_hundred(number: int) -> str:
    if number < len(UNITS):
        return UNITS[number]
    tens, ones = divmod(number, 10)
    return TENS[tens - 2] + (f"-{UNITS[ones]}" if ones else "")


def _chinese_group(number: int) -> str:
    """Return the numerals of 1 to 9999, zeros between digits as one 零."""
    digits = f"{number:04d}"
    text = ""
    for digit, power in zip(digits, ("千", "百", "十", ""), strict=True):
        text += DIGITS[int(digit)] + (power if digit != "0" else "")
    while "零零" in text:
        text = text.replace("零零", "零")
    return text.strip("零")


def _check(number: int) -> None:
    if not (isinstance(number, int) and 0 <= number <= LARGEST):
        raise ValueError(f"number: {number!r} is not a whole number from 0 to {LARGEST:,}")
