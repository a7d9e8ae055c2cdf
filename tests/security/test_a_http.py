"""What a browser, a proxy or a shell may bring along and must not get through: the environment of the process (6, 7),
pages of other origins (8), hosts and headers of proxies (9), ranges (18), forms (19), uploads that collide or
break off (20).
"""

from __future__ import annotations

import random
import re
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from starlette.testclient import TestClient

from assistant.access.rules import rule_of
from assistant.api import build_api
from assistant.guard.environment import EnvironmentRefused, settle
from assistant.guard.forwarded import client_of
from assistant.guard.settings import ServerSettings
from assistant.guard.stack import stand_before
from assistant.holder import Holder
from tests.app.conftest import FakeAssistant, make_plan
from tests.security.live import Live, eventually, get, head, inside, live, status, whole

ROOT = Path(__file__).resolve().parents[2]
PORTAL = "https://portal.example"


@pytest.fixture
def fake() -> FakeAssistant:
    plan = make_plan()
    return FakeAssistant({plan.id: plan})


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """Every route of the program, Gradio's among them."""
    data = tmp_path_factory.mktemp("site") / "data"
    made, _ = whole(data, f'[server]\ncors_origins = ["{PORTAL}"]\n[library]\nstaged_mb = 1\n')
    with live(made) as running:
        made.state.data = data
        yield running


# -- the environment -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", ["False", "0", "no", "True", " "])
def test_06_a_page_that_rewrites_the_program_is_never_turned_on(value: str) -> None:
    with pytest.raises(EnvironmentRefused, match="GRADIO_VIBE_MODE"):
        settle({"GRADIO_VIBE_MODE": value})


def test_06_the_program_refuses_to_start_in_one_line(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "app.py"), "--port", "0", "--data", str(tmp_path / "data")],
        capture_output=True, text=True, timeout=120, env={"GRADIO_VIBE_MODE": "False", "PATH": ""},
    )  # fmt: skip
    assert done.returncode == 2
    assert re.fullmatch(r"app\.py: GRADIO_VIBE_MODE is set .*\n", done.stderr)
    assert not (tmp_path / "data").exists()


def test_07_what_would_open_the_server_is_dropped_and_named(capsys: pytest.CaptureFixture[str]) -> None:
    hostile = {
        "GRADIO_SHARE": "True",
        "GRADIO_ALLOWED_PATHS": "/",
        "GRADIO_MCP_SERVER": "True",
        "GRADIO_WATCH_DIRS": "/",
        "GRADIO_LOCAL_DEV_MODE": "1",
        "GRADIO_ROOT_PATH": "//evil.example",
        "GRADIO_ANALYTICS_ENABLED": "True",
        "GRADIO_OF_TOMORROW": "1",
        "GRADIO_VIBE_MODE": "",
        "HF_TOKEN": "secret",
        "HF_HUB_OFFLINE": "0",
        "LANGSMITH_API_KEY": "secret",
    }
    environment = {**hostile, "PATH": "/bin", "HOME": "/root"}
    settle(environment)
    left = {name: value for name, value in environment.items() if hostile.get(name) == value}
    assert left == {}
    assert environment["PATH"] == "/bin"
    assert (environment["GRADIO_ANALYTICS_ENABLED"], environment["HF_HUB_OFFLINE"]) == ("False", "1")
    (line,) = capsys.readouterr().err.splitlines()
    assert set(re.findall(r"[A-Z_]{4,}", line)) == set(hostile) - {"GRADIO_VIBE_MODE"}
    assert "secret" not in line
    settle(environment)
    assert capsys.readouterr().err == ""  # what is as it has to be is not told


# -- pages of other origins ------------------------------------------------------------------------------------------

FOREIGN = (
    "https://evil.example",
    "null",
    "http://127.0.0.1.evil.example",
    "http://127.0.0.1:81",
    PORTAL + ".evil.example",
)


def addresses(routes: Iterable[Any], before: str = "") -> Iterator[str]:
    """One address for each route, also of what is mounted or included."""
    for route in routes:
        if hasattr(route, "effective_candidates"):
            yield from addresses([*route.effective_candidates(), *route.effective_low_priority_routes()], before)
            continue
        path = getattr(route, "path", None) or getattr(getattr(route, "original_route", None), "path", "")
        yield (before + re.sub(r"\{[^}]*\}", "x", path)) or "/"
        yield from addresses(getattr(getattr(route, "app", None), "routes", None) or [], before + path)


def cases(site: Live, every: bool) -> list[tuple[str, str, str]]:
    """(method, address, origin): all of them, or each address once by each method with one origin."""
    found = sorted(set(addresses(site.app.routes)))
    assert len(found) > 80, found
    chance = random.Random(8)
    return [
        (method, path, origin)
        for path in found
        for method in ("GET", "POST", "OPTIONS")
        for origin in (FOREIGN if every else (chance.choice(FOREIGN),))
    ]


@pytest.mark.parametrize("every", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_08_no_route_lets_a_foreign_origin_in(site: Live, every: bool) -> None:
    for method, path, origin in cases(site, every):
        asked = "POST" if method == "OPTIONS" else method
        lines = [f"Origin: {origin}", "Sec-Fetch-Site: cross-site", f"Access-Control-Request-Method: {asked}"]
        with site.connect() as to:
            to.sendall(get(path, *lines, method=method))
            said = head(to).lower()
        assert status(said.replace(b"http/", b"HTTP/", 1)) not in (0, 500), (method, path)
        assert b"\r\naccess-control-allow-origin:" not in said, (method, path, origin)
        assert b"\r\naccess-control-allow-credentials:" not in said, (method, path, origin)
        if method == "POST" and rule_of("POST", path):
            assert status(said.replace(b"http/", b"HTTP/", 1)) in (403, 404), (path, said)


def test_08_what_changes_something_is_refused_to_pages_elsewhere(site: Live) -> None:
    for path in ("/library", "/staging/x/discard", "/evals/feedback/x", "/gradio_api/queue/join", "/api/v1/ask"):
        for line in ("Sec-Fetch-Site: cross-site", "Sec-Fetch-Site: same-site", "Origin: null", "Sec-Fetch-Site: x"):
            assert status(site.ask(get(path, line, method="POST"))) == 403, (path, line)
        both = ("Sec-Fetch-Site: same-origin", "Sec-Fetch-Site: cross-site")
        assert status(site.ask(get(path, *both, method="POST"))) == 403


def test_08_a_listed_origin_may_use_the_api_and_nothing_else(site: Live) -> None:
    def asked(path: str, method: str, origin: str = PORTAL) -> bytes:
        lines = [f"Origin: {origin}", f"Access-Control-Request-Method: {method}"]
        return site.ask(
            get(path, *lines, "Access-Control-Request-Headers: authorization,content-type", method="OPTIONS")
        )

    said = asked("/api/v1/ask", "POST")
    assert status(said) == 200
    assert f"\r\naccess-control-allow-origin: {PORTAL}\r\n".encode() in said
    assert b"credentials" not in said.lower()
    for path in ("/library", "/evals", "/", "/gradio_api/queue/join", "/config"):
        assert b"\r\naccess-control-allow" not in asked(path, "POST").lower(), path
        assert b"\r\naccess-control-allow" not in site.ask(get(path, f"Origin: {PORTAL}")).lower(), path
    lines = [f"Origin: {PORTAL}", "Sec-Fetch-Site: cross-site", "Content-Type: application/json"]
    said = site.ask(get("/api/v1/ask", *lines, method="POST", body=b'{"turns": ["x"]}'))
    assert status(said) == 200
    assert f"\r\naccess-control-allow-origin: {PORTAL}\r\n".encode() in said
    assert status(site.ask(get("/library", *lines, method="POST"))) == 403


def test_08_no_cookie_comes_along_from_a_page_elsewhere() -> None:
    made = FastAPI()
    stand_before(made, lambda: True, ServerSettings(cors_origins=(PORTAL,)))

    @made.api_route("/api/v1/ask", methods=["POST"])
    @made.api_route("/api/v1/plans", methods=["GET"])
    async def cookies(request: Request) -> JSONResponse:
        return JSONResponse(dict(request.cookies))

    client = TestClient(made, base_url="http://127.0.0.1", cookies={"session": "alice"})
    elsewhere = {"Origin": PORTAL, "Sec-Fetch-Site": "cross-site"}
    assert client.post("/api/v1/ask", headers=elsewhere).json() == {}
    assert client.get("/api/v1/plans", headers=elsewhere).json() == {}
    assert client.get("/api/v1/plans", headers={"Origin": PORTAL}).json() == {}  # a browser without Sec-Fetch-Site
    assert (
        client.get("/api/v1/plans", headers={"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}).json() == {}
    )
    ours = {"session": "alice"}
    assert client.get("/api/v1/plans").json() == ours
    assert client.get("/api/v1/plans", headers={"Sec-Fetch-Site": "same-origin"}).json() == ours
    # somebody follows a link on a page of another site
    followed = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    assert client.get("/api/v1/plans", headers=followed).json() == ours
    assert client.post("/api/v1/ask", headers=followed).status_code == 403


# -- hosts, and what proxies say -------------------------------------------------------------------------------------

SERVER = ServerSettings(hosts=("qa.example", "qa.example:8443"), public_url="https://plans.example")


@pytest.mark.parametrize(
    ("host", "allowed"),
    [
        ("qa.example", True),
        ("QA.example:8443", True),
        ("plans.example", True),
        ("plans.example:443", True),
        ("127.0.0.1:9999", True),
        ("qa.example:99999", False),
        ("qa.example:80", False),
        ("plans.example:80", False),
        ("qa.example.", False),
        ("evil.example", False),
        ("qa.example.evil.example", False),
        ("qa.example:8443@evil.example", False),
        ("qa.example evil.example", False),
        ("127.0.0.1:0", False),
        ("127.0.0.1:99999", False),
        ("127.0.0.1:", False),
        ("127.1", False),
        ("2130706433", False),
        ("localhost.evil.example", False),
        ("[::1", False),
        ("", False),
        ("\xff", False),
    ],
)
def test_09_only_names_that_we_have_are_answered(fake: FakeAssistant, host: str, allowed: bool) -> None:
    with live(build_api(Holder(fake), SERVER)) as site:
        for path in ("/healthz", "/api/v1/plans", "/nowhere"):
            said = site.ask(get(path, host=host))
            assert (status(said) != 400) is allowed
            assert b"evil" not in said


def test_09_a_host_given_twice_or_not_at_all_is_refused(fake: FakeAssistant) -> None:
    with live(build_api(Holder(fake), SERVER)) as site:
        assert status(site.ask(get("/healthz", "Host: evil.example"))) == 400
        assert status(site.ask(get("/healthz", "Host: 127.0.0.1"))) == 400
        assert status(site.ask(b"GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n")) == 400
        assert status(site.ask(b"GET /healthz HTTP/1.0\r\n\r\n")) == 400  # such a one need not name any
        assert status(site.ask(b"GET http://evil.example/healthz HTTP/1.1\r\nHost: evil.example\r\n\r\n")) == 400


def seen(**proxies: str) -> TestClient:
    """Tells what a route sees of the way that a request has come."""
    made = FastAPI()
    stand_before(made, lambda: True, SERVER, proxies=[ip_network(one) for one in proxies.values()])

    @made.get("/api/v1/plans")
    async def way(request: Request) -> JSONResponse:
        names = [name for name in request.headers if name.startswith(("x-", "forwarded"))]
        return JSONResponse({"from": client_of(request.scope), "url": str(request.url), "headers": sorted(names)})

    return TestClient(made, base_url="http://plans.example", client=("10.0.0.5", 50000))


SAID = {
    "X-Forwarded-For": "192.0.2.1, 10.1.1.1, 10.0.0.9",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Prefix": "/evil",
    "X-Forwarded-User": "alice",
    "X-Real-Ip": "192.0.2.1",
    "Forwarded": "for=192.0.2.1;host=evil.example",
    "X-Original-Url": "/library",
    "X-Gradio-Server": "https://evil.example",
}


def test_09_what_a_stranger_says_of_the_way_is_dropped() -> None:
    for client in (seen(), seen(proxy="10.0.0.6/32")):
        answer = client.get("/api/v1/plans", headers=SAID).json()
        assert answer == {"from": "10.0.0.5", "url": "http://plans.example/api/v1/plans", "headers": []}


def test_09_a_trusted_proxy_is_believed_up_to_the_first_stranger() -> None:
    client = seen(proxy="10.0.0.0/24")
    answer = client.get("/api/v1/plans", headers=SAID).json()
    assert answer["from"] == "10.1.1.1"  # not 192.0.2.1: 10.1.1.1 is no proxy of ours and may have written that
    assert answer["url"] == "https://plans.example/api/v1/plans"
    assert answer["headers"] == ["x-forwarded-user"]
    for wrong in ("x", "1.2.3.4.5", "'", ""):
        told = client.get("/api/v1/plans", headers={"X-Forwarded-For": wrong, "X-Forwarded-Proto": "gopher"}).json()
        assert (told["from"], told["url"][:5]) == ("10.0.0.5", "http:")


def test_09_no_link_carries_a_name_that_a_stranger_gave(site: Live) -> None:
    lines = [f"{name}: {value}" for name, value in SAID.items()]
    for path in (
        "/",
        "/config",
        "/api/v1/plans",
        "/plans/water",
        "/library",
        "/evals",
        "/openapi.json",
        "/opensearch.xml",
    ):
        said = site.ask(get(path, *lines))
        assert b"evil" not in said, path
        assert b"192.0.2.1" not in said, path


# -- ranges ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "ranges",
    [
        "bytes=" + ",".join(["0-0,1-1"] * 1500),
        "bytes=" + ",".join(f"{n}-{n}" for n in range(1000)),
        *(
            "bytes=9999999999-",
            "bytes=a-b",
            "bytes=-0",
            "bytes=--1",
            "bytes=5-1",
            "bytes=",
            "bytes=0-" + "9" * 400,
            "x=1-2",
        ),
    ],
)
def test_18_ranges_of_any_kind_are_answered_shortly(site: Live, ranges: str) -> None:
    whole_file = site.ask(get("/web/plan.css"))
    for path in ("/web/plan.css", "/theme.css", "/plans/water", "/api/v1/plans"):
        said = site.ask(get(path, f"Range: {ranges}"))
        assert status(said) in (200, 206, 400, 404, 416), (path, said[:200])
        assert len(said) < 100 * len(whole_file) + 200_000


def test_18_ranges_larger_than_all_headers_may_be(site: Live) -> None:
    said = site.ask(get("/web/plan.css", "Range: bytes=" + ",".join(["0-0,1-1"] * 10_000)))
    assert status(said) in (400, 431)


# -- forms and uploads -----------------------------------------------------------------------------------------------


def form(*parts: tuple[str, bytes], boundary: str = "b") -> bytes:
    """A multipart body; of each part its Content-Disposition to the letter, and its bytes."""
    lines = b"".join(
        f"--{boundary}\r\nContent-Disposition: {said}\r\n\r\n".encode() + content + b"\r\n" for said, content in parts
    )
    return lines + f"--{boundary}--\r\n".encode()


def send(site: Live, path: str, body: bytes, boundary: str = "b") -> int:
    kind = f"Content-Type: multipart/form-data; boundary={boundary}"
    return status(site.ask(get(path, kind, method="POST", body=body)))


PLAN = "水网方案\n一、重点任务\n1.更换老旧管道。（市水务局牵头）\n2.公布水质结果。（市卫健委负责）\n".encode()


@pytest.mark.parametrize("path", ["/library", "/evals/sets", "/library/water/replace"])
def test_19_forms_that_are_too_much_or_wrong_are_refused(site: Live, path: str) -> None:
    many = form(*[(f'form-data; name="f{n}"', b"x") for n in range(2000)])
    assert send(site, path, many) in (400, 404, 413, 422)
    files = form(*[(f'form-data; name="file"; filename="{n}.txt"', b"x" * 150_000) for n in range(20)])
    assert send(site, path, files) in (404, 413, 422)  # each small, together over the limit
    assert send(site, path, form(boundary="b" * 500), "b" * 500) == 400
    kind = "Content-Type: multipart/form-data; boundary=" + "b" * 1_000_000
    assert status(site.ask(get(path, kind, method="POST"))) in (0, 400, 431)
    for body in (b"", b"--b", b"--b\r\n\r\n", b"--b--", b"x" * 100, form(("form-data", b"x"))):
        assert 400 <= send(site, path, body) < 500


def staged(site: Live) -> list[bytes]:
    """What the files of waiting uploads hold, those that are still being read left out."""
    data: Path = site.app.state.data
    ready = [folder for folder in (data / "staging").glob("*") if not folder.name.startswith(".")]
    return [path.read_bytes() for folder in ready for path in folder.rglob("*.txt")]


def test_20_two_uploads_of_one_name_at_once_are_both_whole(site: Live) -> None:
    bodies = [PLAN + f"3.第{n}项任务。（市财政局负责）\n".encode() * 500 for n in range(2)]
    answered: list[int] = []

    def upload(content: bytes) -> None:
        answered.append(send(site, "/library", form(('form-data; name="file"; filename="twin.txt"', content))))

    threads = [threading.Thread(target=upload, args=(content,)) for content in bodies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(answered) <= {200, 303}
    assert eventually(lambda: all(content in staged(site) for content in bodies), 90)


def test_20_of_an_upload_that_breaks_off_nothing_stays(site: Live) -> None:
    content = PLAN + "3.半途而废的任务。（市财政局负责）\n".encode() * 500
    body = form(('form-data; name="file"; filename="half.txt"', content))
    request = get("/library", "Content-Type: multipart/form-data; boundary=b", method="POST", body=body)
    with site.connect() as to:
        to.sendall(request[: len(request) - len(body) // 2])
        assert eventually(lambda: inside(site.limits.pools["uploads"]) == 1)
    assert eventually(lambda: inside(site.limits.pools["uploads"]) == 0)
    assert not any("半途而废".encode() in held for held in staged(site))
    assert send(site, "/library", body) in (200, 303)  # and the next one is taken


# At the end: what is uploaded here is still being read when the test is over.
@pytest.mark.parametrize(
    "name",
    [
        *("", "a" * 5000 + ".txt", "..", "../../x.txt", "CON.txt", "/etc/passwd", "x\\r\\nX: y.txt", "‮txt.exe"),
        *(".htaccess", "a/b.txt", "a\\b.txt", "\x00.txt", "%2e%2e%2fx.txt", "~.txt", "plan.toml", "a\x1b[2J.txt"),
    ],
)
def test_19_a_file_is_kept_under_no_name_that_a_stranger_gave(site: Live, name: str) -> None:
    data: Path = site.app.state.data
    before = {path for path in data.parent.rglob("*") if data not in path.parents and path != data}
    answered = send(site, "/library", form((f'form-data; name="file"; filename="{name}"', PLAN)))
    assert answered in (200, 303, 400, 413, 422), answered
    assert before == {path for path in data.parent.rglob("*") if data not in path.parents and path != data}
    for path in data.rglob("*"):
        parts = path.relative_to(data).parts
        assert all(len(part) < 200 and "\n" not in part and "‮" not in part for part in parts)
        if parts[0] == "staging" and len(parts) > 1:
            assert re.fullmatch(r"[\w.-]+", parts[1]), path  # a folder of our own naming
