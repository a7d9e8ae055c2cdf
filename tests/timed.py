"""What computing takes: for tests of how it grows with the input, which compare two such times and assert none."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable


def seconds(work: Callable[[], object]) -> float:
    """Processor time of one call, without the collector, whose pauses are those of the whole test run."""
    gc.disable()
    try:
        start = time.process_time()
        work()
        return time.process_time() - start
    finally:
        gc.enable()
