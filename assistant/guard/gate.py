"""How many may be inside at once: of one user, and of all. A few more may wait, briefly; the rest is told so at once.

For one event loop: nothing here waits for a lock, and between two awaits nobody else runs.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from typing import Any


class Full(Exception):
    """Nobody more is let in now. ``mine``: because of what the same user has inside already."""

    def __init__(self, mine: bool) -> None:
        super().__init__()
        self.mine = mine


class Left(Exception):
    """Whoever waited is no longer there."""


class Gate:
    """Lets in ``at_once``, and lets ``waiting`` more wait for ``seconds``; of these together, ``per_user`` of one."""

    def __init__(self, at_once: int, waiting: int = 0, seconds: float = 0.0, *, per_user: int | None = None) -> None:
        self._free = at_once
        self._waiting = waiting
        self._per_user = per_user
        self._seconds = seconds
        self._queue: deque[asyncio.Future[None]] = deque()
        self._held: Counter[str] = Counter()

    @property
    def full(self) -> bool:
        """Whether whoever comes now would be sent away."""
        return self._free <= 0 and len(self._queue) >= self._waiting

    @property
    def open(self) -> bool:
        """Whether whoever comes now need not wait."""
        return self._free > 0

    async def enter(self, who: str | None, leaving: asyncio.Future[Any] | None = None) -> None:
        """Lets ``who`` in, now or within the time; ``leave`` has to follow. None: no limit of his own.

        Raises ``Full``, and ``Left`` where ``leaving`` is done before his turn comes; then, and where the task is
        cancelled, nobody is inside for it.
        """
        if who is not None and self._per_user is not None and self._held[who] >= self._per_user:
            raise Full(mine=True)
        if self.full:
            raise Full(mine=False)
        key = who or ""
        self._held[key] += 1
        if self._free > 0:
            self._free -= 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue.append(turn)
        awaited: list[asyncio.Future[Any]] = [turn] if leaving is None else [turn, leaving]
        try:
            await asyncio.wait(awaited, timeout=self._seconds, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            if turn.done():  # his turn came in the very moment in which he left
                self.leave(who)
            else:
                self._queue.remove(turn)
                self._gone(key)
            raise
        if turn.done():
            return
        self._queue.remove(turn)
        self._gone(key)
        raise Left if leaving is not None and leaving.done() else Full(mine=False)

    def leave(self, who: str | None) -> None:
        """Whoever was let in is out; the first who waits is in."""
        self._gone(who or "")
        if self._queue:
            self._queue.popleft().set_result(None)
        else:
            self._free += 1

    def _gone(self, key: str) -> None:
        self._held[key] -= 1
        if self._held[key] <= 0:
            del self._held[key]
