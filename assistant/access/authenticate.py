"""ASGI middleware: finds out who asks, and whether the route is open to him.

Everything behind it finds the principal in the scope (``principal_of``) and has no way to go on without one.
"""

from __future__ import annotations

from typing import Protocol

from fastapi.responses import Response

from assistant.access.asked import let_in, recognise
from assistant.access.login_routes import wants_page, without_role
from assistant.access.model import LOCAL, NOBODY, Principal
from assistant.access.rules import methods_of, rule_of
from assistant.guard.asgi import App, ASGIScope, Receive, Send
from assistant.guard.refusal import refuse
from assistant.problems import Problem, problem


class Identify(Protocol):
    """One way of letting people in."""

    async def identify(self, scope: ASGIScope) -> Principal | Response | None:
        """Who sends this request; None: nobody says; a response: somebody does, and is refused."""


class Everyone:
    """No log-in: whoever reaches the port is the local user."""

    async def identify(self, scope: ASGIScope) -> Principal | Response | None:
        """The local user, always."""
        return LOCAL


class Authenticate:
    """See the module's docstring."""

    def __init__(self, app: App, identify: Identify) -> None:
        self._app = app
        self._identify = identify

    async def __call__(self, scope: ASGIScope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            answer = await self._admit(scope)
            if isinstance(answer, Problem):
                await refuse(answer, scope, receive, send)
            else:
                await (answer or self._app)(scope, receive, send)
        else:  # no route of ours is a websocket
            await send({"type": "websocket.close", "code": 1008})

    async def _admit(self, scope: ASGIScope) -> Response | None:
        """None where the request may go on, with its principal in the scope; else what it is answered."""
        who = await self._identify.identify(scope)
        rule = rule_of(scope["method"], scope["path"])
        if rule is not None and rule.needs is None:
            # Who fails to say who he is, which has been counted, is nobody here.
            let_in(scope, who if isinstance(who, Principal) else NOBODY)
            return None
        if isinstance(who, Response):
            return who
        if who is None:
            return problem(401, "log in, or send a token: Authorization: Bearer …", {"WWW-Authenticate": "Bearer"})
        recognise(scope, who)
        if rule is None:
            others = methods_of(scope["path"])
            if others:
                said = f"{scope['method']} is not allowed here; {', '.join(others)} is"
                return problem(405, said, {"Allow": ", ".join(others)})
            return problem(404, "there is no such address; GET /openapi.json lists what there is")
        if not rule.lets_in(who):
            if not who.scopes and scope["method"] == "GET" and wants_page(scope):
                return without_role(scope, who)
            return problem(403, f"this needs the scope {rule.needs}, which {who.via} {who.name!a} has not")
        let_in(scope, who)
        return None
