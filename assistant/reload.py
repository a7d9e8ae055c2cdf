"""A new generation of the index in a running server: opened beside the old one, made ready, then swapped in.

A request that has begun keeps the assistant that it began with; the next one gets the new. A generation that cannot be
opened is told of once, and the old one goes on serving. What the pages of the ledger have to find in each plan is found
then, a plan at a time with rests between, before somebody waits for it.
"""

from __future__ import annotations

import logging
import threading
import time
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.config import AssistantSettings
from assistant.holder import Holder
from corpus.errors import AssistantError
from index.config import IndexSettings

if TYPE_CHECKING:  # numbers and FAISS are imported by the thread that loads, beside the import of the pages
    from index.embed import Embedder

EVERY = 2.0  # seconds between two looks at the data folder
LONGEST = 60.0  # seconds until a generation that could not be opened is tried again
LONGEST_REST = 1.0  # seconds between two plans that are read ahead

log = logging.getLogger(__name__)


class Reloader:
    """Keeps a holder's assistant that of the current generation. Loads the embedding model once."""

    def __init__(
        self,
        holder: Holder,
        data: Path,
        settings: AssistantSettings | None = None,
        index_settings: IndexSettings | None = None,
        *,
        every: float = EVERY,
    ) -> None:
        self._holder = holder
        self._data = data
        self._settings = settings or AssistantSettings()
        self._index_settings = index_settings or IndexSettings()
        self._every = every
        self._lock = threading.Lock()  # one opening at a time
        self._served = ""  # what CURRENT said of the generation that serves
        self._failed = ""  # what was said of the generation that could not be opened
        self._unread = False  # whether the plans that serve have still to be read ahead
        self._ended = threading.Event()

    @cached_property
    def embedder(self) -> Embedder:
        """The one embedder of this server; builds in its process take it too."""
        from index.embed import open_embedder

        return open_embedder(self._index_settings.embedder, self._index_settings.threads)

    def reload(self) -> bool:
        """Serve the current generation; whether it is another than before.

        Raises ``IndexMissing``, ``IndexDamaged``, ``IndexStale`` or ``EmbedderUnusable``; then what served before
        goes on.
        """
        from assistant.service import Assistant
        from index import store

        with self._lock:
            pointer = store.pointer(self._data)
            if pointer and pointer == self._served and self._holder.ready:
                return False
            assistant = Assistant.open(self._data, self._settings, self._index_settings, self.embedder)
            assistant.warm()
            self._holder.put(assistant)
            # Where a build has published another one meanwhile, the next look opens that.
            self._served = pointer if pointer == store.pointer(self._data) else ""
            self._failed = ""
            self._unread = True
            return True

    def start(self) -> threading.Thread:
        """Look for new generations in a daemon thread, until ``stop``."""
        thread = threading.Thread(target=self._watch, name="reload", daemon=True)
        thread.start()
        return thread

    def stop(self) -> None:
        """End the thread of ``start``."""
        self._ended.set()

    def _watch(self) -> None:
        wait = self._every
        while not self._ended.wait(wait):
            wait = self._every if self.look() else min(2 * wait, LONGEST)
            self.read_ahead()

    def read_ahead(self) -> None:
        """Find what the ledger keeps of each plan that serves, where that is not done yet. Never raises.

        After each plan it rests as long as that took, so that questions have the better part of a processor's time;
        it leaves off where another generation is there, or the end has come.
        """
        if not self._unread:
            return
        self._unread = False
        from assistant.ledger_rows import plan_rows
        from index import store

        try:
            assistant, served = self._holder.assistant, self._served
            for plan in assistant.plans.values():
                began = time.monotonic()
                plan_rows(assistant, plan)
                if self._ended.wait(min(time.monotonic() - began, LONGEST_REST)):
                    return
                if self._unread or (served and served != store.pointer(self._data)):
                    return
        except Exception as error:  # a page finds it then, and says what is wrong
            log.warning("the ledger was not read ahead: %s: %s", type(error).__name__, error)

    def look(self) -> bool:
        """Reload if there is another generation; False where one is there that cannot be opened. Never raises."""
        try:
            self.reload()
        except AssistantError as error:
            problem = str(error)
        except Exception as error:  # a watcher that ends would leave the server on old plans for ever
            problem = f"{type(error).__name__}: {error}"
        else:
            return True
        with self._lock:
            told, self._failed = self._failed == problem, problem
        if not told:
            log.warning("still serving the plans of before: %s", problem)
        return False
