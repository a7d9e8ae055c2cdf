"""Who may do what, proved: every route of the application as ``app.py`` puts it together, asked by everyone.

The table is ``doors.py``. For each row, asker and plan the real request is sent. What is answered must not tell a plan
that is hidden from the asker: its words do not show, and the whole answer is that of a server that never had it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from zipfile import ZipFile

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.staticfiles import StaticFiles
from fastapi.testclient import TestClient
from starlette.routing import Route

import app
from assistant.access.model import Scope
from assistant.access.store import AccessStore
from tests.security.doors import CLOSED, DOORS, GHOST, PLAN_IDS, Row
from tests.security.site import ASKERS, GROUP, MARKS, OPEN, OURS, PLANS, THEIRS, Asker, Site
from tests.security.walk import routes

HOW = """
  a route without a row: {route}
  Say in tests/security/doors.py who may use it, for example
      Row("{route}", "search", "{path}"),
  ("search" is the scope it needs; see that module for the rest), or put it into CLOSED if nobody is to reach it.
  It needs a rule in assistant/access/rules.py too: without one it answers 404."""
# What differs between two requests of the same kind: times, and names made up for one answer.
VARYING = re.compile(r'\\?"(?:embed|search|total|created)\\?": ?[\d.]+|chatcmpl-[0-9a-f]{32}')


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[frozenset[str], Site]]:
    """A server with all plans, and for each asker one that never had the plans that are hidden from him."""
    made: dict[frozenset[str], Site] = {}
    for sees in {frozenset(PLANS), *(asker.sees for asker in ASKERS if asker.sees)}:
        made[sees] = Site(tmp_path_factory.mktemp("site"), {plan: PLANS[plan] for plan in sorted(sees)})
        made[sees].client.__enter__()
    yield made
    for site in made.values():
        site.client.__exit__(None, None, None)


@pytest.fixture(scope="module")
def whole(sites: Mapping[frozenset[str], Site]) -> Site:
    return sites[frozenset(PLANS)]


@pytest.fixture
def one() -> Callable[[str], Asker]:
    """An asker by his name."""
    return {asker.name: asker for asker in ASKERS}.__getitem__


def test_every_route_has_a_row_and_every_row_a_route(whole: Site) -> None:
    walked = set(routes(whole.app))
    written = {row.route for row in DOORS} | set(CLOSED)
    missing = sorted(walked - written)
    assert not missing, "".join(HOW.format(route=route, path=route.partition(" ")[2]) for route in missing)
    gone = sorted(written - walked)
    assert not gone, f"rows in tests/security/doors.py without a route; take them out, or mend their names: {gone}"
    both = sorted({row.route for row in DOORS} & set(CLOSED))
    assert not both, f"both open and closed in tests/security/doors.py: {both}"


@pytest.mark.parametrize(
    "access",
    [
        'mode = "none"',
        'mode = "token"',
        'mode = "oidc"\n[access.oidc]\nissuer = "https://login.office.example"\nclient_id = "plans"',
    ],
    ids=["none", "token", "oidc"],
)
def test_the_routes_are_the_same_in_every_mode(whole: Site, tmp_path: Path, access: str) -> None:
    """So the table, which is tried in one mode, holds in the others."""
    config = tmp_path / "settings.toml"
    url = "http://127.0.0.1" if "none" in access else "https://plans.office.example"
    server = f'[index]\nembedder = "hash"\n[server]\npublic_url = "{url}"'
    config.write_text(f"{server}\n[access]\n{access}\n", encoding="utf-8")
    state = app.open_state(tmp_path / "data", config)
    state.holder.put(whole.state.holder.assistant)
    other = app.put_together(state)
    assert set(routes(other)) == set(routes(whole.app))
    if "none" not in access:
        client = TestClient(other, raise_server_exceptions=False, base_url="https://plans.office.example")
        for row in DOORS:
            if row.needs != "everyone":
                method = row.method or row.route.partition(" ")[0]
                answer = client.request(method, row.ask.replace("{plan}", OPEN), follow_redirects=False)
                assert answer.status_code in (401, 303), (row.route, answer.status_code)  # 303: to the log-in


def send(site: Site, asker: Asker, row: Row, plan: str, body: Any) -> Any:
    """The request of a row, as an asker sends it to a server."""
    more: dict[str, Any] = {}
    if body is not None:
        more["json"] = json.loads(json.dumps(body).replace("{plan}", plan))
    elif row.form is not None:
        more["data"] = {name: value.replace("{plan}", plan) for name, value in row.form.items()}
    method = row.method or row.route.partition(" ")[0].replace("FILES", "GET")
    headers = {**site.headers(asker), **(row.headers or {})}
    address = row.ask.replace("{plan}", plan)
    return site.client.request(method, address, headers=headers, follow_redirects=False, **more)


def plans_of(row: Row) -> tuple[str, ...]:
    """The plans that a row is asked for; one empty name where it asks for none."""
    return PLAN_IDS if "{plan}" in row.ask + json.dumps([row.json, dict(row.form or {})]) else ("",)


def expected(row: Row, asker: Asker, plan: str) -> tuple[int, ...]:
    """The statuses that the table allows in one cell."""
    if row.needs != "everyone":
        if asker.name == "nobody":
            return (401,)
        if asker.may.isdisjoint(row.needs.split()):
            return (403,)
    return tuple(row.right if not plan or plan in asker.sees else row.hidden)


def words(answer: Any) -> str:
    """All that an answer says: where it leads, its type, and its body."""
    kept = [f"{name}: {answer.headers.get(name, '')}" for name in ("location", "content-type", "link")]
    return "\n".join([str(answer.status_code), *kept, answer.text if answer.content[:2] != b"PK" else unpacked(answer)])


def unpacked(answer: Any) -> str:
    """What a workbook holds, without the hour at which it was made."""
    with ZipFile(BytesIO(answer.content)) as parts:
        return "\n".join(parts.read(name).decode() for name in sorted(parts.namelist()) if "docProps" not in name)


def _cases() -> Iterator[Any]:
    for number, row in enumerate(DOORS):
        yield pytest.param(row, id=f"{number} {row.route}")


@pytest.mark.parametrize("row", list(_cases()))
def test_every_cell_of_the_table(sites: Mapping[frozenset[str], Site], row: Row) -> None:
    whole, shown = sites[frozenset(PLANS)], 0
    for asker in ASKERS:
        may = row.needs == "everyone" or not asker.may.isdisjoint(row.needs.split())
        if row.endless and may:
            continue
        for plan in plans_of(row):
            if row.changes and may and plan in asker.sees:
                continue
            for body in row.json or (None,):
                cell = f"{row.route}, {asker.name}, {plan or 'no plan'}"
                answer = send(whole, asker, row, plan, body)
                assert answer.status_code in expected(row, asker, plan), (
                    f"{cell}: {answer.status_code} {answer.text[:300]}"
                )
                asked = unquote(row.ask) + json.dumps(body, ensure_ascii=False) + plan
                said = words(answer)
                for hidden in set(PLANS) - asker.sees:
                    for mark in MARKS[hidden]:
                        assert mark in asked or mark not in said, f"{cell}: {mark} of {hidden} shows"
                if row.alike and asker.sees and asker.sees != frozenset(PLANS):
                    never = words(send(sites[asker.sees], asker, row, plan, body))
                    assert VARYING.sub("", said) == VARYING.sub("", never), f"{cell}: tells that more plans are there"
                if row.shows and may and (row.shows is True or row.shows in asker.may):
                    for visible in [plan] if plan else asker.sees:
                        if visible in asker.sees:
                            assert any(mark in said for mark in MARKS[visible]), f"{cell}: nothing of {visible} shows"
                            shown += 1
    assert shown or not row.shows


def test_105_what_is_kept_by_clients_does_not_tell_that_a_hidden_plan_changed(
    whole: Site, tmp_path: Path, one: Callable[[str], Asker]
) -> None:
    """A tag says whether what one sees has changed, and of other plans nothing."""
    changed = Site(tmp_path, {**PLANS, THEIRS: PLANS[THEIRS].replace("铅封", "纸封")})
    for path in ("/api/v1/plans", f"/api/v1/plans/{OURS}", "/api/v1/search?q=木箱", "/api/v1/assignments?format=csv"):
        for name, alike in (("reader", True), ("token-search", True), ("admin", False)):
            before, after = (send(site, one(name), Row(f"GET {path}", "", path), "", None) for site in (whole, changed))
            assert before.headers["etag"]
            assert (before.headers["etag"] == after.headers["etag"]) is alike, (path, name)


def test_105_a_right_that_is_taken_away_is_gone_with_the_next_request(whole: Site, one: Callable[[str], Asker]) -> None:
    """Also where another process takes it away: a second store stands for it."""
    shell, reader, row = AccessStore(whole.state.rights.path), one("reader"), Row("GET", "", "/api/v1/plans")

    def seen(**headers: str) -> set[str]:
        answer = whole.client.get(row.ask, headers={**whole.headers(reader), **headers})
        return {plan["id"] for plan in answer.json()["plans"]} if answer.status_code == 200 else {"refused"}

    assert seen() == {OPEN, OURS}
    text = shell.create("fleeting", [Scope.SEARCH])
    assert seen(Authorization=f"Bearer {text}") == {OPEN}
    shell.revoke("fleeting")
    assert seen(Authorization=f"Bearer {text}") == {"refused"}
    try:
        shell.limit(OPEN, ["别的处"])
        assert seen() == {OURS}
        shell.limit(OURS, ["别的处"])
        assert seen() == set()
    finally:
        shell.open_to_all(OPEN)
        shell.limit(OURS, [GROUP])
    assert seen() == {OPEN, OURS}


@pytest.mark.parametrize("route", CLOSED)
def test_what_is_closed_is_closed_for_everyone(whole: Site, route: str) -> None:
    method, _, path = route.partition(" ")
    path = re.sub(r"\{[^}]*\}", THEIRS, path)
    for asker in ASKERS:
        answer = whole.client.request(method, path, headers=whole.headers(asker), follow_redirects=False)
        assert answer.status_code in ((401, 404) if asker.name == "nobody" else (404, 405)), (asker.name, answer.text)


def test_an_address_that_is_no_route_tells_nobody_so(whole: Site) -> None:
    """Without a log-in every address is answered alike."""
    for path in ("/nowhere", f"/api/v1/plans/{GHOST}", f"/api/v1/plans/{THEIRS}", "/api/v2/ask", "/library/x/y/z"):
        assert whole.client.get(path, headers={"Host": "127.0.0.1"}).status_code == 401, path


def test_the_walk_finds_routes_of_every_kind() -> None:
    """What is mounted, included, nested and of other kinds; and it never passes one over in silence."""
    inner, outer, sub = APIRouter(prefix="/in"), APIRouter(prefix="/out"), FastAPI(openapi_url=None, docs_url=None)

    async def nothing() -> None: ...

    inner.add_api_route("/a", nothing, methods=["GET", "PUT"])
    outer.include_router(inner)
    outer.add_api_route("/b", nothing)
    outer.add_api_websocket_route("/ws", nothing)
    sub.include_router(outer, prefix="/deep")
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.include_router(outer)
    app.mount("/sub", sub)
    app.mount("/files", StaticFiles(directory="."))
    app.mount("/alien", nothing)  # type: ignore[arg-type]
    app.routes.append(Route("/plain", nothing, methods=["DELETE"]))
    found = set(routes(app))
    for prefix in ("", "/sub/deep"):
        assert {f"GET {prefix}/out/in/a", f"PUT {prefix}/out/in/a", f"GET {prefix}/out/b"} <= found, found
        assert f"WEBSOCKET {prefix}/out/ws" in found
    assert {"FILES /files", "APP /alien", "DELETE /plain"} <= found
    app.routes.append(object())  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="not known"):
        list(routes(app))
