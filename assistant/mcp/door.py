"""/mcp: the four tools over streamable HTTP.

Nothing is kept between two requests: each is served by a session manager of its own, so there is no session that
someone else could take over, and nothing to start or end with the server. The route stands behind the guard and
the log-in like any other; here the Origin is looked at once more, because this door is for programs: the only pages
that have a reason to send to it are listed.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from typing import Any

import anyio
import anyio.to_thread
import pydantic_core
from fastapi import FastAPI
from fastapi.responses import JSONResponse, Response
from mcp.server.lowlevel import Server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.shared.exceptions import MCPError
from mcp_types import (
    INVALID_PARAMS,
    INVALID_REQUEST,
    PARSE_ERROR,
    CallToolRequestParams,
    CallToolResult,
    JSONRPCNotification,
    JSONRPCRequest,
    ListToolsResult,
    PaginatedRequestParams,
    TextContent,
    ToolAnnotations,
)
from mcp_types import Tool as Offered
from pydantic import ValidationError
from starlette.requests import ClientDisconnect, Request
from starlette.routing import Route

from assistant.access.asked import principal_of
from assistant.access.model import Principal
from assistant.audit import tell
from assistant.guard.asgi import ASGIScope as Scope
from assistant.guard.asgi import Receive, Send, again
from assistant.holder import Holder
from assistant.mcp.tools import TOOLS, UNTRUSTED, Output, Tool, shown_by
from assistant.problems import STATUS, Problem, problem
from corpus.errors import AssistantError

log = logging.getLogger(__name__)

PATH = "/mcp"
THREADS = 4  # calls that are worked on at the same time
WAITING = 32  # calls that wait for that; more are told to come again
INSTRUCTIONS = (
    "Plans of offices, read by rule into clauses: who leads, supports or is responsible, by when. Every answer carries "
    f"verbatim citations, and not finding one is an answer (status not_found). {UNTRUSTED}"
)


def install(api: FastAPI, holder: Holder, origins: Collection[str] = ()) -> None:
    """The route on ``api``. ``origins`` are those whose pages may call it beside our own."""
    api.router.routes.append(Route(PATH, McpDoor(holder, origins), include_in_schema=False))


class McpDoor:
    """The ASGI application at the route."""

    def __init__(self, holder: Holder, origins: Collection[str] = ()) -> None:
        self._holder = holder
        self._origins = frozenset(origins) - {""}
        self._threads = anyio.CapacityLimiter(THREADS)
        self._taken = 0  # calls that are worked on or wait; only the event loop's thread counts
        self._server: Server[Any] = Server(
            "plan-assistant",
            version="1",
            title="Plan assistant",
            instructions=INSTRUCTIONS,
            on_list_tools=self._listed,
            on_call_tool=self._called,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        refusal = self._refusal(request)
        if refusal is not None:
            await refusal(scope, receive, send)
            return
        await self._served(scope, receive, send)

    def _refusal(self, request: Request) -> Response | None:
        headers = request.headers
        principal_of(request)  # nothing below works without one: rather an error than an open door
        ours = {*self._origins, f"{request.scope['scheme']}://{headers.get('host')}"}
        if not ours.issuperset(headers.getlist("origin")):
            return problem(403, "this was sent by a page of another site")
        if "mcp-session-id" in headers:
            return problem(404, "there is no such session; this server gives out none")
        if headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            return problem(415, "send Content-Type: application/json")
        return None

    async def _served(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One message, whole: looked at here, so that what is wrong with it is said in our words, then handed on."""
        try:
            body = await Request(scope, receive).body()
        except ClientDisconnect:  # or the body was too large, which Bodies says
            return
        refusal = _unread(body)
        if refusal is not None:
            await refusal(scope, receive, send)
            return
        # A client that takes nothing but JSON gets JSON; else the answer may come as a stream of events.
        accepts = ",".join(Request(scope).headers.getlist("accept"))
        manager = StreamableHTTPSessionManager(
            self._server,
            json_response="text/event-stream" not in accepts and "*/*" not in accepts,
            stateless=True,
            max_request_body_size=len(body),
        )
        async with manager.run():
            await manager.handle_request(scope, again(body, receive), send)

    async def _listed(self, context: Any, _: PaginatedRequestParams | None) -> ListToolsResult:
        who = principal_of(context.request)
        return ListToolsResult(tools=[_offered(tool) for tool in TOOLS if who.may(tool.needs)])

    async def _called(self, context: Any, call: CallToolRequestParams) -> CallToolResult:
        """The one place at which a call and what came of it are both at hand."""
        who = principal_of(context.request)
        tool = next((tool for tool in TOOLS if tool.name == call.name), None)
        if tool is None:
            raise MCPError(code=INVALID_PARAMS, message="there is no tool of this name; tools/list names them")
        made = await self._made(who, tool, call.arguments or {})
        if isinstance(made, Problem):
            return _failed(made)
        tell(context.request.scope, shown_by(call.arguments or {}, made))
        return _given(made)

    async def _made(self, who: Principal, tool: Tool, arguments: dict[str, Any]) -> Output | Problem:
        """What a tool gives ``who``, or what is wrong, as over REST."""
        if not who.may(tool.needs):
            return problem(403, f"this needs the scope {tool.needs}, which {who.via} {who.name!a} has not")
        if self._taken >= THREADS + WAITING:
            return problem(503, "too many calls at this moment; send this one again in a few seconds")
        self._taken += 1
        try:
            taken = tool.takes.model_validate(arguments)
            return await anyio.to_thread.run_sync(
                lambda: tool.run(self._holder.seen_by(who), taken), limiter=self._threads
            )
        except ValidationError as error:
            found = [f"{'.'.join(map(str, e['loc']))[:100]}: {e['msg']}" for e in error.errors(include_input=False)[:5]]
            return problem(422, "; ".join(found))
        except AssistantError as error:
            status = next((status for kind, status in STATUS if isinstance(error, kind)), None)
            if status is not None:
                return problem(status, str(error))
            log.error("%s", error)
        except Exception:
            log.exception("a call of %s failed", tool.name)
        finally:
            self._taken -= 1
        return problem(500, "the server cannot answer; its log says why")


def _offered(tool: Tool) -> Offered:
    return Offered(
        name=tool.name,
        title=tool.title,
        description=tool.says,
        input_schema=tool.takes.model_json_schema(),
        output_schema=tool.gives.model_json_schema(mode="serialization"),
        annotations=ToolAnnotations(
            read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
        ),
    )


def _given(made: Output) -> CallToolResult:
    """The same twice, as the protocol asks for: as data, and for clients that read only text as JSON of that data."""
    return CallToolResult(
        content=[TextContent(type="text", text=made.model_dump_json())],
        structured_content=made.model_dump(mode="json"),
    )


def _failed(wrong: Problem) -> CallToolResult:
    """A problem of RFC 9457 as a tool's error, which the calling model gets to see and can mend."""
    text = bytes(wrong.body).decode("utf-8")
    return CallToolResult(content=[TextContent(type="text", text=text)], is_error=True)


def _unread(body: bytes) -> Response | None:
    """What is answered to a body that is not one request or notification; nothing of the body is in it."""
    try:
        message = pydantic_core.from_json(body, allow_inf_nan=False)
    except ValueError:
        return _refused(PARSE_ERROR, "the body is not JSON")
    # Whether it owes an answer is decided by whether it has an id; one of a wrong type makes it no notification.
    kind = JSONRPCRequest if isinstance(message, dict) and "id" in message else JSONRPCNotification
    try:
        kind.model_validate(message)
    except ValidationError:
        return _refused(INVALID_REQUEST, "the body must be one JSON-RPC 2.0 request or notification")
    return None


def _refused(code: int, said: str) -> Response:
    return JSONResponse({"jsonrpc": "2.0", "id": None, "error": {"code": code, "message": said}}, status_code=400)
