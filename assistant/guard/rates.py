"""How many requests one user may send in a minute, by kind: a window that moves with the clock (``limits``)."""

from __future__ import annotations

import math
import time
from typing import Literal

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from assistant.guard.settings import ServerSettings

Kind = Literal["ask", "search", "other"]
MOST_USERS = 20_000  # whose windows are kept; beyond that, those that are empty are forgotten


class Rates:
    """Counts in the memory of this process, which is the only one."""

    def __init__(self, settings: ServerSettings) -> None:
        self._storage = MemoryStorage()
        self._windows = MovingWindowRateLimiter(self._storage)
        amounts: dict[Kind, int] = {
            "ask": settings.ask_per_minute,
            "search": settings.search_per_minute,
            "other": settings.other_per_minute,
        }
        self._items: dict[Kind, RateLimitItem] = {
            kind: RateLimitItemPerMinute(amount) for kind, amount in amounts.items()
        }

    def too_many(self, kind: Kind, who: str) -> int:
        """Counts one request; 0 where it is within the limit, else the seconds until another one is."""
        item = self._items[kind]
        if self._windows.hit(item, kind, who):
            if len(self._storage.events) > MOST_USERS:
                self._forget()
            return 0
        return max(1, math.ceil(self._windows.get_window_stats(item, kind, who).reset_time - time.time()))

    def _forget(self) -> None:
        """The library empties windows whose time is over, and keeps them: an address each, for ever."""
        for key, window in list(self._storage.events.items()):
            if not window:
                self._storage.clear(key)
