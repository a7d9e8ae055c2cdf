"""Whether the process lives, and whether it can answer."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI, HTTPException, Request

from assistant.access.asked import principal_of
from assistant.access.model import Scope
from assistant.holder import Holder
from assistant.rest.requests import Routes
from assistant.rest.shapes import Alive, Ready
from assistant.room import want_of_room

TAG = "health"


def install(api: FastAPI, holder: Holder, data: Path | None = None) -> None:
    """GET /healthz and /readyz, open to everyone who reaches the port. ``data`` is the folder that needs room."""
    routes = Routes(api)

    @routes.get("/healthz", "isAlive", "Whether the process is alive", TAG)
    async def healthz() -> Alive:
        """200 while the process is alive, also while it is still loading."""
        return Alive(status="ok")

    @routes.get("/readyz", "isReady", "Whether questions are answered", TAG)
    def readyz(request: Request) -> Ready:
        """200 once index and model are loaded and while the disk has room, else 503, and why for an administrator.

        The fingerprint is that of the plans that the asker sees.
        """
        who = principal_of(request)
        ready = Ready(status="ready", index=holder.seen_by(who).fingerprint)
        want = want_of_room(data) if data else None
        if want:
            raise HTTPException(
                503, want if who.may(Scope.ADMIN) else "the server is not ready; an administrator who asks is told why"
            )
        return ready
