"""The HTTP API and the plan page, on the application that the chat is mounted on (docs/interfaces.md, "HTTP")."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from assistant import problems
from assistant.access.authenticate import Identify
from assistant.access.login_routes import LOGIN_ROUTES, LoginRoutes, install_login
from assistant.audit import Audit
from assistant.guard.bodies import MAX_PLANS
from assistant.guard.forwarded import Network
from assistant.guard.settings import ServerSettings
from assistant.guard.stack import stand_before
from assistant.holder import Holder
from assistant.mcp.door import install as install_mcp
from assistant.metrics import Metrics
from assistant.rest.assignments import install as install_assignments
from assistant.rest.health import install as install_health
from assistant.rest.openai_api import install as install_openai
from assistant.rest.openapi import install as install_openapi
from assistant.rest.plans import install as install_plans
from assistant.rest.questions import install as install_questions
from assistant.rest.responses import install as install_responses
from assistant.watch import Watch
from assistant.web.reader_pages import install as install_reader
from assistant.widget import install as install_widget

STATIC = Path(__file__).resolve().parent / "static"


def build_api(
    holder: Holder,
    server: ServerSettings | None = None,
    *,
    identify: Identify | None = None,
    proxies: Collection[Network] = (),
    max_plans: int = MAX_PLANS,
    audit: Audit | None = None,
    metrics: Metrics | None = None,
    login: LoginRoutes | None = None,
    data: Path | None = None,
    alone: bool = False,
) -> FastAPI:
    """The application with every route but the chat. Routes answer 503 until ``holder`` is ready.

    What ``server``, ``identify``, ``proxies``, ``max_plans`` and ``alone`` mean says ``guard.stack.stand_before``.
    Events are written to ``audit``, and ``metrics`` counts. ``login`` has the routes of the log-in; it is also a part
    of ``identify``. ``data`` is the folder whose disk /readyz looks at.
    """
    # The interactive pages of FastAPI load scripts from another host; /openapi.json stays.
    api = FastAPI(version="1", docs_url=None, redoc_url=None)
    stand_before(
        api,
        lambda: holder.ready,
        server,
        identify=identify,
        proxies=proxies,
        max_plans=max_plans,
        routes=LOGIN_ROUTES,
        alone=alone,
    )
    api.add_middleware(Watch, audit=audit, metrics=metrics)
    problems.install(api)
    install_responses(api)
    install_health(api, holder, data)
    install_login(api, login)
    if metrics:
        metrics.install(api)
    install_questions(api, holder)
    install_plans(api, holder)
    install_reader(api, holder, data)
    install_assignments(api, holder, server.public_url if server else "")
    install_mcp(api, holder, [*server.cors_origins, server.public_url] if server else [])
    install_openai(api, holder)
    install_widget(api, holder, server.public_url if server else "")
    install_openapi(api)
    api.mount("/web", StaticFiles(directory=STATIC), name="web")
    return api
