"""Personal data and secrets in free text, replaced by what they are: for what is kept of questions and comments.

Only what has a form of its own is known: numbers of identity cards and telephones, e-mail addresses, keys. Names of
people and addresses have none, so they stay. Every pattern is bounded, so the time grows with the length of the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

ID_CARD, PHONE, EMAIL, KEY = "〔身份证号〕", "〔电话〕", "〔邮箱〕", "〔密钥〕"

_D = "[0-9０-９]"
_GAP = "[ \u00a0\u3000\u2010\u2011－-]"
_NO_DIGIT_BEFORE, _NO_DIGIT_AFTER = "(?<![0-9０-９])", "(?![0-9０-９])"
_FULL_WIDTH = str.maketrans("０１２３４５６７８９Ｘｘ", "0123456789XX")

# GB 11643-1999: weights of the first 17 digits, and the check character by the sum modulo 11.
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"
# GB/T 2260: the first two digits name a province.
_PROVINCES = frozenset(
    f"{region}{n}" for region, last in enumerate((5, 3, 7, 6, 4, 5), start=1) for n in range(1, last + 1)
) | {"50", "71", "81", "82", "83"}

_ID18 = re.compile(f"(?<![0-9０-９A-Za-z])(?:{_D}{_GAP}?){{17}}[0-9０-９XxＸｘ](?![0-9０-９A-Za-z])")
_ID15 = re.compile(f"(?<![0-9０-９A-Za-z]){_D}{{15}}(?![0-9０-９A-Za-z])")
# A sum of money may have eleven digits and begin with 1; its unit or its point tells it from a number to call.
_NOT_A_SUM = r"(?!\.[0-9]|\s?(?:万元|亿|元|%|％))"
_MOBILE = re.compile(
    f"(?<![0-9０-９.])(?:(?:[+＋]|00)?86{_GAP}?)?[1１][3-9３-９]{_D}(?P<gap>{_GAP}?){_D}{{4}}(?P=gap){_D}{{4}}"
    f"{_NO_DIGIT_AFTER}{_NOT_A_SUM}"
)
_LANDLINE = re.compile(
    f"{_NO_DIGIT_BEFORE}(?:[(（][0０]{_D}{{2,3}}[)）]{_GAP}?|[0０]{_D}{{2,3}}{_GAP}){_D}{{7,8}}{_NO_DIGIT_AFTER}"
)
_EMAIL = re.compile(r"[A-Za-z0-9._%+\\-]{1,64}[@＠][A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}")

_SAID_TO_BE_A_KEY = re.compile(
    r"(?P<said>(?:api[ _-]?key|access[ _-]?key|token|secret|password|passwd|密码|口令|密钥)\s?[:=：]\s?)[!-~]{6,}",
    re.IGNORECASE,
)
_BEARER = re.compile(r"(?P<said>\bBearer\s)(?=[A-Za-z._~+/=\\-]{0,64}[0-9])[A-Za-z0-9._~+/=\\-]{8,}", re.IGNORECASE)
_KNOWN_KEY = re.compile(
    r"(?<![A-Za-z0-9])(?:eyJ[A-Za-z0-9_\\-]{6,}\.[A-Za-z0-9_\\-]{4,}(?:\.[A-Za-z0-9_\\-]*)?"
    r"|(?:sk|pk|rk)[_-][A-Za-z0-9_\\-]{12,}|(?:ghp|gho|ghs|glpat|xox[abprs])[_-][A-Za-z0-9_\\-]{10,}|AKIA[0-9A-Z]{16})"
)
_LONG = re.compile(r"[A-Za-z0-9+/_=\\-]{32,}")
_HEXADECIMAL = re.compile(r"(?i:[0-9a-f-]*)\Z")


def mask(text: str) -> str:
    """``text`` with each identity-card number, telephone number, e-mail address and key replaced by its kind.

    An identity-card number has 18 digits and a right check character (GB 11643), ends in X, or begins with a
    province and a date of birth; with 15 digits it needs both of these. Document numbers, dates, years and
    sums stay as they are.
    """
    for step in _steps():
        text = step(text)
    return text


def _steps() -> Iterator[Callable[[str], str]]:
    # Keys first: a key may hold what looks like a number or an address.
    yield lambda text: _SAID_TO_BE_A_KEY.sub(rf"\g<said>{KEY}", text)
    yield lambda text: _BEARER.sub(rf"\g<said>{KEY}", text)
    yield lambda text: _KNOWN_KEY.sub(KEY, text)
    yield lambda text: _LONG.sub(lambda found: KEY if _is_random(found[0]) else found[0], text)
    yield lambda text: _EMAIL.sub(EMAIL, text)
    yield lambda text: _ID18.sub(lambda found: ID_CARD if _is_id18(found[0]) else found[0], text)
    yield lambda text: _ID15.sub(lambda found: ID_CARD if _is_id15(found[0]) else found[0], text)
    yield lambda text: _MOBILE.sub(PHONE, text)
    yield lambda text: _LANDLINE.sub(PHONE, text)


def _is_random(run: str) -> bool:
    """Whether a long run of letters and digits is a key and not a word, a number or an address of a page."""
    digit, lower, upper = (any(test(c) for c in run) for test in (str.isdigit, str.islower, str.isupper))
    return digit and ((lower and upper) or ((lower or upper) and bool(_HEXADECIMAL.match(run))))


def _is_id18(written: str) -> bool:
    compact = re.sub(_GAP, "", written).translate(_FULL_WIDTH).upper()
    if _is_place(compact) and _is_date(compact[6:14]):
        return True
    if len(written) > len(compact):  # digits in groups may be a row of figures
        return False
    return compact[-1] == "X" or _check(compact) == compact[-1]


def _is_id15(written: str) -> bool:
    digits = written.translate(_FULL_WIDTH)
    return _is_place(digits) and _is_date("19" + digits[6:12])


def _check(compact: str) -> str:
    return _CHECK[sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, compact[:17], strict=True)) % 11]


def _is_place(digits: str) -> bool:
    return digits[:2] in _PROVINCES


def _is_date(digits: str) -> bool:
    year, month, day = int(digits[:4]), int(digits[4:6]), int(digits[6:])
    return 1880 <= year <= 2100 and 1 <= month <= 12 and 1 <= day <= 31
