"""How often one client may do something in a minute: a window that moves with the clock, for each of many.

In the memory of this process, which is the only one, and for its event loop: nothing here waits for a lock.
"""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable
from typing import Literal

from assistant.guard.settings import ServerSettings

Kind = Literal["ask", "search", "other"]
SECONDS = 60.0


class Window:
    """Counts for each name what happened in the last minute; a name of which nothing is left to count is forgotten."""

    def __init__(self, most: int, now: Callable[[], float] = time.monotonic) -> None:
        """``most`` times in a minute are within the limit."""
        self._most = most
        self._now = now
        self._moments: dict[str, deque[float]] = {}  # the name that was counted last comes last

    def __len__(self) -> int:
        """How many names are remembered."""
        return len(self._moments)

    def count(self, who: str) -> int:
        """Counts one; 0 where it is within the limit, else the seconds until another one is, and it does not count."""
        wait = self.wait(who)
        if not wait:
            now = self._now()
            moments = self._moments.pop(who, None) or deque()
            moments.append(now)
            self._moments[who] = moments
            self._forget(now)
        return wait

    def wait(self, who: str) -> int:
        """The seconds until another one is within the limit, 0 where it would be now; counts nothing."""
        moments = self._moments.get(who)
        if moments is None:
            return 0
        began = self._now() - SECONDS
        while moments and moments[0] <= began:
            moments.popleft()
        return max(1, math.ceil(moments[0] - began)) if len(moments) >= self._most else 0

    def _forget(self, now: float) -> None:
        """Each name comes off the front once, a minute after it was counted last."""
        while self._moments:
            first = next(iter(self._moments))
            moments = self._moments[first]
            if moments and moments[-1] > now - SECONDS:
                return
            del self._moments[first]


class Rates:
    """The windows of each user, one for each kind of request."""

    def __init__(self, settings: ServerSettings) -> None:
        self._windows: dict[Kind, Window] = {
            "ask": Window(settings.ask_per_minute),
            "search": Window(settings.search_per_minute),
            "other": Window(settings.other_per_minute),
        }

    def too_many(self, kind: Kind, who: str) -> int:
        """Counts one request; 0 where it is within the limit, else the seconds until another one is."""
        return self._windows[kind].count(who)
