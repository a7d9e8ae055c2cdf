"""The written table: every route of the server, what it takes to use it, and what is asked of it in the test.

**A new route** needs a row in DOORS (or a line in CLOSED, if nobody is ever to reach it), and a rule in
``assistant/access/rules.py``. ``needs`` is the scope, "everyone" for a route that is open without a log-in, or several
scopes of which one is enough ("ask search"). ``ask`` is an address that answers, with ``{plan}`` where it names a plan:
it is then asked once for each plan, and hidden plans must be answered as if they had never been there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.security.site import OPEN, OURS, THEIRS


@dataclass(frozen=True)
class Row:
    """One route. ``right`` are the statuses for whoever may use it, on a plan that he sees."""

    route: str  # "GET /api/v1/plans/{plan_id}", as it was declared
    needs: str
    ask: str
    right: Sequence[int] = (200,)
    hidden: Sequence[int] = (404,)  # on a plan that is hidden from him
    json: Sequence[Any] = ()  # bodies, each sent once; {plan} in a text is filled in
    form: Mapping[str, str] | None = None
    shows: bool | str = False  # whether the plans that one sees show in it, or to whom: who has this scope
    changes: bool = False  # changes a plan that one may see: that is not asked; a plan that nobody has is, instead
    alike: bool = True  # whether two servers over the same plans give the same body
    endless: bool = False  # goes on until the client leaves: only its refusals are asked
    method: str = ""  # for a route that is declared for any
    headers: Mapping[str, str] | None = None


QUESTIONS = (
    *("澄湖区园林中心有哪些任务?", "松岭县会计科有哪些任务?", "玄石州押运队有哪些任务?", "由谁牵头?"),
    *("核对往来票据由谁牵头?", "转运铅封木箱由谁牵头?", "玄石州的方案文号是什么?", "哪些任务由两个单位负责?"),
)
TASKS = "谁牵头铺设、核对、转运?"  # is answered from each of the plans
JSON = {"Accept": "application/json"}


def _chat(question: str, **more: Any) -> dict[str, Any]:
    """A question as clients of OpenAI's API send it."""
    return {"model": "plan-assistant", "messages": [{"role": "user", "content": question}], **more}


def _call(tool: str, **arguments: Any) -> dict[str, Any]:
    """A call of a tool, as assistant programs send it."""
    call = {"name": tool, "arguments": arguments}
    return {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}


def _mcp(*bodies: Any, shows: bool | str = False) -> Row:
    """Messages of assistant programs. What is wrong with a call is said within an answer of status 200."""
    return Row("ANY /mcp", "ask search", "/mcp", (200,), (200,), bodies, shows=shows, method="POST", headers=JSON)


GRADIO = "/gradio_api"
PAIR = dict.fromkeys(("plan", "one", "other"), "{plan}")
DOORS: Sequence[Row] = (
    # -- for everyone who reaches the port
    Row("GET /healthz", "everyone", "/healthz"),
    Row("GET /readyz", "everyone", "/readyz", alike=False),
    Row("FILES /web", "everyone", "/web/plan.css"),
    Row("FILES /evals/static", "everyone", "/evals/static/feedback.css"),
    *(
        Row(f"{method} {path}", "everyone", path)
        for method in ("GET", "HEAD")
        for path in ("/widget.js", "/opensearch.xml")
    ),
    # -- the log-in with OpenID Connect, which this server has not: for nobody anything there
    Row("ANY /login", "everyone", "/login", (404,), method="GET"),
    Row("ANY /login/callback", "everyone", "/login/callback", (404,), method="GET"),
    Row("ANY /logout", "everyone", "/logout", (404,), method="POST"),
    # -- the API
    Row("GET /openapi.json", "search", "/openapi.json"),
    Row("HEAD /openapi.json", "search", "/openapi.json"),
    Row("GET /metrics", "metrics", "/metrics", alike=False),
    Row("POST /api/v1/ask", "ask", "/api/v1/ask", json=[{"turns": [asked]} for asked in QUESTIONS]),
    Row(
        "POST /api/v1/ask",
        "ask",
        "/api/v1/ask",
        hidden=(422,),
        json=[{"turns": [TASKS], "plans": ["{plan}"]}],
        shows=True,
    ),
    Row("GET /api/v1/search", "search", "/api/v1/search?q=修建 核对 转运&k=50", shows=True),
    Row("GET /api/v1/search", "search", "/api/v1/search?q=任务&plan={plan}", hidden=(422,), shows=True),
    Row("GET /api/v1/suggest", "search", "/api/v1/suggest?q=州"),
    Row("GET /opensearch/suggest", "search", "/opensearch/suggest?q=州"),
    Row("GET /api/v1/plans", "search", "/api/v1/plans", shows=True),
    Row("GET /api/v1/plans/{plan_id}", "search", "/api/v1/plans/{plan}", shows=True),
    Row("GET /api/v1/plans/{plan_id}/clauses", "search", "/api/v1/plans/{plan}/clauses", shows=True),
    Row("GET /api/v1/assignments", "search", "/api/v1/assignments", shows=True),
    Row("GET /api/v1/assignments", "search", "/api/v1/assignments?format=csv", shows=True),
    Row("GET /api/v1/assignments", "search", "/api/v1/assignments?format=xlsx", shows=True),
    Row("GET /api/v1/assignments", "search", "/api/v1/assignments?plan={plan}", hidden=(422,), shows=True),
    Row("GET /api/v1/assignments", "search", "/api/v1/assignments?unit=锁具厂"),
    Row("GET /plans", "search", "/plans", shows=True),
    Row("GET /plans", "search", "/plans?q=铺设 步道&order=title"),
    Row("GET /plans/{plan_id}", "search", "/plans/{plan}", shows=True),
    Row("GET /plans/{plan_id}/text", "search", "/plans/{plan}/text?mark=1:0-9", shows=True),
    Row("GET /plans/{plan_id}/find", "search", "/plans/{plan}/find?q=任务"),
    Row("GET /plans/{plan_id}/quote", "search", "/plans/{plan}/quote?start=0&end=900", shows=True),
    # -- the ledger
    Row("GET /ledger", "search", "/ledger", shows=True),
    Row("GET /ledger", "search", "/ledger?view=units&named=all", shows=True),
    Row("GET /ledger", "search", "/ledger?plan={plan}&named=all", hidden=(422,), shows=True),
    Row("GET /ledger", "search", "/ledger?body={plan}:会计科&chapter={plan}:一", hidden=(422,)),
    *(
        Row("GET /ledger/export.{kind}", "search", f"/ledger/export.{kind}", shows=True)
        for kind in ("csv", "xlsx", "docx")
    ),
    Row("GET /ledger/export.{kind}", "search", "/ledger/export.csv?plan={plan}", hidden=(422,), shows=True),
    # -- the pages of the matrix; without a plan the one with most assignments of those that one sees
    *(
        Row(f"GET /matrix{page}", "search", f"/matrix{page}?plan={{plan}}", shows=True)
        for page in ("", "/load", "/network", "/checks")
    ),
    *(
        Row(f"GET /matrix{page}", "search", f"/matrix{page}", shows=page == "/checks")
        for page in ("", "/load", "/network", "/checks")
    ),
    Row("GET /matrix/table.xlsx", "search", "/matrix/table.xlsx?plan={plan}", alike=False),
    Row("GET /matrix/load.{kind}", "search", "/matrix/load.svg?plan={plan}", shows=True),
    Row("GET /matrix/network.{kind}", "search", "/matrix/network.svg?plan={plan}", shows=True),
    Row("GET /matrix/checks.{ending}", "search", "/matrix/checks.csv?plan={plan}", shows=True),
    Row("GET /matrix/checks.{ending}", "search", "/matrix/checks.csv", shows=True),
    # -- clients of OpenAI's API
    Row("GET /v1/models", "ask search", "/v1/models"),
    Row("GET /v1/models/{model:path}", "ask search", "/v1/models/none", (404,)),
    Row("POST /v1/embeddings", "search", "/v1/embeddings", json=[{"model": "hash-64", "input": ["木箱", "步道"]}]),
    Row("POST /v1/chat/completions", "ask", "/v1/chat/completions", json=[_chat(asked) for asked in QUESTIONS]),
    Row(
        "POST /v1/chat/completions",
        "ask",
        "/v1/chat/completions",
        hidden=(400,),
        json=[_chat(TASKS, plans=["{plan}"]), _chat(TASKS, plans=["{plan}"], stream=True)],
        shows=True,
    ),
    # -- assistant programs
    _mcp({"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}),
    _mcp(*(_call("ask", question=asked) for asked in QUESTIONS)),
    _mcp(_call("ask", question=TASKS, plans=["{plan}"]), shows="ask"),
    _mcp(_call("search", text="修建 核对 转运", k=50), shows="search"),
    _mcp(_call("list_assignments"), shows="search"),
    _mcp(_call("list_assignments", plan="{plan}"), _call("get_clause", plan="{plan}", clause="一/1"), shows="search"),
    # -- the pages of the plans
    Row("GET /library", "edit", "/library", shows=True),
    Row("GET /library/", "edit", "/library/", (303,)),
    Row("POST /library", "edit", "/library", (422,)),
    Row("GET /library/{plan_id}", "edit", "/library/{plan}", shows=True),
    Row("GET /library/{plan_id}/clauses", "edit", "/library/{plan}/clauses", shows=True),
    Row("POST /library/{plan_id}/clauses", "edit", "/library/{plan}/clauses", (422,), (404, 422)),
    Row("POST /library/{plan_id}/apply", "edit", "/library/{plan}/apply", changes=True),
    Row("POST /library/{plan_id}/forget", "edit", "/library/{plan}/forget", (422,), (404, 422)),
    Row("GET /library/{plan_id}/remove", "edit", "/library/{plan}/remove", shows=True),
    Row("POST /library/{plan_id}/remove", "edit", "/library/{plan}/remove", changes=True),
    Row("POST /library/{plan_id}/replace", "edit", "/library/{plan}/replace", (422,), (404, 422)),
    Row("POST /library/{plan_id}/restore", "edit", "/library/{plan}/restore", changes=True),
    Row("GET /staging/jobs/{job_id}", "edit", "/staging/jobs/1", (404,)),
    Row("POST /staging/jobs/{job_id}/dismiss", "edit", "/staging/jobs/1/dismiss", (303, 404)),
    Row("GET /staging/jobs/{job_id}/status", "edit", "/staging/jobs/1/status", (404,)),
    Row("GET /staging/{token}", "edit", "/staging/0", (404,)),
    Row("POST /staging/{token}", "edit", "/staging/0", (404, 422)),
    Row("POST /staging/{token}/discard", "edit", "/staging/0/discard", (404,)),
    Row("POST /staging/{token}/save", "edit", "/staging/0/save", (404,)),
    # -- plans side by side; one plan twice is no comparison
    Row("GET /compare", "search", f"/compare?plan={OPEN}&plan={{plan}}", (200, 422), shows=True),
    *(
        Row(
            "GET /compare/export.{kind}",
            "search",
            f"/compare/export.{kind}?plan={OPEN}&plan={{plan}}",
            (200, 422),
            shows=True,
        )
        for kind in ("xlsx", "docx")
    ),
    Row("POST /compare/save", "edit", "/compare/save", (422,), form={"plan": "{plan}", "fix": "s0123456789"}),
    Row("POST /compare/forget", "edit", "/compare/forget", (303,), form=PAIR),
    # -- the pages of the evals
    Row("GET /evals", "eval", "/evals"),
    Row("GET /evals/", "eval", "/evals/", (303,)),
    Row("GET /evals/compare", "eval", "/evals/compare", (422,)),
    Row("GET /evals/feedback", "eval", "/evals/feedback"),
    Row("GET /evals/feedback/export.{kind}", "eval", "/evals/feedback/export.csv", (200, 404, 422)),
    Row("GET /evals/feedback/{id}", "eval", "/evals/feedback/0", (404,)),
    Row("POST /evals/feedback/{id}", "eval", "/evals/feedback/0", (404, 422)),
    Row("POST /evals/runs", "eval", "/evals/runs", (422,)),
    Row("GET /evals/runs/{name}", "eval", "/evals/runs/none", (404,)),
    Row("GET /evals/runs/{name}/report.html", "eval", "/evals/runs/none/report.html", (404,)),
    Row("POST /evals/runs/{name}/resume", "eval", "/evals/runs/none/resume", (404,)),
    Row("GET /evals/runs/{name}/status", "eval", "/evals/runs/none/status", (404,)),
    Row("POST /evals/runs/{name}/stop", "eval", "/evals/runs/none/stop", (303, 404)),
    Row("GET /evals/runs/{name}/{file}", "eval", "/evals/runs/none/rows.jsonl", (404, 422)),
    Row("POST /evals/sets", "eval", "/evals/sets", (422,)),
    Row("GET /evals/template.{kind}", "eval", "/evals/template.csv"),
    # -- the chat: what its page loads, and its queue
    Row("GET /", "ask", "/", alike=False),
    Row("HEAD /", "ask", "/"),
    *(Row(f"GET {path}", "ask", path, alike=False) for path in ("/config", "/config/")),
    *(Row(f"GET {path}", "ask", path) for path in ("/theme.css", "/favicon.ico", "/robots.txt", "/manifest.json")),
    *(Row(f"GET /{part}/{{path:path}}", "ask", f"/{part}/none.js", (404,)) for part in ("assets", "static", "svelte")),
    *(Row(f"GET {GRADIO}/{part}", "ask", f"{GRADIO}/{part}") for part in ("info", "info/", "theme.css")),
    *(Row(f"GET {GRADIO}/{part}", "ask", f"{GRADIO}/{part}", alike=False) for part in ("app_id", "app_id/")),
    Row(f"GET {GRADIO}/startup-events", "ask", f"{GRADIO}/startup-events", alike=False),
    Row(f"GET {GRADIO}/heartbeat/{{session_hash}}", "ask", f"{GRADIO}/heartbeat/nobodys1", endless=True),
    Row(f"GET {GRADIO}/queue/data", "ask", f"{GRADIO}/queue/data?session_hash=nobodys1", (404,)),
    Row(f"POST {GRADIO}/queue/join", "ask", f"{GRADIO}/queue/join", (400, 422)),
    Row(f"POST {GRADIO}/cancel", "ask", f"{GRADIO}/cancel", (400, 422)),
    Row(f"POST {GRADIO}/reset", "ask", f"{GRADIO}/reset", (400, 422)),
)

# Routes that Gradio brings and nobody reaches, whoever he is.
CLOSED: Sequence[str] = (
    "POST /login",
    "POST /login/",
    "GET /logout",
    "GET /monitoring",
    "GET /monitoring/summary",
    "GET /monitoring/{key}",
    "GET /pwa_icon",
    "GET /pwa_icon/{size}",
    *(f"POST {GRADIO}/{part}/{{api_name}}{end}" for part in ("api", "call", "call/v2", "run") for end in ("", "/")),
    *(f"GET {GRADIO}/{part}/{{api_name}}/{{event_id}}" for part in ("call", "call/v2")),
    *(
        f"POST {GRADIO}/{part}{end}"
        for part in ("component_server", "undo-vibe-edit", "vibe-edit")
        for end in ("", "/")
    ),
    *(f"{method} {GRADIO}/vibe-code{end}" for method in ("GET", "POST") for end in ("", "/")),
    *(f"POST {GRADIO}/vibe-starter-queries{end}" for end in ("", "/")),
    *(f"GET {GRADIO}/{part}{end}" for part in ("login_check", "runs", "token", "user") for end in ("", "/")),
    f"GET {GRADIO}/custom_component/{{id}}/{{environment}}/{{type}}/{{file_name}}",
    f"GET {GRADIO}/deep_link",
    f"GET {GRADIO}/dev/reload",
    f"GET {GRADIO}/file/{{path:path}}",
    *(f"{method} {GRADIO}/file={{path_or_url:path}}" for method in ("GET", "HEAD")),
    *(f"{method} {GRADIO}/proxy={{url_path:path}}" for method in ("GET", "HEAD")),
    f"GET {GRADIO}/openapi.json",
    f"POST {GRADIO}/process_recording",
    f"GET {GRADIO}/queue/status",
    f"POST {GRADIO}/reset/",
    *(f"POST {GRADIO}/stream/{{event_id}}{end}" for end in ("", "/close")),
    *(
        f"GET {GRADIO}/stream/{{session_hash}}/{{run}}/{{component_id}}/{name}"
        for name in ("playlist-file", "playlist.m3u8", "{segment_id}.{ext}")
    ),
    f"POST {GRADIO}/upload",
    f"GET {GRADIO}/upload_progress",
)
GHOST = "nosuchplan"  # an id that no plan has
PLAN_IDS = (OPEN, OURS, THEIRS, GHOST)
