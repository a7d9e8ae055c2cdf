"""API tokens as text: ``pla_`` and 49 letters and digits, of which the last six are a checksum.

The checksum lets a mistyped token be told from a wrong one without a look-up, and lets masking and scanners of secrets
find tokens in any text. It keeps nobody out: what does is that the 256 bits before it were drawn at random.
"""

from __future__ import annotations

import re
import secrets
import string
from hashlib import sha256
from zlib import crc32

PREFIX = "pla_"
_DIGITS = string.digits + string.ascii_uppercase + string.ascii_lowercase
_BODY = 43  # digits of base 62 that hold 256 bits
_SUM = 6  # digits of base 62 that hold 32 bits
# A token in running text, for masking.
IN_TEXT = re.compile(rf"{PREFIX}[0-9A-Za-z]{{{_BODY + _SUM}}}")


def _base62(number: int, width: int) -> str:
    digits = ""
    for _ in range(width):
        number, rest = divmod(number, 62)
        digits = _DIGITS[rest] + digits
    return digits


def _sum(body: str) -> str:
    return _base62(crc32((PREFIX + body).encode("ascii")), _SUM)


def new_token() -> str:
    """A new token, 53 characters long. It is shown once: only its digest is kept."""
    body = _base62(int.from_bytes(secrets.token_bytes(32), "big"), _BODY)
    return f"{PREFIX}{body}{_sum(body)}"


def is_token(text: str) -> bool:
    """Whether a text has the form of a token and no slip of a few characters."""
    if not IN_TEXT.fullmatch(text):
        return False
    body = text[len(PREFIX) : -_SUM]
    return secrets.compare_digest(_sum(body), text[-_SUM:])


def digest(token: str) -> bytes:
    """What is kept of a token or the id of a log-in: 32 bytes. Either has 256 random bits, so one SHA-256 hides it."""
    return sha256(token.encode("utf-8", "surrogatepass")).digest()
