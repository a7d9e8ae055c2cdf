"""Where a log-in leads back to: a path of our own, or home."""

from __future__ import annotations

import re
from urllib.parse import unquote

HOME = "/"
LONGEST = 2_000  # characters
# What RFC 3986 allows in a path and a query. Nothing else is ever taken: no backslash, which browsers read as a slash,
# no control character or space, which they drop, no fragment.
_ADDRESS = re.compile(r"/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*(?:\?[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*)?")
_ESCAPED = re.compile(r"%(?![0-9A-Fa-f]{2})")
_MISLEADING = re.compile(r"//|\\|[\x00-\x20\x7f]|/\.{1,2}(?:/|$)")
# Leading back there would log in or out once more.
_DOORS = re.compile(r"/log(?:in|out)(?:/.*)?", re.IGNORECASE)


def own_path(given: str | None) -> str:
    """``given`` where it is a path (and query) below our own host, else ``HOME``.

    What it says percent-encoded is looked at too, as a proxy on the way may decode it.
    """
    if not given or len(given) > LONGEST or not _ADDRESS.fullmatch(given) or _ESCAPED.search(given):
        return HOME
    path = given.partition("?")[0]
    while True:
        if _MISLEADING.search(path) or _DOORS.fullmatch(path):
            return HOME
        decoded = unquote(path)
        if decoded == path:
            return given
        path = decoded
