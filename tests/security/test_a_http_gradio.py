"""What Gradio would serve beyond the page, and whose a chat is: addresses of files and of other hosts, calls that no
page makes, and the sessions of somebody else.

The numbers are those of the project's list of inputs.
"""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from fastapi import FastAPI
from fastapi.responses import Response
from starlette.testclient import TestClient

from assistant.access.model import LOCAL, Principal, Scope
from assistant.access.sessions import KEPT, MAX_EVENTS, MAX_SESSIONS, Event, Sessions
from assistant.api import build_api
from assistant.config import AssistantSettings
from assistant.feedback import FeedbackStore
from assistant.guard.asgi import ASGIScope
from assistant.guard.settings import ServerSettings
from assistant.holder import Holder
from assistant.ui import mount_ui
from tests.app.conftest import FakeAssistant, make_plan
from tests.loops import in_own_loop
from tests.security.chat import heard

ROOT = Path(__file__).resolve().parents[2]
READS = frozenset({Scope.ASK, Scope.SEARCH})
USERS = {name: Principal(name, READS, via="oidc") for name in ("alice", "bob")}


class Users:
    """Lets in whoever sends a name of USERS; whoever sends none is the local admin."""

    async def identify(self, scope: ASGIScope) -> Principal | Response | None:
        name = dict(scope["headers"]).get(b"x-test-user")
        return LOCAL if name is None else USERS.get(name.decode("latin-1"))


@pytest.fixture(scope="module")
def fake() -> FakeAssistant:
    plan = make_plan()
    return FakeAssistant({plan.id: plan})


# No test here is about how often somebody may ask.
OFTEN = ServerSettings(ask_per_minute=10**6, search_per_minute=10**6, other_per_minute=10**6)


def built(fake: FakeAssistant, folder: Path, settings: ServerSettings = OFTEN) -> FastAPI:
    feedback = FeedbackStore(folder / "feedback.sqlite", AssistantSettings())
    return mount_ui(build_api(Holder(fake), settings, identify=Users()), Holder(fake), feedback)


@pytest.fixture(scope="module")
def app(fake: FakeAssistant, tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    return built(fake, tmp_path_factory.mktemp("chat"))


@pytest.fixture(scope="module")
def client(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app, base_url="http://127.0.0.1") as made:
        yield made


@pytest.fixture
def outside(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Every address that was looked up or connected to while a test ran."""
    seen: list[Any] = []

    def noted(*arguments: Any, **_: Any) -> Any:
        seen.append(arguments[-2:])
        raise OSError("nothing is to be reached here")

    monkeypatch.setattr(socket, "getaddrinfo", noted)
    monkeypatch.setattr(socket, "gethostbyname", noted)
    monkeypatch.setattr(socket.socket, "connect", noted)
    monkeypatch.setattr(socket.socket, "connect_ex", noted)
    return seen


def sent(app: FastAPI, method: str, target: str) -> tuple[int, bytes]:
    """Status and body of a request whose address reaches the application as a server hands it on: decoded once."""
    path, _, query = target.partition("?")
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http",
        "path": unquote(path), "raw_path": path.encode("utf-8"), "query_string": query.encode("utf-8"),
        "root_path": "", "headers": [(b"host", b"127.0.0.1")], "client": ("127.0.0.1", 5), "server": ("127.0.0.1", 80),
    }  # fmt: skip
    status, body, read = 0, b"", False

    async def receive() -> dict[str, Any]:
        nonlocal read
        if read:
            await asyncio.Event().wait()  # the client stays and says nothing more
        read = True
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        nonlocal status, body
        status = message.get("status", status)
        body += message.get("body", b"")

    in_own_loop(asyncio.wait_for(app(scope, receive, send), 20))
    return status, body


DOORS = ("/gradio_api/file=", "/file=", "/gradio_api/file/", "/file/", "/gradio_api/file%3D", "/%66ile=")
CLIMBS = (
    "/etc/passwd",
    "../../../etc/passwd",
    "../" * 12 + "etc/passwd",
    "..%2f..%2f..%2fetc%2fpasswd",
    "%2e%2e/%2e%2e/%2e%2e/etc/passwd",
    "%252e%252e%252fetc%252fpasswd",
    "....//....//etc/passwd",
    "..\\..\\etc\\passwd",
    "/etc/passwd%00.png",
    "/etc/./passwd",
)


@pytest.mark.parametrize("climb", CLIMBS)
def test_01_no_file_is_served_wherever_its_address_climbs_to(app: FastAPI, climb: str) -> None:
    absent = {sent(app, method, "/gradio_api/file=/no/such/file") for method in ("GET",)}
    for door in DOORS:
        assert {sent(app, "GET", door + climb)} == absent, door  # there or not: the same answer
        assert sent(app, "HEAD", door + climb)[0] == 404
    for odd in ("//gradio_api/file=", "/gradio_api//file=", "/GRADIO_API/FILE=", "/x/../gradio_api/file=", "/./file="):
        assert sent(app, "GET", odd + climb)[0] == 404, odd


@pytest.mark.parametrize("climb", CLIMBS)
@pytest.mark.parametrize(
    "door",
    ["/static/", "/assets/", "/svelte/", "/gradio_api/static/", "/gradio_api/assets/", "/web/", "/evals/static/"],
)
def test_01_the_folders_of_pages_end_where_they_end(app: FastAPI, door: str, climb: str) -> None:
    for target in (door + climb, door + "img/../" + climb):
        status, body = sent(app, "GET", target)
        assert status in (400, 403, 404), target
        assert b"root:" not in body


def test_01_a_file_of_the_page_is_served(app: FastAPI) -> None:
    """So that the tests above are about addresses and not about folders that are shut."""
    assert sent(app, "GET", "/web/plan.css")[0] == 200


OWN = [
    "app.py", "pyproject.toml", ".env", "assistant/config.py", "data/index/CURRENT", "data/feedback.sqlite",
    "data/access.sqlite", "data/audit", "data/cache/vectors.sqlite", "data/library", "corpus/plans",
]  # fmt: skip
SYSTEM = [
    "/proc/self/environ",
    "/proc/self/root/etc/passwd",
    "/proc/self/cmdline",
    "/dev/zero",
    "/dev/stdin",
    "/etc/shadow",
]


@pytest.mark.parametrize("path", [*(str(ROOT / own) for own in OWN), *OWN, *SYSTEM])
def test_02_no_file_of_ours_or_of_the_system_is_served(app: FastAPI, path: str) -> None:
    for door in DOORS:
        assert sent(app, "GET", door + path)[0] == 404


ADDRESSES = [
    "http://127.0.0.1:22/", "http://169.254.169.254/latest/meta-data", "http://[::1]/", "http://0x7f000001/",
    "http://2130706433/", "http://0/", "file:///etc/passwd", "ftp://127.0.0.1/", "//11.0.0.1/share",
    "\\\\host\\share", "gopher://127.0.0.1:6379/_", "data:text/html,x", "HTTP://127.0.0.1/", "http:/127.0.0.1/",
]  # fmt: skip
NAMES = [
    "https://leak-secret.attacker.example/x.png",
    "http://intranet/x.png",
    "http://printer.local/",
    "//leak.example/x",
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_03_an_address_for_a_file_is_not_connected_to(app: FastAPI, outside: list[Any], address: str) -> None:
    for door in (*DOORS, "/gradio_api/proxy=", "/proxy="):
        for method in ("GET", "HEAD"):
            assert sent(app, method, door + address)[0] == 404
    assert outside == []


@pytest.mark.parametrize("name", NAMES)
def test_04_a_name_for_a_file_is_not_looked_up(app: FastAPI, outside: list[Any], name: str) -> None:
    for door in (*DOORS, "/gradio_api/proxy=", "/proxy="):
        for method in ("GET", "HEAD"):
            assert sent(app, method, door + name)[0] == 404
    assert outside == []


CLOSED = [
    "/proxy=http://127.0.0.1/", "/gradio_api/proxy=http://127.0.0.1/", "/gradio_api/dev/reload", "/dev/reload",
    "/gradio_api/vibe-code/", "/gradio_api/vibe-code", "/gradio_api/vibe-edit", "/gradio_api/undo-vibe-edit",
    "/gradio_api/vibe-starter-queries/", "/monitoring", "/monitoring/summary", "/monitoring/x",
    "/gradio_api/profiling/summary", "/gradio_api/profiling/traces", "/gradio_api/profiling/clear",
    "/gradio_api/run-history/buckets", "/gradio_api/run-history/connect", "/gradio_api/runs",
    "/gradio_api/deep_link", "/gradio_api/deep_link?session_hash=abcdefgh", "/gradio_api/upload",
    "/gradio_api/upload_progress", "/gradio_api/process_recording", "/gradio_api/component_server",
    "/gradio_api/component_server/", "/gradio_api/custom_component/x/client/component/index.js",
    "/gradio_api/stream/x", "/gradio_api/stream/x/close", "/gradio_api/stream/abcdefgh/1/2/playlist.m3u8",
    "/gradio_api/run/respond", "/gradio_api/api/respond", "/run/respond", "/api/respond",
    "/gradio_api/call/respond", "/gradio_api/call/v2/respond", "/gradio_api/call/respond/abc",
    "/gradio_api/call/v2/respond/abc", "/gradio_api/openapi.json", "/gradio_api/user", "/gradio_api/token",
    "/gradio_api/login_check", "/pwa_icon", "/docs", "/redoc", "/gradio_api/queue/join/x",
]  # fmt: skip


@pytest.mark.parametrize("path", CLOSED)
def test_05_what_the_page_does_not_use_is_not_there(client: TestClient, path: str, outside: list[Any]) -> None:
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
        assert client.request(method, path).status_code in (404, 405), method
    assert client.get(path).status_code == 404
    assert client.post(path, json={"data": [], "session_hash": "abcdefgh"}).status_code == 404
    assert outside == []


def test_07_what_the_environment_says_for_another_program_opens_nothing(
    fake: FakeAssistant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page is mounted with its own settings, also where the environment has some for Gradio."""
    for name, value in (("MCP_SERVER", "True"), ("SHARE", "True"), ("ALLOWED_PATHS", "/"), ("RUN_HISTORY", "True")):
        monkeypatch.setenv(f"GRADIO_{name}", value)
    app = built(fake, tmp_path)
    for path in ("mcp", "mcp/", "mcp/sse", "mcp/schema", "mcp/http", "runs", "file=/etc/passwd"):
        for method in ("GET", "POST"):
            assert sent(app, method, f"/gradio_api/{path}")[0] == 404, path


class Chat:
    """A tab of somebody's browser."""

    def __init__(self, client: TestClient, user: str, session: str) -> None:
        self.client, self.session = client, session
        self.headers = {"x-test-user": user}
        config = client.get("/config", headers=self.headers).json()
        # Of two functions of the same event the first is meant: the question's, not that of a comment.
        self.functions = {target[1]: fn for fn in reversed(config["dependencies"]) for target in fn["targets"]}
        self.config, self.types = config, {c["id"]: c["type"] for c in config["components"]}

    def body(self, event: str, *values: Any, **more: Any) -> dict[str, Any]:
        """A call as the page makes it; states are left for the server to fill in."""
        function = self.functions[event]
        given = iter(values)
        data = [None if self.types[i] == "state" else next(given, None) for i in function["inputs"]]
        trigger = next(target[0] for target in function["targets"] if target[1] == event)
        return {
            "data": data, "event_data": None, "fn_index": function["id"], "trigger_id": trigger,
            "session_hash": self.session, **more,
        }  # fmt: skip

    def join(self, body: Any, **query: str) -> Any:
        return self.client.post("/gradio_api/queue/join", json=body, headers=self.headers, params=query)

    def data(self, session: str | None = None) -> Any:
        return heard(self.client, self.session if session is None else session, self.headers)

    def does(self, event: str, *values: Any, **more: Any) -> str:
        """What the page gets to see of a call."""
        joined = self.join(self.body(event, *values, **more))
        assert joined.status_code == 200, joined.text
        stream = self.data()
        assert stream.status_code == 200
        assert '"success":true' in stream.text, stream.text
        return str(stream.text)


SECRET = "这是爱丽丝的问题"


def test_11_the_session_of_another_is_not_there(client: TestClient) -> None:
    alice, bob = Chat(client, "alice", "alicehash1"), Chat(client, "bob", "alicehash1")
    assert SECRET in alice.does("submit", SECRET, [], "zh")
    assert SECRET in alice.does("input", "zh")  # her conversation is kept
    running = alice.join(alice.body("input", "zh")).json()["event_id"]
    # By her name he reaches nothing of hers, and her call goes on.
    assert bob.data().status_code == 404
    for fn_index in (0, alice.functions["input"]["id"]):
        said = {"session_hash": "alicehash1", "fn_index": fn_index, "event_id": running}
        assert client.post("/gradio_api/cancel", json=said, headers=bob.headers).status_code == 404
    assert client.post("/gradio_api/reset", json={"event_id": running}, headers=bob.headers).status_code == 404
    for path in (f"call/input/{running}", f"call/v2/input/{running}", f"stream/{running}"):
        assert client.get(f"/gradio_api/{path}", headers=bob.headers).status_code == 404
    assert SECRET in alice.data().text
    # Also with a session of his own, by the name of her call.
    own = Chat(client, "bob", "bobshash1")
    own.does("input", "zh")
    running = alice.join(alice.body("input", "zh")).json()["event_id"]
    said = {"session_hash": "bobshash1", "fn_index": 0, "event_id": running}
    assert client.post("/gradio_api/cancel", json=said, headers=own.headers).status_code == 404
    assert SECRET in alice.data().text
    # And where he makes a call by her name, it is a chat of his own, in which nothing was said.
    assert SECRET not in bob.does("input", "zh")
    assert SECRET not in bob.does("submit", "鲍勃的问题", [], "zh")
    shown = alice.does("input", "zh")
    assert SECRET in shown and "鲍勃" not in shown


def test_11_whoever_made_a_call_may_end_it(client: TestClient) -> None:
    alice = Chat(client, "alice", "alicehash2")
    event = alice.join(alice.body("input", "zh")).json()["event_id"]
    said = {"session_hash": "alicehash2", "fn_index": alice.functions["input"]["id"], "event_id": event}
    assert client.post("/gradio_api/cancel", json=said, headers=alice.headers).status_code == 200


ODD_NAMES = [
    "",
    "a",
    "x" * 65,
    "../../etc",
    "a b c d e f",
    "abc\u0000def",
    "漢字漢字漢字",
    "abcdef\n",
    "a/b/c/d/e",
    "null;--x",
]


@pytest.mark.parametrize("name", ODD_NAMES)
def test_11_a_name_that_no_browser_makes_up_is_refused(client: TestClient, name: str) -> None:
    tab = Chat(client, "bob", name)
    assert tab.join(tab.body("input", "zh")).status_code == 422
    assert tab.data().status_code == 400
    said = {"session_hash": name, "fn_index": 0, "event_id": "0" * 32}
    assert client.post("/gradio_api/cancel", json=said, headers=tab.headers).status_code == 422
    path = "/gradio_api/heartbeat/" + "".join(f"%{byte:02x}" for byte in name.encode("utf-8"))
    assert client.get(path, headers=tab.headers).status_code in (400, 404)


def test_11_one_session_is_named_once(client: TestClient) -> None:
    alice, bob = Chat(client, "alice", "alicehash3"), Chat(client, "bob", "bobshash3")
    alice.does("submit", SECRET, [], "zh")
    bob.does("input", "zh")
    for query in (
        "session_hash=bobshash3&session_hash=alicehash3",
        "session_hash[]=bobshash3",
        "SESSION_HASH=bobshash3",
        "",
    ):
        assert client.get(f"/gradio_api/queue/data?{query}", headers=bob.headers).status_code == 400
    twice = json.dumps(bob.body("input", "zh"))[:-1] + ', "session_hash": "alicehash3"}'
    client.post("/gradio_api/queue/join", content=twice, headers={**bob.headers, "content-type": "application/json"})
    assert SECRET not in bob.data("alicehash3").text
    assert SECRET not in bob.does("input", "zh")


def test_12_nothing_is_uploaded_and_no_upload_is_served(client: TestClient, tmp_path: Path) -> None:
    file = {"files": ("plan.txt", b"x", "text/plain")}
    for path in ("/gradio_api/upload", "/upload", "/gradio_api/upload?upload_id=abcdefgh", "/gradio_api/upload/"):
        assert client.post(path, files=file, headers={"x-test-user": "alice"}).status_code == 404
    import gradio.utils

    cache = Path(gradio.utils.get_upload_folder()) / ("0" * 64) / "alice.txt"
    cache.parent.mkdir(parents=True, exist_ok=True)
    cache.write_text("Alice's upload", encoding="utf-8")
    try:
        for door in DOORS:
            answer = client.get(door + str(cache), headers={"x-test-user": "bob"})
            assert answer.status_code == 404 and "Alice" not in answer.text
    finally:
        cache.unlink()
        cache.parent.rmdir()


DICTS: list[Any] = [
    {"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}},
    {"path": "http://169.254.169.254/", "url": "http://169.254.169.254/", "meta": {"_type": "gradio.FileData"}},
    {"path": "/etc/passwd"},
    {"__type__": "update", "value": "x"},
    {"value": {"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}}},
    [{"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}}],
    [[{"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}}]],
    [["a", "b"]],
]


def test_15_the_page_has_functions_enough_for_these_tests(client: TestClient) -> None:
    tab = Chat(client, "bob", "bobshash15")
    assert {"load", "input", "submit", "example_select", "clear", "click", "like"} <= set(tab.functions)


@pytest.mark.parametrize("number", [-1, 10**9, 10**30, "0", 0.0, True, None, [], {}, "respond"])
def test_15_a_function_that_is_not_there_is_not_called(client: TestClient, fake: FakeAssistant, number: Any) -> None:
    tab, asked = Chat(client, "bob", "bobshash15"), len(fake.asked)
    answer = tab.join({**tab.body("submit", "谁?", [], "zh"), "fn_index": number})
    assert answer.status_code == 422 and answer.headers["content-type"] == "application/problem+json"
    assert len(fake.asked) == asked


def test_15_a_function_is_called_by_its_own_components_alone(client: TestClient, fake: FakeAssistant) -> None:
    tab, asked = Chat(client, "bob", "bobshash15"), len(fake.asked)
    good = tab.body("submit", "谁?", [], "zh")
    for component in (*tab.types, -1, 10**9, "9", 1.5, True):
        if component == good["trigger_id"]:
            continue
        answer = tab.join({**good, "trigger_id": component})
        assert answer.status_code == 422, component
    assert len(fake.asked) == asked


@pytest.mark.parametrize("event", ["submit", "input", "example_select", "clear", "like"])
def test_15_values_of_another_number_or_kind_are_refused(client: TestClient, fake: FakeAssistant, event: str) -> None:
    tab, asked = Chat(client, "bob", "bobshash15"), len(fake.asked)
    good = tab.body(
        event, *(["谁?", [], "zh"] if event == "submit" else [[], "zh"] if event == "example_select" else ["zh"])
    )
    wrong: list[Any] = [[], [*good["data"], None], good["data"][:-1], None, {}, "x", 7, [None] * 1000]
    for at, value in enumerate(good["data"]):
        others: list[Any] = [7, 1.5, True, {}, [7], [None], "水" * 100_001, ["x"] * 1001, *DICTS]
        others += [["a"]] if isinstance(value, str) else ["x"]
        if tab.types[tab.functions[event]["inputs"][at]] == "state":
            others += [[], "", ["a"]]
        wrong += [[*good["data"][:at], other, *good["data"][at + 1 :]] for other in others]
    for data in wrong:
        assert tab.join({**good, "data": data}).status_code == 422, str(data)[:200]
    assert len(fake.asked) == asked


def test_15_a_textbox_of_ten_megabytes_is_refused(client: TestClient, fake: FakeAssistant) -> None:
    tab, asked = Chat(client, "bob", "bobshash15"), len(fake.asked)
    assert tab.join(tab.body("submit", "x" * 10_000_000, [], "zh")).status_code == 413
    assert tab.join(tab.body("submit", "x" * 900_000, [], "zh")).status_code == 422
    assert len(fake.asked) == asked


BODIES = [
    b"",
    b"null",
    b"[]",
    b"[" * 100_000,
    b'{"a":' * 100_000,
    b"\xff",
    b"{",
    b'{"fn_index": NaN}',
    b'{"data": "\\ud800"}',
]


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("path", ["queue/join", "queue/join/", "cancel", "reset"])
def test_15_a_body_that_no_page_sends_is_refused(client: TestClient, path: str, body: bytes) -> None:
    headers = {"content-type": "application/json", "x-test-user": "bob"}
    answer = client.post(f"/gradio_api/{path}", content=body, headers=headers)
    assert answer.status_code in (400, 422)
    assert len(answer.content) < 500


@pytest.mark.parametrize(
    "more",
    [
        {"request": {"headers": {}}}, {"batched": True}, {"simple_format": True}, {"oauth_token": "x"},
        {"event_id": "0" * 32}, {"username": "alice"}, {"batch_trigger_ids": [1]},
    ],
)  # fmt: skip
def test_15_fields_that_the_page_does_not_send_are_refused(client: TestClient, more: dict[str, Any]) -> None:
    tab = Chat(client, "bob", "bobshash15")
    assert tab.join(tab.body("input", "zh", **more)).status_code == 422


@pytest.mark.parametrize("value", DICTS)
def test_16_a_value_that_names_a_file_is_refused(
    client: TestClient, fake: FakeAssistant, outside: list[Any], value: Any
) -> None:
    tab, asked = Chat(client, "bob", "bobshash16"), len(fake.asked)
    for event in ("submit", "input", "example_select", "clear", "like"):
        good = tab.body(event, "谁?", [], "zh")
        for at in range(len(good["data"])):
            data = [*good["data"][:at], value, *good["data"][at + 1 :]]
            assert tab.join({**good, "data": data}).status_code == 422
    assert len(fake.asked) == asked
    assert outside == []


@pytest.mark.parametrize(
    "value", [*DICTS, "x", None, 7, {"text": {"path": "/etc/passwd"}}, {"text": None}, {"text": ["x"]}]
)
def test_16_what_is_said_of_a_click_is_no_file_either(
    client: TestClient, fake: FakeAssistant, outside: list[Any], value: Any
) -> None:
    """A click on an example brings its text; whatever else it brings asks nothing and opens nothing."""
    tab, asked = Chat(client, "bob", "bobshash16"), len(fake.asked)
    for data in ({"index": 0, "value": value}, value):
        assert tab.join(tab.body("example_select", [], "zh", event_data=data)).status_code == 422
    assert len(fake.asked) == asked
    assert outside == []


def test_16_a_click_on_an_example_asks_it(client: TestClient, fake: FakeAssistant) -> None:
    tab, asked = Chat(client, "bob", "bobshash17"), len(fake.asked)
    tab.does("example_select", [], "zh", event_data={"index": 0, "value": {"text": "谁牵头?"}})
    assert fake.asked[asked:] == [(["谁牵头?"], None)]


def test_108_what_the_page_does_beside_a_question_is_no_question(fake: FakeAssistant, tmp_path: Path) -> None:
    """Suggestions, copies, links and votes leave a user all his questions of the minute, and each question counts."""
    limits = ServerSettings(ask_per_minute=4, search_per_minute=1, other_per_minute=100)
    with TestClient(built(fake, tmp_path, limits), base_url="http://127.0.0.1") as client:
        bob, alice = Chat(client, "bob", "bobhash108"), Chat(client, "alice", "alicehash108")

        def pressed(tab: Chat, button: str) -> int:
            """The status of what the page's script sends where a button is pressed."""
            number = next(c["id"] for c in tab.config["components"] if c["props"].get("elem_id") == "did")
            function = next(d for d in tab.config["dependencies"] if [number, "submit"] in d["targets"])
            values = [button, *([None] * (len(function["inputs"]) - 1))]
            data = [
                "zh" if tab.types[one] == "radio" else value
                for one, value in zip(function["inputs"], values, strict=True)
            ]
            called = {"data": data, "fn_index": function["id"], "trigger_id": number, "session_hash": tab.session}
            return int(tab.join(called).status_code)

        bob.does("submit", "谁牵头?", [], "zh")
        for verb in ("next-1", "copy-1", "link-1", "reopen-1", "of no kind"):
            for number in range(3):
                assert pressed(bob, f"{verb} {number}") == 200
        for _ in range(5):
            bob.does("input", "zh")
            bob.does("load")
        assert bob.join(bob.body("load"), q="谁牵头?").status_code == 200  # the address asks
        assert pressed(bob, "drop-1-plans 99") == 200  # asks again
        assert bob.join(bob.body("example_select", [], "zh", event_data={"value": {"text": "?"}})).status_code == 200
        over = bob.join(bob.body("submit", "谁牵头?", [], "zh"))
        assert over.status_code == 429 and 1 <= int(over.headers["retry-after"]) <= 61
        assert pressed(bob, "drop-1-plans 100") == 429 and pressed(bob, "next-1 101") == 200
        assert (
            bob.join(bob.body("load"), q="谁牵头?").status_code == 429 and bob.join(bob.body("load")).status_code == 200
        )
        alice.does("submit", "谁牵头?", [], "zh")


class Recorder:
    """Stands where Gradio does, and notes what reaches it."""

    def __init__(self) -> None:
        self.paths: list[str] = []
        self.bodies: list[Any] = []

    async def __call__(self, scope: ASGIScope, receive: Any, send: Any) -> None:
        self.paths.append(scope["path"] + "?" + scope["query_string"].decode())
        body = b""
        while scope["method"] == "POST":
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body", False):
                break
        self.bodies.append(json.loads(body) if body else None)
        answer = json.dumps({"event_id": f"{len(self.paths):032d}"}).encode()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": answer[:5], "more_body": True})
        await send({"type": "http.response.body", "body": answer[5:]})


def through(sessions: Sessions, who: Principal, method: str, path: str, body: Any = None, query: str = "") -> int:
    """The status of a request that ``who`` sends."""
    scope = {
        "type": "http", "method": method, "path": path, "query_string": query.encode(), "headers": [],
        "assistant.principal": who,
    }  # fmt: skip
    status = 0

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": json.dumps(body).encode(), "more_body": False}

    async def send(message: Any) -> None:
        nonlocal status
        status = message.get("status", status)

    in_own_loop(sessions(scope, receive, send))
    return status


def call(session: str) -> dict[str, Any]:
    return {"session_hash": session, "fn_index": 0, "trigger_id": None, "data": [], "event_data": None}


def test_11_gradio_gets_another_name_for_each_principal() -> None:
    """What it keeps is kept under the user and the name together, whichever way the name is said."""
    gradio = Recorder()
    sessions = Sessions(gradio, {0: Event((), frozenset())})
    for who in (USERS["alice"], USERS["bob"], Principal("alice", READS, via="token")):
        assert through(sessions, who, "POST", "/gradio_api/queue/join", call("samehash")) == 200
        assert through(sessions, who, "GET", "/gradio_api/heartbeat/samehash") == 200
        assert through(sessions, who, "GET", "/gradio_api/queue/data", query="session_hash=samehash") == 200
    names = [body["session_hash"] for body in gradio.bodies if body]
    assert len(set(names)) == 3 and "samehash" not in names
    for at, name in enumerate(names):
        assert gradio.paths[3 * at + 1 : 3 * at + 3] == [
            f"/gradio_api/heartbeat/{name}?",
            f"/gradio_api/queue/data?session_hash={name}",
        ]


class Ending:
    """A Gradio whose streams end at once, and whose calls are taken at once."""

    async def __call__(self, scope: ASGIScope, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        if scope["method"] == "GET":
            await send({"type": "http.response.body", "body": b'data: {"msg":"close_stream"}', "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        else:
            await send({"type": "http.response.body", "body": b'{"event_id":"of-a-call"}'})


@pytest.mark.parametrize("leaves", [True, False])
def test_a_call_is_answered_when_its_page_has_left_the_stream_that_ends(
    leaves: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And whoever does not leave has the end after a while, and his answer too."""
    monkeypatch.setattr("assistant.access.sessions.LEAVING", 60.0 if leaves else 0.2)
    happened: list[str] = []

    async def scene() -> None:
        sessions = Sessions(Ending(), {0: Event((), frozenset())})
        left = asyncio.Event()

        def request(method: str, path: str, query: str = "", body: bytes = b"") -> Any:
            scope = {
                "type": "http", "method": method, "path": path, "query_string": query.encode(), "headers": [],
                "assistant.principal": USERS["alice"],
            }  # fmt: skip
            coming = [{"type": "http.request", "body": body, "more_body": False}]

            async def receive() -> Any:
                if coming:
                    return coming.pop()
                await left.wait()
                return {"type": "http.disconnect"}

            async def send(message: Any) -> None:
                if message["type"] == "http.response.body":
                    happened.append(f"{method} {'goes on' if message.get('more_body') else 'ends'}")

            return asyncio.ensure_future(sessions(scope, receive, send))

        def join() -> Any:
            return request("POST", "/gradio_api/queue/join", body=json.dumps(call("samehash")).encode())

        await join()
        stream = request("GET", "/gradio_api/queue/data", "session_hash=samehash")
        while "GET goes on" not in happened:
            await asyncio.sleep(0)
        second = join()
        await asyncio.sleep(0.05)
        happened.append("a moment")
        if leaves:
            left.set()
        await asyncio.wait_for(asyncio.gather(stream, second), 30)

    in_own_loop(scene())
    assert happened[:4] == ["POST ends", "GET goes on", "GET goes on", "a moment"]
    assert sorted(happened[4:]) == ["GET ends", "POST ends"]


def test_11_the_table_of_sessions_is_bounded_and_forgets(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    sessions = Sessions(Recorder(), {0: Event((), frozenset())}, now=lambda: clock[0])
    alice = USERS["alice"]
    monkeypatch.setattr("assistant.access.sessions.MAX_SESSIONS", 50)
    assert MAX_SESSIONS == 20_000
    for number in range(60):
        assert through(sessions, alice, "POST", "/gradio_api/queue/join", call(f"session{number}")) == 200
    assert len(sessions._sessions) == 50

    def there(session: str) -> bool:
        return through(sessions, alice, "GET", "/gradio_api/queue/data", query=f"session_hash={session}") == 200

    assert [there("session9"), there("session10")] == [False, True]
    clock[0] = KEPT + 1.0
    assert through(sessions, alice, "POST", "/gradio_api/queue/join", call("afterwards")) == 200
    assert len(sessions._sessions) == 1 and not there("session59")
    for _ in range(2 * MAX_EVENTS):
        through(sessions, alice, "POST", "/gradio_api/queue/join", call("afterwards"))
    assert len(next(iter(sessions._sessions.values())).events) == MAX_EVENTS
