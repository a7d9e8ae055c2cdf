"""Whether the disk has room for what the server writes: feedback, the audit, uploads, the next index."""

from __future__ import annotations

import shutil
from pathlib import Path

SHARE = 0.05  # of the disk that has to be free
ENOUGH = 1 << 30  # bytes that are enough however large the disk is


def want_of_room(folder: Path) -> str | None:
    """One line where less is free than 5 % of the disk and than 1 GiB; None where there is room, or nobody can say."""
    try:
        usage = shutil.disk_usage(folder)
    except OSError:
        return None
    if usage.free >= min(SHARE * usage.total, ENOUGH):
        return None
    return f"{folder}: {usage.free >> 20} MB of the disk are free; make room, or the next upload or index will not fit"
