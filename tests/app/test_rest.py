"""Lists in pages, ETags, strict reading, and assignments as files, over an invented plan."""

from __future__ import annotations

import csv
import dataclasses
import io
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote, urljoin

import pytest
from fastapi.testclient import TestClient
from openpyxl import load_workbook

import assistant.ledger_files as ledger_files
from assistant.access.model import Principal, Scope
from assistant.api import build_api
from assistant.guard.settings import ServerSettings
from assistant.holder import Holder
from assistant.rest.export import COLUMNS
from corpus.model import Party, Role
from tests.app.conftest import FakeAssistant, make_plan


@pytest.fixture
def several(fake: FakeAssistant) -> FakeAssistant:
    for name in ("bridge", "水网 方案", "park"):
        fake.plans[name] = make_plan(name)
    return fake


@pytest.fixture
def client(several: FakeAssistant) -> Iterator[TestClient]:
    yield TestClient(build_api(Holder(several)), raise_server_exceptions=False)


LISTS = [
    ("/api/v1/plans", "plans", 4),
    ("/api/v1/plans/water/clauses", "clauses", 3),
    ("/api/v1/assignments", "assignments", 8),
    ("/api/v1/assignments?plan=water&plan=水网 方案&role=lead", "assignments", 2),
]


# -- pages --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("address", "name", "count"), LISTS)
@pytest.mark.parametrize("limit", [1, 2, 3, 1000])
def test_pages_put_together_are_the_whole_list(
    client: TestClient, address: str, name: str, count: int, limit: int
) -> None:
    whole = client.get(address)
    assert whole.json()["count"] == len(whole.json()[name]) == count
    assert whole.json()["next"] is None
    assert "link" not in whole.headers
    rows: list[Any] = []
    at = f"{address}{'&' if '?' in address else '?'}limit={limit}"
    while at:
        page = client.get(at)
        body = page.json()
        assert body["count"] == count
        assert len(body[name]) <= limit
        rows += body[name]
        following = page.links.get("next", {}).get("url")
        assert following == body["next"]
        if page.links.get("prev"):
            before = client.get(urljoin(at, page.links["prev"]["url"])).json()[name]
            assert before == rows[-len(body[name]) - len(before) : len(rows) - len(body[name])]
        at = urljoin(at, following) if following else ""
    assert rows == whole.json()[name]


@pytest.mark.parametrize("query", ["limit=0", "limit=-1", "limit=1001", "limit=x", "limit=1_0", "offset=-1", "limit="])
def test_a_page_that_cannot_be(client: TestClient, query: str) -> None:
    assert client.get(f"/api/v1/plans?{query}").status_code == 422


def test_beyond_the_end_is_an_empty_page(client: TestClient) -> None:
    body = client.get("/api/v1/plans?limit=2&offset=1000").json()
    assert (body["count"], body["plans"], body["next"]) == (4, [], None)


def test_no_link_repeats_a_host(client: TestClient) -> None:
    said = client.get("/api/v1/plans?limit=1", headers={"x-forwarded-host": "evil.example"})
    assert said.headers["link"] == '<?limit=1&offset=1>; rel="next"'


# -- what the client has already --------------------------------------------------------------------------

KEPT = [address for address, _, _ in LISTS] + [
    "/api/v1/plans/water",
    "/api/v1/search?q=管道",
    "/api/v1/suggest?q=管道",
    "/api/v1/assignments?format=csv",
    "/api/v1/assignments?format=xlsx",
]


@pytest.mark.parametrize("address", KEPT)
def test_what_has_not_changed_is_not_sent_again(client: TestClient, address: str) -> None:
    first = client.get(address)
    tag = first.headers["etag"]
    assert first.headers["cache-control"] == "private, no-cache"
    assert {"Authorization", "Cookie"} <= set(first.headers["vary"].replace(" ", "").split(","))
    for said in (tag, tag.removeprefix("W/"), f'"other", {tag}', "*"):
        again = client.get(address, headers={"if-none-match": said})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == tag
        assert again.headers["cache-control"] == "private, no-cache"
    for said in ('"other"', "", "x", tag[:-2] + '"'):
        assert client.get(address, headers={"if-none-match": said}).status_code == 200


def test_each_address_has_a_tag_of_its_own(client: TestClient) -> None:
    tags = {client.get(address).headers["etag"] for address in KEPT}
    assert len(tags) == len(KEPT)


def test_a_new_index_and_other_rights_have_other_tags(several: FakeAssistant) -> None:
    class Only:
        plans: frozenset[str] | None = None

        async def identify(self, scope: Any) -> Principal:
            return Principal("token:x", frozenset({Scope.SEARCH}), plans=self.plans, via="token")

    who, holder = Only(), Holder(several)
    client = TestClient(build_api(holder, identify=who))
    address = "/api/v1/assignments?plan=water"
    before = client.get(address).headers["etag"]
    assert client.get(address, headers={"if-none-match": before}).status_code == 304
    who.plans = frozenset({"water"})
    confined = client.get(address, headers={"if-none-match": before})
    assert confined.status_code == 200
    who.plans = frozenset({"park"})  # a plan that is hidden now is not there, whatever tag is sent
    assert client.get(address, headers={"if-none-match": confined.headers["etag"]}).status_code == 422
    assert client.get("/api/v1/plans/water", headers={"if-none-match": "*"}).status_code == 404
    who.plans = None
    holder.put(dataclasses.replace(several, fingerprint="beef"))
    assert client.get(address, headers={"if-none-match": before}).status_code == 200


def test_nothing_is_looked_up_for_what_the_client_has(client: TestClient, several: FakeAssistant) -> None:
    tag = client.get("/api/v1/search?q=管道").headers["etag"]
    several.asked.clear()
    assert client.get("/api/v1/search?q=管道", headers={"if-none-match": tag}).status_code == 304
    assert several.asked == []


def test_answers_and_problems_are_kept_by_nobody(client: TestClient) -> None:
    assert client.post("/api/v1/ask", json={"turns": ["甲？"]}).headers["cache-control"] == "no-store"
    assert client.get("/api/v1/plans/nowhere").headers["cache-control"] == "no-store"


# -- reading ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["/api/v1/plans", "/api/v1/plans/water", "/healthz", "/api/v1/search?q=x"])
def test_head_is_get_without_its_body(client: TestClient, address: str) -> None:
    got, head = client.get(address), client.head(address)
    assert head.status_code == got.status_code == 200
    assert head.headers.get("etag") == got.headers.get("etag")
    assert client.head("/api/v1/ask").status_code == 405


@pytest.mark.parametrize(
    "address",
    [
        "/api/v1/assignments?uint=市水务局",  # a filter passed over would answer with every row
        "/api/v1/assignments?unit=市水务局&unit=市财政局",
        "/api/v1/plans?role=lead",
        "/api/v1/plans/water?x=1",
        "/api/v1/search?q=a&q=b",
        "/api/v1/search?q=x&semantic=1",
        "/api/v1/search?q=x&k=٥",
        "/api/v1/search?q=x&k=+5",
    ],
)
def test_what_an_address_does_not_know_is_refused(client: TestClient, address: str) -> None:
    assert client.get(address).status_code == 422


# -- files --------------------------------------------------------------------------------------------------


def test_every_row_is_cited(client: TestClient, several: FakeAssistant) -> None:
    for row in client.get("/api/v1/assignments").json()["assignments"]:
        cited, plan = row["cited"], several.plans[row["plan"]]
        assert plan.text[cited["start"] : cited["end"]] == cited["quote"]
        assert all(cited["start"] <= start < end <= cited["end"] for start, end in cited["marks"])
        assert cited["source"] == "《青川市水网建设实施方案》（青政发〔2031〕7号）"
        page = client.get(cited["link"])
        assert page.status_code == 200
        assert "<mark" in page.text
        assert row["citation"] == 0


def test_a_rule_is_quoted_beside_what_it_makes(shipped_rows: list[dict[str, Any]]) -> None:
    ruled = [row for row in shipped_rows if row["basis"] in ("first_listed", "document_rule", "chapter_rule")]
    assert ruled
    assert all(row["cited"]["rule"]["quote"].strip() for row in ruled)


@pytest.fixture(scope="module")
def shipped_rows() -> list[dict[str, Any]]:
    """The rows of one shipped plan, read without an index."""
    from pathlib import Path

    from corpus.library import read_plan

    plan = read_plan(next((Path(__file__).parents[2] / "corpus/plans").glob("gansu-2020*")))
    client = TestClient(build_api(Holder(FakeAssistant({plan.id: plan}))))
    rows: list[dict[str, Any]] = client.get("/api/v1/assignments").json()["assignments"]
    return rows


def sheet(content: bytes) -> Any:
    return load_workbook(io.BytesIO(content))["assignments"]


def test_the_files_hold_what_the_listing_holds(client: TestClient) -> None:
    rows = client.get("/api/v1/assignments").json()["assignments"]
    as_csv = client.get("/api/v1/assignments?format=csv")
    as_xlsx = client.get("/api/v1/assignments?format=xlsx")
    table = list(csv.DictReader(io.StringIO(as_csv.content.decode("utf-8-sig"))))
    head, *cells = sheet(as_xlsx.content).iter_rows(values_only=True)
    assert tuple(COLUMNS) == head == tuple(table[0])
    assert len(rows) == len(table) == len(cells) == 8
    for row, line, values in zip(rows, table, cells, strict=True):
        named = dict(zip(head, values, strict=True))
        assert line["quote"] == named["quote"] == row["cited"]["quote"]
        assert int(line["start"]) == named["start"] == row["cited"]["start"]
        assert line["support"] == (named["support"] or "") == "、".join(row["support"])
        assert line["link"] == named["link"] == row["cited"]["link"]
        assert (line["page"], named["page"]) == ("", None)


def test_a_workbook_is_pleasant_to_open(client: TestClient) -> None:
    made = sheet(client.get("/api/v1/assignments?format=xlsx").content)
    assert made.freeze_panes == "A2"
    assert made.auto_filter.ref == "A1:T9"
    assert made["A1"].font.bold
    assert made.column_dimensions["N"].width > made.column_dimensions["C"].width > 4


def test_links_of_a_file_lead_to_the_address_that_users_see(several: FakeAssistant) -> None:
    server = ServerSettings(public_url="https://plans.office.example")
    client = TestClient(build_api(Holder(several), server), base_url="https://plans.office.example")
    text = client.get("/api/v1/assignments?format=csv&plan=water").content.decode("utf-8-sig")
    row = next(csv.DictReader(io.StringIO(text)))
    assert row["link"].startswith("https://plans.office.example/plans/water?start=")


@pytest.mark.parametrize(
    ("query", "plain", "whole"),
    [
        ("", "assignments.csv", "assignments.csv"),
        ("&plan=water", "assignments-water.csv", "assignments-water.csv"),
        ("&plan=water&plan=park", "assignments.csv", "assignments.csv"),
        ("&plan=水网 方案", "assignments-_.csv", "assignments-水网_方案.csv"),
    ],
)
def test_a_file_has_a_name(client: TestClient, query: str, plain: str, whole: str) -> None:
    said = client.get(f"/api/v1/assignments?format=csv{query}").headers["content-disposition"]
    assert said.startswith(f'attachment; filename="{plain}"; ')
    assert unquote(said.partition("filename*=UTF-8''")[2]) == whole


@pytest.mark.parametrize("name", ['a"; x=y', "a\r\nX: y", "\u202egnp.exe", "../../x", "a" * 400, "CON", "é"])
def test_a_plan_of_any_name_gives_one_file(several: FakeAssistant, name: str) -> None:
    several.plans[name] = make_plan(name)
    answered = TestClient(build_api(Holder(several))).get("/api/v1/assignments", params={"format": "csv", "plan": name})
    said = answered.headers["content-disposition"]
    assert answered.status_code == 200
    assert said.count('"') == 2
    plain = said.partition('filename="')[2].partition('"')[0]
    assert plain.endswith(".csv")
    assert not set(plain) & set('/\\:;\r\n"')
    assert "x" not in answered.headers
    assert len(said) < 400


HOSTILE = ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "＝1", "'=1", '=HYPERLINK("http://x")', "a\x01b", "=" * 40_000]


@pytest.mark.parametrize("text", HOSTILE)
def test_no_cell_is_a_formula(several: FakeAssistant, text: str) -> None:
    plan = several.plans["water"]
    clause = dataclasses.replace(plan.clauses[2], title=text)
    hostile = dataclasses.replace(plan.assignments[0], parties=(Party(text, Role.LEAD, None),), deadline=text)
    meta = dataclasses.replace(plan.meta, title=text)
    several.plans = {
        "water": dataclasses.replace(
            plan, meta=meta, assignments=(hostile,), clauses=(*plan.clauses[:2], clause, *plan.clauses[3:])
        )
    }
    client = TestClient(build_api(Holder(several)))
    answered = client.get("/api/v1/assignments?format=xlsx")
    assert answered.status_code == 200
    for row in sheet(answered.content).iter_rows():
        for cell in row:
            assert cell.data_type in ("s", "inlineStr", "n"), cell.coordinate
            assert not str(cell.value or "").startswith(("=", "+", "-", "@", "\t", "\r", "＝"))
    content = client.get("/api/v1/assignments?format=csv").content.decode("utf-8-sig")
    for line in csv.DictReader(io.StringIO(content, newline="")):
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r", "＝")) for cell in line.values())


def test_a_workbook_that_would_be_too_long_is_refused_with_the_remedy(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger_files, "MOST_IN_WORKBOOK", 3)
    refused = client.get("/api/v1/assignments?format=xlsx")
    assert (refused.status_code, refused.headers["content-type"]) == (422, "application/problem+json")
    said = "a workbook of 8 rows would be too long, it holds 3; narrow the list, or export CSV"
    assert refused.json()["detail"] == said
    for query in ("format=csv", "format=xlsx&limit=3", "format=xlsx&plan=water", "format=json"):
        assert client.get(f"/api/v1/assignments?{query}").status_code == 200, query


def test_pages_of_a_file(client: TestClient) -> None:
    text = client.get("/api/v1/assignments?format=csv&limit=3&offset=6").content.decode("utf-8-sig")
    assert len(list(csv.DictReader(io.StringIO(text)))) == 2


def test_the_promised_fields_are_there_still(client: TestClient) -> None:
    (row, *_) = client.get("/api/v1/assignments").json()["assignments"]
    first = "plan clause part no title lead support responsible implicit implicit_roles aliases basis"
    assert " ".join(row) == f"{first} deadline deadline_implicit corrected citation cited"
