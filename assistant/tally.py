"""What was refused, for the trail: some of it line by line, the rest as numbers, so that no flood fills the disk."""

from __future__ import annotations

from collections import Counter
from typing import Any

AT_ONCE = 300  # lines that may come one after the other …
A_MINUTE = 2  # … and how many more every minute then: together some 3,200 a day, one megabyte or a few
MOST_SENDERS = 1000  # that are counted apart in a minute
TOLD_SENDERS = 10  # of these, the most active, are named


class Tally:
    """Says which refusals get a line of their own, and counts the others for one line a minute."""

    def __init__(self) -> None:
        self._lines = float(AT_ONCE)
        self._since = 0.0
        self._statuses: Counter[str] = Counter()
        self._senders: Counter[str] = Counter()

    def has_line(self, moment: float, sender: str, status: int) -> bool:
        """Whether there is a line left for this one at ``moment`` (seconds); where there is none, it is counted."""
        if moment > self._since:
            self._lines = min(self._lines + (moment - self._since) * A_MINUTE / 60, AT_ONCE)
        self._since = moment
        if self._lines >= 1:
            self._lines -= 1
            return True
        self._statuses[str(status)] += 1
        if sender in self._senders or len(self._senders) < MOST_SENDERS:
            self._senders[sender] += 1
        return False

    def counted(self) -> dict[str, Any]:
        """How many were counted since the last time, by status and by who sent most; empty where none were."""
        if not self._statuses:
            return {}
        told: dict[str, Any] = {
            "target": f"{self._statuses.total()} more",
            "statuses": dict(self._statuses),
            "senders": dict(self._senders.most_common(TOLD_SENDERS)),
        }
        self._statuses, self._senders = Counter(), Counter()
        return told
