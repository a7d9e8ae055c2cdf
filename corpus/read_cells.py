"""A cell's value as a person sees it: numbers and dates in the format of the cell (ECMA-376 part 1, 18.8.30–31).

What offices use is written out: dates in every order and with 年月日, times, percentages, thousands, fixed decimals,
leading zeros, words around a number, Chinese digits. Fractions and powers of ten are shown plainly.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from openpyxl.utils.datetime import from_excel

from corpus.read_numbers import format_number

# Formats that a Chinese office program has by number, without writing their code into the file (18.8.30, zh-cn).
_CHINESE = {
    **dict.fromkeys((27, 36, 50, 52, 57), 'yyyy"年"m"月"'),
    **dict.fromkeys((28, 29, 51, 53, 54, 58), 'm"月"d"日"'),
    30: "m-d-yy",
    31: 'yyyy"年"m"月"d"日"',
    32: 'h"时"mm"分"',
    33: 'h"时"mm"分"ss"秒"',
    **dict.fromkeys((34, 55), '上午/下午h"时"mm"分"'),
    **dict.fromkeys((35, 56), '上午/下午h"时"mm"分"ss"秒"'),
    14: "yyyy/m/d",  # those two follow the reader's country, whatever code a library gives for them
    22: "yyyy/m/d h:mm",
}
_LAST_OF_ITS_OWN = 163  # from the next on a format is one that the file writes out
_LONGEST = 500  # characters of a format; Excel allows 255
_TOKEN = re.compile(
    r'"([^"]*)"|\\(.)|_.|\*.|\[([^\[\]]*)\]|(AM/PM|A/P|上午/下午)|(y+|m+|d+|h+|s+|a{3,4})|((?:[0#?]|\.(?=[0#?]))[0#?,.]*)|(.)',
    re.IGNORECASE | re.DOTALL,
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAYS = "一二三四五六日"
_PLAIN = "General"


def format_of(identity: int, code: str) -> str:
    """The format of a cell by its number in the file and the code that openpyxl has for it."""
    return _CHINESE.get(identity, code) if identity <= _LAST_OF_ITS_OWN else code


def shown(value: Any, code: str, epoch: datetime) -> str:
    """The text of a value (text, number, truth, date, time) under a format code; "" where the format hides it.

    ``epoch`` is the day from which the workbook counts, for a number under a date's format.
    """
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if len(code) > _LONGEST:
        code = _PLAIN
    sections = _sections(code)
    if isinstance(value, (int, float)):
        if not any(kind == "date" for kind, _ in _tokens(sections[0])):
            return _number(value, sections)
        try:
            value = from_excel(value, epoch)
        except (ValueError, OverflowError):  # a day that there is none of: Excel shows a row of #
            return _plain(value)
    return _moment(value, sections[0])


def _sections(code: str) -> list[str]:
    """The parts of a format between ";": of numbers above zero, below, of zero, and of text."""
    found, begin = [], 0
    for token in _TOKEN.finditer(code):
        if token[0] == ";":
            found.append(code[begin : token.start()])
            begin = token.end()
    return [*found, code[begin:]]


def _tokens(section: str) -> Iterator[tuple[str, str]]:
    """(kind, text): "text" to be shown, "half" of a day, "date" letters, "digits", "bracket"."""
    if section.strip().lower() == "general":
        yield "digits", _PLAIN
        return
    for token in _TOKEN.finditer(section):
        quoted, escaped, bracket, half, letters, digits, other = token.groups()
        if quoted is not None or escaped is not None:
            yield "text", quoted if quoted is not None else escaped
        elif bracket is not None:
            if bracket.startswith("$"):  # a currency, with a country behind "-"
                yield "text", bracket[1:].partition("-")[0]
            else:
                yield ("date" if set(bracket.lower()) in ({"h"}, {"m"}, {"s"}) else "bracket"), f"[{bracket.lower()}]"
        elif half:
            yield "half", half
        elif letters:
            yield "date", letters.lower()
        elif digits:
            yield "digits", digits
        elif other:
            yield "text", other


# -- numbers ---------------------------------------------------------------------------------------------------------


def _plain(value: float) -> str:
    """A number as a cell without a format shows it: eleven places at most."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    return str(value) if isinstance(value, int) else format(value, ".10g")


def _number(value: float, sections: list[str]) -> str:
    section, sign = sections[0], "-" if value < 0 else ""
    if value < 0 and len(sections) > 1:
        section, sign = sections[1], ""
    elif value == 0 and len(sections) > 2:
        section = sections[2]
    tokens = list(_tokens(section))
    codes = [text for kind, text in tokens if kind == "digits"]
    if len(codes) > 1 or "E+" in section.upper() or "@" in section:  # a fraction, a power of ten, a text
        return _plain(value)
    percent = sum(text.count("%") for kind, text in tokens if kind == "text" and "%" in text)
    pieces = []
    for kind, text in tokens:
        if kind == "digits":
            pieces.append(sign + _digits(abs(value), text, percent))
        elif kind == "text":
            pieces.append(text)
    return "".join(pieces)


def _digits(value: float, code: str, percent: int) -> str:
    if code == _PLAIN:
        return _plain(value)
    whole, _, part = code.partition(".")
    scale = len(whole) - len(whole.rstrip(",")) if not part else 0
    most, least = sum(char in "0#?" for char in part), part.count("0")
    number = Decimal(repr(value)) * 100**percent / 1000**scale
    text = str(number.quantize(Decimal(1).scaleb(-most), ROUND_HALF_UP)) if number < 10**20 else _plain(value)
    integer, _, decimals = text.partition(".")
    decimals = decimals[:least] + decimals[least:].rstrip("0")
    integer = integer.lstrip("0").rjust(whole.count("0"), "0")
    if "," in whole.rstrip(","):
        integer = f"{int(integer or '0'):,}" if integer.isdecimal() else integer
    return f"{integer}.{decimals}" if decimals else integer


# -- dates -----------------------------------------------------------------------------------------------------------


def _moment(value: Any, section: str) -> str:
    """A date, a time of day or a span of time."""
    if isinstance(value, timedelta):
        seconds = round(value.total_seconds())
        value, hours = datetime(1900, 1, 1) + timedelta(seconds=seconds % 86_400), seconds // 3600
    else:
        if isinstance(value, time):
            value = datetime.combine(date(1900, 1, 1), value)
        elif not isinstance(value, datetime):
            value = datetime(value.year, value.month, value.day)
        hours = value.hour
    tokens = list(_tokens(section))
    if not any(kind == "date" for kind, _ in tokens):
        return f"{value:%Y-%m-%d}" if value.time() == time() else f"{value:%Y-%m-%d %H:%M}"
    chinese = any(kind == "bracket" and text.startswith("[dbnum") for kind, text in tokens)
    halves = any(kind == "half" for kind, _ in tokens)
    letters = [(at, text.strip("[]")[0]) for at, (kind, text) in enumerate(tokens) if kind == "date"]
    order = [letter for _, letter in letters]
    minutes = {
        at for place, (at, letter) in enumerate(letters)
        if letter == "m" and ("h" in order[place - 1 : place] or "s" in order[place + 1 : place + 2])
    }  # fmt: skip
    pieces = []
    for at, (kind, text) in enumerate(tokens):
        if kind == "date":
            piece = str(hours) if text.startswith("[h") else _part(value, text, at in minutes, halves)
            pieces.append(_in_chinese(piece, text) if chinese else piece)
        elif kind == "half":
            names = text.split("/")
            pieces.append(names[value.hour >= 12])
        elif kind == "text":
            pieces.append(text)
    return "".join(pieces).strip()


def _part(value: datetime, letters: str, minute: bool, halves: bool) -> str:
    letters = letters.strip("[]")
    first, long = letters[0], len(letters) > 1
    if first == "y":
        return f"{value.year:04}" if len(letters) > 2 else f"{value.year % 100:02}"
    if first == "a":
        return ("星期" if len(letters) == 4 else "") + _DAYS[value.weekday()]
    if first == "m" and not minute and len(letters) > 2:
        return _MONTHS[value.month - 1] if len(letters) == 3 else value.strftime("%B")
    if first == "d" and len(letters) > 2:
        return value.strftime("%a" if len(letters) == 3 else "%A")
    hour = (value.hour % 12 or 12) if halves else value.hour
    number = {"m": value.minute if minute else value.month, "d": value.day, "h": hour, "s": value.second}[first]
    return f"{number:02}" if long else str(number)


def _in_chinese(number: str, letters: str) -> str:
    if not number.isdecimal():
        return number
    if letters.startswith("y"):
        return "".join("〇一二三四五六七八九"[int(digit)] for digit in number)
    return format_number(int(number), "chineseCountingThousand")
