"""The order in which requests pass what stands before the routes, outermost first:

headers of the answer, room for one more, size, host, what proxies say, refused routes, the page while loading, other
sites' cookies, CORS, log-in, sessions, other sites' changes, shares of each user.

CORS stands before the log-in, because a browser asks without one whether it may.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware

from assistant.access.authenticate import Authenticate, Everyone, Identify
from assistant.guard.bodies import MAX_PLANS, Bodies
from assistant.guard.denied import Denied
from assistant.guard.forwarded import Forwarded, Network
from assistant.guard.headers import ResponseHeaders
from assistant.guard.hosts import Hosts
from assistant.guard.limited import Limited, Limits, Shed
from assistant.guard.origins import EXPOSED, HEADERS, METHODS, Apart, ForeignPages
from assistant.guard.settings import ServerSettings
from assistant.guard.waiting import Waiting


def stand_before(
    api: FastAPI,
    ready: Callable[[], bool],
    settings: ServerSettings | None = None,
    *,
    identify: Identify | None = None,
    proxies: Collection[Network] = (),
    max_plans: int = MAX_PLANS,
    sessions: Sequence[Callable[[Any], Any]] = (),
    routes: frozenset[str] = frozenset(),
    alone: bool = False,
) -> None:
    """Puts everything before the routes of ``api``.

    ``ready`` says whether index and model are loaded. Without ``settings`` any host is answered and nobody has a share
    but of questions in the chat, as for tests within a process. ``identify`` lets in everyone as the local user unless
    another is given; ``proxies`` are those whose word is taken; ``max_plans`` is how many bytes an upload of plans may
    have; ``sessions`` are middlewares behind the log-in, outermost first; ``routes`` are addresses of ours that Gradio
    has too; ``alone`` says that there is no log-in (``Limits``).
    """
    known = settings or ServerSettings()
    api.state.limits = limits = Limits(known, proxies, alone)
    # What is added last stands before what was added earlier.
    if settings is not None:
        api.add_middleware(Limited, limits=limits)
    api.add_middleware(ForeignPages, settings=known)
    for middleware in reversed(sessions):
        api.add_middleware(middleware)
    api.add_middleware(Authenticate, identify=identify or Everyone())
    # An explicit list, also where it is empty: without this very class, Gradio lets in every origin.
    api.add_middleware(
        CORSMiddleware,
        allow_origins=known.cors_origins,
        allow_methods=METHODS,
        allow_headers=HEADERS,
        expose_headers=EXPOSED,
        allow_credentials=False,
        max_age=600,
    )
    api.add_middleware(Apart, settings=known)
    api.add_middleware(Waiting, ready=ready)
    api.add_middleware(Denied, but=routes)
    api.add_middleware(Forwarded, proxies=proxies)
    if settings is not None:
        api.add_middleware(Hosts, names=settings.names())
    api.add_middleware(Bodies, max_body=known.max_body_kb * 1000, max_plans=max_plans)
    if settings is not None:
        api.add_middleware(Shed, limits=limits)
    api.add_middleware(ResponseHeaders, settings=known, ready=ready)
