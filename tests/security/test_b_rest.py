"""Requests that are meant to break the API or to get more out of it than it gives (21-30).

Over a real assistant on three invented plans, with vectors that need no model: what a search does with a text is part
of what is tried.
"""

from __future__ import annotations

import gzip
import sys
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from assistant.access.model import Principal, Scope
from assistant.api import build_api
from assistant.feedback import FeedbackStore
from assistant.guard.settings import ServerSettings
from assistant.holder import Holder
from assistant.rest.openai_api import CHAT
from assistant.service import Assistant
from index.build import build
from index.config import IndexSettings
from tests.assistant.invented import PLANS

HASHED = IndexSettings(embedder="hash")
MANY = 1_000_000
SERVER = ServerSettings(hosts=("testserver",), ask_per_minute=MANY, search_per_minute=MANY, other_per_minute=MANY)
QUESTION = "县域医疗中心由谁牵头?"


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    files, data = tmp_path_factory.mktemp("given"), tmp_path_factory.mktemp("data")
    for name, text in PLANS.items():
        (files / f"{name}.txt").write_text(text, encoding="utf-8")
    build(data, HASHED, [files], progress=False)
    return Assistant.open(data, index_settings=HASHED)


@pytest.fixture(scope="module")
def client(assistant: Assistant) -> Iterator[TestClient]:
    # Not as a context manager: no thread of the client's own stays open for the module.
    yield TestClient(build_api(Holder(assistant), SERVER), raise_server_exceptions=False)


@pytest.fixture(autouse=True)
def a_normal_request_works_afterwards(client: TestClient) -> Iterator[None]:
    """Whatever a test sends, the server answers the next one as ever."""
    yield
    assert client.post("/api/v1/ask", json={"turns": [QUESTION]}).json()["status"] == "answered"


def refused(response: Any, *statuses: int) -> str:
    """The detail of a problem that is the caller's fault."""
    assert response.status_code in (statuses or (400, 404, 413, 415, 422, 431)), (response.status_code, response.text)
    assert response.headers["content-type"] == "application/problem+json"
    body = response.json()
    assert body["status"] == response.status_code
    assert {"type", "title", "status", "detail"} <= set(body) <= {"type", "title", "status", "detail", "error"}
    return str(body["detail"])


def no_more_than_nothing(response: Any) -> None:
    """Refused, or answered with nothing found."""
    if response.status_code != 200:
        refused(response)
        return
    body = response.json()
    found = [body.get(name) for name in ("hits", "suggestions", "assignments", "plans", "clauses") if name in body]
    assert not any(found) or body.get("status") in ("not_found", "clarify")


POSTS: dict[str, Callable[[str], bytes]] = {
    "/api/v1/ask": lambda value: f'{{"turns": [{value}]}}'.encode(),
    "/v1/embeddings": lambda value: f'{{"model": "hash-64", "input": {value}}}'.encode(),
    "/v1/chat/completions": lambda value: (
        f'{{"model": "{CHAT}", "messages": [{{"role": "user", "content": {value}}}]}}'.encode()
    ),
}
JSON = {"content-type": "application/json"}


# -- bodies -------------------------------------------------------------------------------------------------

BODIES: dict[str, bytes] = {
    "nested lists": b"[" * 100_000,
    "nested objects": b'{"turns":' * 50_000,
    "nested and closed": b"[" * 50_000 + b"]" * 50_000,
    "nested deeper than any of ours": b'{"turns": ["x"], "more": ' + b"[" * 90 + b"]" * 90 + b"}",
    "10 MB": b'{"turns": ["' + b"x" * 10_000_000 + b'"]}',
    "10 MB of spaces": b" " * 10_000_000,
    "NaN": b'{"turns": ["x"], "plans": NaN}',
    "-Infinity": b'{"turns": ["x"], "plans": -Infinity}',
    "a number beyond all": b'{"turns": ["x"], "plans": 1e400}',
    "5,000 digits": b'{"turns": ["x"], "plans": ' + b"9" * 5000 + b"}",
    "5,000 digits after the point": b'{"turns": ["x"], "plans": 0.' + b"9" * 5000 + b"}",
    "the same name twice": b'{"turns": ["x"], "turns": ["y"]}',
    "the same name twice, escaped": b'{"turns": ["x"], "t\\u0075rns": ["y"]}',
    "twice further in": b'{"turns": ["x"], "plans": {"a": 1, "a": 2}}',
    "no UTF-8": b'{"turns": ["\xff\xfe"]}',
    "an overlong form": b'{"turns": ["\xc0\xaf"]}',
    "a surrogate in UTF-8": b'{"turns": ["\xed\xa0\x80"]}',
    "UTF-16": '{"turns": ["x"]}'.encode("utf-16"),
    "UTF-32": '{"turns": ["x"]}'.encode("utf-32-le"),
    "a byte order mark": b'\xef\xbb\xbf{"turns": ["x"]}',
    "two values": b'{"turns": ["x"]}{"turns": ["y"]}',
    "a comment": b'{"turns": ["x"] /* y */}',
    "a comma too many": b'{"turns": ["x",]}',
    "single quotes": b"{'turns': ['x']}",
    "cut off": b'{"turns": ["x"',
    "nothing": b"",
    "a control character": b'{"turns": ["a\nb"]}',
}


@pytest.mark.parametrize("name", sorted(BODIES))
@pytest.mark.parametrize("address", sorted(POSTS))
def test_21_a_body_that_is_no_good_json(client: TestClient, address: str, name: str) -> None:
    refused(client.post(address, content=BODIES[name], headers=JSON), 400, 413, 422)


@pytest.mark.parametrize("address", sorted(POSTS))
def test_22_half_of_a_surrogate_pair(client: TestClient, address: str) -> None:
    for half in (r'"\ud800"', r'"x\udfffy"', r'"\udc00\ud800"', r'"\ud83d"'):
        refused(client.post(address, content=POSTS[address](half), headers=JSON), 400, 422)
        if address.startswith("/v1/"):  # which take options of other servers, and look at none of them
            unread = POSTS[address]('"x"')[:-1] + f', "user": [{half}]}}'.encode()
            refused(client.post(address, content=unread, headers=JSON), 400)
        named = POSTS[address]('"x"')[:-1] + f", {half}: 1}}".encode()
        refused(client.post(address, content=named, headers=JSON), 400, 422)
    whole = client.post(address, content=POSTS[address](r'"\ud83d\ude00 谁牵头?"'), headers=JSON)
    assert whole.status_code == 200


@pytest.mark.parametrize(
    "query", ["q=%ED%A0%80", "q=%FF", "q=%", "q=%00", "q=%C0%AF", "unit=%ED%A0%80&q=x", "plan=%FF&q=x"]
)
@pytest.mark.parametrize("address", ["/api/v1/search", "/api/v1/suggest", "/api/v1/assignments"])
def test_22_a_query_that_is_no_utf_8(client: TestClient, address: str, query: str) -> None:
    no_more_than_nothing(client.get(f"{address}?{query}"))


# -- texts --------------------------------------------------------------------------------------------------

EMPTY = {
    "nothing": "",
    "spaces": "   ",
    "wide spaces": "\u3000\u3000",
    "punctuation": "，。？！…—",
    "NUL": "\x00",
    "emoji": "😀😀",
    "zero width": "\u200b\u200d\ufeff",
    "tags": "\U000e0041\U000e0042",
    "controls": "\x1b[2J"[:1],
}


@pytest.mark.parametrize("name", sorted(EMPTY))
def test_23_a_text_without_words(client: TestClient, name: str) -> None:
    text = EMPTY[name]
    refused(client.get("/api/v1/search", params={"q": text}), 422)
    no_more_than_nothing(client.get("/api/v1/suggest", params={"q": text}))
    refused(client.post("/api/v1/ask", json={"turns": [text]}), 422)
    refused(
        client.post("/v1/chat/completions", json={"model": CHAT, "messages": [{"role": "user", "content": text}]}), 400
    )


def test_23_a_long_text_reaches_no_model(assistant: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    lengths: list[int] = []

    def noted(text: str) -> Any:
        lengths.append(len(text))
        return assistant.embedder.embed_query(text)

    monkeypatch.setattr(assistant.index, "_query_vector", noted)
    client = TestClient(build_api(Holder(assistant), SERVER))
    for length in (2001, 7000):  # no client sends a longer address
        text = "医" * length
        refused(client.get("/api/v1/search", params={"q": text}), 422, 431)
        refused(client.get("/api/v1/search", params={"q": "x" * length}), 422, 431)
        refused(client.get("/api/v1/suggest", params={"q": text}), 422, 431)
        refused(client.post("/api/v1/ask", json={"turns": [text]}), 422)
        refused(client.post("/api/v1/ask", json={"turns": [text, QUESTION]}), 422)
    assert lengths == []
    client.get("/api/v1/search", params={"q": "医" * 1000})
    assert lengths == [1000]
    refused(client.post("/v1/embeddings", json={"model": "hash-64", "input": "医" * 100_000}), 400)


NUMBERS = [
    "-1",
    "0",
    "1000000000",
    "9" * 50,
    '"5"',
    "true",
    "null",
    "1.5",
    "1e1",
    "0x5",
    " 5",
    "+5",
    "５",
    "5_0",
    "",
    "[]",
]


@pytest.mark.parametrize("value", NUMBERS)
@pytest.mark.parametrize(
    "address",
    ["/api/v1/search?q=医疗&k", "/api/v1/suggest?q=医疗&k", "/api/v1/plans?limit", "/api/v1/assignments?limit"],
)
def test_24_a_number_out_of_bounds(client: TestClient, address: str, value: str) -> None:
    at, _, name = address.rpartition("?" if address.count("&") == 0 else "&")
    base, _, query = at.partition("?")
    given = {**dict([query.split("=")] if query else []), name: value}
    refused(client.get(base, params=given), 422)


def test_24_numbers_of_bodies(client: TestClient) -> None:
    for n in (-1, 0, 2, 10**9, "5", [], 1.5):
        body = {"model": CHAT, "messages": [{"role": "user", "content": QUESTION}], "n": n}
        refused(client.post("/v1/chat/completions", json=body), 400)
        refused(client.post("/v1/embeddings", json={"model": "hash-64", "input": "x", "dimensions": n}), 400)


OPERATORS = [
    '"',
    "AND",
    "NEAR(",
    "title:医疗",
    "^",
    "(((",
    "医疗 OR",
    "-医疗",
    "医疗*",
    "医疗~2",
    "[医 TO 疗]",
    "\\",
    "医疗 NOT 中心",
]


@pytest.mark.parametrize("text", OPERATORS)
@pytest.mark.parametrize("semantic", ["true", "false"])
def test_25_operators_are_plain_words(client: TestClient, text: str, semantic: str) -> None:
    response = client.get("/api/v1/search", params={"q": text, "semantic": semantic})
    if any(char.isalnum() for char in text):
        assert response.status_code == 200
    else:
        refused(response, 422)
    assert client.get("/api/v1/suggest", params={"q": text}).status_code == 200
    assert client.get("/api/v1/assignments", params={"unit": text}).json()["count"] == 0


def test_25_an_operator_changes_nothing(client: TestClient) -> None:
    def places(text: str) -> list[Any]:
        hits = client.get("/api/v1/search", params={"q": text, "semantic": "false"}).json()["hits"]
        return [(hit["plan"], hit["clause"], hit["part"]) for hit in hits]

    assert places("医疗中心")
    for text in ('"医疗中心"', "-医疗中心", "医疗中心*", "(医疗中心)", "+医疗中心", "^医疗中心"):
        assert places(text) == places("医疗中心")


# -- fields that may reach a query, or a path -----------------------------------------------------------------

SQL = ["' OR 1=1--", "%", "_", "'; DROP TABLE feedback;--", '" OR ""="', "1) UNION SELECT 1--", "\\' OR 1=1#", "*"]
NAMES = [
    *("../x", "../../../etc/passwd", "/tmp/x", "a/b", "CON", "NUL", ".", "..", "%2e%2e", "..\\x", "x" * 300, "~", "-"),
    *(
        "file:///etc/passwd",
        "\\\\host\\share",
        "river\x00",
        "river/",
        "RIVER",
        "river.txt",
        "ｒｉｖｅｒ",
        "river\u200b",
    ),
]


def everywhere(text: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """A text in each field of each operation that takes one: method, address, arguments."""
    from urllib.parse import quote

    for address in ("/api/v1/search", "/api/v1/assignments"):
        needed = {"q": "医疗"} if address.endswith("search") else {}
        for name in ("plan", "unit", "role"):
            yield "GET", address, {"params": {**needed, name: text}}
    for name in ("k", "semantic"):
        yield "GET", "/api/v1/search", {"params": {"q": "医疗", name: text}}
    for name in ("format", "limit", "offset"):
        yield "GET", "/api/v1/assignments", {"params": {name: text}}
    yield "GET", "/api/v1/plans", {"params": {"offset": text}}
    if text.strip(".~") and text != "-":  # a client takes dots out of an address by itself
        yield "GET", f"/api/v1/plans/{quote(text, safe='')}", {}
        yield "GET", f"/api/v1/plans/{quote(text, safe='')}/clauses", {}
        yield "GET", f"/plans/{quote(text, safe='')}", {}
        yield "GET", f"/v1/models/{quote(text, safe='')}", {}
    yield "POST", "/api/v1/ask", {"json": {"turns": [QUESTION], "plans": [text]}}
    yield "POST", "/v1/embeddings", {"json": {"model": text, "input": "x"}}
    yield "POST", "/v1/embeddings", {"json": {"model": "hash-64", "input": "x", "input_type": text}}
    yield "POST", "/v1/embeddings", {"json": {"model": "hash-64", "input": "x", "encoding_format": text}}
    chat = {"model": CHAT, "messages": [{"role": "user", "content": QUESTION}]}
    yield "POST", "/v1/chat/completions", {"json": {**chat, "model": text}}
    yield "POST", "/v1/chat/completions", {"json": {**chat, "plans": [text]}}
    yield "POST", "/v1/chat/completions", {"json": {**chat, "messages": [{"role": text, "content": QUESTION}]}}


@pytest.mark.parametrize("text", SQL)
def test_26_sql_in_every_field(client: TestClient, text: str) -> None:
    before = client.get("/api/v1/assignments").json()
    for method, address, given in everywhere(text):
        no_more_than_nothing(client.request(method, address, **given))
    no_more_than_nothing(client.get("/api/v1/suggest", params={"q": text}))
    for free in ({"turns": [text, QUESTION]}, {"turns": [f"{text} {QUESTION}"]}):
        assert client.post("/api/v1/ask", json=free).status_code == 200
    assert client.get("/api/v1/assignments").json() == before


_watched: list[str] | None = None


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if _watched is not None and event in ("open", "os.listdir", "os.scandir", "os.mkdir", "os.rename", "os.remove"):
        _watched.append(str(arguments[0]))


@contextmanager
def files_touched() -> Iterator[list[str]]:
    """Every path that the process touches meanwhile."""
    global _watched
    if not getattr(sys, "_plans_watched", False):
        sys.addaudithook(_hook)  # for as long as the process lives
        sys._plans_watched = True  # type: ignore[attr-defined]
    _watched = []
    try:
        yield _watched
    finally:
        _watched = None


@pytest.mark.parametrize("name", NAMES)
def test_27_a_name_is_never_a_path(client: TestClient, name: str) -> None:
    client.post("/api/v1/ask", json={"turns": [QUESTION]})  # what is read once is read
    with files_touched() as touched:
        for method, address, given in everywhere(name):
            no_more_than_nothing(client.request(method, address, **given))
    suspect = [
        path for path in touched if "/etc/" in path or (path.endswith((name, "/x", "/b")) and name not in (".", "-"))
    ]
    assert suspect == []


@pytest.mark.parametrize("raw", ["..", "%2e%2e", "%2E%2E%2f%2e%2e", "..%2f..%2fetc%2fpasswd", "a%2fb", "%00", "..."])
def test_27_an_address_with_dots(client: TestClient, raw: str) -> None:
    for address in (f"/api/v1/plans/{raw}", f"/plans/{raw}", f"/v1/models/{raw}"):
        # As it stands: httpx would resolve the dots itself.
        request = client.build_request("GET", "http://testserver/")
        request.url = request.url.copy_with(raw_path=address.encode())
        response = client.send(request)
        assert response.status_code in (400, 404), (address, response.text)


def test_27_twins_of_a_name_are_two_names(assistant: Assistant) -> None:
    """What looks alike is not taken for the same: the form that the plan has, or nothing."""
    composed, taken_apart = unicodedata.normalize("NFC", "café"), unicodedata.normalize("NFD", "café")
    holder = Holder(assistant)

    class Renamed:
        def __init__(self, plans: dict[str, Any]) -> None:
            self.plans = plans

        def __getattr__(self, name: str) -> Any:
            return getattr(assistant, name)

    holder.put(Renamed({composed: assistant.plans["river"]}))  # type: ignore[arg-type]
    client = TestClient(build_api(holder, SERVER))
    assert client.get(f"/api/v1/plans/{composed}").status_code == 200
    refused(client.get(f"/api/v1/plans/{taken_apart}"), 404)
    refused(client.get("/api/v1/assignments", params={"plan": taken_apart}), 422)


# -- what belongs to others -----------------------------------------------------------------------------------


class River:
    """Everyone is a token that is confined to one plan."""

    async def identify(self, scope: Any) -> Principal:
        both = frozenset({Scope.ASK, Scope.SEARCH})
        return Principal("token:river", both, plans=frozenset({"river"}), via="token")


def test_28_a_hidden_plan_is_one_that_does_not_exist(assistant: Assistant) -> None:
    client = TestClient(build_api(Holder(assistant), SERVER, identify=River()))
    hidden, missing = "health", "wealth"
    assert hidden in assistant.plans
    assert missing not in assistant.plans
    assert [plan["id"] for plan in client.get("/api/v1/plans").json()["plans"]] == ["river"]
    for (method, address, given), (_, twin, others) in zip(everywhere(hidden), everywhere(missing), strict=True):
        one, other = client.request(method, address, **given), client.request(method, twin, **others)
        assert one.status_code == other.status_code, (method, address, given)
        for varying in ("etag", "content-length", "link"):
            one.headers.pop(varying, None)
            other.headers.pop(varying, None)
        assert one.headers == other.headers
        assert one.text.replace(hidden, "") == other.text.replace(missing, "")
        assert one.status_code in (400, 404, 422) or "unit" in given.get("params", {})


def test_28_a_batch_with_one_hidden_plan_is_refused_as_a_whole(assistant: Assistant) -> None:
    client = TestClient(build_api(Holder(assistant), SERVER, identify=River()))
    for address in ("/api/v1/assignments", "/api/v1/search?q=建设", "/api/v1/assignments?format=csv"):
        join = "&" if "?" in address else "?"
        assert client.get(f"{address}{join}plan=river").status_code == 200
        for plans in ("plan=river&plan=health", "plan=health&plan=river", "plan=river&plan=nowhere"):
            assert "建" not in refused(client.get(f"{address}{join}{plans}"), 422)
    refused(client.post("/api/v1/ask", json={"turns": [QUESTION], "plans": ["river", "health"]}), 422)
    chat = {"model": CHAT, "messages": [{"role": "user", "content": QUESTION}], "plans": ["river", "health"]}
    refused(client.post("/v1/chat/completions", json=chat), 400)


def test_28_nothing_of_a_hidden_plan_shows_in_any_listing(assistant: Assistant) -> None:
    client = TestClient(build_api(Holder(assistant), SERVER, identify=River()))
    for address in (
        *(
            "/api/v1/plans",
            "/api/v1/assignments",
            "/api/v1/assignments?format=csv",
            "/api/v1/search?q=县域医疗中心&k=100",
        ),
        *("/api/v1/suggest?q=省&k=50", "/api/v1/suggest?q=县域", "/api/v1/plans/river/clauses"),
    ):
        text = client.get(address).content.decode("utf-8-sig")
        assert "health" not in text
        assert "澜河省" not in text
    said = client.post("/api/v1/ask", json={"turns": [QUESTION]}).json()
    assert said["status"] in ("not_found", "clarify")
    assert "health" not in str(said)


# -- what a body says of itself ---------------------------------------------------------------------------------


@pytest.mark.parametrize("address", sorted(POSTS))
def test_29_a_compressed_body_is_not_unpacked(client: TestClient, address: str) -> None:
    bomb = gzip.compress(b" " * 100_000_000, 9)
    assert len(bomb) < 1_000_000
    for coding in ("gzip", "GZIP", "x-gzip", "deflate", "br", "zstd", "gzip, gzip", "identity, gzip", "nonsense"):
        refused(client.post(address, content=bomb, headers={**JSON, "content-encoding": coding}), 415)
    good = gzip.compress(POSTS[address]('"谁牵头?"'))
    refused(client.post(address, content=good, headers={**JSON, "content-encoding": "gzip"}), 415)
    refused(client.post(address, content=good, headers=JSON), 400)


@pytest.mark.parametrize("address", sorted(POSTS))
@pytest.mark.parametrize(
    "kind",
    [
        *("text/plain", "text/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "*/*"),
        *(
            "application/json; charset=gbk",
            "application/json; charset=utf-16",
            "application/xml",
            "",
            "application/jsonx",
        ),
    ],
)
def test_29_json_that_is_not_called_so(client: TestClient, address: str, kind: str) -> None:
    refused(client.post(address, content=POSTS[address]('"谁牵头?"'), headers={"content-type": kind}), 415)


@pytest.mark.parametrize("name", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"])
def test_29_a_header_does_not_change_the_method(client: TestClient, name: str) -> None:
    for other in ("DELETE", "PUT", "GET"):
        said = client.post("/api/v1/ask", json={"turns": [QUESTION]}, headers={name: other})
        assert said.json()["status"] == "answered"
        assert len(client.get("/api/v1/plans", headers={name: other}).json()["plans"]) == len(PLANS)
    refused(client.get("/api/v1/ask", headers={name: "POST"}), 405)
    refused(client.get("/api/v1/ask?_method=POST"), 405)


# -- again and again ----------------------------------------------------------------------------------------------


def test_30_the_same_question_twice_is_answered_twice_and_writes_nothing(client: TestClient) -> None:
    said = [
        client.post("/api/v1/ask", json={"turns": [QUESTION]}, headers={"Idempotency-Key": "one"}).json() for _ in "12"
    ]
    assert all(one.pop("timings_ms") for one in said)
    assert said[0] == said[1]


def test_30_a_flood_of_one_user_is_told_to_wait(assistant: Assistant) -> None:
    server = ServerSettings(hosts=("testserver",), ask_per_minute=5, search_per_minute=7, other_per_minute=9)
    client = TestClient(build_api(Holder(assistant), server, identify=River()))
    chat = {"model": CHAT, "messages": [{"role": "user", "content": QUESTION}]}
    asks = [client.post("/api/v1/ask", json={"turns": [QUESTION]}) for _ in range(3)]
    asks += [client.post("/v1/chat/completions", json=chat) for _ in range(30)]  # another door, the same account
    searches = [client.get("/api/v1/search?q=医疗") for _ in range(30)]
    for responses, allowed in ((asks, 5), (searches, 7)):
        statuses = [response.status_code for response in responses]
        assert statuses.count(200) in (allowed, allowed + 1)  # a minute may turn in between
        assert set(statuses) == {200, 429}
        late = next(response for response in responses if response.status_code == 429)
        assert 1 <= int(late.headers["retry-after"]) <= 60
        assert late.headers["content-type"] == "application/problem+json"
    assert asks[-1].json()["error"]["type"] == "rate_limit_error"


def test_30_a_vote_sent_again_and_again_is_one_row(assistant: Assistant, tmp_path: Path) -> None:
    store = FeedbackStore(tmp_path / "feedback.sqlite")
    answer = assistant.ask([QUESTION])
    for number in range(50):
        store.record("1" * 32, "down" if number % 2 else "up", [QUESTION], answer, assistant.fingerprint)
    assert store.count() == 1
