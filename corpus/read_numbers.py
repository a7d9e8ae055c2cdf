"""How a word processor or a browser writes the running number of a list item.

The names are those of WordprocessingML's ``w:numFmt`` (ECMA-376 part 1, 17.18.59).
"""

from __future__ import annotations

from collections.abc import Callable

_DIGITS = "〇一二三四五六七八九"
_LEGAL_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_HEAVENLY = "甲乙丙丁戊己庚辛壬癸"
_EARTHLY = "子丑寅卯辰巳午未申酉戌亥"
_ROMAN = (
    (1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"),
    (50, "L"), (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"),
)  # fmt: skip


def format_number(number: int, style: str) -> str:
    """``number`` in the style named; decimal for a style that we do not know.

    >>> format_number(12, "chineseCountingThousand"), format_number(3, "decimalEnclosedCircle")
    ('十二', '③')
    """
    write = _STYLES.get(style)
    return write(number) if write and number > 0 else str(number)


def _counting(number: int, digits: str = _DIGITS, places: str = "千百十", zero: str = "零") -> str:
    """12 → 十二, 105 → 一百零五; decimal from ten thousand on."""
    if number >= 10_000:
        return str(number)
    written, gap = "", False
    for value, place in zip((1000, 100, 10, 1), (*places, ""), strict=True):
        digit = number // value % 10
        if digit:
            written += (zero if gap and written else "") + digits[digit] + place
        gap = not digit
    # ten to nineteen are spoken without their one, except in the forms for cheques
    return written[1:] if digits is _DIGITS and 10 <= number < 20 else written


def _legal(number: int) -> str:
    return _counting(number, _LEGAL_DIGITS, "仟佰拾")


def _by_digit(number: int) -> str:
    return "".join(_DIGITS[int(digit)] for digit in str(number))


def _roman(number: int) -> str:
    if number >= 4000:
        return str(number)
    written = ""
    for value, letters in _ROMAN:
        times, number = divmod(number, value)
        written += letters * times
    return written


def _letter(number: int) -> str:
    """1 → A, 27 → AA, 53 → AAA, as Word counts."""
    times, place = divmod(number - 1, 26)
    return chr(ord("A") + place) * (times + 1) if times < 10 else str(number)


def _from(first: str, count: int) -> Callable[[int], str]:
    """A run of code points such as ① to ⑳; decimal after its end."""
    return lambda number: chr(ord(first) + number - 1) if number <= count else str(number)


def _cycle(signs: str) -> Callable[[int], str]:
    return lambda number: signs[number - 1] if number <= len(signs) else str(number)


_STYLES: dict[str, Callable[[int], str]] = {
    "chineseCounting": _counting,
    "chineseCountingThousand": _counting,
    "taiwaneseCounting": _counting,
    "taiwaneseCountingThousand": _counting,
    "japaneseCounting": _counting,
    "chineseLegalSimplified": _legal,
    "ideographDigital": _by_digit,
    "japaneseDigitalTenThousand": _by_digit,
    "taiwaneseDigital": _by_digit,
    "ideographTraditional": _cycle(_HEAVENLY),
    "ideographZodiac": _cycle(_EARTHLY),
    "upperRoman": _roman,
    "lowerRoman": lambda number: _roman(number).lower(),
    "upperLetter": _letter,
    "lowerLetter": lambda number: _letter(number).lower(),
    "decimalZero": lambda number: f"{number:02d}",
    "decimalFullWidth": lambda number: str(number).translate({48 + n: 0xFF10 + n for n in range(10)}),
    "decimalFullWidth2": lambda number: str(number).translate({48 + n: 0xFF10 + n for n in range(10)}),
    "decimalEnclosedCircle": _from("①", 20),
    "decimalEnclosedCircleChinese": _from("①", 20),
    "decimalEnclosedParen": _from("⑴", 20),
    "decimalEnclosedFullstop": _from("⒈", 20),
    "ideographEnclosedCircle": _from("㊀", 10),
    "numberInDash": lambda number: f"- {number} -",
    "none": lambda number: "",
}
