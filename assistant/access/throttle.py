"""Failed log-ins, counted by the address that they come from."""

from __future__ import annotations

import time
from ipaddress import IPv6Address, ip_address
from math import ceil

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

_OWN = 64  # bits at the end of an IPv6 address that one client may change as it likes


class Throttle:
    """Counts failed log-ins by address, over the last minute."""

    def __init__(self, a_minute: int) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._item = RateLimitItemPerMinute(a_minute)

    def failed(self, client: str) -> int | None:
        """Notes a failure; the seconds to wait where there were too many, else None."""
        key = _key(client)
        return None if self._limiter.hit(self._item, key) else self._left(key)

    def wait(self, client: str) -> int | None:
        """The seconds to wait before another try, else None; notes nothing."""
        key = _key(client)
        return None if self._limiter.test(self._item, key) else self._left(key)

    def _left(self, key: str) -> int:
        return max(1, ceil(self._limiter.get_window_stats(self._item, key).reset_time - time.time()))


def _key(client: str) -> str:
    """One key for all addresses that one client may change between."""
    try:
        address = ip_address(client)
    except ValueError:
        return client
    if isinstance(address, IPv6Address):
        return str(address.ipv4_mapped or IPv6Address(int(address) >> _OWN << _OWN))
    return str(address)
