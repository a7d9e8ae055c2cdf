"""A server that staff log in to with OpenID Connect, over invented plans and a real provider; and their browsers."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from assistant.access.login import Login, login_by
from assistant.access.settings import AccessSettings
from assistant.access.store import FILE, AccessStore
from assistant.access.ways import identify_by
from assistant.api import build_api
from assistant.audit import Audit
from assistant.guard.settings import ServerSettings
from assistant.holder import Holder
from tests.access.provider import CLIENT, SECRET, Provider, running
from tests.app.conftest import FakeAssistant, free_port, make_plan
from tests.security.live import whole

URL = "https://plans.example"
SECRET_ENV = "TEST_OIDC_SECRET"
PAGE = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
OURS = {"Sec-Fetch-Site": "same-origin", "Origin": URL}


@dataclass
class Office:
    """The server. Its settings may be changed before the first use of ``app``."""

    provider: Provider
    data: Path
    oidc: dict[str, Any] = field(default_factory=dict)
    access: dict[str, Any] = field(default_factory=dict)
    url: str = URL
    audit: Audit | None = None
    _app: FastAPI | None = None
    _login: Login | None = None

    def settings(self) -> AccessSettings:
        oidc = {"issuer": self.provider.issuer, "client_id": CLIENT, "client_secret_env": SECRET_ENV, **self.oidc}
        return AccessSettings.model_validate({"mode": "oidc", "oidc": oidc, "failures": 1000, **self.access})

    @property
    def store(self) -> AccessStore:
        return AccessStore(self.data / FILE)

    @property
    def app(self) -> FastAPI:
        """The application, made at first use; ``restart`` makes another over the same data."""
        if self._app is None:
            settings = self.settings()
            self._login = login_by(settings, self.url, self.data)
            plans = {plan.id: plan for plan in (make_plan(), make_plan("secret", "青川市密级方案"))}
            store = self.store
            self._app = build_api(
                Holder(FakeAssistant(plans), rights=store),
                ServerSettings(public_url=self.url),
                identify=identify_by(settings, store, self._login),
                login=self._login,
                audit=self.audit,
            )
        return self._app

    @property
    def login(self) -> Login:
        assert self.app and self._login
        return self._login

    def restart(self) -> None:
        """As after a restart of the server: settings are read anew, what is in the data folder stays."""
        self._app = None

    def forget(self) -> None:
        """As after an hour: what is known of the provider is asked for again."""
        self.login._provider._app._loaded = self.login._provider._app._failed = float("-inf")

    def browser(self, page: bool = True) -> TestClient:
        """A new browser, or a program, without cookies. It follows no redirect by itself."""
        headers = PAGE if page else {"Accept": "application/json"}
        return TestClient(
            self.app, base_url=self.url, headers=headers, follow_redirects=False, raise_server_exceptions=False
        )

    def begin(self, browser: TestClient, back: str = "/api/v1/plans", **query: str) -> str:
        """Presses log in; the address at the provider where that leads."""
        answer = browser.get("/login", params={"next": back, **query})
        assert answer.status_code == 303, answer.text
        return str(answer.headers["location"])

    def at_provider(self, address: str) -> str:
        """What the provider makes of the address: where it sends the browser back to, path and query."""
        parts = urlsplit(address)
        connection = http.client.HTTPConnection(parts.netloc, timeout=10)
        connection.request("GET", f"{parts.path}?{parts.query}")
        back = connection.getresponse().headers["Location"]
        connection.close()
        assert back.startswith(f"{self.url}/login/callback?"), back
        return str(back.removeprefix(self.url))

    def log_in(self, browser: TestClient, back: str = "/api/v1/plans", **query: str) -> Any:
        """The whole flow; the answer of our callback."""
        return browser.get(self.at_provider(self.begin(browser, back, **query)))


def query_of(address: str) -> dict[str, str]:
    """The parameters of an address that are there once."""
    found = parse_qs(urlsplit(address).query, keep_blank_values=True)
    assert all(len(values) == 1 for values in found.values()), address
    return {name: values[0] for name, values in found.items()}


@dataclass
class Site:
    """The whole program, made for a port, and the provider that it trusts."""

    url: str
    app: FastAPI
    provider: Provider

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])


@contextmanager
def login_site(folder: Path) -> Iterator[Site]:
    """The program as ``app.py`` puts it together where people log in with OpenID Connect."""
    url = f"http://127.0.0.1:{free_port()}"
    with running() as provider, pytest.MonkeyPatch.context() as patch:
        patch.setenv(SECRET_ENV, SECRET)
        settings = f"""
[server]
public_url = "{url}"
[access]
mode = "oidc"
admin_groups = ["管理"]
failures = 20
[access.oidc]
issuer = "{provider.issuer}"
client_id = "{CLIENT}"
client_secret_env = "{SECRET_ENV}"
"""
        yield Site(url, whole(folder / "data", settings)[0], provider)
