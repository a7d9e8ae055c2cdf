"""Coroutines in tests: Playwright's own loop runs in the main thread for as long as a browser is open."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")


def in_own_loop(task: Coroutine[Any, Any, T]) -> T:
    """What a coroutine returns, from a loop in a thread of its own. Raises what it raises."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, task).result()
