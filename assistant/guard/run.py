"""The HTTP server itself: uvicorn with our patience, and an end within ten seconds that answers what was begun."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from types import FrameType

import uvicorn
from fastapi import FastAPI

from assistant.guard.bodies import MAX_HEADERS
from assistant.guard.patience import CONNECTIONS, patient

GRACE = 7.0  # seconds that requests get after SIGTERM; connections that only stay open are ended at once
LAST = 9.0  # seconds after which the process ends whatever still runs: Python would wait for every thread that works


class Server(uvicorn.Server):  # type: ignore[misc]
    """uvicorn's, which waits for every connection at the end, and would wait in vain for a tab that is open."""

    def __init__(self, app: FastAPI, at_last: Callable[[], None] | None = None) -> None:
        """``at_last`` is called ``LAST`` seconds after the signal to end; it has to end the process."""
        super().__init__(
            uvicorn.Config(
                app,
                http=patient(app.state.limits.proxies),
                ws="none",
                log_level="warning",
                access_log=False,
                server_header=False,
                proxy_headers=False,  # guard/forwarded.py knows whom to believe
                timeout_keep_alive=5,
                timeout_graceful_shutdown=GRACE,
                limit_concurrency=CONNECTIONS,
                h11_max_incomplete_event_size=MAX_HEADERS,
            )
        )
        self._app = app
        self._at_last = at_last

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begins to end; the time runs from the first signal on."""
        if not self.should_exit and self._at_last is not None:
            end = threading.Timer(LAST, self._at_last)
            end.daemon = True
            end.start()
        super().handle_exit(sig, frame)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Takes no more, ends what only stays open, and waits for the rest."""
        self._app.state.limits.close()
        await super().shutdown(sockets)
