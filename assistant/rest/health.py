"""Whether the process lives, and whether it can answer."""

from __future__ import annotations

from fastapi import FastAPI, Request

from assistant.access.asked import principal_of
from assistant.holder import Holder
from assistant.rest.requests import Routes
from assistant.rest.shapes import Alive, Ready

TAG = "health"


def install(api: FastAPI, holder: Holder) -> None:
    """GET /healthz and /readyz, open to everyone who reaches the port."""
    routes = Routes(api)

    @routes.get("/healthz", "isAlive", "Whether the process is alive", TAG)
    async def healthz() -> Alive:
        """200 while the process is alive, also while it is still loading."""
        return Alive(status="ok")

    @routes.get("/readyz", "isReady", "Whether questions are answered", TAG)
    def readyz(request: Request) -> Ready:
        """200 once index and model are loaded, 503 before. The fingerprint is that of the plans that the asker sees."""
        return Ready(status="ready", index=holder.seen_by(principal_of(request)).fingerprint)
