"""deploy/nginx.conf in a real nginx on loopback: who a user is, the office's log-in says and nobody else."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.app.conftest import free_port, start_server
from tests.conftest import QUIET, chromium_path

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "deploy" / "nginx.conf"
NGINX = shutil.which("nginx") or ("/usr/sbin/nginx" if Path("/usr/sbin/nginx").exists() else None)
NAME = "plans.office.example"
# Cookie → what the office's log-in says of it.
USERS = {"sso=li": ("li", "plans-readers"), "sso=wang": ("wang", "plans-readers,plans-admins")}

pytestmark = [pytest.mark.slow, pytest.mark.skipif(NGINX is None, reason="no nginx here: apt-get install nginx-light")]


class LogIn(BaseHTTPRequestHandler):
    """The office's log-in: 200 with the user's name for a cookie that it knows."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        user = USERS.get(self.headers.get("Cookie", ""))
        self.send_response(200 if user else 401)
        if user:
            self.send_header("X-Auth-Request-User", user[0])
            self.send_header("X-Auth-Request-Groups", user[1])
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


class Echo(BaseHTTPRequestHandler):
    """Says which headers came; at /stream two events, the second only when the test says so."""

    protocol_version = "HTTP/1.1"
    go_on = threading.Event()

    def do_GET(self) -> None:
        if self.path == "/stream":
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(b"data: 1\n\n")
            self.wfile.flush()
            self.go_on.wait(20)
            self.wfile.write(b"data: 2\n\n")
            return
        length = int(self.headers.get("Content-Length", "0"))
        came = {"headers": [list(pair) for pair in self.headers.items()], "body": len(self.rfile.read(length))}
        body = json.dumps(came).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET  # noqa: N815 - the library's names
    do_OPTIONS = do_GET  # noqa: N815

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def served(handler: type[BaseHTTPRequestHandler]) -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


@contextmanager
def nginx(folder: Path, app: int, log_in: int) -> Iterator[int]:
    """nginx with the example's own text: only ports, the paths of the certificate and of its log change."""
    assert NGINX
    plain, secure = free_port(), free_port()
    certificate, key = folder / "cert.pem", folder / "key.pem"
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={NAME}"]
    subprocess.run(
        [*make, "-addext", f"subjectAltName=DNS:{NAME}", "-keyout", str(key), "-out", str(certificate)],
        check=True,
        capture_output=True,
    )
    text = EXAMPLE.read_text(encoding="utf-8")
    for old, new in {
        "server 127.0.0.1:7860 ": f"server 127.0.0.1:{app} ",
        "http://127.0.0.1:4180/": f"http://127.0.0.1:{log_in}/",
        "listen 80;": f"listen 127.0.0.1:{plain};",
        "listen 443 ssl": f"listen 127.0.0.1:{secure} ssl",
        f"/etc/nginx/{NAME}.pem": str(certificate),
        f"/etc/nginx/{NAME}.key": str(key),
    }.items():
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    (folder / "site.conf").write_text(text, encoding="utf-8")
    temporary = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    paths = "".join(f"{name}_temp_path {folder}/{name};\n" for name in temporary)
    user = "user root;\n" if os.geteuid() == 0 else ""  # else as nobody, who may not look into the test's folder
    (folder / "nginx.conf").write_text(
        f"{user}daemon off;\nmaster_process off;\nerror_log {folder}/error.log warn;\npid {folder}/pid;\n"
        f"events {{}}\nhttp {{\naccess_log off;\n{paths}include {folder}/site.conf;\n}}\n",
        encoding="utf-8",
    )
    command = [NGINX, "-e", str(folder / "error.log"), "-p", str(folder), "-c", str(folder / "nginx.conf")]
    checked = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    process = subprocess.Popen(command)
    try:
        for _ in range(100):
            try:
                ask(secure, "GET", "/healthz")
                break
            except OSError:
                time.sleep(0.1)
        yield secure
        told = (folder / "error.log").read_text(encoding="utf-8")
        assert not [line for line in told.splitlines() if "[emerg]" in line or "[crit]" in line], told
    finally:
        process.terminate()
        process.wait(timeout=10)


def opened(port: int) -> http.client.HTTPSConnection:
    trusting = ssl.create_default_context()
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    return http.client.HTTPSConnection("127.0.0.1", port, timeout=30, context=trusting)


def ask(
    port: int, method: str, path: str, headers: dict[str, str] | None = None, body: bytes | None = None
) -> tuple[int, dict[str, str], bytes]:
    connection = opened(port)
    connection.request(method, path, body, {"Host": NAME, **(headers or {})})
    answer = connection.getresponse()
    found = answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    connection.close()
    return found


@pytest.fixture(scope="module")
def echo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The example before a server that says what reached it."""
    with served(Echo) as app, served(LogIn) as log_in, nginx(tmp_path_factory.mktemp("nginx"), app, log_in) as port:
        yield port


def reached(port: int, headers: dict[str, str], path: str = "/api/v1/plans", method: str = "GET") -> dict[str, str]:
    """The headers about users and the way that reach the server."""
    status, _, body = ask(port, method, path, headers)
    assert status == 200, body
    pairs = [(name.lower(), value) for name, value in json.loads(body)["headers"]]
    assert len(pairs) == len(dict(pairs)), pairs
    return {name: value for name, value in pairs if name.startswith(("x-", "forwarded", "host", "authorization"))}


FORGED = {
    "X-Remote-User": "wang",
    "X-Remote-Groups": "plans-admins",
    "x-rEMOTE-uSER": "wang",
    "X_Remote_User": "wang",
    "X-Auth-Request-User": "wang",
    "X-Forwarded-User": "wang",
    "X-Forwarded-For": "127.0.0.1",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Proto": "http",
    "X-Forwarded-Port": "1",
    "X-Forwarded-Prefix": "/evil",
    "X-Real-IP": "127.0.0.1",
    "Forwarded": "for=127.0.0.1;host=evil.example",
}
OURS = {"host": NAME, "x-forwarded-for": "127.0.0.1", "x-forwarded-proto": "https"}


@pytest.mark.parametrize("path", ["/", "/api/v1/plans", "/library", "/evals/", "/gradio_api/info"])
def test_the_user_is_who_the_log_in_says(echo: int, path: str) -> None:
    came = reached(echo, {"Cookie": "sso=li", **FORGED}, path)
    came.pop("x-auth-request-user", None)  # a name that the server does not read
    assert came == {**OURS, "x-remote-user": "li", "x-remote-groups": "plans-readers"}


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("GET", "/api/v1/plans", {"Authorization": "Bearer plans_1"}),
        ("GET", "/api/v1/plans", {"Authorization": "bearer plans_1", "Cookie": "sso=wang"}),
        ("POST", "/library/upload", {"Authorization": "Bearer plans_1"}),
        ("OPTIONS", "/api/v1/ask", {}),
        ("GET", "/widget.js", {}),
        ("GET", "/opensearch.xml", {}),
        ("GET", "/readyz", {}),
    ],
)
def test_where_no_log_in_is_asked_no_user_is_named(echo: int, method: str, path: str, headers: dict[str, str]) -> None:
    came = reached(echo, {**FORGED, **headers}, path, method)
    assert came.pop("authorization", None) == headers.get("Authorization")
    came.pop("x-auth-request-user", None)
    assert came == OURS


@pytest.mark.parametrize("cookie", [{}, {"Cookie": "sso=nobody"}])
@pytest.mark.parametrize("path", ["/", "/api/v1/plans", "/library", "/_sso", "/widget.js/", "/healthz/x", "/metrics"])
def test_who_is_not_logged_in_reaches_nothing(echo: int, cookie: dict[str, str], path: str) -> None:
    status, _, body = ask(echo, "GET", path, {**FORGED, **cookie})
    assert status == (404 if path == "/_sso" else 401)
    assert b"headers" not in body
    assert ask(echo, "GET", path, {**cookie, "Authorization": "Basic d2FuZzo="})[0] == status


def test_who_opens_a_page_is_sent_to_the_log_in(echo: int) -> None:
    status, headers, _ = ask(echo, "GET", "/library?lang=en", {"Sec-Fetch-Mode": "navigate"})
    assert status == 302
    assert headers["location"] == f"https://sso.office.example/login?rd=https://{NAME}/library?lang=en"
    assert headers["strict-transport-security"] == "max-age=31536000"


def test_a_stream_is_not_held_back(echo: int) -> None:
    connection = opened(echo)
    connection.request("GET", "/stream", headers={"Host": NAME, "Cookie": "sso=li"})
    answer = connection.getresponse()
    assert answer.readline() == b"data: 1\n"  # while the second is not made yet
    Echo.go_on.set()
    assert answer.read().endswith(b"data: 2\n\n")


@pytest.mark.parametrize(
    ("path", "megabytes", "status"),
    [("/api/v1/ask", 3, 413), ("/library/upload", 3, 200), ("/library/upload", 202, 413), ("/evals/sets", 3, 200)],
)
def test_only_uploads_are_large(echo: int, path: str, megabytes: int, status: int) -> None:
    connection = opened(echo)
    connection.putrequest("POST", path, skip_host=True)
    for name, value in {"Host": NAME, "Cookie": "sso=li", "Content-Length": str(megabytes << 20)}.items():
        connection.putheader(name, value)
    connection.endheaders(b"x" * (megabytes << 20) if status == 200 else None)
    assert connection.getresponse().status == status


@pytest.fixture(scope="module")
def office(shipped_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The example, with its settings, before the real server."""
    folder = tmp_path_factory.mktemp("office")
    data = Path(shutil.copytree(shipped_data, folder / "data"))
    running = start_server(data, "--config", str(ROOT / "deploy" / "settings.example.toml"))
    app = int(running.url.rpartition(":")[2])
    with served(LogIn) as log_in, nginx(tmp_path_factory.mktemp("nginx"), app, log_in) as port:
        yield port
    running.process.terminate()
    assert running.process.wait(timeout=30) == 0


QUESTION = json.dumps({"turns": ["甘肃省谁负责知识产权质押融资?"]}).encode()
JSON = {"Content-Type": "application/json"}


def test_a_user_of_the_office_is_answered(office: int) -> None:
    status, _, body = ask(office, "POST", "/api/v1/ask", {"Cookie": "sso=li", **JSON}, QUESTION)
    assert status == 200, body
    assert json.loads(body)["assignments"][0]["responsible"] == ["省市场监管局"]
    status, headers, body = ask(office, "GET", "/", {"Cookie": "sso=li"})
    assert (status, b"gradio" in body) == (200, True)
    assert "default-src" in headers["content-security-policy"]
    assert ask(office, "GET", "/widget.js")[0] == 200
    assert ask(office, "POST", "/api/v1/ask", JSON, QUESTION)[0] == 401


def test_a_forged_group_makes_no_administrator(office: int) -> None:
    assert ask(office, "GET", "/library", {"Cookie": "sso=wang"})[0] == 200
    assert ask(office, "GET", "/library", {"Cookie": "sso=li"})[0] == 403
    assert ask(office, "GET", "/library", {"Cookie": "sso=li", **FORGED})[0] == 403
    assert ask(office, "GET", "/library", {"Authorization": "Bearer x", **FORGED})[0] == 401


def test_what_the_browser_is_told_never_names_another_host(office: int) -> None:
    forged = {"Cookie": "sso=li", "Host": "evil.example"}
    assert ask(office, "GET", "/", forged)[0] in (400, 401)
    status, headers, body = ask(office, "GET", "/", {"Cookie": "sso=li", **FORGED})
    assert status == 200
    assert b"evil.example" not in body and "evil.example" not in str(headers)


@pytest.mark.browser
def test_a_person_logs_in_by_the_proxy_and_is_answered(office: int, browser: Any) -> None:
    """Chromium under the server's real name: chat, its event stream, and the page of the plan that is cited."""
    mapped = [*QUIET, "--ignore-certificate-errors", f"--host-resolver-rules=MAP {NAME} 127.0.0.1:{office}"]
    chromium = browser.browser_type.launch(executable_path=chromium_path(), args=mapped)
    page = chromium.new_page(extra_http_headers={"Cookie": "sso=li"}, locale="zh-CN")
    page.goto(f"https://{NAME}/")
    page.get_by_text("限定方案").first.wait_for(timeout=60_000)  # the page has opened its chat
    box = page.get_by_placeholder("输入问题").or_(page.locator("textarea")).first
    box.fill("甘肃省谁负责知识产权质押融资?")
    box.press("Enter")
    page.locator("#chat").get_by_text("省市场监管局").first.wait_for(timeout=60_000)
    assert page.url.startswith(f"https://{NAME}/")
    chromium.close()
