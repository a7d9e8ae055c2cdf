"""What is found of a plan by reading all of it: found once, and kept as long as the plan is."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable
from typing import Generic, TypeVar

from corpus.model import Plan

Made = TypeVar("Made")


class KeptOfPlans(Generic[Made]):
    """One value for each plan object that there is. Safe to use from several threads.

    By the identity of the object: a plan that was read anew is another one, and comparing two would read both whole.
    What is kept is given to whoever may see the plan, so it has to be found in that plan alone.
    """

    def __init__(self) -> None:
        self._kept: dict[int, tuple[weakref.ref[Plan], Made]] = {}
        self._making = threading.Lock()

    def __len__(self) -> int:
        """Of how many plans something is kept."""
        return len(self._kept)

    def of(self, plan: Plan, make: Callable[[], Made]) -> Made:
        """What is kept of a plan; what ``make`` gives, where nothing is yet. ``make`` must not ask here again."""
        kept = self._kept.get(id(plan))
        if kept is not None and kept[0]() is plan:
            return kept[1]
        with self._making:  # who comes for the same plan meanwhile waits for it, and does not find it once more
            kept = self._kept.get(id(plan))
            if kept is not None and kept[0]() is plan:
                return kept[1]
            made = make()
            self._kept[id(plan)] = (weakref.ref(plan, self._forget(id(plan))), made)
            return made

    def _forget(self, key: int) -> Callable[[weakref.ref[Plan]], None]:
        kept = self._kept

        # Called before the number can be another plan's, in whatever thread lets the last one go: without a lock,
        # which that thread might hold.
        def forget(gone: weakref.ref[Plan]) -> None:
            if key in kept and kept[key][0] is gone:
                del kept[key]

        return forget
